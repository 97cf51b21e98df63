//! The types of fields: how one is read, and what the linter may assume of it.

use verify::{Amount, Field, Refusal};

use crate::file::{FieldSpec, FieldTable, List, Text};

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldType {
    /// The form.
    pub form: Form,
    /// Characters that it does not have.
    pub without: Text,
    /// Whether a JSON number may stand in place of the text.
    pub number: bool,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether what can be read as an amount is compared by its value: it stands in place of an amount.
    pub by_value: bool,
    /// What is said where the form is another.
    expected: &'static str,
}

/// The form of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// 1 to N characters, no control characters.
    Id(usize),
    /// At most N characters.
    Text(usize),
    /// 1 to N letters, digits and underscores.
    Word(usize),
    /// A GUID in its 36 characters.
    Guid,
    /// Exactly N hex digits.
    Hex(usize),
    /// 1 to N digits.
    Digits(usize),
    /// An exact decimal.
    Decimal {
        /// Whether it is zero or more.
        not_negative: bool,
    },
    /// A whole number.
    Integer {
        /// Whether it is zero or more.
        not_negative: bool,
    },
    /// True or false.
    Bool,
    /// A time in seconds since 1970.
    EpochSeconds,
    /// A time in milliseconds since 1970.
    EpochMillis,
    /// One of some texts.
    OneOf(List<Text>),
    /// Text or number, as it was written.
    Written,
    /// The same; whatever else it is says nothing.
    Any,
}

/// What a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A JSON object, whose values have types.
    Json,
    /// A query, a form or headers, which are all text.
    Parameters,
}

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, and whatever is compared as text.
    Text(String),
    /// An amount.
    Amount(Amount),
}

impl Value {
    /// What it is compared by: an amount by its value, `1.0` is `1`.
    #[must_use]
    pub fn compared(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => amount.normalized(),
        }
    }

    /// The text; none where it is an amount.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Amount(_) => None,
        }
    }

    /// The amount, where it is one.
    #[must_use]
    pub const fn as_amount(&self) -> Option<Amount> {
        match self {
            Self::Text(_) => None,
            Self::Amount(amount) => Some(*amount),
        }
    }
}

impl FieldType {
    /// Reads a type; `None` where there is no such type.
    #[must_use]
    pub fn read(spec: &FieldSpec) -> Option<Self> {
        let (table, text) = match spec {
            FieldSpec::Text(text) => (&FieldTable::default(), Some(text)),
            FieldSpec::Table(table) => (table, table.is.as_ref()),
        };
        let (form, optional) = match (text, &table.one_of) {
            (Some(text), None) => {
                let bare = text.strip_suffix('?');
                (Form::read(bare.unwrap_or(text))?, bare.is_some())
            }
            (None, Some(texts)) if !texts.is_empty() => (Form::OneOf(texts.clone()), false),
            _ => return None,
        };
        let expected = form.expected().leak();
        let optional = optional || table.optional;
        Some(Self {
            form,
            without: table.without.clone(),
            number: table.number,
            optional,
            by_value: false,
            expected,
        })
    }

    /// Whether `c` may stand in a text of this type.
    #[must_use]
    pub fn may_have(&self, c: char) -> bool {
        self.form.may_have(c) && !self.without.contains(c)
    }

    /// Reads a field of this type, of a JSON object or of parameters, which are all text.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`].
    pub fn value(&self, field: &Field<'_>, of: Of) -> Result<Option<Value>, Refusal> {
        // What is signed is the text as it was written, so that is what has no such character.
        let written = field.as_scalar();
        if written.is_some_and(|text| text.contains(|c| self.without.contains(c))) {
            return Err(field.refuse(self.expected));
        }
        match self.form {
            // Whatever has no text says nothing, and is not looked at.
            Form::Any => Ok(field.as_written().map(|text| self.any(text))),
            _ => match self.form.value(field, self.number, of) {
                Some(value) => Ok(Some(value)),
                None => Err(field.refuse(self.expected)),
            },
        }
    }

