//! What every function runs on: AWS's clients, secrets, log lines and metrics.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`aws`] | how the functions reach AWS |
//! | [`logging`] | the functions' own log lines and metrics |
//! | [`published`] | a document that a third party publishes |
//! | [`secret`] | a secret of Secrets Manager, read once and again when it may have changed |

pub mod aws;
pub mod logging;
pub mod published;
pub mod secret;
