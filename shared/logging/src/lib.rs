//! Writes this project's own log lines, as JSON on standard output.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging at `level` (`error`, `warn`, `info`, `debug`, `trace`; anything else is `info`).
///
/// Only this project's own lines: what the libraries log at the lower levels has requests and replies
/// in it.
pub fn start(level: Option<&str>) {
    let level = level.and_then(|level| level.parse::<Level>().ok()).unwrap_or(Level::INFO);
    let own = Targets::new()
        .with_target("receiver", level)
        .with_target("store", level)
        .with_target("settlement", level);
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(io::stdout);
    // A second call, as tests make it, changes nothing.
    let _ = tracing_subscriber::registry().with(own).with(json).try_init();
}
