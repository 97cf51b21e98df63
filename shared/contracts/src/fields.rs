//! The fields that a contract declares: where each stands, and how it is read.

use http::{HeaderMap, HeaderName};
use verify::{Field, Form, Object, Refusal};

use crate::field_type::{FieldType, Of, Value};

/// What the name of a field begins with that is a header.
pub const HEADER: &str = "header.";

/// A declared field.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Its name, as in the file.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Its type.
    pub kind: FieldType,
}

/// Where a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this header.
    Header(HeaderName),
    /// In the query, the form or the JSON object; there, each name is a step further into an object.
    Content(Vec<&'static str>),
}

/// What was proved, field by field.
#[derive(Debug)]
pub enum Content<'a> {
    /// A JSON object.
    Json(Object<'a>),
    /// A query or a form.
    Parameters(Form<'a>),
}

impl Place {
    /// Where the field called `name` stands; `None` for a header that there cannot be.
    #[must_use]
    pub fn of(name: &'static str) -> Option<Self> {
        match name.strip_prefix(HEADER) {
            Some(header) => HeaderName::from_bytes(header.as_bytes()).ok().map(Self::Header),
            None => Some(Self::Content(name.split('.').collect())),
        }
    }
}

impl Declared {
    /// Reads the field by the type `kind`: its own, or another that a kind of callback has for it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Missing`] or [`Refusal::Malformed`].
    pub fn read(
        &self,
        kind: &FieldType,
        content: &Content<'_>,
        headers: &HeaderMap,
    ) -> Result<Option<Value>, Refusal> {
        let lenient = kind.form == crate::field_type::Form::Any;
        let (field, of) = match (&self.place, content) {
            (Place::Header(header), _) => {
                let text = header_text(headers, header)?;
                (text.map(|text| Field::of_text(self.name, text)), Of::Parameters)
            }
            (Place::Content(_), Content::Parameters(form)) => {
                (form.optional(self.name), Of::Parameters)
            }
            (Place::Content(path), Content::Json(object)) => {
                (walk(object, path, lenient)?, Of::Json)
            }
        };
        // An unfilled macro leaves nothing behind its `=`; in JSON, an empty text is none only where a text is
        // expected.
        let may_be_empty = kind.optional && (of == Of::Parameters || kind.form.is_text());
        let is_empty = |field: &Field<'_>| may_be_empty && field.as_text() == Some("");
        match field.filter(|field| !is_empty(field)) {
            Some(field) => kind.value(&field, of),
            None if kind.optional => Ok(None),
            None => Err(Refusal::missing(self.name)),
        }
    }
}

/// The only value of a header, where it is there and is text.
///
/// # Errors
///
/// [`Refusal::Repeated`]: nobody can say which of two counts.
pub(crate) fn header_text<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    match values.next() {
        None => Ok(value.and_then(|value| value.to_str().ok())),
        Some(_) => Err(Refusal::repeated(name.as_str())),
    }
}

/// The field at the end of `path`. What stands on the way and is no object is refused, or, where `lenient`,
/// has no fields.
fn walk<'a>(
    object: &Object<'a>,
    path: &[&'static str],
    lenient: bool,
) -> Result<Option<Field<'a>>, Refusal> {
    let Some((first, rest)) = path.split_first() else { return Ok(None) };
    let Some(field) = object.optional(first)? else { return Ok(None) };
    if rest.is_empty() {
        return Ok(Some(field));
    }
    match field.object() {
        Ok(object) => walk(&object, rest, lenient),
        Err(_) if lenient => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
