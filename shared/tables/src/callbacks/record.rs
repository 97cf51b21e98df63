//! The attributes of a record.
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `id` | S | the idempotency key; partition key of the table |
//! | `provider`, `kind` | S | who called, and which callback it is |
//! | `user` | S | whom it is about |
//! | `effect` | S | what it does: the text of an [`Effect`](verify::Effect) |
//! | `effect_of` | S | the id of what it completes or reverses; empty for any other effect |
//! | `settler` | S | the settling function that makes the effect; `none` where there is nothing to settle |
//! | `amount`, `unit` | S | the reward, an exact decimal as a string; absent where nothing is paid |
//! | `test` | BOOL | whether the provider calls it a test |
//! | `received_at` | S | RFC 3339, milliseconds, UTC |
//! | `fingerprint` | S | what a duplicate must agree with, 64 hex digits |
//! | `key_id` | S | which key proved it |
//! | `writer` | S | the invocation that wrote it |
//! | `payload` | S | the payload as received, a JSON text, without credentials |
//! | `state` | S | `recorded`, `held` or `conflict`; then another [`State`] |
//! | `held` | S | why it waited for a person when it came, a [`HeldReason`](verify::HeldReason); only where it did |
//! | `conflicts_with` | S | the `id` of the record it differs from; only where it came as a conflict |
//! | `conflicts` | SS | the fingerprints of the conflicts with it that are put aside, at most ten; only where there are any |
//! | `conflicts_not_kept` | N | how often another content came after that; a repeat counts again |
//! | `day` | S | the key of the index `by_day` |
//! | `attention` | S | the key of the index `by_attention`; only where a person has to look at it |
//! | `expires_at` | N | when DynamoDB may delete it, seconds since 1970; only with a retention |
//!
//! Those are the receiver's, and but for `state` and `attention` nobody changes them. Settling adds these:
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `attempts` | N | how many attempts to settle it there were |
//! | `last_attempt_at` | S | when the last one began, in the form of `received_at` |
//! | `attempt_00` to `attempt_19` | S | the last attempts that did not settle it; see [`tried`](mod@crate::callbacks::tried) |
//! | `lease` | S | who attempts it, and until when nobody else does: see [`lease`](mod@crate::callbacks::lease) |
//! | `due_at` | S | when it is to be looked at again, in the form of `received_at`; only while it is to be |
//! | `due` | S | the key of the index `by_due`; only where it is the schedule that looks at it |
//! | `put_off` | N | how often the schedule has put it off since its last attempt; only where it has |
//! | `last_status` | N | the HTTP status of the third party's last answer |
//! | `reply` | S | that answer, its first 2 KiB |
//! | `reason` | S | why it is in its state, a [`Reason`](crate::callbacks::Reason); only where there is one |
//! | `settled_at` | S | when it came to its end, in the form of `received_at` |
//! | `booked_amount`, `booked_unit` | S | what was booked for it, an exact decimal; below zero is a debit |
//! | `balance`, `balance_entries` | N | the user's balance in that unit as it was then, and of how many entries |
//! | `step_…` | S | what one step of several came to, so that the next attempt goes on from there |
//!
//! What a person decides adds these:
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `decisions` | L of M | what was decided, the first one first; see [`decision`](mod@crate::callbacks::decision) |
//! | `accepted_at` | S | when it was accepted; `dispatch` takes a record that got it as a new one |
//!
//! # Indexes
//!
//! | index | partition key | sort key | which records |
//! | --- | --- | --- | --- |
//! | `by_day` | `day` | `received_at` | all |
//! | `by_attention` | `attention` | `received_at` | those that a person has to look at |
//! | `by_due` | `due` | `due_at` | those that the schedule has to look at |
//!
//! [`keys`] makes the partition keys: `day` of the provider, the day and a shard; `attention` of where the
//! record stands (`held`, `conflict`, `refused`, `dead`, or `accepted` from when a person accepted it until it is
//! settled: see [`Standing`]) and a shard; `due` of a shard alone, or of a settler and a shard where that settler does
//! not take the record now. The first two hold [`LISTED`], which nothing
//! changes: so a callback is one write unit for the record and one for `by_day`, and its settlement none of
//! the index ("Write capacity units" of global secondary indexes in the `DynamoDB` developer guide). What state
//! a record is in is asked of the table.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use verify::Callback;

