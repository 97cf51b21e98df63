//! What the bundle carries, computed: every ceiling on the way of a callback, by AWS's documented figures, the template
//! and the code, against what the template admits; and the write units that each step takes.
//!
//! `docs/capacity.md` has the same figures, and is held to them.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`figures`] | AWS's figures, each with the page that has it |
//! | [`ceilings`] | ceilings and admitted rates |
//! | [`page`] | the page that says them |
//! | [`sending`] | how fast the schedule sends |
//! | [`units`] | write units of what happens to a record |
//! | [`counted`] | write units, counted between the functions and an embedded DynamoDB |
//! | [`model`] | the callbacks table as DynamoDB keeps it: partitions, and indexes that throttle it |
//! | [`partitions`] | how keys spread over partitions, for the loads of a large user |
//! | [`outage`] | a third party that is down for a day |
//! | [`stopped`] | a consumer that is stopped for a day |
//! | [`reviews`] | ten thousand reviews at once |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod ceilings;
mod counted;
mod figures;
mod model;
mod outage;
mod page;
mod partitions;
mod reviews;
mod sending;
mod stopped;
mod units;
