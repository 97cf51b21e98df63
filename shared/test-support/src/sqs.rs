//! Messages about records, and what Lambda makes of them.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::{Value, json};

/// The body of the message about `record`: its event, as EventBridge sends it.
#[must_use]
pub fn body(record: &Value) -> String {
    let kind = &record["kind"];
    json!({"version": "0", "source": "callbacks", "detail-type": kind, "detail": record})
        .to_string()
}

/// The message `id` with this body.
#[must_use]
pub fn message(id: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": format!("receipt of {id}"),
        "body": body,
        "eventSource": "aws:sqs",
    })
}

/// What Lambda hands over for these messages.
#[must_use]
pub fn event(messages: &[Value]) -> SqsEvent {
    serde_json::from_value(json!({"Records": messages})).expect("an event")
}

/// The ids of the messages that are to come back, sorted.
#[must_use]
pub fn failed(response: SqsBatchResponse) -> Vec<String> {
    let failures = response.batch_item_failures.into_iter();
    let mut ids: Vec<_> = failures.map(|failure| failure.item_identifier).collect();
    ids.sort_unstable();
    ids
}
