//! The tracker's side: putting the key and the fields into a request.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;
use verify::{Refusal, Request, Secret, Sender, Unsignable};

use crate::{Devtodev, Hook};

/// All but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Sender for Devtodev {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, hook: Hook, payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let mut query = pair("apikey", secret.expose_text());
        match hook {
            Hook::Get => {
                for (name, value) in members(payload)? {
                    query.push('&');
                    query.push_str(&pair(&name, &value));
                }
                Ok(Request { query, ..Request::default() })
            }
            Hook::Post => Ok(Request { query, ..Request::json(payload.to_owned()) }),
        }
    }
}

/// One pair of a query string.
fn pair(name: &str, value: &str) -> String {
    let [name, value] = [name, value].map(|text| utf8_percent_encode(text, ESCAPED));
    format!("{name}={value}")
}

/// The members of a JSON object as text: a string as it is, null as nothing, anything
/// else as it is written.
fn members(payload: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(payload).map_err(|_| Refusal::malformed("body", "a JSON object"))?;
    let text = |raw: &RawValue| match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(text) => text.unwrap_or_default(),
        Err(_) => raw.get().to_owned(),
    };
    Ok(members.into_iter().map(|(name, raw)| (name, text(raw))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(hook: Hook, payload: &str) -> Request {
        let secret = Secret::new("k&y é".to_owned()).expect("not empty");
        Devtodev.sign(hook, payload, &secret).expect("signable")
    }

    #[test]
    fn a_get_carries_its_fields_in_the_query() {
        let request = sign(Hook::Get, r#"{"b":"x &=+%é","a":0.10,"c":"","d":null}"#);
        let query = "apikey=k%26y%20%C3%A9&a=0.10&b=x%20%26%3D%2B%25%C3%A9&c=&d=";
        assert_eq!(request.query, query);
        assert!(request.body.is_empty());
    }

    #[test]
    fn a_post_carries_its_fields_in_the_body() {
        let request = sign(Hook::Post, r#"{"a":0.10}"#);
        assert_eq!(request.query, "apikey=k%26y%20%C3%A9");
        assert_eq!(request.body, br#"{"a":0.10}"#);
    }
}
