//! A page on a port of this machine: every request that came to the HTTP API, as it comes, what it was answered and why,
//! and what became of its record.
//!
//! It is about the bundle on this machine, with all that it was sent, or about a stack on AWS, of which it knows what its
//! functions logged and its tables have.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`server`] | the port and the routes |
//! | `shown` | what the pages are made of, and the proof that a form is of one of them |
//! | [`guard`] | who may ask, and what a browser may do with an answer |
//! | [`source`] | where the requests come from: the bundle on this machine, or a stack's log |
//! | [`item`] | a request as a list shows it |
//! | [`page`] | the pages |
//! | [`record`], [`act`] | what is shown of a record, and what a person does about it |
//! | [`command`](mod@command) | the operator's commands, by which both are done |
//! | [`trial`] | what is sent from here: a request again, samples, states, faults of the stand-ins |
//! | [`refused`] | why nothing is shown or done |

pub mod act;
pub mod command;
pub mod guard;
pub mod item;
pub mod page;
pub mod record;
pub mod refused;
pub mod server;
mod shown;
pub mod source;
pub mod trial;

pub use server::{Console, ConsoleError};
pub use source::{Bundle, Source};
