//! Takes credentials out of a payload, so that what is kept of a callback lets nobody make another.
//!
//! A credential has its place, where it is looked for, and may stand elsewhere all the same: under its
//! name in another case, in an object that somebody passed on as a whole, in the text of a URL. What is
//! not a credential stays as it was written, digit by digit.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::{DEEPEST, Object, ObjectWriter, Value, json_string};
use crate::secret::Secret;

/// What stands in a text where the secret stood.
const REDACTED: &str = "[REDACTED]";

/// The shortest secret that is looked for in texts, in bytes: a shorter one can be guessed anyway, and may
/// be somebody's id.
const SHORTEST: usize = 8;

/// What is taken out.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    /// Members with one of these names, in any case.
    Named(&'a [&'a str]),
    /// This text, as a whole or within another.
    Text(&'a str),
}

/// `payload`, a JSON object, without `secret`; `None` where it is not in it.
pub(crate) fn secret(payload: &str, secret: &Secret) -> Option<String> {
    let secret = secret.expose_text();
    // A text with an escape in it may be written in many ways.
    if secret.len() < SHORTEST || !(payload.contains(secret) || payload.contains('\\')) {
        return None;
    }
    let object = Object::parse(payload.as_bytes()).ok()?;
    Credential::Text(secret).out_of_members(object.members(), 1)
}

/// Whether a parameter or member is called `credential`, in any case, by itself or at the end of a path
/// such as `x.apikey` or `x[apikey]`.
pub(crate) fn is_called(name: &str, credential: &str) -> bool {
    let last = name.rsplit(['.', '[', '/', ':']).next().unwrap_or(name);
    last.trim_end_matches(']').trim().eq_ignore_ascii_case(credential)
}

impl Credential<'_> {
    /// The object of `members` without this; `None` where it is not in it. It is `depth` objects and
    /// arrays deep, itself counted.
    pub(crate) fn out_of_members(
        self,
        members: &[(Cow<'_, str>, &RawValue)],
        depth: usize,
    ) -> Option<String> {
        let mut found = false;
        let mut writer = ObjectWriter::default();
        for (name, raw) in members {
            if self.is_name(name) {
                found = true;
                continue;
            }
            let without = self.out_of(raw, depth);
            found |= without.is_some();
            writer.member(name, without.as_deref().unwrap_or(raw.get()));
        }
        found.then(|| writer.finish())
    }

    /// The value without this; `None` where it is not in it.
    pub(crate) fn out_of(self, raw: &RawValue, depth: usize) -> Option<String> {
        match Value::read(raw)? {
            Value::Text(text) => match self {
                Self::Text(secret) if text.contains(secret) => {
                    Some(json_string(&text.replace(secret, REDACTED)))
                }
                _ => None,
            },
            // What is deeper is refused, and not kept.
            Value::Object(_) | Value::Array(_) if depth == DEEPEST => None,
            Value::Object(members) => self.out_of_members(&members, depth + 1),
            Value::Array(items) => self.out_of_items(&items, depth + 1),
            _ => None,
        }
    }

    fn out_of_items(self, items: &[&RawValue], depth: usize) -> Option<String> {
        let without: Vec<_> = items.iter().map(|raw| self.out_of(raw, depth)).collect();
        without.iter().any(Option::is_some).then(|| {
            let items = items.iter().zip(&without);
            let items = items.map(|(raw, without)| without.as_deref().unwrap_or(raw.get()));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        })
    }

    fn is_name(self, name: &str) -> bool {
        match self {
            Self::Named(credentials) => {
                credentials.iter().any(|credential| is_called(name, credential))
            }
            Self::Text(secret) => name.contains(secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_secret(payload: &str) -> Option<String> {
        secret(payload, &Secret::new("hunter2-hunter2".to_owned()).expect("not empty"))
    }

    #[test]
    fn the_secret_is_taken_out_wherever_it_stands() {
        for (payload, without) in [
            (r#"{"a":"hunter2-hunter2"}"#, r#"{"a":"[REDACTED]"}"#),
            (r#"{"a":"\u0068unter2\u002dhunter2"}"#, r#"{"a":"[REDACTED]"}"#),
            (
                r#"{"n": 1.50 ,"x":[{"y": ["hunter2-hunter2", 1e2]} ,7]}"#,
                r#"{"n":1.50,"x":[{"y":["[REDACTED]",1e2]},7]}"#,
            ),
            (
                r#"{"url":"https://example.com/?apikey=hunter2-hunter2&a=1"}"#,
                r#"{"url":"https://example.com/?apikey=[REDACTED]&a=1"}"#,
            ),
            (r#"{"hunter2-hunter2":1,"a":2}"#, r#"{"a":2}"#),
        ] {
            assert_eq!(without_secret(payload).as_deref(), Some(without), "{payload}");
        }
    }

    #[test]
    fn what_has_no_secret_stays_as_it_was_written() {
        for payload in
            ["{}", r#"{"a": 1.50 }"#, r#"{"a":"hunter2","b":"\u0068"}"#, r#"{"a":["x\\y",null]}"#]
        {
            assert_eq!(without_secret(payload), None, "{payload}");
        }
        // It may be anybody's id.
        let short = Secret::new("1234".to_owned()).expect("not empty");
        assert_eq!(secret(r#"{"id":"1234"}"#, &short), None);
    }

    #[test]
    fn a_credential_is_known_by_its_name() {
        for name in
            ["apikey", "APIKEY", "ApiKey", "x.apikey", "x[apikey]", "x[y][ApiKey]", "x/apikey"]
        {
            assert!(is_called(name, "apikey"), "{name}");
        }
        for name in ["", "api_key", "apikeys", "xapikey", "apikey.x", "[apikey]x"] {
            assert!(!is_called(name, "apikey"), "{name}");
        }
    }
}
