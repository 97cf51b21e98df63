//! One field of a request, read by its form.

use std::borrow::Cow;

use crate::amount::Amount;
use crate::json::{Object, Value};
use crate::refusal::Refusal;

/// A field that is there and not null.
#[derive(Debug)]
pub struct Field<'a> {
    name: Cow<'static, str>,
    value: Value<'a>,
}

impl<'a> Field<'a> {
    pub(crate) const fn new(name: Cow<'static, str>, value: Value<'a>) -> Self {
        Self { name, value }
    }

    /// A field that is text: a header's value, for instance.
    #[must_use]
    pub const fn of_text(name: &'static str, text: &'a str) -> Self {
        Self::new(Cow::Borrowed(name), Value::Text(Cow::Borrowed(text)))
    }

    /// The refusal of this field for not being `expected`.
    #[must_use]
    pub fn refuse(&self, expected: &'static str) -> Refusal {
        Refusal::malformed(self.name.clone(), expected)
    }

    /// A string, as it is; `None` for any other type.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A GUID in its 36 characters: 8-4-4-4-12 hex digits of either case with hyphens; `None` for anything else.
    #[must_use]
    pub fn as_guid(&self) -> Option<&str> {
        let is_its = |(at, byte): (usize, u8)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        self.as_text().filter(|text| text.len() == 36 && text.bytes().enumerate().all(is_its))
    }

    /// What a string or a number was written as; `None` for any other type.
    #[must_use]
    pub fn as_written(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// What a string, a number or a boolean was written as; `None` for any other type.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Boolean(true) => Some("true"),
            Value::Boolean(false) => Some("false"),
            _ => self.as_written(),
        }
    }

    /// A string of at most `longest` characters.
    pub fn text(self, longest: usize) -> Result<String, Refusal> {
        match self.value {
            Value::Text(text) if text.chars().count() <= longest => Ok(text.into_owned()),
            Value::Text(_) => Err(Refusal::malformed(self.name, "shorter text")),
            _ => Err(Refusal::malformed(self.name, "text")),
        }
    }

    /// An opaque identifier: a string of 1 to `longest` characters without control characters.
    /// `001234` is not `1234`.
    pub fn identifier(self, longest: usize) -> Result<String, Refusal> {
        let expected = "an identifier: text, not empty, not overlong, without control characters";
        self.matching(longest, |c| !c.is_control(), expected)
    }

    /// A string of 1 to `longest` characters, every one `allowed`; `expected` says so in words.
    pub fn matching(
        self,
        longest: usize,
        allowed: impl Fn(char) -> bool,
        expected: &'static str,
    ) -> Result<String, Refusal> {
        match self.as_text() {
            Some(_) => self.written_matching(longest, allowed, expected),
            None => Err(self.refuse(expected)),
        }
    }

    /// The same of what a string or a number was written as.
    pub fn written_matching(
        self,
        longest: usize,
        allowed: impl Fn(char) -> bool,
        expected: &'static str,
    ) -> Result<String, Refusal> {
        match self.as_written() {
            Some(text)
                if (1..=longest).contains(&text.chars().count()) && text.chars().all(allowed) =>
            {
                Ok(text.to_owned())
            }
            _ => Err(self.refuse(expected)),
        }
    }

    /// An exact decimal, written as a number or as a string of digits.
    pub fn amount(self) -> Result<Amount, Refusal> {
        self.as_written()
            .and_then(Amount::parse)
            .ok_or_else(|| self.refuse("a decimal number of at most 28 digits"))
    }

    /// An exact decimal that is not below zero, written as a number or as a string of digits.
    pub fn amount_not_negative(self) -> Result<Amount, Refusal> {
        self.as_written()
            .and_then(Amount::parse)
            .filter(|amount| !amount.is_negative())
            .ok_or_else(|| self.refuse("a decimal number of at most 28 digits, zero or more"))
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Result<bool, Refusal> {
        match self.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.refuse("true or false")),
        }
    }

    /// The value of the field, which must be an object.
    pub fn object(self) -> Result<Object<'a>, Refusal> {
        match self.value {
            Value::Object(members) => Ok(Object::nested(self.name, members)),
            _ => Err(self.refuse("a JSON object")),
        }
    }

    /// An array of objects.
    pub fn objects(self) -> Result<Vec<Object<'a>>, Refusal> {
        let Value::Array(items) = self.value else {
            return Err(self.refuse("an array of JSON objects"));
        };
        items
            .into_iter()
            .enumerate()
            .map(|(i, raw)| {
                let path = Cow::Owned(format!("{}[{i}]", self.name));
                match Value::read(raw) {
                    Some(Value::Object(members)) => Ok(Object::nested(path, members)),
                    _ => Err(Refusal::malformed(path, "a JSON object")),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: &'static str) -> Field<'static> {
        let body = format!("{{\"a\":{json}}}").leak().as_bytes();
        Object::parse(body).expect("an object").required("a").expect("there")
    }

    #[test]
    fn identifiers_are_opaque_text() {
        assert_eq!(field(r#""001234""#).identifier(8), Ok("001234".to_owned()));
        assert_eq!(field(r#""éééééééé""#).identifier(8), Ok("éééééééé".to_owned()));
        for json in
            ["1234", "true", "{}", "[]", r#""""#, r#""123456789""#, r#""a\nb""#, r#""\u0085""#]
        {
            assert!(field(json).identifier(8).is_err(), "{json}");
        }
    }

    #[test]
    fn amounts_come_as_numbers_or_strings() {
        for json in ["1.50", r#""1.50""#] {
            assert_eq!(field(json).amount().expect(json).to_string(), "1.50");
        }
        for json in ["true", "{}", r#""x""#, r#""""#] {
            assert!(field(json).amount().is_err(), "{json}");
        }
        assert!(field("-1").amount().is_ok());
        assert!(field("-1").amount_not_negative().is_err());
        assert!(field("0").amount_not_negative().is_ok());
    }

    #[test]
    fn booleans_are_not_words() {
        assert_eq!(field("true").boolean(), Ok(true));
        assert_eq!(field("false").boolean(), Ok(false));
        for json in [r#""true""#, "1", "0", "[]"] {
            assert!(field(json).boolean().is_err(), "{json}");
        }
    }

    #[test]
    fn refusals_name_the_way_to_the_field() {
        let body = br#"{"friend":{"details":[{"id":"x"},{"id":7}]}}"#;
        let friend = Object::parse(body).expect("an object");
        let friend = friend.required("friend").expect("there").object().expect("an object");
        let details = friend.required("details").expect("there").objects().expect("objects");
        let refusal =
            details[1].required("id").expect("there").identifier(9).expect_err("a number");
        assert_eq!(refusal.field(), Some("friend.details[1].id"));
        assert_eq!(friend.required("name").expect_err("absent"), Refusal::missing("friend.name"));
    }
}
