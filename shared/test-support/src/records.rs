//! A record as its event tells of it.

use serde_json::{Value, json};

/// A second after a [`record`] was received.
pub const NOW: &str = "2026-11-21T08:49:07.789Z";

/// The record `id` of `provider`, a second before [`NOW`], without an effect.
#[must_use]
pub fn record(id: &str, provider: &str, kind: &str) -> Value {
    json!({
        "id": id,
        "provider": provider,
        "kind": kind,
        "user": "user",
        "effect": "nothing",
        "effect_of": "",
        "settler": "none",
        "test": false,
        "state": "recorded",
        "received_at": "2026-11-21T08:49:06.789Z",
        "key_id": "k",
        "payload": "{}",
    })
}

/// `base` with the members of `changes`, those of it that it has put in their place.
#[must_use]
pub fn with(mut base: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("no object: {changes}") };
    base.as_object_mut().expect("an object").extend(changes);
    base
}
