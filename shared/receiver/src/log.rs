//! The one line that is logged per callback, as JSON on standard output.

use std::time::Duration;

use logging::milliseconds;
use tracing::Level;

use crate::answer::Answer;

pub use logging::start;

/// What is known of a callback by the time it is answered. Ids only: nothing that was sent.
#[derive(Debug, Default)]
pub struct Line {
    /// Which callback it is, once it was authenticated and read.
    pub kind: Option<&'static str>,
    /// The id of its record, likewise.
    pub id: Option<String>,
    /// Whether it has an amount, likewise. Counted, and not in the line.
    pub pays: bool,
    /// The key that proved it, likewise.
    pub key_id: Option<String>,
    /// How long the store took.
    pub store: Option<Duration>,
}

impl Line {
    /// Writes the line.
    pub fn write(&self, provider: &str, request_id: &str, answer: &Answer, total: Duration) {
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
