//! The conditional write, and what its answer means.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use verify::Callback;

use crate::callbacks::Store;
use crate::callbacks::record::{self, Item};
use crate::error::TableError;

/// The token of one invocation: tells a writer's own earlier try from somebody else's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer(String);

impl Writer {
    /// A writer with `random` as its token; 128 random bits are never drawn twice.
    #[must_use]
    pub fn new(random: u128) -> Self {
        Self(format!("{random:032x}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, for the first time.
    Recorded,
    /// It was stored before, with the same content.
    Duplicate,
    /// Its identity is taken by another content; this one was put aside, once, or only counted where many
    /// were put aside before it: see [`conflict`](crate::callbacks::conflict).
    Conflict,
}

impl Outcome {
    /// The outcome as one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
        }
    }
}

impl Store {
    /// Records `callback` unless it is there already: one write, no read; two more where it conflicts with
    /// what is there, and one more when that conflict comes again.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not certain that the callback is stored.
    pub async fn record(
        &self,
        callback: &Callback,
        writer: &Writer,
    ) -> Result<Outcome, TableError> {
        let item = || record::to_item(callback, writer, self.shards, self.retention);
        let Some(there) = self.put_new(item()).await? else {
            return Ok(Outcome::Recorded);
        };
        let is = |name: &str, value: &str| matches!(there.get(name), Some(AttributeValue::S(text)) if text == value);
        // The SDK tries again after a lost reply, and then meets what it wrote itself.
        if is("writer", writer.as_str()) {
            return Ok(Outcome::Recorded);
        }
        if is("fingerprint", callback.parsed().fingerprint.as_str()) {
            return Ok(Outcome::Duplicate);
        }
        self.put_aside(item(), callback, &there).await?;
        Ok(Outcome::Conflict)
    }

    /// Puts `item` if its id is free: `None`; otherwise the item that has it.
    pub(crate) async fn put_new(&self, item: Item) -> Result<Option<Item>, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                // Without the item nothing can be said about it.
                PutItemError::ConditionalCheckFailedException(failed) => {
                    failed.item.map(Some).ok_or(TableError::Failed)
                }
                error => Err(TableError::of_error(&error)),
            },
            Err(error) => Err(TableError::of(&error)),
        }
    }
}
