//! A third party and a table on the loopback interface, for the tests of the crates that deliver.
//!
//! Whatever goes wrong in here ends the test.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "it is for tests alone")]

mod table;
mod third_party;

use crate::{Attempt, Record};
use jiff::Timestamp;

pub use table::Table;
pub use third_party::{Answer, Call, ThirdParty, nobody};

/// The credential that [`Table::settings`] gives, as its member `api_key`.
pub const API_KEY: &str = "test-api-key-0000";

/// The first attempt to settle the record `id` of `provider` with this payload; received a second ago.
#[must_use]
pub fn attempt(id: &str, provider: &str, payload: &str) -> Attempt {
    let record = Record {
        id: id.to_owned(),
        provider: provider.to_owned(),
        kind: "sample".to_owned(),
        user: "user".to_owned(),
        effect: None,
        test: false,
        held: false,
        received_at: "2026-11-21T08:49:06.789Z".to_owned(),
        payload: payload.to_owned(),
    };
    Attempt { record, number: 1, now: now(), random: u64::MAX }
}

/// The time of an [`attempt`].
#[must_use]
pub fn now() -> Timestamp {
    "2026-11-21T08:49:07.789Z".parse().expect("a time")
}
