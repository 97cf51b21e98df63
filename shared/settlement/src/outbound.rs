//! Sends HTTP requests to third parties, says what their answers mean, and delivers recorded callbacks.
//!
//! The client is hyper with the TLS stack that the AWS SDK brings. Neither a request nor an error
//! shows the URL, because some providers take their key in it.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`breaker`] | leaves a third party alone that is down |
//! | [`client`] | sends a request, with a time limit and a cap on what is read back |
//! | [`declined`](mod@declined) | whether a third party says inside a 2xx that it took nothing |
//! | [`delivery`] | delivers a recorded callback: one request, and its answer on the record |
//! | [`excerpt`](mod@excerpt) | the text of a reply, made fit to be kept |
//! | [`disposition`] | what an answer means: taken, again later, refused |
//! | [`message`] | what is to be sent |
//! | [`retry_after`] | how long a reply asks to wait |
//! | [`url`] | where requests go, as a setting says |

pub mod breaker;
pub mod client;
pub mod declined;
pub mod delivery;
pub mod disposition;
pub mod excerpt;
pub mod message;
pub mod retry_after;
pub mod url;

pub use breaker::Breaker;
pub use client::{Client, LARGEST_REPLY, Reply, SendError};
pub use declined::declined;
pub use delivery::{Delivery, Upstream};
pub use disposition::Disposition;
pub use excerpt::excerpt;
pub use message::Message;
pub use url::Url;
