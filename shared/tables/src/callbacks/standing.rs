//! How records stand, of many at once.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::builders::KeysAndAttributesBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::callbacks::Store;
use crate::callbacks::progress::{OPEN, state_of, text};
use crate::callbacks::record::Item;
use crate::callbacks::state::{State, Stored};
use crate::error::TableError;

/// How many records are read at once: as many keys as one call takes, and whole records of 64 KiB each are within what
/// it answers with, 16 MB (`BatchGetItem` in the API reference).
pub const READ_AT_ONCE: usize = 100;

/// How often DynamoDB is asked for what it leaves out.
const TRIES: u32 = 4;

/// The pause before it is asked again for the first time; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(40);

/// How a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its state.
    pub state: Stored<State>,
    /// How many attempts to settle it there were.
    pub attempts: u32,
    /// Whether it was held or a conflict, and a person accepted it.
    pub accepted: bool,
}

impl Seen {
    /// Whether there is something to do: an attempt may begin.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state.is_one_of(OPEN)
    }
}

impl Store {
    /// How the records `ids` stand, read consistently; what is not there is left out. No two of them may be the
    /// same.
    ///
    /// # Errors
    ///
    /// [`TableError`] when that is not known of all of them.
    pub async fn look(&self, ids: &[&str]) -> Result<HashMap<String, Seen>, TableError> {
        let mut seen = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(READ_AT_ONCE) {
            let wanted = wanted(ids)
                .consistent_read(true)
                .projection_expression("id, #state, attempts, accepted_at")
                .expression_attribute_names("#state", "state");
            for item in self.get_all(wanted).await? {
                if let Some(AttributeValue::S(id)) = item.get("id") {
                    seen.insert(id.clone(), seen_in(&item));
                }
            }
        }
        Ok(seen)
    }

    /// All items of `wanted`, at most [`READ_AT_ONCE`].
    pub(crate) async fn get_all(
        &self,
        wanted: KeysAndAttributesBuilder,
    ) -> Result<Vec<Item>, TableError> {
        let wanted = wanted.build().map_err(|_| TableError::Failed)?;
        let mut items = Vec::with_capacity(wanted.keys().len());
        let mut wanted = HashMap::from([(self.table.clone(), wanted)]);
        for again in 0..TRIES {
            if again > 0 {
                tokio::time::sleep(FIRST_PAUSE * (1 << (again - 1))).await;
            }
            let get = self.client.batch_get_item().set_request_items(Some(wanted));
            let got = get.send().await.map_err(|error| TableError::of(&error))?;
            items.extend(got.responses.unwrap_or_default().remove(&self.table).unwrap_or_default());
            wanted = got.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(items);
            }
        }
        Err(TableError::Throttled)
    }
}

/// The items of the records `ids`.
pub(crate) fn wanted<T: AsRef<str>>(ids: &[T]) -> KeysAndAttributesBuilder {
    let keys = ids.iter().map(|id| HashMap::from([("id".to_owned(), text(id.as_ref()))]));
    KeysAndAttributes::builder().set_keys(Some(keys.collect()))
}

/// How many attempts to settle the record `item` there were.
pub(crate) fn attempts_of(item: &Item) -> u32 {
    let attempts = item.get("attempts").and_then(|count| count.as_n().ok()?.parse().ok());
    attempts.unwrap_or_default()
}

fn seen_in(item: &Item) -> Seen {
    Seen {
        state: state_of(item),
        attempts: attempts_of(item),
        accepted: item.contains_key("accepted_at"),
    }
}
