//! The worker and the credentials, with SQS and Secrets Manager played by the test.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`batch`] | each message on its own: attempted and answered |
//! | [`queues`] | what SQS is asked for, and what follows where it fails |
//! | [`last`] | what the record of a message says that is received for the last time |
//! | [`credentials`] | read once, and again after a refusal |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod batch;
mod credentials;
mod last;
mod queues;
mod support;
