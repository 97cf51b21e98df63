//! What is counted and measured of the callbacks. CloudWatch adds it up per provider.
//!
//! | metric | dimensions | what it is |
//! | --- | --- | --- |
//! | `Recorded`, `Duplicate`, `Conflict` | `Provider` | callbacks with that outcome |
//! | `Refused` | `Provider`, `Reason` | requests that are no callback; [`Refusal::reason`](verify::Refusal::reason) |
//! | `TableError` | `Provider` | requests that were answered 503 |
//! | `StoreErrors`, `KeyErrors` | `Provider` | those of them where DynamoDB, or the keys, were at fault |
//! | `TotalLatency`, `StoreLatency` | `Provider` | how long the answer took, and the store for its part |
//!
//! Providers and reasons are fixed names in the code: nothing that a caller sends becomes one.

use std::time::Duration;

use metrics::{Unit, counter, histogram};
use platform::logging::metrics::{Counters, Distributions};
use platform::logging::milliseconds;
use tables::callbacks::Outcome;

use crate::answer::{Answer, Outage};

const COUNTERS: Counters =
    &["Recorded", "Duplicate", "Conflict", "Refused", "Unavailable", "StoreErrors", "KeyErrors"];

const DISTRIBUTIONS: Distributions =
    &[("TotalLatency", Unit::Milliseconds), ("StoreLatency", Unit::Milliseconds)];

/// Starts measuring, into CloudWatch's namespace `namespace`; see [`platform::logging::metrics::start`].
pub fn start(namespace: Option<&str>) {
    platform::logging::metrics::start(namespace, COUNTERS, DISTRIBUTIONS);
}

/// Counts a request of `provider` that got `answer` after `total`, `store` of it in the store.
pub fn count(provider: &'static str, answer: &Answer, total: Duration, store: Option<Duration>) {
    match answer {
        Answer::Kept { outcome: Outcome::Duplicate, .. } => {
            counter!("Duplicate", "Provider" => provider).increment(1);
        }
        Answer::Kept { .. } => {
            counter!("Recorded", "Provider" => provider).increment(1);
        }
        Answer::Conflict { .. } => counter!("Conflict", "Provider" => provider).increment(1),
        Answer::Refused(refusal) => {
            counter!("Refused", "Provider" => provider, "Reason" => refusal.reason()).increment(1);
        }
        Answer::Unavailable(outage) => {
            counter!("Unavailable", "Provider" => provider).increment(1);
            match outage {
                Outage::Keys(_) => counter!("KeyErrors", "Provider" => provider).increment(1),
                Outage::Store(_) => counter!("StoreErrors", "Provider" => provider).increment(1),
                Outage::TooSlow | Outage::NoRandomness => {}
            }
        }
    }
    histogram!("TotalLatency", "Provider" => provider).record(milliseconds(total));
    if let Some(store) = store {
        histogram!("StoreLatency", "Provider" => provider).record(milliseconds(store));
    }
}
