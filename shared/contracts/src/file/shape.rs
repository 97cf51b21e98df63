//! Values that are written in one of several shapes: a text or a table, a text or a list.
//!
//! A derived reader of such an enum tries one shape after the other and can say no more than that none of them
//! fits. Here the shape that is there decides, so that what is wrong inside it is told where it is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::over::OverTable;
use super::{
    FetchedSpec, FieldSpec, FieldTable, KeysSpec, List, OfSpec, OneOrMore, OverSpec, StrippedSpec,
    Text,
};

/// A value that is written in one of several shapes; a shape that gives none is not one of its own.
trait Shaped: Sized {
    /// What is said where another shape is there.
    const EXPECTED: &'static str;

    /// What its table is.
    type Table: DeserializeOwned;

    fn of_text(_: &str) -> Option<Self> {
        None
    }

    fn of_list(_: List<Text>) -> Option<Self> {
        None
    }

    /// The value of a table, or what it lacks.
    fn of_table(table: Self::Table) -> Result<Self, &'static str>;
}

struct Shape<S>(PhantomData<S>);

impl<'de, S: Shaped> Visitor<'de> for Shape<S> {
    type Value = S;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(S::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<S, E> {
        S::of_text(text).ok_or_else(|| E::invalid_type(Unexpected::Str(text), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<S, A::Error> {
        let list = List::deserialize(SeqAccessDeserializer::new(list))?;
        S::of_list(list).ok_or_else(|| A::Error::invalid_type(Unexpected::Seq, &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<S, A::Error> {
        let table = S::Table::deserialize(MapAccessDeserializer::new(table))?;
        S::of_table(table).map_err(A::Error::custom)
    }
}

impl Shaped for FieldSpec {
    const EXPECTED: &'static str = "a type, such as \"id(64)\" or { one_of = [\"1\", \"2\"] }";
    type Table = FieldTable;

    fn of_text(text: &str) -> Option<Self> {
        Some(Self::Text(text.to_owned().into()))
    }

    fn of_table(table: FieldTable) -> Result<Self, &'static str> {
        Ok(Self::Table(table))
    }
}

impl Shaped for OneOrMore {
    const EXPECTED: &'static str = "a text or a list of texts";
    type Table = IgnoredAny;

    fn of_text(text: &str) -> Option<Self> {
        Some(Self::One(text.to_owned().into()))
    }

    fn of_list(texts: List<Text>) -> Option<Self> {
        Some(Self::More(texts))
    }

    fn of_table(_: IgnoredAny) -> Result<Self, &'static str> {
        Err("a text or a list of texts stands here, and no table")
    }
}

impl Shaped for KeysSpec {
    const EXPECTED: &'static str =
        "a list of public keys, or { fetch = \"https://…\", max_age_hours = 24 }";
    type Table = FetchedSpec;

    fn of_list(keys: List<Text>) -> Option<Self> {
        Some(Self::Fixed(keys))
    }

    fn of_table(table: FetchedSpec) -> Result<Self, &'static str> {
        Ok(Self::Fetched(table))
    }
}

impl Shaped for OfSpec {
    const EXPECTED: &'static str = "a field, or { field = \"…\", without_prefix = \"…\" }";
    type Table = StrippedSpec;

    fn of_text(text: &str) -> Option<Self> {
        Some(Self::Field(text.to_owned().into()))
    }

    fn of_table(table: StrippedSpec) -> Result<Self, &'static str> {
        Ok(Self::Stripped(table))
    }
}

impl Shaped for OverSpec {
    const EXPECTED: &'static str = "a template such as \"{id}:{secret}\", or a table with `before`, `sorted`, `fields` or `select`";
    type Table = OverTable;

    fn of_text(text: &str) -> Option<Self> {
        Some(Self::Template(text.to_owned().into()))
    }

    fn of_table(table: OverTable) -> Result<Self, &'static str> {
        table.try_into()
    }
}

macro_rules! read_by_shape {
    ($($kind:ty),*) => {$(
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Shape(PhantomData))
            }
        }
    )*};
}

read_by_shape!(FieldSpec, OneOrMore, KeysSpec, OfSpec, OverSpec);
