//! A settlement that the records themselves tell what to do, and messages about them.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use settings::Settings;
use settlement::{Attempt, Reason, Settle, Verdict, Worker};
use test_support::{record, sqs, with};

/// Does what the kind of the record says: `done`, `refused`, `again`, `dead_letter`, `panic` or `hang`.
#[derive(Debug)]
pub(crate) struct Obedient {
    /// The attempts that were begun.
    pub(crate) attempts: &'static Mutex<Vec<Attempt>>,
}

impl Obedient {
    pub(crate) fn new() -> Self {
        Self { attempts: Box::leak(Box::default()) }
    }
}

impl Settle for Obedient {
    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let [attempt] = attempts else { panic!("one of a group") };
        self.attempts.lock().expect("unpoisoned").push(attempt.clone());
        vec![match attempt.record.kind.as_str() {
            "done" => Verdict::Done,
            "again" => {
                Verdict::Again { after: Duration::from_millis(1_500), reason: Reason::NoCompletion }
            }
            "refused" => Verdict::Refused { reason: Reason::UpstreamRefused },
            "dead_letter" => Verdict::DeadLetter { reason: Reason::Undeliverable },
            "hang" => std::future::pending().await,
            kind => panic!("{kind}"),
        }]
    }
}

/// The time at which everything happens.
pub(crate) fn clock() -> Timestamp {
    "2026-11-21T18:00:00Z".parse().expect("a time")
}

/// A worker with these settings.
pub(crate) fn worker<S: Settle>(settle: S, settings: &Settings) -> Worker<S> {
    Worker::configure(settings, settle, clock).expect("configured")
}

/// The message `id`, about a record of this kind, which is received for the third time.
pub(crate) fn message(id: &str, kind: &str) -> Value {
    let message = sqs::message(id, &body(id, kind));
    with(message, json!({"attributes": {"ApproximateReceiveCount": "3"}}))
}

/// The event of a record of this kind, which was received a second ago, for the message `id`.
pub(crate) fn body(id: &str, kind: &str) -> String {
    let record = record(&format!("p#callback#{kind}#{id}"), "p", kind);
    sqs::body(&with(
        record,
        json!({
            "user": "user@example.com", "effect": "credit", "settler": "ledger",
            "amount": "12.50", "unit": "coins", "received_at": "2026-11-21T17:59:59.000Z",
            "payload": "{\"secret\":\"hunter2\"}",
        }),
    ))
}
