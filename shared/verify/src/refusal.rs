//! Why a request is refused.

use std::borrow::Cow;

/// Why a request is refused; one variant per reason.
///
/// Nothing that the caller sent is kept in it but the name of a field, so that it can be logged and
/// answered as it is. The status of each is decided where the answer is made, not here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is larger than the cap.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// It comes from a network that the provider does not call from.
    #[error("the request comes from elsewhere than the provider")]
    ForeignNetwork,
    /// No such path.
    #[error("no such route")]
    NoSuchRoute,
    /// The path is known, the method is not one of its own.
    #[error("the route does not take this method")]
    WrongMethod,
    /// The event, the query, the body or its encoding cannot be read as what it claims to be.
    #[error("{what} cannot be decoded")]
    Undecodable {
        /// The part of the request: `the body`, `the query string`, …
        what: &'static str,
    },
    /// The credential is missing, of the wrong form, or matches no key. Never says which.
    #[error("the request is not signed with a known key")]
    Unauthenticated,
    /// A field, a parameter or a JSON key occurs more than once.
    #[error("{field} is repeated")]
    Repeated {
        /// The field's name.
        field: Cow<'static, str>,
    },
    /// A required field is absent.
    #[error("{field} is missing")]
    Missing {
        /// The field's name.
        field: Cow<'static, str>,
    },
    /// A field is there, and is not of its form.
    #[error("{field} must be {expected}")]
    Malformed {
        /// The field's name.
        field: Cow<'static, str>,
        /// The form wanted, as a noun phrase.
        expected: &'static str,
    },
}

impl Refusal {
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::ForeignNetwork => "foreign_network",
            Self::NoSuchRoute => "no_such_route",
            Self::WrongMethod => "wrong_method",
            Self::Undecodable { .. } => "undecodable",
            Self::Unauthenticated => "unauthenticated",
            Self::Repeated { .. } => "repeated",
            Self::Missing { .. } => "missing",
            Self::Malformed { .. } => "malformed",
        }
    }

    /// The field that is refused, where it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Repeated { field } | Self::Missing { field } | Self::Malformed { field, .. } => {
                Some(field)
            }
            _ => None,
        }
    }

    /// The field `field` is refused for not being `expected`.
    #[must_use]
    pub fn malformed(field: impl Into<Cow<'static, str>>, expected: &'static str) -> Self {
        Self::Malformed { field: field.into(), expected }
    }

    /// The required field `field` is absent.
    #[must_use]
    pub fn missing(field: impl Into<Cow<'static, str>>) -> Self {
        Self::Missing { field: field.into() }
    }

    /// A field named by the caller occurs twice; its name is shown only where it is a plain one.
    #[must_use]
    pub fn repeated(name: &str) -> Self {
        let plain = (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let field = if plain { Cow::Owned(name.to_owned()) } else { Cow::Borrowed("a field") };
        Self::Repeated { field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_name_is_not_echoed() {
        for name in ["", "a b", "<script>", "mail@example.com", &"x".repeat(65)] {
            assert_eq!(Refusal::repeated(name).field(), Some("a field"), "{name}");
        }
        assert_eq!(Refusal::repeated("track_id").field(), Some("track_id"));
    }
}
