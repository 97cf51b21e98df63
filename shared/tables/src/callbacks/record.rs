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
//! | `attention` | S | see below |
//! | `expires_at` | N | when DynamoDB may delete it, seconds since 1970; only with a retention |
//!
//! Those are the receiver's, and but for `state` and `attention` nobody changes them. Settling adds these:
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `attempts` | N | how many attempts to settle it there were |
//! | `last_attempt_at` | S | when the last one began, in the form of `received_at` |
//! | `last_status` | N | the HTTP status of the third party's last answer |
//! | `reply` | S | that answer, its first 2 KiB |
//! | `reason` | S | why it is in its state, a [`Reason`](crate::callbacks::Reason); only where there is one |
//! | `settled_at` | S | when it came to its end, in the form of `received_at` |
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
//! | `by_provider` | `provider` | `received_at` | all |
//! | `by_attention` | `attention` | `received_at` | those with `attention` |
//!
//! `attention` is there only while somebody or something has to come back to the record. It is the same as
//! `state` (`held`, `conflict`, `retrying`, `waiting`, `refused`, `dead`), or `accepted` from when a person
//! accepted the record until it is settled: see [`Standing`]. So the second index has few
//! records, and what needs a person is found without a look at what does not. Both hold [`LISTED`].

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use verify::Callback;

use crate::callbacks::state::{Standing, State};
use crate::callbacks::write::Writer;

/// The attributes that the indexes hold beside the keys.
pub const LISTED: [&str; 11] = [
    "provider",
    "kind",
    "user",
    "settler",
    "amount",
    "unit",
    "test",
    "state",
    "reason",
    "held",
    "conflicts_with",
];

/// The attributes of one item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The record of `callback`, as `writer` puts it.
pub(crate) fn to_item(callback: &Callback, writer: &Writer, retention: Option<Duration>) -> Item {
    let facts = callback.parsed();
    let mut item = Item::with_capacity(20);
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
    put("received_at", &time(callback.received_at()));
    put("fingerprint", facts.fingerprint.as_str());
    put("key_id", callback.key_id().as_str());
    put("writer", writer.as_str());
    put("payload", &facts.payload);
    let state = if facts.held.is_some() { State::Held } else { State::Recorded };
    put("state", state.as_str());
    if let Some(attention) = Standing::In(state).attention() {
        put("attention", attention);
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
pub(crate) fn put_aside(mut item: Item, callback: &Callback) -> Item {
    let facts = callback.parsed();
    // `~` begins no part of an idempotency key, so that no callback can have this id.
    let id = format!("{}#~conflict#{}", facts.key, facts.fingerprint.as_str());
    let text = |value: &str| AttributeValue::S(value.to_owned());
    item.insert("conflicts_with".to_owned(), text(facts.key.as_str()));
    item.insert("id".to_owned(), AttributeValue::S(id));
    for name in ["state", "attention"] {
        item.insert(name.to_owned(), text(State::Conflict.as_str()));
    }
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
