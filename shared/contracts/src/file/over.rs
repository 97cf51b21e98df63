//! What is signed: a template, or a table of one of four kinds.

use serde::Deserialize;

use super::{List, Table, Text};

/// What is signed.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub enum OverSpec {
    /// A template of fields.
    Template(Text),
    /// Everything up to a parameter.
    Before(BeforeSpec),
    /// All parameters, sorted.
    Sorted(SortedSpec),
    /// The values of fields.
    Fields(FieldsSpec),
    /// The values of fields that another field chooses.
    Select(SelectSpec),
}

/// Everything up to a parameter.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub struct BeforeSpec {
    /// The parameter with its separator: `&hash=`.
    pub before: Text,
    /// Of what.
    pub of: WholeSpec,
    /// Whether its escapes are decoded first. Then a value that has a `&` is not proved: decoded, it would be
    /// two parameters.
    pub decoded: bool,
}

/// What is signed as it was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "lowercase")]
pub enum WholeSpec {
    /// The URL, which begins with the setting `PUBLIC_URL`.
    Url,
    /// The query string.
    Query,
}

/// All parameters but the credential, sorted by name.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub struct SortedSpec {
    /// Those of the query or of the form.
    pub sorted: ParametersSpec,
    /// What stands between two of them.
    pub join: Text,
    /// How names and values are written.
    pub encode: EncodeSpec,
}

/// Where parameters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "lowercase")]
pub enum ParametersSpec {
    /// In the query.
    Query,
    /// In the form.
    Form,
}

/// How names and values are written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "lowercase")]
pub enum EncodeSpec {
    /// As they are.
    None,
    /// As PHP's `http_build_query` does: a space is `+`.
    Form,
    /// As PHP's `rawurlencode` does (RFC 3986): a space is `%20`.
    Percent,
}

/// The values of fields, one after the other.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub struct FieldsSpec {
    /// The fields.
    pub fields: List<Text>,
    /// What stands between two of them.
    pub join: Text,
    /// Those that leave no separator where they are absent.
    pub skip_empty: List<Text>,
}

/// The values of fields that another field chooses.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub struct SelectSpec {
    /// The field that chooses.
    pub select: Text,
    /// The fields for each of its values.
    pub cases: Table<List<Text>>,
    /// What stands between two of them.
    pub join: Text,
    /// Those that leave no separator where they are absent.
    pub skip_empty: List<Text>,
}

/// Every key that a table may have; which of them are there says of which kind it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverTable {
    before: Option<Text>,
    of: Option<WholeSpec>,
    decoded: Option<bool>,
    sorted: Option<ParametersSpec>,
    encode: Option<EncodeSpec>,
    fields: Option<List<Text>>,
    select: Option<Text>,
    cases: Option<Table<List<Text>>>,
    join: Option<Text>,
    skip_empty: Option<List<Text>>,
}

impl TryFrom<OverTable> for OverSpec {
    type Error = &'static str;

    fn try_from(table: OverTable) -> Result<Self, &'static str> {
        Ok(match table {
            #[rustfmt::skip]
            OverTable {
                before: Some(before), of: Some(of), decoded,
                sorted: None, encode: None, fields: None, select: None, cases: None, join: None, skip_empty: None,
            } => Self::Before(BeforeSpec { before, of, decoded: decoded.unwrap_or_default() }),
            #[rustfmt::skip]
            OverTable {
                sorted: Some(sorted), join: Some(join), encode: Some(encode),
                before: None, of: None, decoded: None, fields: None, select: None, cases: None, skip_empty: None,
            } => Self::Sorted(SortedSpec { sorted, join, encode }),
            #[rustfmt::skip]
            OverTable {
                fields: Some(fields), join: Some(join), skip_empty,
                before: None, of: None, decoded: None, sorted: None, encode: None, select: None, cases: None,
            } => Self::Fields(FieldsSpec { fields, join, skip_empty: skip_empty.unwrap_or_default() }),
            #[rustfmt::skip]
            OverTable {
                select: Some(select), cases: Some(cases), join: Some(join), skip_empty,
                before: None, of: None, decoded: None, sorted: None, encode: None, fields: None,
            } => Self::Select(SelectSpec { select, cases, join, skip_empty: skip_empty.unwrap_or_default() }),
            _ => {
                return Err(
                    "`over` has the keys of one of: `before` and `of` (and `decoded`); `sorted`, `join` and `encode`; \
                 `fields` and `join` (and `skip_empty`); `select`, `cases` and `join` (and `skip_empty`)",
                );
            }
        })
    }
}
