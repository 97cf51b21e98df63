//! For tests alone: DynamoDB in this process, and a wire on which requests can be held, lost and
//! answered.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`tables`] | an embedded DynamoDB with the two tables of the bundle |
//! | [`intercept`] | an endpoint of AWS whose every answer the test decides |
//!
//! Whatever goes wrong in here ends the test.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "it is for tests alone")]

pub mod intercept;
pub mod tables;

use settings::Settings;

pub use intercept::{Held, Intercept};
pub use tables::Tables;

/// The settings with which a client reaches the `service` (`DYNAMODB`, `SQS`, `SECRETS_MANAGER`) at
/// `url`, and the names of the tables.
#[must_use]
pub fn settings(service: &str, url: &str) -> Settings {
    Settings::from([
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("CALLBACKS_TABLE", tables::CALLBACKS),
        ("LEDGER_TABLE", tables::LEDGER),
    ])
    .with(format!("AWS_ENDPOINT_URL_{service}"), url)
}
