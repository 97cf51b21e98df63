//! What is signed: the bytes that a digest or a signature is over.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use verify::{Refusal, Request};

use crate::fields::Place;
use crate::file::{EncodeSpec, ParametersSpec, WholeSpec};
use crate::unproved::{Body, Unproved};

/// A field that is signed.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether it may be true or false in JSON. No other field has a text then, and so nothing can have signed it.
    pub boolean: bool,
}

/// What a credential is over.
#[derive(Debug, Clone)]
pub enum Over {
    /// Parts, one after the other.
    Template(Vec<Piece>),
    /// What was called up to this marker.
    Before {
        /// The parameter with its separator.
        marker: &'static str,
        /// Of what.
        of: WholeSpec,
        /// Whether its escapes are decoded first.
        decoded: bool,
    },
    /// All parameters but the credential, sorted by name.
    Sorted {
        /// Those of the query or of the form.
        sorted: ParametersSpec,
        /// What stands between two of them.
        join: &'static str,
        /// How they are written.
        encode: EncodeSpec,
        /// The parameter with the credential.
        credential: Option<&'static str>,
    },
    /// Values.
    Fields(Joined),
    /// The values that a field chooses.
    Select {
        /// The field.
        by: Named,
        /// The values for each of its texts.
        cases: Vec<(&'static str, Joined)>,
    },
    /// Nothing: the credential is all there is.
    Nothing,
}

/// A part of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text.
    Literal(String),
    /// A field.
    Field(Named),
    /// The body as received.
    Body,
    /// The secret, which is put in where the digest is made.
    Secret,
}

/// Values with something between them.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The fields, and whether one leaves no separator where it is absent.
    pub fields: Vec<(Named, bool)>,
    /// What stands between two of them.
    pub join: &'static str,
}

/// The bytes that are signed: those before the secret and those behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Before the secret; all of them, where the secret is not among them.
    pub before: Vec<u8>,
    /// Behind the secret.
    pub behind: Vec<u8>,
}

/// What a request is to be proved by, of a route and a public URL.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// The base URL and the path that the provider called, without the query.
    pub url: &'a str,
    /// The request.
    pub request: &'a Request,
}

/// What stands in a query as it is, and PHP's `rawurlencode` leaves so (RFC 3986 section 2.3).
pub(crate) const RAW: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What PHP's `urlencode` leaves as it is, the space aside.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b' ');

impl Over {
    /// The message of a request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where there is none, or more than one reading of it.
    pub fn message(&self, called: Called<'_>, unproved: &Unproved<'_>) -> Result<Message, Refusal> {
        let mut message = Message::default();
        match self {
            Self::Nothing => {}
            Self::Template(pieces) => {
                let mut behind = false;
                for piece in pieces {
                    let to = if behind { &mut message.behind } else { &mut message.before };
                    match piece {
                        Piece::Literal(text) => to.extend(text.as_bytes()),
                        Piece::Body => to.extend(&called.request.body),
                        Piece::Secret => behind = true,
                        Piece::Field(field) => {
                            to.extend(unproved.text(field)?.unwrap_or_default().as_bytes());
                        }
                    }
                }
            }
            Self::Before { decoded: true, .. } => {
                message.before = decoded(unproved)?.into_bytes();
            }
            Self::Before { marker, of, decoded: false } => {
                let (signed, _) = split(&called.request.query, marker)?;
                if *of == WholeSpec::Url {
                    message.before.extend(called.url.as_bytes());
                    message.before.push(b'?');
                }
                message.before.extend(signed.as_bytes());
            }
            Self::Sorted { join, encode, credential, .. } => {
                message.before = sorted(unproved, join, *encode, *credential)?.into_bytes();
            }
            Self::Fields(joined) => message.before = joined.text(unproved)?.into_bytes(),
            Self::Select { by, cases } => {
                let by = unproved.text(by)?.unwrap_or_default();
                let joined = cases.iter().find(|(value, _)| *value == by);
                let (_, joined) = joined.ok_or(Refusal::Unauthenticated)?;
                message.before = joined.text(unproved)?.into_bytes();
            }
        }
        Ok(message)
    }
}

/// A query in two: what stands before the only `marker`, and what stands behind its `&`.
///
/// # Errors
///
/// [`Refusal::Unauthenticated`] where the marker is absent or there twice.
pub(crate) fn split<'a>(query: &'a str, marker: &str) -> Result<(&'a str, &'a str), Refusal> {
    let mut found = query.match_indices(marker);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok((&query[..at], query[at..].trim_start_matches('&'))),
        _ => Err(Refusal::Unauthenticated),
    }
}

