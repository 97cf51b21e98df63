//! Whether a third party says inside a 2xx that it did not take what was sent.
//!
//! The forms of the replies are published nowhere. Hence the usual ways of saying so: a member `success`
//! or `ok` that is false, an `error`, a `code` or `status` that is neither 0 nor 2xx. A delivery that is
//! wrongly taken as declined waits for a person; one that is wrongly taken as delivered is lost.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

/// Whether `body` is a JSON object that declines. What is no JSON object declines nothing.
///
/// Names are read in either case, and each member by itself: what stands beside it may be nested deeper
/// than is read, a number that is out of range, or in another encoding than UTF-8. A number that is written
/// as a text is a number, and a text such as `404 Not Found` begins with one. Nothing is no error: null,
/// false, 0, and what is empty or holds nothing else.
#[must_use]
pub fn declined(body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    let Ok(Members(members)) = serde_json::from_str(&body) else { return false };
    members.into_iter().any(|(name, raw)| {
        let value = || serde_json::from_str::<Value>(raw.get());
        match name.to_ascii_lowercase().as_str() {
            "success" | "ok" => value().is_ok_and(|value| is_false(&value)),
            // What cannot be read is not nothing, and a number that cannot be read is neither 0 nor 2xx.
            "error" | "errors" => value().map_or(true, |value| !is_nothing(&value)),
            "code" | "status" => {
                value().map_or_else(|_| is_number(raw.get()), |value| is_failure(&value))
            }
            _ => false,
        }
    })
}

/// The members of an object, in their order, also where a name comes twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Reader).map(Self)
    }
}

fn is_number(json: &str) -> bool {
    json.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => is_zero(number),
        Value::String(text) => is_one_of(text, &["false", "0"]),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// No deeper than `serde_json` reads, which is 128.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => is_zero(number),
        Value::String(text) => is_one_of(text, &["", "0", "false", "null", "none"]),
        Value::Array(values) => values.iter().all(is_nothing),
        Value::Object(members) => members.values().all(is_nothing),
    }
}

fn is_failure(value: &Value) -> bool {
    let is_failure = |code: f64| code != 0.0 && !(200.0..300.0).contains(&code);
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64().is_some_and(is_failure),
        Value::String(text) => match number(text) {
            Some(code) => is_failure(code),
            None => is_one_of(text, &["error", "fail", "failed", "failure"]),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The number that `text` begins with.
fn number(text: &str) -> Option<f64> {
    let first = text.split_whitespace().next()?;
    // Without the words that are numbers to Rust, such as `inf`.
    let is_digit = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.');
    first.bytes().all(is_digit).then(|| first.parse().ok())?
}

fn is_zero(number: &Number) -> bool {
    number.as_f64() == Some(0.0)
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_so_declines() {
        for body in [
            r#"{"success":false}"#,
            r#"{"ok":false}"#,
            r#"{"Success":"False","message":"no"}"#,
            r#"{"success":0}"#,
            r#"{"success":"0"}"#,
            r#"{"error":"unknown track_id"}"#,
            r#"{"error":true}"#,
            r#"{"error":1}"#,
            r#"{"error":{"code":0,"message":"no"}}"#,
            r#"{"errors":["no"]}"#,
            r#"{"success":true,"error":"no"}"#,
            r#"{"code":1}"#,
            r#"{"code":-1}"#,
            r#"{"code":199}"#,
            r#"{"code":300}"#,
            r#"{"code":400,"msg":"no"}"#,
            r#"{"code":20000}"#,
            r#"{"status":404.0}"#,
            r#"{"status":"500"}"#,
            r#"{"status":" 404 Not Found"}"#,
            r#"{"status":"error"}"#,
            r#"{"status":false}"#,
            r#" {"data":{},"STATUS":403} "#,
        ] {
            assert!(declined(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_stands_beside_it_does_not_matter() {
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        for beside in [&deep, "1e999", r#""\ud800""#, r#"{"a":1,"a":1}"#] {
            for body in [
                format!(r#"{{"data":{beside},"success":false}}"#),
                format!(r#"{{"code":400,"data":{beside}}}"#),
                format!(r#"{{"error":"no","data":{{"x":{beside}}}}}"#),
            ] {
                assert!(declined(body.as_bytes()), "{}", &body[..40]);
            }
            assert!(!declined(format!(r#"{{"data":{beside},"success":true}}"#).as_bytes()));
        }
        for body in [
            // A text in GBK and one in Latin-1, as servers that do not say so send them.
            &b"{\"success\":false,\"msg\":\"\xca\xa7\xb0\xdc\"}"[..],
            b"{\"error\":\"refus\xe9\"}",
            b"{\"success\":true,\"success\":false}",
            b"{\"success\":false,\"success\":true}",
            b"{\"code\":1e999}",
            b"{\"status\":-1e999}",
            format!(r#"{{"error":{deep}}}"#).as_bytes(),
        ] {
            assert!(declined(body), "{}", String::from_utf8_lossy(&body[..body.len().min(40)]));
        }
    }

    #[test]
    fn anything_else_declines_nothing() {
        for body in [
            "",
            "OK",
            "1",
            "null",
            "[]",
            r#"[{"success":false}]"#,
            "<html>error</html>",
            "{",
            "{}",
            r#"{"success":true,"ok":1}"#,
            r#"{"success":null}"#,
            r#"{"success":"true"}"#,
            r#"{"error":null}"#,
            r#"{"error":""}"#,
            r#"{"error":" "}"#,
            r#"{"error":false}"#,
            r#"{"error":0}"#,
            r#"{"error":"0"}"#,
            r#"{"error":[],"errors":{}}"#,
            r#"{"error":{"code":0,"message":""}}"#,
            r#"{"code":0}"#,
            r#"{"code":0.0,"status":-0}"#,
            r#"{"code":200}"#,
            r#"{"code":2e2}"#,
            r#"{"code":299,"status":"201"}"#,
            r#"{"code":"0","status":"200 OK"}"#,
            r#"{"code":null,"status":null}"#,
            r#"{"code":"A17","status":"accepted"}"#,
            r#"{"status":"inf","code":"NaN"}"#,
            r#"{"data":{"success":false,"code":400}}"#,
            r#"{"error_count":3,"statuscode":11}"#,
        ] {
            assert!(!declined(body.as_bytes()), "{body}");
        }
        // Deeper than anybody reads.
        assert!(!declined("{\"error\":".repeat(100_000).as_bytes()));
    }
}
