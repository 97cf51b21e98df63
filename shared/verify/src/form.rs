//! Reading `application/x-www-form-urlencoded`, in a query string or a body.

use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use crate::field::Field;
use crate::json::{ObjectWriter, Value};
use crate::redact;
use crate::refusal::Refusal;
use crate::unproved::UnprovedForm;

/// The pairs of a query string or a form, in their order and decoded, no name twice.
///
/// There is no other way to its fields. What has to be known before that, because it proves the request, is
/// asked of an [`UnprovedForm`].
#[derive(Debug)]
pub struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Form<'a> {
    /// Reads `text`; `what` names it in a refusal, for instance `the query string`.
    ///
    /// A `+` is a space, a pair without `=` has an empty value, and empty pairs are passed over, as in
    /// the URL standard; unlike there, a broken escape or text that is not UTF-8 is refused.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] or [`Refusal::Undecodable`].
    pub fn parse(text: &'a str, what: &'static str) -> Result<Self, Refusal> {
        UnprovedForm::parse(text, what).strict()
    }

    /// The form of `pairs`, unless a name is there twice.
    pub(crate) fn strict(pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Self, Refusal> {
        let mut names = HashSet::with_capacity(pairs.len());
        match pairs.iter().find(|(name, _)| !names.insert(name)) {
            Some((name, _)) => Err(Refusal::repeated(name)),
            None => Ok(Self { pairs }),
        }
    }

    /// The value of the parameter `name`, if it is there.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// The parameter `name` as a field, if it is there.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<Field<'_>> {
        let value = self.value(name)?;
        Some(Field::new(Cow::Borrowed(name), Value::Text(Cow::Borrowed(value))))
    }

    /// The names of the parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_ref())
    }

    /// The pairs as a JSON object of strings, but for the parameters with the names `credentials`, in any
    /// case and at the end of a path (`x.apikey`).
    #[must_use]
    pub fn to_json_without(&self, credentials: &[&str]) -> String {
        let is_kept = |name: &str| !credentials.iter().any(|it| redact::is_called(name, it));
        let mut writer = ObjectWriter::default();
        for (name, value) in self.pairs.iter().filter(|(name, _)| is_kept(name)) {
            writer.text_member(name, value);
        }
        writer.finish()
    }
}

/// Decodes `+` and percent escapes; `None` for a broken escape or what is not UTF-8.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    let broken = text
        .split('%')
        .skip(1)
        .any(|rest| !matches!(rest.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()));
    if broken {
        return None;
    }
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Some(Cow::Owned(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned()));
    }
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let form =
            Form::parse("a=1&&b=x+y%26z&c&d=%C3%A9=&", "the query string").expect("decodable");
        let json = form.to_json_without(&["a"]);
        assert_eq!(json, r#"{"b":"x y&z","c":"","d":"é="}"#);
        assert_eq!(form.value("a"), Some("1"));
        assert_eq!(form.value("e"), None);
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "%=1", "a=%C3"] {
            let refusal = Form::parse(text, "the query string").expect_err(text);
            assert_eq!(refusal, Refusal::Undecodable { what: "the query string" });
        }
    }

    #[test]
    fn a_credential_is_not_kept_however_it_is_called() {
        let form = Form::parse("APIKEY=a&x.apikey=b&x%5BApiKey%5D=c&api=d", "the query string");
        assert_eq!(form.expect("decodable").to_json_without(&["apikey"]), r#"{"api":"d"}"#);
    }

    #[test]
    fn repeated_parameters_are_refused_however_written() {
        for text in ["a=1&b=2&%61=1", "a=1&a=1", "b=2&a&a=1"] {
            let refusal = Form::parse(text, "the query string").expect_err(text);
            assert_eq!(refusal, Refusal::repeated("a"), "{text}");
        }
    }
}
