//! How the functions reach AWS.
//!
//! Region, credentials and endpoints come straight from the environment variables that Lambda sets:
//! the chain of `aws-config` would look in the same place first and costs a megabyte.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`service`](mod@service) | one AWS service: what its client is configured with |
//! | [`http`](mod@http) | HTTP/1.1 as the SDK's clients take it |
//! | [`connector`](mod@connector) | connections, one of which may be opened ahead |
//! | [`timeouts`](mod@timeouts) | how long a call may take, and what all of them add up to |
//! | [`trust`](mod@trust) | whose certificates are trusted |
//! | [`user_agent`](mod@user_agent) | by what name AWS is called |

pub mod connector;
pub mod http;
pub mod service;
pub mod timeouts;
pub mod trust;
pub mod user_agent;

pub use aws_types::SdkConfig;
pub use service::{Service, config};
pub use timeouts::Timeouts;
pub use user_agent::UserAgent;
