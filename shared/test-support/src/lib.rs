//! For tests and benchmarks alone: what stands on the loopback interface for AWS and for third parties,
//! and samples of what they exchange.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`server`] | an HTTP server whose every answer the test decides |
//! | [`intercept`] | an endpoint that holds each request until the test has decided about it |
//! | [`third_party`] | an endpoint that remembers its requests and answers them by a function |
//! | [`runtime_api`] | Lambda's Runtime API, which a function asks for events |
//! | [`secrets_manager`] | Secrets Manager with one secret |
//! | [`tables`] | an embedded DynamoDB with the two tables of the bundle |
//! | [`template`] | the tables as `template.yaml` defines them |
//! | [`records`] | a record as its event tells of it |
//! | [`sqs`] | messages, and what Lambda makes of them |
//!
//! It uses none of the project's crates, so that each of them can use it. Whatever goes wrong in here ends
//! the test.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "it is for tests alone"
)]

pub mod intercept;
pub mod records;
pub mod runtime_api;
pub mod secrets_manager;
pub mod server;
pub mod sqs;
pub mod tables;
pub mod template;
pub mod third_party;

pub use intercept::{Held, Intercept};
pub use records::{NOW, record, with};
pub use runtime_api::{Did, RuntimeApi, Told};
pub use secrets_manager::SecretsManager;
pub use server::{Answer, Server, listen, nobody};
pub use tables::Tables;
pub use third_party::{API_KEY, Call, ThirdParty, delivery_settings};

use std::time::Duration;

use settings::Settings;

/// How long a test waits for anything before it has failed.
pub const TIMEOUTS: Duration = Duration::from_secs(20);

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
