//! The ledger over the embedded DynamoDB.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`booking`] | an entry and its balance: once, exactly, or not at all |
//! | [`claims`] | whose something is that only one may be paid for |
//! | [`faults`] | lost answers, transactions in the way, and what DynamoDB refuses |
//! | [`offers`] | completions and reversals, one after the other |
//! | [`interleavings`] | the same at the same moment, broken off anywhere |
//! | [`statements`] | what a user is shown |

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod booking;
mod claims;
mod faults;
mod interleavings;
mod offers;
mod statements;
mod support;
