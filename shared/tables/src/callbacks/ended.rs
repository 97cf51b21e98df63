//! The end of a settlement, where no attempt of one's own makes it.

use jiff::Timestamp;

use crate::callbacks::Store;
use crate::callbacks::progress::{OPEN, send, state_of, text};
use crate::callbacks::record::time;
use crate::callbacks::state::{Standing, State};
use crate::error::TableError;

impl Store {
    /// Whether the record `id` has ended, so that nothing more may come of it: an attempt takes a while, a
    /// person may close the record in between, and closing is final. A record that is not there (any more)
    /// has not.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known.
    pub async fn has_ended(&self, id: &str) -> Result<bool, TableError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", text(id))
            .consistent_read(true)
            .projection_expression("#state")
            .expression_attribute_names("#state", "state");
        let got = got.send().await.map_err(|error| TableError::of(&error))?;
        Ok(got.item.is_some_and(|item| !state_of(&item).is_one_of(OPEN)))
    }

    /// Ends the record `id` as [`State::WithoutEffect`], if a person accepted it and it still waits:
    /// accepting it was all there was to do. On any other record nothing is changed.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it says so.
    pub async fn end_accepted(&self, id: &str, now: Timestamp) -> Result<(), TableError> {
        let end = self
            .update(id)
            // Its shard may have been another one, of fewer.
            .condition_expression("#state = :recorded AND begins_with(attention, :accepted)")
            .update_expression("SET #state = :end, settled_at = :now REMOVE attention, due, due_at")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":recorded", text(State::Recorded.as_str()))
            .expression_attribute_values(":accepted", text(Standing::Accepted.as_str()))
            .expression_attribute_values(":end", text(State::WithoutEffect.as_str()))
            .expression_attribute_values(":now", text(&time(now)));
        send(end).await.map(drop)
    }
}
