//! The one line that is logged per attempt.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use jiff::Timestamp;
use platform::logging::{milliseconds, seconds};
use tables::callbacks::Reason;
use tracing::Level;

use crate::message;
use crate::record::Record;
use crate::verdict::Verdict;

/// What is known of an attempt. Ids and names only: nothing that was sent, and nobody it is about.
#[derive(Debug)]
pub(crate) struct Line {
    /// How often the message was received, this time counted.
    pub(crate) receives: u32,
    /// How old the record was when the attempt began, where that is known.
    pub(crate) age: Option<Duration>,
    /// Whether the queues could not be told what came of it.
    pub(crate) queue_failed: bool,
    message_id: Option<String>,
    /// Id, provider and kind of the record.
    record: Option<[String; 3]>,
}

impl Line {
    /// The line of an attempt that begins `now` for `message`, which told of `record`.
    pub(crate) fn of(message: &SqsMessage, record: Option<&Record>, now: Timestamp) -> Self {
        Self {
            receives: message::receives(message),
            age: record.and_then(|record| age(record, now)),
            queue_failed: false,
            message_id: message.message_id.clone(),
            record: record
                .map(|record| [&record.id, &record.provider, &record.kind].map(Clone::clone)),
        }
    }

    /// Writes the line; no verdict is one that did not come in time.
    pub(crate) fn write(&self, verdict: Option<&Verdict>, took: Duration) {
        let (outcome, reason, after) = match verdict {
            Some(Verdict::Done) => ("settled", None, None),
            Some(Verdict::Refused { reason }) => ("refused", Some(*reason), None),
            Some(Verdict::Again { after, reason } | Verdict::Due { after, reason }) => {
                ("retried", Some(*reason), Some(*after))
            }
            Some(Verdict::DeadLetter { reason }) => ("dead_letter", Some(*reason), None),
            None => ("retried", Some(Reason::TooSlow), None),
        };
        let record = |index: usize| self.record.as_ref().map(|parts| parts[index].as_str());
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: "settlement",
                    $level,
                    message_id = self.message_id,
                    id = record(0),
                    provider = record(1),
                    kind = record(2),
                    receives = self.receives,
                    outcome,
                    reason = reason.map(Reason::as_str),
                    after_s = after.map(seconds),
                    age_s = self.age.map(seconds),
                    queue_failed = self.queue_failed.then_some(true),
                    total_ms = milliseconds(took),
                    "attempt"
                )
            };
        }
        match verdict {
            Some(Verdict::Done) => line!(Level::INFO),
            Some(Verdict::Again { .. } | Verdict::Due { .. }) | None => line!(Level::WARN),
            Some(Verdict::Refused { .. } | Verdict::DeadLetter { .. }) => line!(Level::ERROR),
        }
    }

    /// Whose callback the record is of, where the message told.
    pub(crate) fn provider(&self) -> Option<&str> {
        self.record.as_ref().map(|[_, provider, _]| provider.as_str())
    }

    /// Writes that the attempt for the message `message_id` panicked.
    pub(crate) fn panicked(message_id: Option<&str>) {
        tracing::error!(
            target: "settlement",
            message_id,
            outcome = "retried",
            reason = "panicked",
            "attempt"
        );
    }
}

/// The time from when `record` was received until `now`; none where one of the clocks is wrong.
fn age(record: &Record, now: Timestamp) -> Option<Duration> {
    let received_at: Timestamp = record.received_at.parse().ok()?;
    now.duration_since(received_at).try_into().ok()
}
