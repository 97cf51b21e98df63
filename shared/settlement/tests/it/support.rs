//! A settlement that the records themselves tell what to do, and messages about them.

use std::sync::Mutex;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use serde_json::{Value, json};
use settings::Settings;
use settlement::{Attempt, Settle, Verdict, Worker};
use tables::callbacks::Store;

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
    fn store(&self) -> Option<&Store> {
        None
    }

    async fn settle(&self, attempt: &Attempt) -> Verdict {
        self.attempts.lock().expect("unpoisoned").push(attempt.clone());
        match attempt.record.kind.as_str() {
            "done" => Verdict::Done,
            "again" => Verdict::Again { after: Duration::from_millis(1_500), reason: "not_yet" },
            "refused" => Verdict::Refused { reason: "not_wanted" },
            "dead_letter" => Verdict::DeadLetter { reason: "no_use" },
            "hang" => std::future::pending().await,
            kind => panic!("{kind}"),
        }
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

/// The message `id`, about a record of this kind.
pub(crate) fn message(id: &str, kind: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": format!("receipt of {id}"),
        "body": body(kind).to_string(),
        "attributes": {"ApproximateReceiveCount": "3"},
        "eventSource": "aws:sqs",
    })
}

/// The event of a record of this kind, as EventBridge sends it.
pub(crate) fn body(kind: &str) -> Value {
    json!({
        "version": "0",
        "source": "callbacks",
        "detail-type": kind,
        "detail": {
            "id": format!("p#callback#{kind}"), "provider": "p", "kind": kind,
            "user": "user@example.com", "effect": "credit", "effect_of": "", "settler": "ledger",
            "amount": "12.50", "unit": "coins", "test": false,
            "state": "recorded", "received_at": "2026-11-21T17:59:59.000Z", "key_id": "k",
            "payload": "{\"secret\":\"hunter2\"}",
        },
    })
}

/// What Lambda hands over for these messages.
pub(crate) fn event(messages: &[Value]) -> SqsEvent {
    serde_json::from_value(json!({"Records": messages})).expect("an event")
}

/// The ids of the messages that are to come back, sorted.
pub(crate) fn failed(response: SqsBatchResponse) -> Vec<String> {
    let failures = response.batch_item_failures.into_iter();
    let mut ids: Vec<_> = failures.map(|failure| failure.item_identifier).collect();
    ids.sort_unstable();
    ids
}
