//! What a request says before anything is proved.
//!
//! It has no fields: it answers what authentication has to know, and becomes the strict [`Object`] or
//! [`Form`], which alone has them, only where no two readers would disagree about it. So a request that
//! nobody proved is told nothing about its fields, and no provider can read a field that is there twice.

use std::borrow::Cow;

use crate::field::Field;
use crate::form::{Form, decode};
use crate::json::{Members, Object, ObjectWriter, Value};
use crate::redact;
use crate::refusal::Refusal;

/// A body that is one JSON object, and no more is known of it.
///
/// ```compile_fail,E0599
/// # fn main() -> Result<(), verify::Refusal> {
/// verify::UnprovedObject::parse(br#"{"user":"u-1"}"#)?.required("user")?;
/// # Ok(())
/// # }
/// ```
///
/// ```
/// # fn main() -> Result<(), verify::Refusal> {
/// verify::UnprovedObject::parse(br#"{"user":"u-1"}"#)?.strict()?.required("user")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UnprovedObject<'a>(Members<'a>);

/// The pairs of a query string or a form, decoded as far as they can be.
///
/// ```compile_fail,E0599
/// verify::UnprovedForm::parse("user=u-1", "the query string").optional("user");
/// ```
///
/// ```
/// # fn main() -> Result<(), verify::Refusal> {
/// verify::UnprovedForm::parse("user=u-1", "the query string").strict()?.optional("user");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UnprovedForm<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What it is, where a pair of it cannot be decoded and is left out.
    undecodable: Option<&'static str>,
}

/// One value of an [`UnprovedObject`]: how it is written, and nothing else.
#[derive(Debug)]
pub struct UnprovedField<'a>(Field<'a>);

impl<'a> UnprovedObject<'a> {
    /// Reads a body that has to be one JSON object.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] when it is anything else.
    pub fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        let members = serde_json::from_slice(body);
        members.map(Self).map_err(|_| Refusal::malformed("body", "a JSON object"))
    }

    /// The value of `name`, or `None` when it is absent or null. Whoever sends it twice, or what cannot be
    /// read as one value, is told no more than that nothing is proved.
    pub fn get(&self, name: &'static str) -> Result<Option<UnprovedField<'a>>, Refusal> {
        let mut found = self.0.0.iter().filter(|(member, _)| member == name);
        let Some((_, raw)) = found.next() else { return Ok(None) };
        match (Value::read(raw), found.next()) {
            (Some(Value::Null), None) => Ok(None),
            (Some(value), None) => Ok(Some(UnprovedField(Field::new(name.into(), value)))),
            _ => Err(Refusal::Unauthenticated),
        }
    }

    /// The object with its fields, for whoever reads what was proved.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] for a key that is there twice at any depth, [`Refusal::Undecodable`] for text
    /// that is not Unicode and for what is nested deeper than 32.
    pub fn strict(self) -> Result<Object<'a>, Refusal> {
        Object::strict(self.0.0)
    }

    /// The object of the members called `names` alone, which are held to the same rules; whatever stands
    /// beside them is passed over. For what is read for a few of its members and kept nowhere, such as a
    /// third party's reply.
    ///
    /// # Errors
    ///
    /// Those of [`UnprovedObject::strict`].
    pub fn only(mut self, names: &[&str]) -> Result<Object<'a>, Refusal> {
        self.0.0.retain(|(name, _)| names.contains(&name.as_ref()));
        self.strict()
    }

    /// The object as it was received, with the text member `name` set to `value`: how a sender puts its
    /// credential in.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut writer = ObjectWriter::default();
        for (known, raw) in self.0.0.iter().filter(|(known, _)| known != name) {
            writer.member(known, raw.get());
        }
        writer.text_member(name, value);
        writer.finish()
    }

    /// The object without `secrets`; `None` where none is in it.
    pub(crate) fn without(&self, secrets: redact::Credential<'_>) -> Option<String> {
        secrets.out_of_members(&self.0.0, 1)
    }
}

impl UnprovedField<'_> {
    /// A string, as it is; `None` for any other type.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        self.0.as_text()
    }

    /// What a string or a number was written as; `None` for any other type.
    #[must_use]
    pub fn as_written(&self) -> Option<&str> {
        self.0.as_written()
    }

    /// What a string, a number or a boolean was written as; `None` for any other type.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&str> {
        self.0.as_scalar()
    }
}

