//! The callbacks table over the embedded DynamoDB.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod decision;
mod progress;
mod record;
mod standing;
mod support;
