//! What Lambda hands over of a table's stream.
//!
//! Source: "Using AWS Lambda with Amazon DynamoDB" in the Lambda developer guide, and `Record` in the DynamoDB
//! Streams API reference.

use serde::Deserialize;
use serde_json::value::RawValue;
use tables::callbacks::Stored;

use crate::happening::Happening;
use crate::image::{Image, Standing};
use crate::news::News;

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
    pub(crate) news: Result<Option<News>, Unreadable>,
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

/// For whom something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// For settlers alone: what is settled is passed over.
    Settlers,
    /// For subscribers of the bus too.
    Everyone,
}

impl<'a> StreamRecord<'a> {
    pub(crate) fn read(raw: &'a RawValue, audience: Audience) -> Result<Self, NoSequenceNumber> {
        let position: Position = serde_json::from_str(raw.get()).map_err(|_| NoSequenceNumber)?;
        Ok(Self {
            raw,
            sequence_number: position.dynamodb.sequence_number,
            news: read(raw.get(), audience),
        })
    }
}

/// What is to be sent of a record of the stream, a JSON text: of a new one; of one that a person has accepted, once;
/// and of one whose settlement has ended, well or not. A later change of that one tells of the same happening again.
pub fn read(record: &str, audience: Audience) -> Result<Option<News>, Unreadable> {
    let change: Change<'_> = serde_json::from_str(record).map_err(|_| Unreadable)?;
    if change.event_name == "REMOVE" {
        return Ok(None);
    }
    let image = change.dynamodb.new_image.ok_or(Unreadable)?.get();
    let standing: Standing = serde_json::from_str(image).map_err(|_| Unreadable)?;
    let happening = match (change.event_name.as_str(), standing.state()) {
        ("INSERT", Stored::Known(state)) => Some(Happening::of_new(state).ok_or(Unreadable)?),
        ("MODIFY", Stored::Known(state)) => Happening::of_changed(state, standing.is_accepted()),
        ("MODIFY", Stored::Unknown(_)) => None,
        _ => return Err(Unreadable),
    };
    let is_for = |happening: &Happening| audience == Audience::Everyone || happening.has_message();
    let Some(happening) = happening.filter(is_for) else { return Ok(None) };
    let image: Image = serde_json::from_str(image).map_err(|_| Unreadable)?;
    News::new(happening, image).map(Some)
}

#[cfg(test)]
mod tests;
