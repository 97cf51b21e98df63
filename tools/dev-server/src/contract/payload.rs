//! The payload of a sample with other values in it.

use serde_json::{Map, Value};

/// A field with another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    name: String,
    value: String,
}

impl Field {
    /// Reads `FIELD=VALUE`.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, value) = text.split_once('=').ok_or("a field is set as FIELD=VALUE")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// `payload` with the values of `set`. A name with a dot goes into an object, unless the payload has it as it is.
pub(super) fn changed(payload: &str, set: &[Field]) -> Result<String, serde_json::Error> {
    let mut members: Map<String, Value> = serde_json::from_str(payload)?;
    for Field { name, value } in set {
        put(&mut members, name, value);
    }
    serde_json::to_string(&members)
}

fn put(members: &mut Map<String, Value>, name: &str, value: &str) {
    if let Some((outer, inner)) = name.split_once('.')
        && !members.contains_key(name)
        && let Some(Value::Object(inner_members)) = members.get_mut(outer)
    {
        return put(inner_members, inner, value);
    }
    let value = match members.get(name) {
        None | Some(Value::String(_)) => Value::from(value),
        // What was a number or a truth is one again, where the text is one.
        Some(_) => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
    };
    members.insert(name.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_form_that_was_there() {
        let payload = r#"{"a":"1","data":{"amount":150,"on":true},"header.x-time":"5"}"#;
        let set = ["a=2", "data.amount=7.5", "data.on=no", "header.x-time=6", "b=3", "c.d=="];
        let set: Vec<_> = set.iter().map(|text| Field::parse(text).expect(text)).collect();
        let expected = serde_json::json!({
            "a": "2", "data": {"amount": 7.5, "on": "no"}, "header.x-time": "6", "b": "3", "c.d": "="
        });
        let changed = changed(payload, &set).expect("JSON");
        assert_eq!(serde_json::from_str::<Value>(&changed).expect("JSON"), expected);
        assert!(Field::parse("a").is_err());
    }
}
