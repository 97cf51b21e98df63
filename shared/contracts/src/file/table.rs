//! A table of the file, in its order.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{List, Text};

/// A table: its keys with their values, in the order of the file. It has a few, so that it is looked through.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub struct Table<T: Clone + 'static>(pub List<(Text, T)>);

impl<T: Clone> Table<T> {
    /// The value of the key `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Whether there is a key `name`.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Its keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|(key, _)| &**key)
    }

    /// Its keys with their values.
    #[must_use]
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, T: Clone> IntoIterator for &'a Table<T> {
    type Item = (&'a str, &'a T);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, (Text, T)>, fn(&'a (Text, T)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (&**key, value))
    }
}

impl<T: Clone> Default for Table<T> {
    fn default() -> Self {
        Self(Cow::Borrowed(&[]))
    }
}

struct InOrder<T>(PhantomData<T>);

impl<'de, T: Clone + Deserialize<'de> + 'static> Visitor<'de> for InOrder<T> {
    type Value = Table<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Table(entries.into()))
    }
}

// No key is there twice: TOML has none.
impl<'de, T: Clone + Deserialize<'de> + 'static> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}
