//! In what two records differ.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::record::{self, Item, text};

/// One field in which two records differ; null for what one of them does not have.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// The name of an attribute, or the path of a field of the payload.
    pub field: String,
    /// What the record has that was there first.
    pub genuine: Option<Box<RawValue>>,
    /// What the conflict has.
    pub conflict: Option<Box<RawValue>>,
}

/// The attributes that say what a callback is.
const ATTRIBUTES: [&str; 7] = ["kind", "user", "amount", "unit", "test", "key_id", "received_at"];

/// In what two records differ: what says what a callback is, and the fields of their payloads by their
/// paths. Numbers are compared by their digits, because one that is parsed may lose some.
#[must_use]
pub fn differences(genuine: &Item, conflict: &Item) -> Vec<Difference> {
    let (first, second) = (fields(genuine), fields(conflict));
    let mut names: Vec<_> = first.keys().chain(second.keys()).collect();
    let place = |name: &String| {
        ATTRIBUTES.iter().position(|known| known == name).unwrap_or(ATTRIBUTES.len())
    };
    names.sort_by_key(|name| (place(name), *name));
    names.dedup();
    let text = |value: Option<&Box<RawValue>>| value.map(|raw| raw.get().to_owned());
    names
        .into_iter()
        .map(|name| (name, first.get(name), second.get(name)))
        .filter(|(_, genuine, conflict)| text(*genuine) != text(*conflict))
        .map(|(field, genuine, conflict)| Difference {
            field: field.clone(),
            genuine: genuine.cloned(),
            conflict: conflict.cloned(),
        })
        .collect()
}

/// The attributes of a record and the leaves of its payload, each by its name or path.
fn fields(item: &Item) -> BTreeMap<String, Box<RawValue>> {
    let mut fields = BTreeMap::new();
    for name in ATTRIBUTES {
        let value = item.get(name).map(record::plain);
        if let Some(Ok(raw)) = value.map(|value| serde_json::value::to_raw_value(&value)) {
            fields.insert(name.to_owned(), raw);
        }
    }
    let payload = text(item, "payload").unwrap_or_default();
    if let Ok(payload) = serde_json::from_str(payload) {
        flatten("payload", payload, &mut fields);
    }
    fields
}

/// The leaves of `value`, each by its path.
fn flatten(path: &str, value: Box<RawValue>, leaves: &mut BTreeMap<String, Box<RawValue>>) {
    let members: Result<BTreeMap<String, Box<RawValue>>, _> = serde_json::from_str(value.get());
    let items: Result<Vec<Box<RawValue>>, _> = serde_json::from_str(value.get());
    match (members, items) {
        (Ok(members), _) if !members.is_empty() => {
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            for (name, value) in members {
                // Whoever sent it may call a member "a.b": that must not hide the b of a.
                let step = if !name.is_empty() && name.chars().all(plain) {
                    format!(".{name}")
                } else {
                    format!("[{}]", Value::from(name))
                };
                flatten(&format!("{path}{step}"), value, leaves);
            }
        }
        (_, Ok(items)) if !items.is_empty() => {
            for (index, value) in items.into_iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, leaves);
            }
        }
        _ => drop(leaves.insert(path.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(user: &str, payload: &str) -> Item {
        [("user", user), ("payload", payload), ("fingerprint", user)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            .into()
    }

    /// The differences, each as `FIELD GENUINE CONFLICT`.
    fn said(genuine: &Item, conflict: &Item) -> Vec<String> {
        let text = |value: &Option<Box<RawValue>>| {
            value.as_ref().map_or("-".to_owned(), |raw| raw.get().to_owned())
        };
        let differences = differences(genuine, conflict);
        let said = differences.iter();
        said.map(|it| format!("{} {} {}", it.field, text(&it.genuine), text(&it.conflict)))
            .collect()
    }

    #[test]
    fn fields_differ_by_their_paths() {
        let genuine = item("u", r#"{"same":1,"a":{"b":[1,2]},"gone":null,"kind":"x"}"#);
        let conflict = item("v", r#"{"same": 1, "a":{"b":[1,3]},"new":"","kind":{}}"#);
        assert_eq!(
            said(&genuine, &conflict),
            [
                r#"user "u" "v""#,
                "payload.a.b[1] 2 3",
                "payload.gone null -",
                r#"payload.kind "x" {}"#,
                r#"payload.new - """#,
            ]
        );
        assert!(said(&genuine, &genuine).is_empty());
    }

    #[test]
    fn no_name_of_a_member_hides_another() {
        let genuine = item("u", r#"{"a":{"b":1},"c":[0]}"#);
        let conflict = item("u", r#"{"a":{"b":2},"a.b":1,"c[0]":0,"c":[1],"":1,"\"":1}"#);
        let name = r#"payload["\""] - 1"#;
        assert_eq!(
            said(&genuine, &conflict),
            [
                "payload.a.b 1 2",
                "payload.c[0] 0 1",
                r#"payload[""] - 1"#,
                name,
                r#"payload["a.b"] - 1"#,
                r#"payload["c[0]"] - 0"#,
            ]
        );
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let number = |digits: &str| item("u", &format!(r#"{{"n":{digits}}}"#));
        let (a, b) = ("0.12345678901234567890", "0.12345678901234567891");
        assert_eq!(said(&number(a), &number(b)), [format!("payload.n {a} {b}")]);
    }
}