impl<'a> UnprovedForm<'a> {
    /// Reads `text` as [`Form::parse`] does, but for a pair that cannot be decoded: it is left out until
    /// [`UnprovedForm::strict`] refuses it.
    #[must_use]
    pub fn parse(text: &'a str, what: &'static str) -> Self {
        let mut form = Self { pairs: Vec::new(), undecodable: None };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => form.pairs.push((name, value)),
                _ => form.undecodable = Some(what),
            }
        }
        form
    }

    /// The value of the parameter `name`, if it is there and not empty. Whoever sends it twice is told no
    /// more than that nothing is proved.
    pub fn get(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_ref());
        if found.next().is_some() {
            return Err(Refusal::Unauthenticated);
        }
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Every pair in its order, decoded, for a signature that covers them all; `None` where one cannot be
    /// decoded or a name is there twice, about which no two readers need agree.
    #[must_use]
    pub fn pairs(&self) -> Option<&[(Cow<'a, str>, Cow<'a, str>)]> {
        let mut names = std::collections::HashSet::with_capacity(self.pairs.len());
        let readable = self.undecodable.is_none();
        (readable && self.pairs.iter().all(|(name, _)| names.insert(name))).then_some(&self.pairs)
    }

    /// The form with its fields, for whoever reads what was proved.
    ///
    /// # Errors
    ///
    /// [`Refusal::Undecodable`] or [`Refusal::Repeated`].
    pub fn strict(self) -> Result<Form<'a>, Refusal> {
        match self.undecodable {
            Some(what) => Err(Refusal::Undecodable { what }),
            None => Form::strict(self.pairs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(body: &str) -> UnprovedObject<'_> {
        UnprovedObject::parse(body.as_bytes()).expect("an object")
    }

    #[test]
    fn authentication_sees_only_the_repeats_it_asks_about() {
        let object = object(r#"{"sign":"x","a":1,"a":2}"#);
        assert!(object.get("sign").is_ok());
        assert_eq!(object.get("a").expect_err("twice"), Refusal::Unauthenticated);
        assert_eq!(object.strict().expect_err("twice"), Refusal::repeated("a"));
    }

    #[test]
    fn what_cannot_be_read_proves_nothing() {
        let object = object(r#"{"a":1,"\u0061":1,"b":"\ud800","c":null,"d":7}"#);
        for name in ["a", "b"] {
            let refusal = object.get(name).expect_err(name);
            assert_eq!(refusal, Refusal::Unauthenticated, "{name}");
        }
        assert!(object.get("c").expect("absent").is_none());
        assert!(object.get("d").expect("there").is_some());
    }

    #[test]
    fn what_is_read_for_some_members_may_say_anything_beside_them() {
        let body = r#"{"a":1,"x":"\ud800","x":{"y":0,"y":0},"b":{"c":1}}"#;
        let few = object(body).only(&["a", "b", "c"]).expect("neither is repeated");
        assert_eq!(few.without(&[]), r#"{"a":1,"b":{"c":1}}"#);
        assert!(few.optional("x").expect("left out").is_none());
        let twice = object(body).only(&["a", "x"]).expect_err("x is there twice");
        assert_eq!(twice, Refusal::Undecodable { what: "the body" });
        let twice = object(r#"{"a":1,"\u0061":2,"b":0}"#).only(&["a"]).expect_err("twice");
        assert_eq!(twice, Refusal::repeated("a"));
    }

    #[test]
    fn what_cannot_be_decoded_waits_for_the_proof() {
        for text in ["key=k&a=%", "%=1&key=k", "key=k&key=%ff"] {
            let form = UnprovedForm::parse(text, "the query string");
            assert_eq!(form.get("key"), Ok(Some("k")), "{text}");
            let refusal = Refusal::Undecodable { what: "the query string" };
            assert_eq!(form.strict().expect_err(text), refusal, "{text}");
        }
        let form = UnprovedForm::parse("key=%&a=1&b=&k=1&%6b=1", "the query string");
        assert_eq!(form.get("key"), Ok(None));
        assert_eq!(form.get("b"), Ok(None));
        assert_eq!(form.get("k"), Err(Refusal::Unauthenticated));
    }

    #[test]
    fn parameters_that_are_repeated_or_not_decodable_have_no_fields() {
        let form = UnprovedForm::parse("a=1&b=2&%61=1", "the query string");
        assert_eq!(form.strict().expect_err("twice"), Refusal::repeated("a"));
        // What cannot be decoded may be a repeated one.
        let form = UnprovedForm::parse("a=1&a=%&a=1", "the query string");
        let refusal = Refusal::Undecodable { what: "the query string" };
        assert_eq!(form.strict().expect_err("undecodable"), refusal);
    }
}
