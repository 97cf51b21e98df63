//! What Lambda hands over of a table's stream.
//!
//! Source: "Using AWS Lambda with Amazon DynamoDB" in the Lambda developer guide, and `Record` in the DynamoDB
//! Streams API reference. Numbers are texts there, and nothing here reads one.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use settlement::Detail;

/// An event: records of one shard, in their order.
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    /// The records, each as it came.
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Box<RawValue>>,
}

/// A record whose place in the stream is known.
#[derive(Debug)]
pub(crate) struct StreamRecord<'a> {
    /// The record as it came.
    pub(crate) raw: &'a RawValue,
    /// Its place in the shard.
    pub(crate) sequence_number: String,
    /// What is to be sent of it; none where it tells of nothing new.
    pub(crate) detail: Result<Option<Detail>, Unreadable>,
}

/// A record of the stream that no event can be made of. Nothing of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream's record is none of a callback")]
pub struct Unreadable;

/// A record without a sequence number, so that its failure could not be told: the whole batch fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of the stream has no sequence number")]
pub struct NoSequenceNumber;

#[derive(Deserialize)]
struct Position {
    dynamodb: SequenceNumber,
}

#[derive(Deserialize)]
struct SequenceNumber {
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(rename = "eventName")]
    event_name: String,
    #[serde(borrow)]
    dynamodb: NewImage<'a>,
}

#[derive(Deserialize)]
struct NewImage<'a> {
    #[serde(borrow, rename = "NewImage")]
    new_image: Option<&'a RawValue>,
}

/// What is read of a record's item, in DynamoDB's JSON.
#[derive(Debug, Deserialize)]
struct Image {
    id: Text,
    provider: Text,
    kind: Text,
    user: Text,
    // A record from before there were effects: the ledger makes a dead letter of it, so that it is seen.
    #[serde(default = "unknown")]
    effect: Text,
    #[serde(default = "nothing")]
    effect_of: Text,
    #[serde(default = "ledger")]
    settler: Text,
    amount: Option<Text>,
    unit: Option<Text>,
    test: Flag,
    state: Text,
    received_at: Text,
    key_id: Text,
    payload: Text,
    accepted_at: Option<Text>,
    #[serde(default, deserialize_with = "is_there")]
    attempts: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flag {
    #[serde(rename = "BOOL")]
    flag: bool,
}

impl<'a> StreamRecord<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Result<Self, NoSequenceNumber> {
        let position: Position = serde_json::from_str(raw.get()).map_err(|_| NoSequenceNumber)?;
        Ok(Self {
            raw,
            sequence_number: position.dynamodb.sequence_number,
            detail: read(raw.get()),
        })
    }
}

/// What is to be sent of a record of the stream, a JSON text: of a new one, but not of a conflict; and of one that a person has
/// accepted, once: the first attempt to settle it adds `attempts`, or changes its state.
pub fn read(record: &str) -> Result<Option<Detail>, Unreadable> {
    let change: Change<'_> = serde_json::from_str(record).map_err(|_| Unreadable)?;
    if change.event_name == "REMOVE" {
        return Ok(None);
    }
    let image = change.dynamodb.new_image.ok_or(Unreadable)?;
    let image: Image = serde_json::from_str(image.get()).map_err(|_| Unreadable)?;
    let is_accepted =
        image.state.text == "recorded" && image.accepted_at.is_some() && !image.attempts;
    match (change.event_name.as_str(), image.state.text.as_str()) {
        ("INSERT", "recorded" | "held") => image.into_detail().map(Some),
        ("MODIFY", _) if is_accepted => image.into_detail().map(Some),
        ("INSERT", "conflict") | ("MODIFY", _) => Ok(None),
        _ => Err(Unreadable),
    }
}

/// What is to be sent of the item `image` of a record, in DynamoDB's JSON, whatever its state.
pub fn detail_of(image: &str) -> Result<Detail, Unreadable> {
    let image: Image = serde_json::from_str(image).map_err(|_| Unreadable)?;
    image.into_detail()
}

impl Image {
    fn into_detail(self) -> Result<Detail, Unreadable> {
        if self.amount.is_some() != self.unit.is_some() {
            return Err(Unreadable);
        }
        Ok(Detail {
            id: self.id.text,
            provider: self.provider.text,
            kind: self.kind.text,
            user: self.user.text,
            effect: self.effect.text,
            effect_of: self.effect_of.text,
            settler: self.settler.text,
            amount: self.amount.map(|amount| amount.text),
            unit: self.unit.map(|unit| unit.text),
            test: self.test.flag,
            state: self.state.text,
            received_at: self.received_at.text,
            key_id: self.key_id.text,
            payload: self.payload.text,
        })
    }
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned() }
}

fn unknown() -> Text {
    text("unknown")
}

fn nothing() -> Text {
    text("")
}

fn ledger() -> Text {
    text("ledger")
}

fn is_there<'de, D: Deserializer<'de>>(attribute: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(attribute).map(|_| true)
}

#[cfg(test)]
mod tests;
