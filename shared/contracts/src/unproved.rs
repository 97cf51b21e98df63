//! What a request says before its credential is checked.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use verify::{Refusal, UnprovedForm, UnprovedObject};

use crate::fields::{Content, Place, header_text};
use crate::message::Named;

/// What a request says, of which no more is read than its credential covers.
#[derive(Debug)]
pub struct Unproved<'a> {
    /// The query, the form or the body.
    pub body: Body<'a>,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// What the fields stand in.
#[derive(Debug)]
pub enum Body<'a> {
    /// A JSON object that nobody has to look into yet.
    Bytes(Cow<'a, [u8]>),
    /// A JSON object.
    Json(UnprovedObject<'a>),
    /// A query or a form.
    Parameters(UnprovedForm<'a>),
}

impl Unproved<'_> {
    /// What a field was written as, where it is there; empty is absent.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where nobody can say what it is: it is there twice, or has no text.
    pub fn text(&self, field: &Named) -> Result<Option<Cow<'_, str>>, Refusal> {
        let Named { name, place, boolean } = field;
        match (place, &self.body) {
            (Place::Header(header), _) => self.header(header),
            (Place::Content(_), Body::Parameters(form)) => Ok(form.get(name)?.map(Cow::Borrowed)),
            (Place::Content(_), Body::Json(object)) => {
                let Some(field) = object.get(name)? else { return Ok(None) };
                let text = if *boolean { field.as_scalar() } else { field.as_written() };
                let text = text.ok_or(Refusal::Unauthenticated)?;
                Ok(Some(text)
                    .filter(|text| !text.is_empty())
                    .map(|text| Cow::Owned(text.to_owned())))
            }
            (Place::Content(_), Body::Bytes(_)) => Err(Refusal::Unauthenticated),
        }
    }

    /// The header `name`, where it is there once and not empty.
    pub fn header(&self, name: &HeaderName) -> Result<Option<Cow<'_, str>>, Refusal> {
        let text = header_text(self.headers, name).map_err(|_| Refusal::Unauthenticated)?;
        Ok(text.filter(|text| !text.is_empty()).map(Cow::Borrowed))
    }
}

impl Body<'_> {
    /// Passes the fields to `read`, once they are proved.
    ///
    /// # Errors
    ///
    /// What two readers would disagree about, and what `read` refuses.
    pub fn strict<T>(
        self,
        read: impl FnOnce(&Content<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        match self {
            Self::Bytes(bytes) => read(&Content::Json(UnprovedObject::parse(&bytes)?.strict()?)),
            Self::Json(object) => read(&Content::Json(object.strict()?)),
            Self::Parameters(form) => read(&Content::Parameters(form.strict()?)),
        }
    }
}
