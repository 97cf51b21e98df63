//! What is read of a record's item, in DynamoDB's JSON.
//!
//! Source: `AttributeValue` in the DynamoDB Streams API reference. Numbers are texts there.

use serde::{Deserialize, Deserializer};
use tables::callbacks::record::absent;
use tables::callbacks::{State, Stored};

/// How far the record has come: read first, because most changes tell of nothing that is to be sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Standing {
    state: Text,
    #[serde(default, deserialize_with = "is_there")]
    accepted_at: bool,
    #[serde(default, deserialize_with = "is_there")]
    attempts: bool,
}

/// The record.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Image {
    pub(crate) id: Text,
    pub(crate) provider: Text,
    pub(crate) kind: Text,
    pub(crate) user: Text,
    // Of a record from before there were effects: as `Detail::of_item` reads it.
    #[serde(default = "unknown")]
    pub(crate) effect: Text,
    #[serde(default = "nothing")]
    pub(crate) effect_of: Text,
    #[serde(default = "ledger")]
    pub(crate) settler: Text,
    pub(crate) amount: Option<Text>,
    pub(crate) unit: Option<Text>,
    pub(crate) test: Flag,
    pub(crate) state: Text,
    pub(crate) received_at: Text,
    pub(crate) key_id: Text,
    pub(crate) payload: Text,
    pub(crate) held: Option<Text>,
    pub(crate) conflicts_with: Option<Text>,
    pub(crate) accepted_at: Option<Text>,
    pub(crate) settled_at: Option<Text>,
    pub(crate) reason: Option<Text>,
    pub(crate) booked_amount: Option<Text>,
    pub(crate) booked_unit: Option<Text>,
    pub(crate) balance: Option<Number>,
    pub(crate) balance_entries: Option<Count>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    #[serde(rename = "S")]
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flag {
    #[serde(rename = "BOOL")]
    pub(crate) flag: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Number {
    #[serde(rename = "N")]
    pub(crate) digits: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    #[serde(rename = "N", deserialize_with = "whole")]
    pub(crate) count: u64,
}

impl Standing {
    pub(crate) fn state(&self) -> Stored<State> {
        Stored::from(self.state.text.as_str())
    }

    /// Whether a person accepted it and nobody has attempted to settle it: the first attempt adds `attempts`, or
    /// changes its state.
    pub(crate) const fn is_accepted(&self) -> bool {
        self.accepted_at && !self.attempts
    }
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned() }
}

fn unknown() -> Text {
    text(absent::EFFECT)
}

fn nothing() -> Text {
    text(absent::EFFECT_OF)
}

fn ledger() -> Text {
    text(absent::SETTLER)
}

fn whole<'de, D: Deserializer<'de>>(digits: D) -> Result<u64, D::Error> {
    String::deserialize(digits)?.parse().map_err(serde::de::Error::custom)
}

fn is_there<'de, D: Deserializer<'de>>(attribute: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(attribute).map(|_| true)
}