use crate::callbacks::keys::{self, Shards};
use crate::callbacks::state::{Standing, State};
use crate::callbacks::write::Writer;

/// The attributes that `by_day` and `by_attention` hold beside the keys.
pub const LISTED: [&str; 9] =
    ["provider", "kind", "user", "settler", "amount", "unit", "test", "held", "conflicts_with"];

/// What is taken for the attributes that a record from before there were effects does not have: the ledger makes a dead
/// letter of it, so that somebody sees it.
pub mod absent {
    /// Its `effect`.
    pub const EFFECT: &str = "unknown";
    /// Its `effect_of`.
    pub const EFFECT_OF: &str = "";
    /// Its `settler`.
    pub const SETTLER: &str = "ledger";
}

/// The attributes of one item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The record of `callback`, as `writer` puts it.
pub(crate) fn to_item(
    callback: &Callback,
    writer: &Writer,
    shards: Shards,
    retention: Option<Duration>,
) -> Item {
    let facts = callback.parsed();
    let shard = shards.of(facts.key.as_str());
    let received_at = time(callback.received_at());
    let mut item = Item::with_capacity(21);
    let mut put = |name: &str, value: &str| {
        item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    };
    put("id", facts.key.as_str());
    put("provider", callback.provider());
    put("kind", facts.kind);
    put("user", &facts.user);
    put("effect", facts.effect.as_str());
    put("effect_of", facts.effect.of());
    put("settler", &callback.settler());
    if let Some(reward) = facts.effect.reward() {
        put("amount", &reward.amount.to_string());
        put("unit", &reward.unit);
    }
    // RFC 3339 begins with the ten characters of the date.
    let day = received_at.get(..10).unwrap_or_default();
    put("day", &keys::day(callback.provider(), day, shard));
    put("received_at", &received_at);
    put("fingerprint", facts.fingerprint.as_str());
    put("key_id", callback.key_id().as_str());
    put("writer", writer.as_str());
    put("payload", &facts.payload);
    let state = if facts.held.is_some() { State::Held } else { State::Recorded };
    put("state", state.as_str());
    if let Some(attention) = Standing::In(state).attention() {
        put("attention", &keys::attention(attention, shards.wide().of(facts.key.as_str())));
    }
    if let Some(reason) = facts.held {
        put("held", reason.as_str());
    }
    item.insert("test".to_owned(), AttributeValue::Bool(facts.test));
    if let Some(expiry) = retention.and_then(|kept| expiry(callback.received_at(), kept)) {
        item.insert("expires_at".to_owned(), AttributeValue::N(expiry.as_second().to_string()));
    }
    item
}

/// The item that puts `item` aside, because a record with its `id` and another content is there.
///
/// Its own `id` is made of both, so that the same conflict is put aside once.
pub(crate) fn put_aside(mut item: Item, callback: &Callback, shards: Shards) -> Item {
    let facts = callback.parsed();
    // `~` begins no part of an idempotency key, so that no callback can have this id.
    let id = format!("{}#~conflict#{}", facts.key, facts.fingerprint.as_str());
    let text = |value: &str| AttributeValue::S(value.to_owned());
    item.insert("conflicts_with".to_owned(), text(facts.key.as_str()));
    // The day stays in the shard of the record that it differs from; what a person looks at is its own.
    let attention = keys::attention(State::Conflict.as_str(), shards.wide().of(&id));
    item.insert("id".to_owned(), AttributeValue::S(id));
    item.insert("attention".to_owned(), AttributeValue::S(attention));
    item.insert("state".to_owned(), text(State::Conflict.as_str()));
    item
}

/// RFC 3339 in UTC with milliseconds, so that text sorts as time does.
#[must_use]
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn expiry(received_at: Timestamp, kept: Duration) -> Option<Timestamp> {
    received_at.checked_add(SignedDuration::try_from(kept).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_text() {
        let at = |text: &str| time(text.parse().expect(text));
        assert_eq!(at("2026-11-21T19:20:01.5+01:00"), "2026-11-21T18:20:01.500Z");
        assert_eq!(at("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
    }
}
