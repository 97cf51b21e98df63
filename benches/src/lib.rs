//! Measures the deployed functions, and what a team would use instead, through the Lambda Runtime API
//! on loopback: `cargo bench -p benches`.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cli`] | the options |
//! | [`bench`](mod@bench) | the order of everything: build, measure, write |
//! | [`build`] | the release binaries and the peers |
//! | [`subject`] | what is measured: the five functions, the peers, the floors |
//! | [`callbacks`] | signed callbacks, each with an identity of its own |
//! | [`store`] | DynamoDB's part: a stub, the stub over TLS, the embedded DynamoDB |
//! | [`certificate`] | the certificate of the stub |
//! | [`cpu`] | the function on one CPU, everything else on another |
//! | [`start`] | one start of one function, from process start to the last of its callbacks |
//! | [`instructions`] | the same under callgrind, up to the first answer |
//! | [`verification`] | verification against the bare hash of the same bytes |
//! | [`package`] | size of a package, zipped |
//! | [`measure`] | what one start tells, as a number |
//! | [`stats`] | medians and spreads |
//! | [`error`] | why there is no result |
//! | [`results`] | everything that was measured |
//! | [`targets`] | what is wanted, and whether it is met |
//! | [`report`] | the tables |
//! | [`chart`] | the chart |

pub mod bench;
pub mod build;
pub mod callbacks;
pub mod certificate;
pub mod chart;
pub mod cli;
pub mod cpu;
pub mod error;
pub mod instructions;
pub mod measure;
pub mod package;
pub mod report;
pub mod results;
pub mod start;
pub mod stats;
pub mod store;
pub mod subject;
pub mod targets;
pub mod verification;