/// `name=value` of all parameters in their order, decoded; what would be another parameter then is not proved,
/// because whoever chose the value did not choose that.
fn decoded(unproved: &Unproved<'_>) -> Result<String, Refusal> {
    let Body::Parameters(form) = &unproved.body else { return Err(Refusal::Unauthenticated) };
    let pairs = form.pairs().ok_or(Refusal::Unauthenticated)?;
    let is_one = |(name, value): &(Cow<'_, str>, Cow<'_, str>)| {
        !name.contains(['&', '=']) && !value.contains('&')
    };
    if !pairs.iter().all(is_one) {
        return Err(Refusal::Unauthenticated);
    }
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    Ok(pairs.collect::<Vec<_>>().join("&"))
}

/// `name=value` of all parameters but the credential, sorted by name.
fn sorted(
    unproved: &Unproved<'_>,
    join: &str,
    encode: EncodeSpec,
    credential: Option<&str>,
) -> Result<String, Refusal> {
    let Body::Parameters(form) = &unproved.body else { return Err(Refusal::Unauthenticated) };
    let mut pairs: Vec<_> = form.pairs().ok_or(Refusal::Unauthenticated)?.iter().collect();
    pairs.retain(|(name, _)| Some(name.as_ref()) != credential);
    pairs.sort();
    // As they are, the text could be split in another way.
    let is_plain = |(name, value): &&(Cow<'_, str>, Cow<'_, str>)| {
        !name.contains(join) && !name.contains('=') && !value.contains(join)
    };
    if encode == EncodeSpec::None && !pairs.iter().all(is_plain) {
        return Err(Refusal::Unauthenticated);
    }
    let write = |text: &str| match encode {
        EncodeSpec::None => text.to_owned(),
        EncodeSpec::Percent => utf8_percent_encode(text, RAW).to_string(),
        EncodeSpec::Form => utf8_percent_encode(text, FORM).to_string().replace(' ', "+"),
    };
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", write(name), write(value)));
    Ok(pairs.collect::<Vec<_>>().join(join))
}

impl Joined {
    fn text(&self, unproved: &Unproved<'_>) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut is_first = true;
        for (field, skipped) in &self.fields {
            let value = unproved.text(field)?;
            if value.is_none() && *skipped {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                text.push_str(self.join);
            }
            text.push_str(&value.unwrap_or_default());
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use verify::UnprovedForm;

    use super::*;

    fn parameters<'a>(query: &'a str, headers: &'a HeaderMap) -> Unproved<'a> {
        Unproved { body: Body::Parameters(UnprovedForm::parse(query, "the query string")), headers }
    }

    #[test]
    fn parameters_are_sorted_and_written_again() {
        let headers = HeaderMap::new();
        for (query, join, encode, text) in [
            // Unity's page, but for the key.
            (
                "productid=1234&sid=1234567890&oid=0987654321&h=x",
                ",",
                EncodeSpec::None,
                Some("oid=0987654321,productid=1234,sid=1234567890"),
            ),
            ("b=1%2C2&a=1", ",", EncodeSpec::None, None),
            ("b=1&a%3D=1", ",", EncodeSpec::None, None),
            ("b=%zz&a=1", "&", EncodeSpec::Form, None),
            ("a=1&a=1", "&", EncodeSpec::Form, None),
            // `php -r 'echo http_build_query(["a" => "x y~z", "b" => "é&="]);'`
            ("b=%C3%A9%26%3D&a=x%20y~z", "&", EncodeSpec::Form, Some("a=x+y%7Ez&b=%C3%A9%26%3D")),
            ("a=x+y~z&b=", "&", EncodeSpec::Percent, Some("a=x%20y~z&b=")),
        ] {
            let unproved = parameters(query, &headers);
            let sorted = sorted(&unproved, join, encode, Some("h"));
            assert_eq!(sorted.ok().as_deref(), text, "{query}");
        }
    }

    #[test]
    fn what_stands_before_a_marker_is_signed_where_there_is_one() {
        for (query, split_in) in [
            ("a=1&hash=x&b=2", Some(("a=1", "hash=x&b=2"))),
            ("a=1&hash=", Some(("a=1", "hash="))),
            ("hash=x", None),
            ("a=1&hash=x&hash=y", None),
            ("a=1&Hash=x", None),
            ("", None),
        ] {
            assert_eq!(split(query, "&hash=").ok(), split_in, "{query}");
        }
    }

    #[test]
    fn an_absent_value_leaves_its_separator_unless_it_is_skipped() {
        let headers = HeaderMap::new();
        let field = |name: &'static str, skipped| {
            (Named { name, place: Place::Content(vec![name]), boolean: false }, skipped)
        };
        let fields = vec![field("a", false), field("b", true), field("c", false)];
        let joined = Joined { fields, join: ":" };
        for (query, text) in
            [("a=1&b=2&c=3", "1:2:3"), ("a=1&c=3", "1:3"), ("a=1&b=2", "1:2:"), ("", ":")]
        {
            assert_eq!(joined.text(&parameters(query, &headers)).as_deref(), Ok(text), "{query}");
        }
    }
}
