//! The function over the embedded DynamoDB, called as Lambda calls it.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`kinds`] | which callbacks touch a balance, and how |
//! | [`reversals`] | offers that are completed and reversed |
//! | [`trouble`] | outages, poison, and messages that come again |

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod kinds;
mod reversals;
mod support;
mod trouble;
