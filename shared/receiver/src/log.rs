//! The one line that is logged per callback, as JSON on standard output.

use std::time::Duration;

use lambda_http::http::{HeaderMap, HeaderName};
use platform::logging::milliseconds;
use tracing::Level;
use verify::{Refusal, Reply};

use crate::answer::Answer;

/// What is known of a callback by the time it is answered. Ids only: nothing that was sent.
#[derive(Debug, Default)]
pub struct Line {
    /// Which callback it is, once it was authenticated and read.
    pub kind: Option<&'static str>,
    /// The id of its record, likewise.
    pub id: Option<String>,
    /// The key that proved it, likewise.
    pub key_id: Option<String>,
    /// How long the store took.
    pub store: Option<Duration>,
    /// What [`signature_headers`] found. Told where nothing proved the request, so that an operator sees
    /// under which name a provider sends what he has to set up.
    pub signature_headers: Option<String>,
    /// The answer of the provider's own, where it has one.
    pub reply: Option<Reply>,
}

/// In the name of a header that may carry a signature.
const SIGNATURE_WORDS: [&str; 7] =
    ["sign", "signature", "hmac", "hash", "digest", "secret", "token"];

/// How many such names are told, and how long each may be.
const MOST_NAMES: usize = 8;
const LONGEST_NAME: usize = 64;

/// The names of the headers that look like a signature's, in order and with commas between them; never
/// their values. A name is the sender's own choice, so that only short ones of plain characters are told.
#[must_use]
pub fn signature_headers(headers: &HeaderMap) -> Option<String> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let mut names: Vec<&str> = headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| SIGNATURE_WORDS.iter().any(|word| name.contains(word)))
        .filter(|name| name.len() <= LONGEST_NAME && name.bytes().all(plain))
        .collect();
    names.sort_unstable();
    names.truncate(MOST_NAMES);
    (!names.is_empty()).then(|| names.join(","))
}

impl Line {
    /// The status that is sent.
    fn status(&self, answer: &Answer) -> u16 {
        self.reply.as_ref().and_then(|reply| reply.status).unwrap_or_else(|| answer.status())
    }

    /// Writes the line.
    pub fn write(&self, provider: &str, request_id: &str, answer: &Answer, total: Duration) {
        let (outcome, reason) = match answer {
            Answer::Kept { outcome, .. } => (outcome.as_str(), None),
            Answer::Conflict { .. } => ("conflict", None),
            Answer::Refused(refusal) => ("refused", Some(refusal.reason())),
            Answer::Unavailable(outage) => ("unavailable", Some(outage.reason())),
        };
        let field = match answer {
            Answer::Refused(refusal) => refusal.field(),
            _ => None,
        };
        let signature_headers = match answer {
            Answer::Refused(Refusal::Unauthenticated) => self.signature_headers.as_deref(),
            _ => None,
        };
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    request_id,
                    provider,
                    kind = self.kind,
                    id = self.id,
                    key_id = self.key_id,
                    outcome,
                    reason,
                    field,
                    signature_headers,
                    status = self.status(answer),
                    total_ms = milliseconds(total),
                    store_ms = self.store.map(milliseconds),
                    "callback"
                )
            };
        }
        match answer {
            Answer::Kept { .. } => line!(Level::INFO),
            Answer::Conflict { .. } | Answer::Refused(_) => line!(Level::WARN),
            Answer::Unavailable(_) => line!(Level::ERROR),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;

    fn found(names: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for name in names {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            headers.append(name, HeaderValue::from_static("hunter2"));
        }
        signature_headers(&headers)
    }

    #[test]
    fn headers_like_a_signatures_are_named() {
        let usual = ["content-type", "host", "user-agent", "x-forwarded-for", "authorization"];
        assert_eq!(found(&usual), None);
        for name in [
            "x-provider-signature",
            "x-hub-signature-256",
            "sign",
            "X-Provider-Sign",
            "x-hmac-sha256",
            "x-body-hash",
            "content-digest",
            "x-webhook-secret",
            "x_webhook_token",
        ] {
            let names = [&usual[..], &[name]].concat();
            assert_eq!(found(&names), Some(name.to_lowercase()), "{name}");
        }
        let names = found(&["x-token", "x-signature", "x-signature", "a-digest"]);
        assert_eq!(names.as_deref(), Some("a-digest,x-signature,x-token"));
    }

    #[test]
    fn names_are_few_and_short_and_plain() {
        let long = format!("x-sign-{}", "a".repeat(57));
        assert_eq!(found(&[&long]), Some(long.clone()));
        let longer = format!("{long}a");
        for name in [longer.as_str(), "x-sign.ann", "x-sign!", "x-sign%40", "sign|x", "x-sign`id`"]
        {
            assert_eq!(found(&[name]), None, "{name}");
        }
        let many: Vec<String> = (10..50).map(|n| format!("x-sign-{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(found(&many).expect("some"), many[..8].join(","));
    }
}
