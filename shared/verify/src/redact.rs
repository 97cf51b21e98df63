//! Takes credentials out of a payload, so that what is kept of a callback lets nobody make another.
//!
//! A credential has its place, where it is looked for, and may stand elsewhere all the same: under its
//! name in another case, in an object that somebody passed on as a whole, in the text of a URL. What is
//! not a credential stays as it was written, digit by digit.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::address::{is_invisible, narrow};
use crate::json::{DEEPEST, ObjectWriter, Value, json_string};
use crate::secret::Secret;
use crate::spelling::Secrets;
use crate::unproved::UnprovedObject;

/// The shortest secret that is looked for in texts, in bytes: a shorter one can be guessed anyway, and may
/// be somebody's id.
const SHORTEST: usize = 8;

/// What is taken out.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    /// Members with one of these names, in any case.
    Named(&'a [&'a str]),
    /// These texts, as a whole or within another, however they are spelled.
    Texts(&'a Secrets),
}

/// `secret` as it is looked for in what is kept; none of it where it is too short.
pub(crate) fn wanted(secret: &Secret) -> Secrets {
    let secret = secret.expose_text();
    if secret.len() < SHORTEST { Secrets::new(&[]) } else { Secrets::new(&[secret]) }
}

/// `payload`, a JSON object, without `secrets`; `None` where none is in it.
pub(crate) fn out_of_payload(payload: &str, secrets: &Secrets) -> Option<String> {
    if !secrets.may_be_in(payload) {
        return None;
    }
    UnprovedObject::parse(payload.as_bytes()).ok()?.without(Credential::Texts(secrets))
}

/// Whether a parameter or member is called `credential`, in any case, with or without signs between its
/// words (`api_key`), by itself or at the end of a path such as `x.apikey`, `x[apikey]` or `apikey[0]`. What
/// is put before a name by mistake belongs to no name: `?apikey`, `amp;apikey`.
pub(crate) fn is_called(name: &str, credential: &str) -> bool {
    // Nearly every name, and soon told.
    if name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return name.eq_ignore_ascii_case(credential);
    }
    let in_name = |c: char| c.is_alphanumeric() || "_- ".contains(c);
    let mut path = name.rsplit(|c: char| !in_name(c) && !is_invisible(c));
    let last = path.find(|part| part.chars().any(char::is_alphabetic)).unwrap_or_default();
    let mut letters = last.chars().filter(|c| c.is_alphanumeric()).map(narrow);
    let mut wanted = credential.chars();
    let same = wanted.all(|c| letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&c)))
        && letters.next().is_none();
    same || name.eq_ignore_ascii_case(credential)
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
        // Names are only in what has members.
        if matches!(self, Self::Named(_)) && !raw.get().starts_with(['{', '[']) {
            return None;
        }
        match Value::read(raw)? {
            Value::Text(text) => match self {
                Self::Texts(secrets) => secrets.redacted(&text).map(|text| json_string(&text)),
                Self::Named(_) => None,
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
            Self::Texts(secrets) => secrets.redacted(name).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_secret(payload: &str) -> Option<String> {
        let secret = Secret::new("hunter2-hunter2".to_owned()).expect("not empty");
        out_of_payload(payload, &wanted(&secret))
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
            (r#"{"hunter2%2dhunter2":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":"HUNTER2-Hunter2"}"#, r#"{"a":"[REDACTED]"}"#),
            (
                r#"{"url":"https://example.com/?apikey=%68unter2%2Dhunter2&a=1%2D"}"#,
                r#"{"url":"https://example.com/?apikey=[REDACTED]&a=1%2D"}"#,
            ),
            (r#"{"a":["hunter2&#45;hunter2",1.0]}"#, r#"{"a":["[REDACTED]",1.0]}"#),
            (
                r#"{"json":"{\"k\":\"hunter2\\u002dhunter2\"}"}"#,
                r#"{"json":"{\"k\":\"[REDACTED]\"}"}"#,
            ),
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
        assert_eq!(out_of_payload(r#"{"id":"1234"}"#, &wanted(&short)), None);
    }

    #[test]
    fn a_credential_is_known_by_its_name() {
        for name in [
            "apikey",
            "APIKEY",
            "ApiKey",
            "api_key",
            "api-key",
            "API Key",
            " apikey ",
            "api\u{200b}key\u{feff}",
            "ａｐｉｋｅｙ",
            "x.apikey",
            "x[apikey]",
            "x[y][ApiKey]",
            "x['apikey']",
            "x/apikey",
            "x->apikey",
            "apikey[]",
            "apikey[0]",
            "apikey.0",
            "apikey:",
            "?apikey",
            "amp;apikey",
        ] {
            assert!(is_called(name, "apikey"), "{name}");
        }
        for name in [
            "",
            "0",
            "[]",
            "apikeys",
            "apikey2",
            "xapikey",
            "x_apikey",
            "apikey.x",
            "[apikey]x",
            "api.key",
        ] {
            assert!(!is_called(name, "apikey"), "{name}");
        }
        assert!(!is_called("call_sign", "sign"));
        assert!(!is_called("design", "sign"));
    }
}
