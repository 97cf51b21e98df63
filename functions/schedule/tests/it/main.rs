//! The function with an embedded DynamoDB, and SQS played by the test.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`due`] | what is due |
//! | [`parked`] | what waits until its settler takes it |
//! | [`reconcile`] | what nobody has settled |
//! | [`harness`] | the function, its tables, and queues |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod due;
mod harness;
mod parked;
mod reconcile;
