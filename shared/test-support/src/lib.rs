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

pub use intercept::{Held, Intercept};
pub use tables::Tables;

/// The settings with which a client reaches the `service` (`DYNAMODB`, `SQS`, `SECRETS_MANAGER`) at
/// `url`, and the names of the tables.
pub fn settings(service: &str, url: &str) -> impl Fn(&str) -> Option<String> + use<> {
    let (endpoint, url) = (format!("AWS_ENDPOINT_URL_{service}"), url.to_owned());
    move |name| {
        let value = match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test",
            "AWS_REGION" => "us-east-1",
            "CALLBACKS_TABLE" => tables::CALLBACKS,
            "LEDGER_TABLE" => tables::LEDGER,
            name if name == endpoint => &url,
            _ => return None,
        };
        Some(value.to_owned())
    }
}
