//! Takes a recorded callback from its queue to its effect, again until it is done.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`message_body`] | the body of a settler's message, written and read |
//! | [`record`] | a recorded callback, as its message tells of it |
//! | [`verdict`] | what came of one attempt, and when the next one is |
//! | [`worker`] | a batch of messages: each attempted, each answered on its own |
//! | [`queue`] | the queue that a message came from, and the one for dead letters |
//! | [`lambda`] | what a function's `main` calls |
//! | [`mod@backoff`] | growing pauses |
//! | [`mod@later`] | another attempt: when, and where that stands |
//! | [`secret`] | the credentials of a third party's API |
//! | [`outbound`] | HTTP to third parties |

pub mod backoff;
pub mod lambda;
pub mod later;
mod line;
mod message;
pub mod message_body;
mod metrics;
pub mod outbound;
pub mod queue;
pub mod record;
pub mod secret;
pub mod verdict;
pub mod worker;

pub use backoff::backoff;
pub use later::later;
pub use message_body::Detail;
pub use record::Record;
pub use secret::{Credentials, CredentialsUnavailable};
pub use tables::callbacks::Reason;
pub use verdict::{Attempt, Settle, Verdict};
pub use worker::Worker;
