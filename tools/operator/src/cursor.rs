//! Where a page of a list ends, and the next one begins.

use jiff::Timestamp;

use crate::record::{Item, text};

/// The place of a record in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When the record was received, as it is stored.
    pub received_at: String,
    id: String,
}

impl Cursor {
    /// Reads what its `Display` wrote.
    ///
    /// # Errors
    ///
    /// What it should have been.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').filter(|(at, _)| at.parse::<Timestamp>().is_ok());
        let (received_at, id) =
            parts.ok_or_else(|| format!("{text} is not what an earlier list said under next"))?;
        Ok(Self { received_at: received_at.to_owned(), id: id.to_owned() })
    }

    /// The place of `item`.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let text = |name| text(item, name).unwrap_or_default().to_owned();
        Self { received_at: text("received_at"), id: text("id") }
    }

    /// Whether `item` comes behind it: newer records come first, and of those of one moment the one whose
    /// id is first.
    #[must_use]
    pub fn is_before(&self, item: &Item) -> bool {
        let at = text(item, "received_at").unwrap_or_default();
        let id = text(item, "id").unwrap_or_default();
        (at, self.id.as_str()) < (self.received_at.as_str(), id)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.received_at, self.id)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(received_at: &str, id: &str) -> Item {
        [("received_at", received_at), ("id", id)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            .into()
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor::of(&item("2026-11-21T18:00:00.000Z", "a/b#c"));
        assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        for text in ["", "a", "a/b", "2026-11-21T18:00:00.000Z"] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn older_ones_come_after_a_cursor_and_of_one_moment_the_later_ids() {
        let cursor = Cursor::of(&item("2026-11-21T18:00:00.000Z", "m"));
        for (received_at, id, after) in [
            ("2026-11-21T18:00:00.001Z", "z", false),
            ("2026-11-21T18:00:00.000Z", "l", false),
            ("2026-11-21T18:00:00.000Z", "m", false),
            ("2026-11-21T18:00:00.000Z", "n", true),
            ("2026-11-21T17:59:59.999Z", "a", true),
        ] {
            assert_eq!(cursor.is_before(&item(received_at, id)), after, "{received_at} {id}");
        }
    }
}
