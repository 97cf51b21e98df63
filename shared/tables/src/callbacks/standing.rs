//! How records stand, of many at once.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::callbacks::Store;
use crate::callbacks::progress::{OPEN, state_of, text};
use crate::callbacks::record::Item;
use crate::callbacks::state::{State, Stored};
use crate::error::TableError;

/// How many keys one call takes (`BatchGetItem` in the API reference).
const MOST: usize = 100;

/// How often what DynamoDB left out is asked for again.
const TRIES: u32 = 4;

/// The pause before the first of them; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

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
        matches!(self.state, Stored::Known(state) if OPEN.contains(&state))
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
        for ids in ids.chunks(MOST) {
            let keys = ids.iter().map(|id| HashMap::from([("id".to_owned(), text(id))]));
            let attributes = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect()))
                .consistent_read(true)
                .projection_expression("id, #state, attempts, accepted_at")
                .expression_attribute_names("#state", "state");
            let attributes = attributes.build().map_err(|_| TableError::Failed)?;
            for item in self.get_all(attributes).await? {
                if let Some(AttributeValue::S(id)) = item.get("id") {
                    seen.insert(id.clone(), seen_in(&item));
                }
            }
        }
        Ok(seen)
    }

    /// All items of `wanted`, at most a hundred.
    pub(crate) async fn get_all(&self, wanted: KeysAndAttributes) -> Result<Vec<Item>, TableError> {
        let mut items = Vec::with_capacity(wanted.keys().len());
        let mut wanted = HashMap::from([(self.table.clone(), wanted)]);
        for attempt in 1..=TRIES {
            let get = self.client.batch_get_item().set_request_items(Some(wanted));
            let got = get.send().await.map_err(|error| TableError::of(&error))?;
            items.extend(got.responses.unwrap_or_default().remove(&self.table).unwrap_or_default());
            wanted = got.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(items);
            }
            tokio::time::sleep(FIRST_PAUSE * (1 << attempt)).await;
        }
        Err(TableError::Throttled)
    }
}

fn seen_in(item: &Item) -> Seen {
    let attempts = item.get("attempts").and_then(|count| count.as_n().ok()?.parse().ok());
    Seen {
        state: state_of(item),
        attempts: attempts.unwrap_or_default(),
        accepted: item.contains_key("accepted_at"),
    }
}
