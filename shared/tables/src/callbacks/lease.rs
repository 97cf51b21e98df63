//! Who attempts a record, so that two messages that tell of one do not make two attempts at once.
//!
//! The attribute `lease` is a time and a token, `2026-11-21T18:00:00.000Z#TOKEN`: nobody else begins until then.
//! It goes with the end of the attempt. An attempt that ends without saying so, because its function was killed,
//! leaves it, and the next one waits until it is over.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};

use crate::callbacks::Store;
use crate::callbacks::progress::{Notes, OPEN, Written, is_one_of, noted, send, state_of, text};
use crate::callbacks::record::{Item, time};
use crate::callbacks::state::{State, Stored};
use crate::error::TableError;

/// How long an attempt has the record for itself: longer than a function may run, 30 s, and as long as a message
/// may wait in its queue.
pub const LEASE: Duration = Duration::from_mins(1);

/// Whether an attempt may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutcome {
    /// The attempt may be made, and is counted.
    Go {
        /// Which attempt it is, counted on the record from 1.
        attempts: u32,
        /// In what state the record was, and is.
        state: Stored<State>,
        /// What earlier attempts noted.
        noted: Notes,
    },
    /// Somebody else attempts it, for so long at most.
    Leased(Duration),
    /// It may not: the record's `state` is an end (`closed` by a person is one), or it waits for a
    /// person (`held`, `conflict`).
    Ended(Stored<State>),
    /// There is no such record (any more).
    NoRecord,
}

impl Store {
    /// Counts an attempt to settle the record `id` and leases the record for it, if it may begin: one write, no
    /// read. `random` tells this attempt from every other.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it may begin.
    pub async fn begin(
        &self,
        id: &str,
        now: Timestamp,
        random: u64,
    ) -> Result<BeginOutcome, TableError> {
        let until = now.checked_add(SignedDuration::try_from(LEASE).unwrap_or_default());
        let lease = format!("{}#{random:016x}", time(until.unwrap_or(Timestamp::MAX)));
        let (is_open, update) = is_one_of(OPEN, self.update(id));
        let begin = update
            .condition_expression(format!(
                "{is_open} AND (attribute_not_exists(lease) OR lease < :now)"
            ))
            .update_expression("SET lease = :lease, last_attempt_at = :now ADD attempts :one")
            .expression_attribute_values(":lease", text(&lease))
            .expression_attribute_values(":now", text(&time(now)))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew);
        match send(begin).await? {
            Written::Done(item) => go(item),
            Written::NotSo(None) => Ok(BeginOutcome::NoRecord),
            // The SDK tries again after a lost reply, and then meets its own lease.
            Written::NotSo(Some(item)) if lease_of(&item) == Some(lease.as_str()) => go(item),
            Written::NotSo(Some(item)) => Ok(match state_of(&item) {
                state if state.is_one_of(OPEN) => BeginOutcome::Leased(left(lease_of(&item), now)),
                ended => BeginOutcome::Ended(ended),
            }),
        }
    }
}

fn go(item: Item) -> Result<BeginOutcome, TableError> {
    let attempts = match item.get("attempts") {
        Some(AttributeValue::N(count)) => count.parse().unwrap_or(u32::MAX),
        _ => return Err(TableError::Failed),
    };
    Ok(BeginOutcome::Go { attempts, state: state_of(&item), noted: noted(item) })
}

fn lease_of(item: &Item) -> Option<&str> {
    item.get("lease")?.as_s().ok().map(String::as_str)
}

/// How long the lease lasts from `now` on, at most [`LEASE`], whatever the other one's clock says.
fn left(lease: Option<&str>, now: Timestamp) -> Duration {
    let until = lease.and_then(|lease| lease.split_once('#')?.0.parse::<Timestamp>().ok());
    let left = until.and_then(|until| Duration::try_from(until.duration_since(now)).ok());
    left.unwrap_or_default().min(LEASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_longer_than_a_lease_lasts() {
        let now: Timestamp = "2026-11-21T18:00:00Z".parse().expect("a time");
        for (lease, seconds) in [
            (Some("2026-11-21T18:00:30.000Z#01"), 30),
            (Some("2026-11-21T17:59:00.000Z#01"), 0),
            (Some("2026-11-22T18:00:00.000Z#01"), 60),
            (Some("nothing"), 0),
            (None, 0),
        ] {
            assert_eq!(left(lease, now), Duration::from_secs(seconds), "{lease:?}");
        }
    }
}
