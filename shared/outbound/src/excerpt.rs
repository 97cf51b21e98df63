//! The text of a reply, made fit to be kept and to be shown to a person.

use crate::client::LARGEST_REPLY;
use crate::url::percent_encoded;

/// What stands in the place of a secret.
const HIDDEN: &str = "[REDACTED]";

/// The text of `body`, at most [`LARGEST_REPLY`] bytes of it.
///
/// What is not UTF-8, and what would do something to a terminal or to the order of the text, becomes
/// U+FFFD; line ends and tabs become spaces. A third party may repeat what it was sent, hence the
/// `secrets`: they are taken out, also in the form that they have in a URL or in JSON, and also
/// where the body was cut in the middle of one.
#[must_use]
pub fn excerpt(body: &[u8], secrets: &[&str]) -> String {
    let forms = forms(secrets);
    let mut text = String::from_utf8_lossy(body).into_owned();
    for form in &forms {
        text = text.replace(form.as_str(), HIDDEN);
    }
    if body.len() >= LARGEST_REPLY {
        // Half a character may follow the half of a secret.
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER).len();
        text.truncate(whole);
        for form in &forms {
            text.truncate(text.len() - cut_off(&text, form));
        }
    }
    let mut text: String = text.trim().chars().map(harmless).collect();
    text.truncate(text.floor_char_boundary(LARGEST_REPLY));
    text
}

/// The forms in which a third party may repeat the secrets, longer ones first.
fn forms(secrets: &[&str]) -> Vec<String> {
    let mut forms = Vec::new();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let in_url = percent_encoded(secret);
        forms.push(lower_hex(&in_url));
        forms.push(in_url);
        forms.push(secret.replace('/', "\\/"));
        forms.push((*secret).to_owned());
    }
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms
}

/// The same percent-encoded text with the digits `a` to `f`.
fn lower_hex(encoded: &str) -> String {
    let lower = |c: char, back: usize, at: usize| {
        let escape = at.checked_sub(back).is_some_and(|i| encoded.as_bytes()[i] == b'%');
        escape.then(|| c.to_ascii_lowercase())
    };
    // It is ASCII, so that the n-th character is the n-th byte.
    let digits = encoded.char_indices();
    digits.map(|(at, c)| lower(c, 1, at).or_else(|| lower(c, 2, at)).unwrap_or(c)).collect()
}

/// How many bytes at the end of `text` are the beginning of `secret`.
fn cut_off(text: &str, secret: &str) -> usize {
    let mut beginnings = secret.char_indices().map(|(i, _)| i).rev();
    beginnings.find(|&i| text.ends_with(&secret[..i])).unwrap_or_default()
}

/// A character that does nothing but stand there.
fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        // The controls, and those that change the direction of what follows (Unicode annex 9).
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is() {
        for text in ["", r#"{"success":true,"message":"déjà vu ✓ 😀"}"#, "a [REDACTED] b"] {
            assert_eq!(excerpt(text.as_bytes(), &["key"]), text);
        }
    }

    #[test]
    fn what_does_something_stands_still() {
        for (body, text) in [
            (&b" {\r\n\t\"a\":1\r\n}\n"[..], "{   \"a\":1  }"),
            (b"a\x1b[2Jb\0c\x7f", "a\u{fffd}[2Jb\u{fffd}c\u{fffd}"),
            (b"a\xff\xc3b", "a\u{fffd}\u{fffd}b"),
            ("a\u{85}b\u{202e}c\u{2067}".as_bytes(), "a\u{fffd}b\u{fffd}c\u{fffd}"),
        ] {
            assert_eq!(excerpt(body, &[]), text);
        }
    }

    #[test]
    fn secrets_are_taken_out_in_every_form() {
        let secret = "k/y+ABC";
        for body in [
            "no key k/y+ABC here, nor k/y+ABC",
            r#"{"path":"\/v1?apikey=k\/y+ABC"}"#,
            "<a href=\"/v1?apikey=k%2Fy%2BABC\">",
            "<a href=\"/v1?apikey=k%2fy%2bABC\">",
        ] {
            let text = excerpt(body.as_bytes(), &[secret, ""]);
            assert!(text.contains(HIDDEN), "{text}");
            assert!(!text.contains("ABC"), "{text}");
        }
        assert_eq!(excerpt(b"a b", &["a", "b"]), "[REDACTED] [REDACTED]");
    }

    #[test]
    fn a_secret_that_was_cut_off_is_taken_out() {
        let secret = "key-é%2F/0123456789";
        let (whole, half) = (secret.len(), secret.find('é').expect("there") + 1);
        for kept in [1, 4, half, half + 1, whole - 1] {
            let mut body = vec![b'.'; LARGEST_REPLY - kept];
            body.extend_from_slice(&secret.as_bytes()[..kept]);
            let text = excerpt(&body, &[secret]);
            assert_eq!(text, ".".repeat(LARGEST_REPLY - kept), "{kept}");
        }
        // A reply that came whole may end as a secret begins.
        assert_eq!(excerpt(b"ok, key", &[secret]), "ok, key");
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let longest = |body: &[u8], secrets: &[&str]| {
            let text = excerpt(body, secrets);
            assert!(text.len() <= LARGEST_REPLY, "{}", text.len());
            text.len()
        };
        assert_eq!(longest(&[b'a'; LARGEST_REPLY], &[]), LARGEST_REPLY);
        assert_eq!(longest(&[b'a'; LARGEST_REPLY + 1], &[]), LARGEST_REPLY);
        assert_eq!(longest(&[b'a'; LARGEST_REPLY], &["a"]), LARGEST_REPLY);
        // Replacement characters have three bytes each.
        assert_eq!(longest(&[b'\0'; LARGEST_REPLY], &[]), LARGEST_REPLY / 3 * 3);
        assert_eq!(longest(&[0xff; LARGEST_REPLY], &[]), 0);
    }
}
