//! Records that the schedule looks at: those that are due, and those that nobody has settled.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use jiff::Timestamp;

use crate::callbacks::Store;
use crate::callbacks::due::Due;
use crate::callbacks::keys;
use crate::callbacks::progress::{UNSETTLED, is_one_of, number, send, state_of, text};
use crate::callbacks::record::{Item, time};
use crate::callbacks::standing::{READ_AT_ONCE, attempts_of, wanted};
use crate::error::TableError;

/// How many records one query tells of at most, so that what is done about them is done before the next one.
const PAGE: i32 = 1_000;

/// Where the next page of a query begins.
pub type Next = HashMap<String, AttributeValue>;

/// A record that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Its id.
    pub id: String,
    /// When it was due, as it stands there.
    pub due_at: String,
}

/// A record that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// Its id.
    pub id: String,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it is due, where that is said.
    pub due_at: Option<Timestamp>,
    /// Whether the schedule finds it by itself when it is due.
    pub is_in_index: bool,
}

/// The part of a provider's records that one query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// The provider.
    pub provider: &'a str,
    /// The day, such as `2026-11-21`.
    pub day: &'a str,
    /// The shard.
    pub shard: u16,
}

impl Store {
    /// Records under `key` of the index `by_due` that were due by `until`, the oldest first and `most` of them at most,
    /// and where the next ones begin.
    ///
    /// # Errors
    ///
    /// [`TableError`] when they are not known.
    pub async fn due(
        &self,
        key: &str,
        until: Timestamp,
        most: i32,
        from: Option<Next>,
    ) -> Result<(Vec<Overdue>, Option<Next>), TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("by_due")
            .key_condition_expression("due = :key AND due_at <= :until")
            .expression_attribute_values(":key", text(key))
            .expression_attribute_values(":until", text(&time(until)))
            .set_exclusive_start_key(from)
            .limit(most);
        let page = query.send().await.map_err(|error| TableError::of(&error))?;
        let overdue = page.items.unwrap_or_default().into_iter().filter_map(|mut item| {
            Some(Overdue { id: take(&mut item, "id")?, due_at: take(&mut item, "due_at")? })
        });
        Ok((overdue.collect(), page.last_evaluated_key))
    }

    /// How many records under `key` of the index `by_due` have a time in `times`, counted up to `most`.
    ///
    /// # Errors
    ///
    /// [`TableError`] when that is not known.
    pub async fn count_due(
        &self,
        key: &str,
        times: &RangeInclusive<Timestamp>,
        most: i32,
    ) -> Result<i32, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("by_due")
            .select(Select::Count)
            .key_condition_expression("due = :key AND due_at BETWEEN :first AND :last")
            .expression_attribute_values(":key", text(key))
            .expression_attribute_values(":first", text(&time(*times.start())))
            .expression_attribute_values(":last", text(&time(*times.end())))
            .limit(most);
        Ok(query.send().await.map_err(|error| TableError::of(&error))?.count)
    }

    /// The ids of the records of `part` that were received from `since` on and before `until` and have something to
    /// be settled, and where the next ones begin.
    ///
    /// # Errors
    ///
    /// [`TableError`] when they are not known.
    pub async fn to_settle(
        &self,
        part: &Part<'_>,
        since: Timestamp,
        until: Timestamp,
        from: Option<Next>,
    ) -> Result<(Vec<String>, Option<Next>), TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("by_day")
            .key_condition_expression("#day = :day AND received_at BETWEEN :since AND :until")
            .filter_expression("settler <> :none AND #test = :false")
            .projection_expression("id, received_at")
            .expression_attribute_names("#day", "day")
            .expression_attribute_names("#test", "test")
            .expression_attribute_values(
                ":day",
                text(&keys::day(part.provider, part.day, part.shard)),
            )
            .expression_attribute_values(":since", text(&time(since)))
            .expression_attribute_values(":until", text(&time(until)))
            .expression_attribute_values(":none", text("none"))
            .expression_attribute_values(":false", AttributeValue::Bool(false))
            .set_exclusive_start_key(from)
            .limit(PAGE);
        let page = query.send().await.map_err(|error| TableError::of(&error))?;
        // Both ends are within; what was received at the later one is the next step's.
        let until = time(until);
        let ids = page.items.unwrap_or_default().into_iter().filter_map(|mut item| {
            let received_at = take(&mut item, "received_at")?;
            if received_at < until { take(&mut item, "id") } else { None }
        });
        Ok((ids.collect(), page.last_evaluated_key))
    }

    /// Those of the records `ids`, no two of them the same, that are not settled.
    ///
    /// # Errors
    ///
    /// [`TableError`] when that is not known of all of them.
    pub async fn unsettled(&self, ids: &[String]) -> Result<Vec<Unsettled>, TableError> {
        let mut unsettled = Vec::new();
        for ids in ids.chunks(READ_AT_ONCE) {
            let wanted = wanted(ids)
                .projection_expression("id, #state, attempts, due, due_at")
                .expression_attribute_names("#state", "state");
            let items = self.get_all(wanted).await?;
            unsettled.extend(items.into_iter().filter(is_unsettled).filter_map(unsettled_in));
        }
        Ok(unsettled)
    }

    /// The whole records `ids`, at most [`READ_AT_ONCE`] and no two of them the same, that are not settled.
    ///
    /// # Errors
    ///
    /// [`TableError`] when they are not known.
    pub async fn whole(&self, ids: &[&str]) -> Result<Vec<Item>, TableError> {
        let mut items = self.get_all(wanted(ids)).await?;
        items.retain(is_unsettled);
        Ok(items)
    }

    /// Has the record `id`, if it is not settled, looked at again when `due` says: where it was due at `from`, or where
    /// it was not, `None`, in no index. One that is parked stays so until its settler has looked at it.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it is.
    pub async fn put_off(&self, id: &str, from: Option<&str>, due: &Due) -> Result<(), TableError> {
        let (is_unsettled, update) = is_one_of(UNSETTLED, self.update(id));
        let was = if from.is_some() { "due_at = :from" } else { "attribute_not_exists(due)" };
        let is_sent_again = from.is_some() && matches!(due, Due::At(_));
        let change = if is_sent_again {
            "SET due_at = :at ADD put_off :one"
        } else {
            "SET due = :due, due_at = :at"
        };
        let mut update = update
            .condition_expression(format!("{is_unsettled} AND {was}"))
            .update_expression(change)
            .expression_attribute_values(":at", text(&time(due.at())));
        if let Some(from) = from {
            update = update.expression_attribute_values(":from", text(from));
        }
        if is_sent_again {
            update = update.expression_attribute_values(":one", number(1));
        } else if let Some(key) = due.key(self.shards, id) {
            update = update.expression_attribute_values(":due", text(&key));
        }
        send(update).await.map(drop)
    }

    /// Takes the record `id`, which was due at `from` and has come to an end, out of the index.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it is out of it.
    pub async fn no_longer_due(&self, id: &str, from: &str) -> Result<(), TableError> {
        let update = self
            .update(id)
            .condition_expression("due_at = :from")
            .update_expression("REMOVE due, due_at")
            .expression_attribute_values(":from", text(from));
        send(update).await.map(drop)
    }
}

fn is_unsettled(item: &Item) -> bool {
    state_of(item).is_one_of(UNSETTLED)
}

fn unsettled_in(mut item: Item) -> Option<Unsettled> {
    Some(Unsettled {
        id: take(&mut item, "id")?,
        attempts: attempts_of(&item),
        due_at: take(&mut item, "due_at").and_then(|at| at.parse().ok()),
        is_in_index: item.contains_key("due"),
    })
}

fn take(item: &mut Item, name: &str) -> Option<String> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}