    /// The type of a field that is nothing but compared, in place of this one.
    #[must_use]
    pub fn not_looked_at(&self) -> Self {
        Self {
            form: Form::Any,
            without: Text::default(),
            number: false,
            optional: true,
            by_value: self.form.is_amount(),
            expected: self.expected,
        }
    }

    /// What is whatever it is. Two ways to write one amount are one value, where an amount stands otherwise.
    fn any(&self, text: &str) -> Value {
        let amount = if self.by_value { Amount::parse(text) } else { None };
        amount.map_or_else(|| Value::Text(text.to_owned()), Value::Amount)
    }
}

impl Form {
    /// Reads the name of a form.
    fn read(text: &str) -> Option<Self> {
        let (name, length) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, length)) => {
                let length = length.parse().ok().filter(|length| (1..=4096).contains(length));
                (name, Some(length?))
            }
            None => (text, None),
        };
        Some(match (name, length) {
            ("id", Some(longest)) => Self::Id(longest),
            ("text", Some(longest)) => Self::Text(longest),
            ("word", Some(longest)) => Self::Word(longest),
            ("hex", Some(length)) => Self::Hex(length),
            ("digits", Some(longest)) => Self::Digits(longest),
            ("guid", None) => Self::Guid,
            ("decimal", None) => Self::Decimal { not_negative: false },
            ("decimal>=0", None) => Self::Decimal { not_negative: true },
            ("integer", None) => Self::Integer { not_negative: false },
            ("integer>=0", None) => Self::Integer { not_negative: true },
            ("bool", None) => Self::Bool,
            ("epoch-s", None) => Self::EpochSeconds,
            ("epoch-ms", None) => Self::EpochMillis,
            ("written", None) => Self::Written,
            ("any", None) => Self::Any,
            _ => return None,
        })
    }

    /// The form as a noun phrase.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Id(longest) => format!("an identifier of 1 to {longest} characters"),
            Self::Text(longest) => format!("text of at most {longest} characters"),
            Self::Word(longest) => format!("1 to {longest} letters, digits or underscores"),
            Self::Guid => "a GUID: 8-4-4-4-12 hex digits with hyphens".to_owned(),
            Self::Hex(length) => format!("{length} hex digits"),
            Self::Digits(longest) => format!("1 to {longest} digits"),
            Self::Decimal { not_negative: false } => {
                "a decimal number of at most 28 digits".to_owned()
            }
            Self::Decimal { not_negative: true } => {
                "a decimal number of at most 28 digits, zero or more".to_owned()
            }
            Self::Integer { not_negative: false } => {
                "a whole number of at most 28 digits".to_owned()
            }
            Self::Integer { not_negative: true } => {
                "a whole number of at most 28 digits, zero or more".to_owned()
            }
            Self::Bool => "true or false".to_owned(),
            Self::EpochSeconds => "a time in seconds since 1970".to_owned(),
            Self::EpochMillis => "a time in milliseconds since 1970".to_owned(),
            Self::OneOf(texts) => format!("one of {}", texts.join(", ")),
            Self::Written | Self::Any => "text or a number".to_owned(),
        }
    }

    /// The value of a field, where it has this form.
    fn value(&self, field: &Field<'_>, number: bool, of: Of) -> Option<Value> {
        let text = || field.as_text().map(str::to_owned);
        let matching = |longest, allowed: fn(char) -> bool| {
            let whole = |text: &&str| text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let text =
                field.as_text().or_else(|| field.as_written().filter(|_| number).filter(whole));
            let is_one = |text: &&str| {
                (1..=longest).contains(&text.chars().count()) && text.chars().all(allowed)
            };
            text.filter(is_one).map(str::to_owned)
        };
        let amount = |not_negative: bool| {
            let amount = field.as_written().and_then(Amount::parse)?;
            (!not_negative || !amount.is_negative()).then_some(amount)
        };
        let epoch = || {
            let text = field.as_written()?;
            let digits = (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.to_owned())
        };
        match self {
            Self::Id(longest) => matching(*longest, |c| !c.is_control()).map(Value::Text),
            Self::Text(longest) => {
                text().filter(|text| text.chars().count() <= *longest).map(Value::Text)
            }
            Self::Word(longest) => {
                matching(*longest, |c| c.is_ascii_alphanumeric() || c == '_').map(Value::Text)
            }
            Self::Guid => field.as_guid().map(|guid| Value::Text(guid.to_owned())),
            Self::Hex(length) => matching(*length, |c| c.is_ascii_hexdigit())
                .filter(|text| text.len() == *length)
                .map(Value::Text),
            Self::Digits(longest) => matching(*longest, |c| c.is_ascii_digit()).map(Value::Text),
            Self::Decimal { not_negative } => amount(*not_negative).map(Value::Amount),
            Self::Integer { not_negative } => amount(*not_negative)
                .filter(|_| field.as_written().is_some_and(|text| !text.contains(['.', 'e', 'E'])))
                .map(Value::Amount),
            Self::Bool => boolean(field, of).map(|value| Value::Text(value.to_owned())),
            Self::EpochSeconds | Self::EpochMillis => epoch().map(Value::Text),
            Self::OneOf(texts) => {
                let text = field.as_scalar()?;
                texts.iter().any(|known| *known == text).then(|| Value::Text(text.to_string()))
            }
            Self::Written | Self::Any => {
                field.as_written().map(|text| Value::Text(text.to_owned()))
            }
        }
    }

    /// Whether `c` may stand in a text of this form.
    #[must_use]
    fn may_have(&self, c: char) -> bool {
        match self {
            Self::Id(_) => !c.is_control(),
            Self::Text(_) | Self::Written | Self::Any => true,
            Self::Word(_) => c.is_ascii_alphanumeric() || c == '_',
            Self::Guid => c.is_ascii_hexdigit() || c == '-',
            Self::Hex(_) => c.is_ascii_hexdigit(),
            Self::Digits(_) | Self::EpochSeconds | Self::EpochMillis => c.is_ascii_digit(),
            Self::Decimal { .. } => c.is_ascii_digit() || "-+.eE".contains(c),
            Self::Integer { .. } => c.is_ascii_digit() || c == '-',
            Self::Bool => "truefals10".contains(c),
            Self::OneOf(texts) => texts.iter().any(|text| text.contains(c)),
        }
    }

    /// Whether it is a text of some form, so that an empty one is none.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        match self {
            Self::Id(_)
            | Self::Text(_)
            | Self::Word(_)
            | Self::Guid
            | Self::Hex(_)
            | Self::Digits(_)
            | Self::OneOf(_) => true,
            Self::Decimal { .. }
            | Self::Integer { .. }
            | Self::Bool
            | Self::EpochSeconds
            | Self::EpochMillis
            | Self::Written
            | Self::Any => false,
        }
    }

    /// Whether it can name something: a user, a callback.
    #[must_use]
    pub const fn is_id(&self) -> bool {
        !self.is_amount() && !matches!(self, Self::Written | Self::Any)
    }

    /// Whether it is read as an amount.
    #[must_use]
    pub const fn is_amount(&self) -> bool {
        matches!(self, Self::Decimal { .. } | Self::Integer { .. })
    }
}

/// `true` or `false`; a parameter may also say `1` or `0`.
fn boolean(field: &Field<'_>, of: Of) -> Option<&'static str> {
    match (of, field.as_scalar()?) {
        (Of::Json, _) if field.as_text().is_some() => None,
        (_, "true") | (Of::Parameters, "1") => Some("true"),
        (_, "false") | (Of::Parameters, "0") => Some("false"),
        _ => None,
    }
}
