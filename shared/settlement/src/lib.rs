//! Takes a recorded callback from its queue to its effect, again until it is done.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`record`] | a recorded callback, as its event tells of it |
//! | [`verdict`] | what came of one attempt, and when the next one is |
//! | [`worker`] | a batch of messages: each attempted, each answered on its own |
//! | [`lambda`] | what a function's `main` calls |

pub mod record;
pub mod verdict;

pub use record::{Record, Reward};
pub use verdict::{Attempt, Settle, Verdict};
