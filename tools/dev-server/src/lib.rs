//! The bundle on one machine: what API Gateway, Lambda, DynamoDB, `EventBridge` and SQS do on AWS, in one
//! process, with stand-ins for the providers' APIs.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`functions`] | the functions of the bundle, started in this process |
//! | [`settings`] | their environment variables, from `events/env.json` |
//! | [`event`] | HTTP requests as API Gateway events, and back |
//! | [`gateway`] | API Gateway's part |
//! | [`live`] | the providers that contracts describe, as their files stand there |
//! | [`tables`], [`dynamodb`], [`stream`] | DynamoDB's part |
//! | [`queue`], [`queues`], [`messages`], [`sqs`] | SQS's part |
//! | [`events`], [`secrets`] | what the event bus and Secrets Manager are asked |
//! | [`endpoint`], [`aws_json`] | where these are reached, and their protocol |
//! | [`clock`] | the time that settling functions are told |
//! | [`mapping`], [`sqs_event`] | Lambda's part: from a queue to a function |
//! | [`flow`], [`settle`] | from the stream to the dispatching function, and from the queues to the settling ones |
//! | [`data_dir`], [`state`] | where things are kept, and what is kept beside the tables |
//! | [`providers`] | stand-ins for the providers' APIs |
//! | [`http_server`], [`port`], [`access`] | HTTP on this machine, where, and who may ask |
//! | [`feed`] | what came to the HTTP API, and what it was answered |
//! | [`diagnosis`] | why nothing proved a request |
//! | [`redacted`] | what is shown of what somebody sent |
//! | [`lines`] | what is printed of requests and attempts |
//! | [`serve`] | `cargo run`: all of it together |
//! | [`samples`], [`sqs_samples`] | `cargo run -- events`: the sample events |
//! | [`openapi`] | `cargo run -- openapi`: the description of the HTTP API |
//! | [`new_provider`] | `cargo run -- new-provider`: a provider to begin with |
//! | [`contract`] | `cargo run -- contract`: a contract listed, checked, tried out |
//! | [`sign`] | `cargo run -- sign`: a signed request for a payload of one's own |
//! | [`send`] | `cargo run -- send`: a sample event sent to an API |
//! | [`curl`] | a request as a command line |

pub mod access;
pub mod aws_json;
pub mod clock;
pub mod contract;
pub mod curl;
pub mod data_dir;
pub mod diagnosis;
pub mod dynamodb;
pub mod endpoint;
pub mod event;
pub mod events;
pub mod feed;
pub mod flow;
pub mod functions;
pub mod gateway;
pub mod http_server;
pub mod lines;
pub mod live;
pub mod mapping;
pub mod messages;
pub mod new_provider;
pub mod openapi;
pub mod port;
pub mod providers;
pub mod queue;
pub mod queues;
pub mod redacted;
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
pub mod stream;
pub mod tables;
