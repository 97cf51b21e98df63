//! What arrives under an identity that is taken by another content.
//!
//! It is put aside for a person to look at. How often somebody can do that to one record has an end: where
//! a signature covers the identity alone, one captured call makes as many contents as its captor likes.
//!
//! The first record lists what is put aside, and is written before it is: of two that arrive at once only
//! so many find a place. Whoever is killed in between has answered nobody; what arrives again finds its
//! place taken by itself, and is put aside then.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use verify::Callback;

use crate::callbacks::Store;
use crate::callbacks::record::{self, Item};
use crate::error::TableError;

/// How many are put aside of one record. A person who finds so many needs no more to see what happens.
pub const MOST_CONFLICTS: usize = 10;

impl Store {
    /// Puts `item`, which `callback` became, aside because of `first`, the record that has its identity;
    /// or counts it there, where enough are put aside already.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not certain that it is put aside, or counted.
    pub(crate) async fn put_aside(
        &self,
        item: Item,
        callback: &Callback,
        first: &Item,
    ) -> Result<(), TableError> {
        let fingerprint = callback.parsed().fingerprint.as_str();
        let listed = match first.get("conflicts") {
            Some(AttributeValue::Ss(listed)) => listed.as_slice(),
            _ => &[],
        };
        let has_place = listed.iter().any(|known| known == fingerprint)
            || (listed.len() < MOST_CONFLICTS && self.list(callback).await?);
        if has_place {
            self.put_new(record::put_aside(item, callback, self.shards)).await.map(drop)
        } else if is_being_accepted(first) {
            Ok(())
        } else {
            self.count(callback).await
        }
    }

    /// Lists `callback` among the conflicts of the first record; `false` where there is no place.
    async fn list(&self, callback: &Callback) -> Result<bool, TableError> {
        let facts = callback.parsed();
        let fingerprint = facts.fingerprint.as_str().to_owned();
        let listing = self
            .update(facts.key.as_str())
            .update_expression("ADD conflicts :this")
            .condition_expression(
                "attribute_exists(id) AND (attribute_not_exists(conflicts) \
                 OR size(conflicts) < :most OR contains(conflicts, :fingerprint))",
            )
            .expression_attribute_values(":this", AttributeValue::Ss(vec![fingerprint.clone()]))
            .expression_attribute_values(":fingerprint", AttributeValue::S(fingerprint))
            .expression_attribute_values(":most", AttributeValue::N(MOST_CONFLICTS.to_string()));
        change(listing).await
    }

    /// Counts `callback` on the first record.
    async fn count(&self, callback: &Callback) -> Result<(), TableError> {
        let counting = self
            .update(callback.parsed().key.as_str())
            .update_expression("ADD conflicts_not_kept :one")
            .condition_expression("attribute_exists(id)")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        change(counting).await.map(drop)
    }
}

/// Whether a person has accepted the record and nothing has come of it yet. Until then `dispatch` takes every
/// change of it for the acceptance, so that it is not changed without need.
fn is_being_accepted(record: &Item) -> bool {
    record.contains_key("accepted_at") && !record.contains_key("attempts")
}

/// Changes a record: `false` where it does not fulfil the condition. One that is gone since, because its
/// time was up, has no conflicts: whatever came is to come again, and is the first.
async fn change(update: UpdateItemFluentBuilder) -> Result<bool, TableError> {
    let update = update
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match update.send().await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(error)) => match error.into_err() {
            UpdateItemError::ConditionalCheckFailedException(failed) => {
                failed.item.map(|_| false).ok_or(TableError::Failed)
            }
            error => Err(TableError::of_error(&error)),
        },
        Err(error) => Err(TableError::of(&error)),
    }
}
