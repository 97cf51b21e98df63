//! What is written about contracts, held to the engine: the schema that editors complete from, and
//! `docs/contracts.md` with its tables and its examples.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod examples;
mod page;
mod schema;
mod tables;
