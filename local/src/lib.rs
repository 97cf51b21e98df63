//! The bundle on one machine: what API Gateway, Lambda, DynamoDB, `EventBridge` and SQS do on AWS, in one
//! process, with stand-ins for the providers' APIs.
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
//! | [`tables`], [`dynamodb`], [`stream`] | DynamoDB's part |
//! | [`queues`], [`messages`], [`sqs`] | SQS's part |
//! | [`events`], [`secrets`] | what the event bus and Secrets Manager are asked |
//! | [`endpoint`], [`aws_json`] | where these are reached, and their protocol |
//! | [`mapping`], [`sqs_event`] | Lambda's part: from a queue to a function |
//! | [`flow`], [`settle`] | from the stream to the dispatching function, and from the queues to the settling ones |
//! | [`data_dir`], [`state`] | where things are kept, and what is kept beside the tables |
//! | [`providers`] | stand-ins for the providers' APIs |
//! | [`http_server`], [`access`] | HTTP on this machine, and who may ask |
//! | [`names`], [`reference`](mod@reference) | names that AWS gives, and those that the template gives |
//! | [`serve`] | `cargo run`: all of it together |
//! | [`statement`](mod@statement) | `cargo run -- statement`: what a user has |
//! | [`samples`], [`sqs_samples`] | `cargo run -- events`: the sample events |
//! | [`sign`] | `cargo run -- sign`: a signed request for a payload of one's own |
//! | [`probe`] | a signed request that a route refuses, to see whether it works |
//! | [`send`] | `cargo run -- send`: a sample event sent to an API |
//! | [`curl`] | a request as a command line |
//! | [`terminal`] | what is printed where a person reads it, or copies it into a shell |

pub mod access;
pub mod aws_json;
pub mod bundle;
pub mod cli;
pub mod curl;
pub mod data_dir;
pub mod dynamodb;
pub mod endpoint;
pub mod event;
pub mod events;
pub mod flow;
pub mod gateway;
pub mod http_server;
pub mod mapping;
pub mod messages;
pub mod names;
pub mod probe;
pub mod providers;
pub mod queues;
pub mod reference;
pub mod samples;
pub mod secrets;
pub mod send;
pub mod serve;
pub mod settings;
pub mod settle;
pub mod sign;
pub mod sqs;
pub mod sqs_event;
pub mod sqs_samples;
pub mod state;
pub mod statement;
pub mod stream;
pub mod tables;
pub mod template;
pub mod terminal;

use std::path::{Path, PathBuf};

/// A file of the project.
#[must_use]
pub fn project_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
