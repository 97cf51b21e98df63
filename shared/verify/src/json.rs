//! Reading JSON without losing digits or accepting what two parsers would read differently.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::field::Field;
use crate::redact;
use crate::refusal::Refusal;
use crate::unproved::UnprovedObject;

/// How deep objects and arrays may stand in one another.
pub(crate) const DEEPEST: usize = 32;

/// A JSON object (RFC 8259) whose values are still as they were written, and about which no two readers
/// disagree: no key is repeated at any depth, all text is Unicode, and nothing is nested deeper than 32.
///
/// There is no other way to the fields of a body. What has to be known before that, because it proves the
/// request, is asked of an [`UnprovedObject`].
#[derive(Debug)]
pub struct Object<'a> {
    /// Where this object stands in the body: empty at the top, `friend` or `rewarddetails[0]` below.
    path: Cow<'static, str>,
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// A JSON value.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    /// `null`, which stands for an absent field.
    Null,
    /// A string.
    Text(Cow<'a, str>),
    /// A number, by its own digits.
    Number(&'a str),
    /// `true` or `false`.
    Boolean(bool),
    /// An object.
    Object(Vec<(Cow<'a, str>, &'a RawValue)>),
    /// An array.
    Array(Vec<&'a RawValue>),
}

impl<'a> Object<'a> {
    /// Reads a body that has to be one JSON object.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] when it is anything else, [`Refusal::Repeated`] or
    /// [`Refusal::Undecodable`] when readers may disagree about it.
    pub fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        UnprovedObject::parse(body)?.strict()
    }

    /// The object of `members`, unless readers may disagree about them.
    pub(crate) fn strict(members: Vec<(Cow<'a, str>, &'a RawValue)>) -> Result<Self, Refusal> {
        check_members(&members, 1)?;
        Ok(Self { path: Cow::Borrowed(""), members })
    }

    /// An object that stands in a strict one.
    pub(crate) const fn nested(
        path: Cow<'static, str>,
        members: Vec<(Cow<'a, str>, &'a RawValue)>,
    ) -> Self {
        Self { path, members }
    }

    /// The field `name`, or `None` when it is absent or null.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] when its value cannot be read.
    pub fn optional(&self, name: &'static str) -> Result<Option<Field<'a>>, Refusal> {
        let found = self.members.iter().find(|(member, _)| member == name);
        let Some((_, raw)) = found else { return Ok(None) };
        match Value::read(raw) {
            Some(Value::Null) => Ok(None),
            Some(value) => Ok(Some(Field::new(self.name_of(name), value))),
            None => Err(Refusal::malformed(self.name_of(name), "well-formed JSON")),
        }
    }

    /// The field `name`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Missing`] when it is absent or null, and those of [`Object::optional`].
    pub fn required(&self, name: &'static str) -> Result<Field<'a>, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::missing(self.name_of(name)))
    }

    /// The name of the member `name` of this object, seen from the top of the body.
    #[must_use]
    pub fn name_of(&self, name: &'static str) -> Cow<'static, str> {
        if self.path.is_empty() {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(format!("{}.{name}", self.path))
        }
    }

    /// The object as it was received, but for the members with the names `credentials`: in any case, here
    /// and in every object below, also where the name is the end of a path (`x.apikey`).
    #[must_use]
    pub fn without(&self, credentials: &[&str]) -> String {
        redact::Credential::Named(credentials).out_of_members(&self.members, 1).unwrap_or_else(
            || {
                let mut writer = ObjectWriter::default();
                for (name, raw) in &self.members {
                    writer.member(name, raw.get());
                }
                writer.finish()
            },
        )
    }
}

/// Writes a JSON object member by member.
#[derive(Debug, Default)]
pub(crate) struct ObjectWriter(String);

impl ObjectWriter {
    /// Adds a member whose value is JSON already.
    pub(crate) fn member(&mut self, name: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&json_string(name));
        self.0.push(':');
        self.0.push_str(json);
    }

    /// Adds a member whose value is text.
    pub(crate) fn text_member(&mut self, name: &str, value: &str) {
        self.member(name, &json_string(value));
    }

    /// The object.
    pub(crate) fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'a> Value<'a> {
    /// Reads one value; `None` for text that is not Unicode.
    pub(crate) fn read(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        let value = match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Boolean(true),
            b'f' => Self::Boolean(false),
            b'"' => Self::Text(serde_json::from_str::<Text<'a>>(text).ok()?.0),
            b'{' => Self::Object(serde_json::from_str::<Members<'a>>(text).ok()?.0),
            b'[' => Self::Array(serde_json::from_str(text).ok()?),
            _ => Self::Number(text),
        };
        Some(value)
    }
}

/// Checks what stands in an object that is `depth` objects and arrays deep, itself counted.
fn check_members(members: &[(Cow<'_, str>, &RawValue)], depth: usize) -> Result<(), Refusal> {
    let mut names = HashSet::with_capacity(members.len());
    for (name, raw) in members {
        if !names.insert(name) {
            return Err(Refusal::repeated(name));
        }
        check(raw, depth)?;
    }
    Ok(())
}

fn check(raw: &RawValue, depth: usize) -> Result<(), Refusal> {
    let undecodable = Refusal::Undecodable { what: "the body" };
    match Value::read(raw).ok_or(undecodable.clone())? {
        Value::Object(_) | Value::Array(_) if depth == DEEPEST => Err(undecodable),
        Value::Object(members) => check_members(&members, depth + 1),
        Value::Array(items) => items.into_iter().try_for_each(|item| check(item, depth + 1)),
        _ => Ok(()),
    }
}

/// The members of an object in their order, repeated ones included.
#[derive(Debug)]
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(body: &str) -> Result<(), Refusal> {
        Object::parse(body.as_bytes()).map(drop)
    }

    #[test]
    fn only_an_object_is_a_body() {
        for body in [
            "",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{",
            "{}x",
            "{\"a\":}",
            "{a:1}",
            "\u{feff}{}",
            "{\"a\":01}",
        ] {
            let refusal = Object::parse(body.as_bytes()).expect_err(body);
            assert_eq!(refusal, Refusal::malformed("body", "a JSON object"), "{body}");
        }
        assert!(Object::parse(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn repeated_keys_are_refused_at_any_depth_and_however_written() {
        for body in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#,
        ] {
            assert_eq!(strict(body), Err(Refusal::repeated("a")), "{body}");
        }
        assert_eq!(strict(r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#), Ok(()));
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(strict(&nested(31)), Ok(()));
        for depth in [32, 20_000] {
            assert_eq!(strict(&nested(depth)), Err(Refusal::Undecodable { what: "the body" }));
        }
    }

    #[test]
    fn text_is_unicode() {
        assert_eq!(strict(r#"{"a":"\ud800"}"#), Err(Refusal::Undecodable { what: "the body" }));
        assert_eq!(strict(r#"{"a":"\ud83d\ude00"}"#), Ok(()));
    }

    #[test]
    fn what_is_kept_is_what_came() {
        let body = br#"{"sign":"secret","a": 1.50 ,"b\"":{"c" : [1e2]},"c":null}"#;
        let object = Object::parse(body).expect("an object");
        let kept = r#"{"a":1.50,"b\"":{"c" : [1e2]},"c":null}"#;
        assert_eq!(object.without(&["sign"]), kept);
        assert_eq!(object.without(&["x"]), kept.replacen('{', r#"{"sign":"secret","#, 1));
        assert_eq!(object.without(&["sign", "a", "b\"", "c"]), "{}");
    }

    #[test]
    fn a_credential_is_not_kept_in_any_case_nor_at_any_depth() {
        let body = br#"{"SIGN":"1","a":{"sign":"2","b":[{"\u0073ign":"3","c":1.0}]},"x.Sign":"4"}"#;
        let object = Object::parse(body).expect("an object");
        assert_eq!(object.without(&["sign"]), r#"{"a":{"b":[{"c":1.0}]}}"#);
    }
}
