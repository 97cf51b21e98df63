//! Messages as Lambda hands them to a function, and the function's answer.
//!
//! Source: "Using Lambda with Amazon SQS" in the Lambda developer guide.

use std::collections::HashSet;

use bundle::names::REGION;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use crate::messages::Message;
use crate::queue::Queue;

/// Who is said to have sent every message: a role has an id of its own.
const SENDER: &str = "AIDAIENQZJOLO23YVJ4VO";

/// The event for a batch from `queue`.
#[must_use]
pub fn event(queue: &Queue, batch: &[Message]) -> Value {
    let records: Vec<_> = batch.iter().map(|message| record(queue, message)).collect();
    json!({"Records": records})
}

fn record(queue: &Queue, message: &Message) -> Value {
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes(message),
        "messageAttributes": event_attributes(message),
        "md5OfBody": md5(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn(),
        "awsRegion": REGION,
    })
}

/// The attributes that SQS gives a message.
#[must_use]
pub fn attributes(message: &Message) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receives.to_string(),
        "SentTimestamp": message.sent_at.to_string(),
        "SenderId": SENDER,
        "ApproximateFirstReceiveTimestamp": message.first_received_at.to_string(),
    });
    if let Some(queue) = &message.died_in {
        attributes["DeadLetterQueueSourceArn"] = Value::from(bundle::names::arn("sqs", queue));
    }
    attributes
}

/// The attributes that the sender gave a message, in the form of the SQS API.
#[must_use]
pub fn message_attributes(message: &Message) -> Value {
    serde_json::from_str(&message.attributes).unwrap_or_else(|_| json!({}))
}

/// The same in the form of an event, in which names begin in lower case.
fn event_attributes(message: &Message) -> Value {
    let Value::Object(attributes) = message_attributes(message) else { return json!({}) };
    let lower = |name: String| match name.chars().next() {
        Some(first) => first.to_lowercase().chain(name.chars().skip(1)).collect(),
        None => name,
    };
    let attributes: Map<_, _> = attributes
        .into_iter()
        .map(|(name, value)| match value {
            Value::Object(fields) => {
                (name, fields.into_iter().map(|(field, value)| (lower(field), value)).collect())
            }
            other => (name, other),
        })
        .collect();
    Value::Object(attributes)
}

/// The ids of the messages that failed, as a function's `response` to `batch` reports them; `None` when
/// it means that all have: one that is not of its form, or names a message that is not in the batch.
#[must_use]
pub fn failures(response: &Value, batch: &[Message]) -> Option<HashSet<String>> {
    let failures = match &response["batchItemFailures"] {
        Value::Null if response.is_null() || response.is_object() => return Some(HashSet::new()),
        Value::Array(failures) => failures,
        _ => return None,
    };
    failures
        .iter()
        .map(|failure| {
            let id = failure["itemIdentifier"].as_str()?;
            batch.iter().any(|message| message.id == id).then(|| id.to_owned())
        })
        .collect()
}

/// The MD5 digest of `text` in hex, as SQS gives it.
#[must_use]
pub fn md5(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> Message {
        Message {
            id: id.to_owned(),
            receipt: "receipt".to_owned(),
            body: "Test message.".to_owned(),
            attributes: r#"{"reason":{"DataType":"String","StringValue":"Refused"}}"#.to_owned(),
            sent_at: 1_545_082_649_183,
            first_received_at: 1_545_082_649_185,
            receives: 2,
            visible_at: 0,
            died_in: None,
        }
    }

    #[test]
    fn digests_are_those_of_sqs() {
        // From the example in the developer guide.
        assert_eq!(md5("Test message."), "e4e68fb7bd0e697a0ae8f1bb342846b3");
    }

    #[test]
    fn attributes_are_texts() {
        assert_eq!(
            attributes(&message("a")),
            json!({
                "ApproximateReceiveCount": "2",
                "SentTimestamp": "1545082649183",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1545082649185",
            })
        );
        assert_eq!(
            event_attributes(&message("a")),
            json!({"reason": {"dataType": "String", "stringValue": "Refused"}})
        );
    }

    #[test]
    fn a_response_names_the_messages_that_failed() {
        let batch = [message("a"), message("b")];
        let of = |response: Value| failures(&response, &batch);
        let set = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect());
        for none in [
            json!(null),
            json!({}),
            json!({"batchItemFailures": null}),
            json!({"batchItemFailures": []}),
        ] {
            assert_eq!(of(none), set(&[]));
        }
        assert_eq!(of(json!({"batchItemFailures": [{"itemIdentifier": "b"}]})), set(&["b"]));
        for all in [
            json!("no"),
            json!({"batchItemFailures": {}}),
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{"id": "a"}]}),
            json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "c"}]}),
        ] {
            assert_eq!(of(all), None);
        }
    }
}
