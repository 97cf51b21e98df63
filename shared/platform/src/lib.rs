//! What every function runs on: AWS's clients, log lines and metrics.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`aws`] | how the functions reach AWS |
//! | [`logging`] | the functions' own log lines and metrics |

pub mod aws;
pub mod logging;
