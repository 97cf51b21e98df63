//! Reading `application/x-www-form-urlencoded`, in a query string or a body.

use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use crate::field::Field;
use crate::json::{ObjectWriter, Value};
use crate::redact;
use crate::refusal::Refusal;

/// The pairs of a query string or a form, in their order and decoded.
#[derive(Debug)]
pub struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What it is, where a pair of it cannot be decoded and is left out.
    undecodable: Option<&'static str>,
}

impl<'a> Form<'a> {
    /// Reads `text`; `what` names it in a refusal, for instance `the query string`.
    ///
    /// A `+` is a space, a pair without `=` has an empty value, and empty pairs are passed over, as in
    /// the URL standard; unlike there, a broken escape or text that is not UTF-8 is refused.
    pub fn parse(text: &'a str, what: &'static str) -> Result<Self, Refusal> {
        let form = Self::parse_unproved(text, what);
        form.check_decoded().map(|()| form)
    }

    /// Reads `text` as far as authentication needs it: a pair that cannot be decoded is left out until
    /// [`Form::require_strict`] refuses it.
    #[must_use]
    pub fn parse_unproved(text: &'a str, what: &'static str) -> Self {
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

    fn check_decoded(&self) -> Result<(), Refusal> {
        self.undecodable.map_or(Ok(()), |what| Err(Refusal::Undecodable { what }))
    }

    /// The value of the parameter `name`, if it is there.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] when it is there twice.
    pub fn value(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_ref());
        if found.next().is_some() {
            return Err(Refusal::Repeated { field: Cow::Borrowed(name) });
        }
        Ok(value)
    }

    /// The value of the parameter `name` before anything is proved, if it is there and not empty. Whoever
    /// sends it twice is told no more than that nothing is proved.
    pub fn unproved(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let value = self.value(name).map_err(|_| Refusal::Unauthenticated)?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// The parameter `name` as a field, if it is there.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] when it is there twice.
    pub fn optional(&self, name: &'static str) -> Result<Option<Field<'_>>, Refusal> {
        let value = self.value(name)?;
        Ok(value.map(|value| Field::new(Cow::Borrowed(name), Value::Text(Cow::Borrowed(value)))))
    }

    /// Refuses parameters that are repeated, or could not be decoded.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] or [`Refusal::Undecodable`].
    pub fn require_strict(&self) -> Result<(), Refusal> {
        self.check_decoded()?;
        let mut names = HashSet::with_capacity(self.pairs.len());
        match self.pairs.iter().find(|(name, _)| !names.insert(name)) {
            Some((name, _)) => Err(Refusal::repeated(name)),
            None => Ok(()),
        }
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
fn decode(text: &str) -> Option<Cow<'_, str>> {
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
        assert_eq!(form.value("a"), Ok(Some("1")));
        assert_eq!(form.value("e"), Ok(None));
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "%=1", "a=%C3"] {
            let refusal = Form::parse(text, "the query string").expect_err(text);
            assert_eq!(refusal, Refusal::Undecodable { what: "the query string" });
        }
    }

    #[test]
    fn what_cannot_be_decoded_waits_for_the_proof() {
        for text in ["key=k&a=%", "%=1&key=k", "key=k&key=%ff"] {
            let form = Form::parse_unproved(text, "the query string");
            assert_eq!(form.unproved("key"), Ok(Some("k")), "{text}");
            let refusal = Refusal::Undecodable { what: "the query string" };
            assert_eq!(form.require_strict(), Err(refusal), "{text}");
        }
        let form = Form::parse_unproved("key=%&a=1&b=&k=1&%6b=1", "the query string");
        assert_eq!(form.unproved("key"), Ok(None));
        assert_eq!(form.unproved("b"), Ok(None));
        assert_eq!(form.unproved("k"), Err(Refusal::Unauthenticated));
    }

    #[test]
    fn a_credential_is_not_kept_however_it_is_called() {
        let form = Form::parse("APIKEY=a&x.apikey=b&x%5BApiKey%5D=c&api=d", "the query string");
        assert_eq!(form.expect("decodable").to_json_without(&["apikey"]), r#"{"api":"d"}"#);
    }

    #[test]
    fn repeated_parameters_are_refused_however_written() {
        let form = Form::parse("a=1&b=2&%61=1", "the query string").expect("decodable");
        assert_eq!(form.require_strict(), Err(Refusal::repeated("a")));
        assert_eq!(form.value("a"), Err(Refusal::repeated("a")));
        assert_eq!(form.value("b"), Ok(Some("2")));
    }
}
