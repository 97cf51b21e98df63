//! The two tables: every item, key, index and condition of both.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`callbacks`] | keeps each callback exactly once, and how far its settlement has come |
//! | [`ledger`] | users' balances, and the entries that they are made of, each booked exactly once |
//! | [`error`] | why DynamoDB did not do what it was asked to |

pub mod callbacks;
pub mod error;
pub mod ledger;
