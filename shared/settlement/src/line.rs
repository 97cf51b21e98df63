//! The one line that is logged per attempt.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use tracing::Level;

use crate::record::Record;
use crate::verdict::Verdict;

/// What is known of an attempt. Ids and names only: nothing that was sent, and nobody it is about.
#[derive(Debug)]
pub(crate) struct Line {
    /// Which attempt it is, as the queue counts.
    pub(crate) attempt: u32,
    /// Whether the queues could not be told what came of it.
    pub(crate) queue_failed: bool,
    message_id: Option<String>,
    /// Id, provider and kind of the record.
    record: Option<[String; 3]>,
}

impl Line {
    /// The line of an attempt for `message`, which told of `record`.
    pub(crate) fn of(message: &SqsMessage, record: Option<&Record>) -> Self {
        let count = message.attributes.get("ApproximateReceiveCount");
        Self {
            attempt: count.and_then(|count| count.parse().ok()).unwrap_or(1),
            queue_failed: false,
            message_id: message.message_id.clone(),
            record: record
                .map(|record| [&record.id, &record.provider, &record.kind].map(Clone::clone)),
        }
    }

    /// Writes the line; no verdict is one that did not come in time.
    pub(crate) fn write(&self, verdict: Option<&Verdict>, took: Duration) {
        let (outcome, reason, after) = match verdict {
            Some(Verdict::Done) => ("done", None, None),
            Some(Verdict::Again { after, reason }) => ("again", Some(*reason), Some(*after)),
            Some(Verdict::DeadLetter { reason }) => ("dead_letter", Some(*reason), None),
            None => ("again", Some("too_slow"), None),
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
                    attempt = self.attempt,
                    verdict = outcome,
                    reason,
                    after_s = after.map(|after| after.as_secs_f64()),
                    queue_failed = self.queue_failed.then_some(true),
                    ms = took.as_secs_f64() * 1000.0,
                    "attempt"
                )
            };
        }
        match verdict {
            Some(Verdict::Done) => line!(Level::INFO),
            Some(Verdict::Again { .. }) | None => line!(Level::WARN),
            Some(Verdict::DeadLetter { .. }) => line!(Level::ERROR),
        }
    }

    /// Writes that the attempt for the message `message_id` panicked.
    pub(crate) fn panicked(message_id: Option<&str>) {
        tracing::error!(
            target: "settlement",
            message_id,
            verdict = "again",
            reason = "panicked",
            "attempt"
        );
    }
}
