//! What the bundle carries, computed: every ceiling on the way of a callback, by AWS's documented figures, the template
//! and the code, against what the template admits; and the write units that each step takes.
//!
//! `docs/capacity.md` has the same figures, and is held to them.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`ceilings`] | ceilings and admitted rates, and the page that says them |
//! | [`units`] | write units, counted between the functions and an embedded DynamoDB |
//! | [`outage`] | a third party that is down for a day |
//! | [`partitions`] | how keys spread over partitions, for the loads of a large user |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod ceilings;
mod outage;
mod partitions;
mod units;
