//! A page on a port of this machine: every request that came to the HTTP API, as it comes, what it was answered and why,
//! and what became of its record.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`server`] | the port, the routes, the stream of what comes |
//! | [`guard`] | who may ask, and what a browser may do with an answer |
//! | [`page`] | the pages |
//! | [`record`], [`act`] | what is shown of a record, and what a person does about it |
//! | [`command`](mod@command) | the operator's commands, by which both are done |

pub mod act;
pub mod command;
pub mod guard;
pub mod page;
pub mod record;
pub mod server;

pub use server::{Console, ConsoleError};
