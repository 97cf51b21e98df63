//! Whether the settlement of a record has ended.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Store;
use crate::progress::{OPEN, text};
use crate::unavailable::Unavailable;

impl Store {
    /// Whether the record `id` has ended, so that nothing more may come of it: an attempt takes a while, a
    /// person may close the record in between, and closing is final. A record that is not there (any more)
    /// has not.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it is not known.
    pub async fn has_ended(&self, id: &str) -> Result<bool, Unavailable> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", text(id))
            .consistent_read(true)
            .projection_expression("#state")
            .expression_attribute_names("#state", "state");
        let got = got.send().await.map_err(|error| Unavailable::of(&error))?;
        Ok(got.item.is_some_and(|item| match item.get("state") {
            Some(AttributeValue::S(state)) => !OPEN.contains(&state.as_str()),
            _ => true,
        }))
    }
}
