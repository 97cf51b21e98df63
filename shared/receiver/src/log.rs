//! The one line that is logged per callback, as JSON on standard output.

use std::io;
use std::time::Duration;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::answer::Answer;

/// What is known of a callback by the time it is answered. Ids only: nothing that was sent.
#[derive(Debug, Default)]
pub struct Line {
    /// Which callback it is, once it was authenticated and read.
    pub kind: Option<&'static str>,
    /// The id of its record, likewise.
    pub id: Option<String>,
    /// The key that proved it, likewise.
    pub key_id: Option<String>,
    /// How long the store took.
    pub store: Option<Duration>,
}

impl Line {
    /// Writes the line.
    pub fn write(&self, provider: &str, request_id: &str, answer: &Answer, total: Duration) {
        let milliseconds = |took: Duration| took.as_secs_f64() * 1000.0;
        let (outcome, reason) = match answer {
            Answer::Kept { outcome, .. } => (outcome.as_str(), None),
            Answer::Conflict { .. } => ("conflict", None),
            Answer::Refused(refusal) => ("refused", Some(refusal.reason())),
            Answer::Unavailable(outage) => ("unavailable", Some(outage.reason())),
        };
        let field = match answer {
            Answer::Refused(refusal) => refusal.field(),
            _ => None,
        };
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    request_id,
                    provider,
                    kind = self.kind,
                    id = self.id,
                    key_id = self.key_id,
                    outcome,
                    reason,
                    field,
                    status = answer.status(),
                    total_ms = milliseconds(total),
                    store_ms = self.store.map(milliseconds),
                    "callback"
                )
            };
        }
        match answer {
            Answer::Kept { .. } => line!(Level::INFO),
            Answer::Conflict { .. } | Answer::Refused(_) => line!(Level::WARN),
            Answer::Unavailable(_) => line!(Level::ERROR),
        }
    }
}

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
