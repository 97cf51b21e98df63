//! Up to when the schedule has looked for records that nobody has settled.
//!
//! An item in a partition of its own: `user` is `~schedule`, `entry` is `~watermark`, and `until` (S) the time, in the
//! form of a record's `received_at`. It is here, and not among the callbacks, because whatever is written there goes
//! through their stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;

use crate::callbacks::TableError;
use crate::callbacks::record::time;
use crate::ledger::Ledger;
use crate::ledger::item::{Item, text, text_of};

impl Ledger {
    /// The watermark; none where there never was one.
    pub async fn watermark(&self) -> Result<Option<Timestamp>, TableError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key()))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| TableError::of(&error))?;
        let Some(item) = got.item else { return Ok(None) };
        let until = text_of(&item, "until").and_then(|until| until.parse().ok());
        until.map(Some).ok_or(TableError::Failed)
    }

    /// Moves the watermark to `until`, if that is later: of two who look at once neither moves it back.
    pub async fn set_watermark(&self, until: Timestamp) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key()))
            .condition_expression("attribute_not_exists(#until) OR #until < :until")
            .update_expression("SET #until = :until")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":until", text(&time(until)));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(_) => Ok(()),
                error => Err(TableError::of_error(&error)),
            },
            Err(error) => Err(TableError::of(&error)),
        }
    }
}

fn key() -> Item {
    HashMap::from([
        ("user".to_owned(), text("~schedule")),
        ("entry".to_owned(), text("~watermark")),
    ])
}
