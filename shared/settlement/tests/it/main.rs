//! The worker and the credentials, with SQS and Secrets Manager played by the test.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`batch`] | each message on its own: attempted and answered |
//! | [`queues`] | what SQS is asked for, and what follows where it fails |
//! | [`later`] | another attempt: in the queue, or on the record |
//! | [`credentials`] | read once, and again after a refusal |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod batch;
mod credentials;
mod later;
mod queues;
mod support;
