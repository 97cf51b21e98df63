//! Takes a provider's request from API Gateway to its record and its answer.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`lambda`] | what a function's `main` calls |
//! | [`event`] | the API Gateway event, made safe to read |
//! | [`key_ring`] | the provider's keys, read once and again when a signature does not match |
//! | [`receiver`](mod@receiver) | the way of one callback through the stages |
//! | [`answer`] | what the provider is told; every status is decided there |
//! | [`log`] | the one line that is logged per callback |
//! | [`metrics`] | what is counted and measured of the callbacks |
//! | [`networks`] | where requests may come from |

pub mod answer;
pub mod event;
pub mod key_ring;
pub mod lambda;
pub mod log;
pub mod metrics;
pub mod networks;
pub mod receiver;

pub use answer::Answer;
pub use key_ring::KeyRing;
pub use receiver::Receiver;
