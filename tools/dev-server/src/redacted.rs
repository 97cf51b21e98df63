//! What is shown of what somebody sent: without the keys of the bundle, and no more than a person reads.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use verify::spelling::{REDACTED, Secrets};

use crate::event::HttpRequest;

/// How much of a text is shown, in bytes.
pub const MOST: usize = 64 * 1024;

/// How much more is looked through, in bytes: a key that begins before the cut ends within it, however it is spelled.
const MARGIN: usize = 8 * 1024;

/// In how many places of a text a spelling may begin that are looked into: each takes a millisecond at worst.
const MOST_MARKS: usize = 200;

/// How often a text is decoded where it has more of them.
const DECODED: usize = 3;

/// Takes keys out of what is shown.
pub struct Redactor {
    secrets: Secrets,
    /// In lower case.
    plain: Vec<String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Redactor {
    /// One that takes `keys` out.
    #[must_use]
    pub fn new(keys: &[String]) -> Self {
        let texts: Vec<_> = keys.iter().map(String::as_str).collect();
        let plain = keys.iter().map(|key| key.to_lowercase()).collect();
        Self { secrets: Secrets::new(&texts), plain }
    }

    /// `text` without the keys, and its end where it is longer than [`MOST`].
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        self.first(text, MOST)
    }

    /// The same, of `most` bytes.
    #[must_use]
    pub fn first(&self, text: &str, most: usize) -> String {
        let looked_at = &text[..text.floor_char_boundary(most + MARGIN)];
        let shown = self.without_keys(looked_at);
        let end = shown.floor_char_boundary(most);
        if end == shown.len() && looked_at.len() == text.len() {
            return shown;
        }
        format!("{}\n… of {} bytes", &shown[..end], text.len())
    }

    /// `text` without the keys, whole.
    #[must_use]
    pub fn without_keys(&self, text: &str) -> String {
        let marks = text.bytes().filter(|byte| b"%\\&".contains(byte)).count();
        if marks <= MOST_MARKS {
            return self.secrets.redacted(text).unwrap_or_else(|| text.to_owned());
        }
        // Too many to look into each: all of it is shown, or nothing.
        let mut decoded = text.to_lowercase();
        for _ in 0..=DECODED {
            if self.plain.iter().any(|key| decoded.contains(key.as_str())) {
                return REDACTED.to_owned();
            }
            let unescaped = decoded.replace('\\', "").replace("&amp;", "&").replace('+', " ");
            decoded = percent_decode_str(&unescaped).decode_utf8_lossy().to_lowercase();
        }
        text.to_owned()
    }

    /// Whether a key is in `bytes`.
    fn is_in(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.without_keys(&text) != text
    }

    /// `request` without the keys, as it is shown, quoted and encoded.
    #[must_use]
    pub fn request(&self, request: &HttpRequest) -> HttpRequest {
        let headers = request.headers.iter().map(|(name, value)| self.header(name, value));
        let shown = self.shown(&String::from_utf8_lossy(&request.body));
        let is_text = std::str::from_utf8(&request.body).is_ok();
        // What is no text stays so in the command and in the event.
        let is_shown = is_text || request.body.len() > MOST || self.is_in(&request.body);
        let body = if is_shown { shown.into_bytes() } else { request.body.clone() };
        HttpRequest {
            method: self.shown(&request.method),
            path: self.shown(&request.path),
            query: self.shown(&request.query),
            headers: headers.collect::<HeaderMap>(),
            body,
        }
    }

    fn header(&self, name: &HeaderName, value: &HeaderValue) -> (HeaderName, HeaderValue) {
        let redacted = || HeaderValue::from_static(REDACTED);
        let is_key = self.is_in(name.as_str().as_bytes());
        let name = if is_key { HeaderName::from_static("redacted") } else { name.clone() };
        let text = String::from_utf8_lossy(value.as_bytes());
        // A browser sends the key of another console, on another port, to this machine's API as well.
        let is_own = name == COOKIE && text.contains("console-");
        if is_own || text.split([' ', ':', ',', ';', '=']).any(|part| self.is_encoded_in(part)) {
            return (name, redacted());
        }
        let shown = self.shown(&text);
        let value = if shown == text { Ok(value.clone()) } else { HeaderValue::try_from(shown) };
        (name, value.unwrap_or_else(|_| redacted()))
    }

    /// Whether `part` is base64 of a text with a key in it.
    fn is_encoded_in(&self, part: &str) -> bool {
        // Without the `=` at its end, at which it is cut off.
        let engines = [STANDARD_NO_PAD, URL_SAFE_NO_PAD];
        engines.iter().any(|engine| engine.decode(part).is_ok_and(|bytes| self.is_in(&bytes)))
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const KEY: &str = "a-key/of+this test=1";

    fn redactor() -> Redactor {
        Redactor::new(&[KEY.to_owned()])
    }

    #[test]
    fn a_key_is_not_shown_in_part_either() {
        for before in MOST - KEY.len() - 2..MOST + 2 {
            let text = format!("{}{KEY}{}", "x".repeat(before), "y".repeat(100));
            let shown = redactor().shown(&text);
            let cut = shown.split("\n…").next().expect("text").trim_start_matches('x');
            assert!(!cut.starts_with("a-"), "{before}: {cut}");
        }
    }

    #[test]
    fn a_text_of_escapes_is_looked_through_at_once() {
        let escaped = "a-key%2Fof%2Bthis%20test%3D1";
        for mark in ["%", "\\", "&"] {
            let many = mark.repeat(60_000);
            assert_eq!(redactor().shown(&many), many);
            for key in [KEY, escaped, &escaped.replace('%', "%25")] {
                assert_eq!(redactor().shown(&format!("{many}{key}")), REDACTED, "{mark}{key}");
            }
        }
    }

    #[test]
    fn a_request_is_without_keys_wherever_they_stand() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", format!("Basic {}", STANDARD.encode(format!("api:{KEY}")))),
            ("x-other", format!("Bearer {}", URL_SAFE_NO_PAD.encode(format!("abc{KEY}")))),
            ("cookie", "console-3002=0123456789abcdef".to_owned()),
            ("x-plain", KEY.to_owned()),
            ("x-note", "nothing".to_owned()),
        ] {
            headers.insert(name, HeaderValue::try_from(value).expect("a value"));
        }
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: format!("/{}", KEY.replace(' ', "%20")),
            query: format!("k={}", KEY.replace(' ', "+")),
            headers,
            body: format!("k={KEY}").into_bytes(),
        };
        let shown = redactor().request(&request);
        assert_eq!((shown.path.as_str(), shown.query.as_str()), ("/[REDACTED]", "k=[REDACTED]"));
        assert_eq!(shown.body, b"k=[REDACTED]");
        for name in ["authorization", "x-other", "cookie", "x-plain"] {
            assert_eq!(shown.headers[name], REDACTED, "{name}");
        }
        assert_eq!(shown.headers["x-note"], "nothing");
        let bytes = HttpRequest { body: vec![0xff, 0, b'x'], ..request };
        assert_eq!(redactor().request(&bytes).body, [0xff, 0, b'x']);
    }
}
