//! The bundle on one machine: what API Gateway, Lambda and DynamoDB do on AWS, in one process.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cli`] | the commands and their options |
//! | [`template`] | what is read from `template.yaml`: routes, tables |
//! | [`bundle`] | the functions of the bundle, by their logical ids; a new provider is one line there |
//! | [`settings`] | their environment variables, from `events/env.json` |
//! | [`event`] | HTTP requests as API Gateway events, and back |
//! | [`gateway`] | API Gateway's part |
//! | [`tables`] | DynamoDB's part |
//! | [`serve`] | `cargo run`: all of it together |
//! | [`samples`] | `cargo run -- events`: the sample events |
//! | [`sign`] | `cargo run -- sign`: a signed request for a payload of one's own |
//! | [`send`] | `cargo run -- send`: a sample event sent to an API |
//! | [`curl`] | a request as a command line |

pub mod bundle;
pub mod cli;
pub mod curl;
pub mod event;
pub mod gateway;
pub mod samples;
pub mod send;
pub mod serve;
pub mod settings;
pub mod sign;
pub mod tables;
pub mod template;

use std::path::{Path, PathBuf};

/// A file of the project.
#[must_use]
pub fn project_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
