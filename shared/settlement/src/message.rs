//! What SQS tells of a message beside its body.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use jiff::Timestamp;

/// The attribute of a message that took the place of an older one: the attempts that there were.
pub(crate) const ATTEMPTS: &str = "attempts";

/// How often the message was received, this time counted.
pub(crate) fn receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Which attempt this one is, counted from 1 over all messages that took each other's place.
pub(crate) fn attempt(message: &SqsMessage) -> u32 {
    let before = message.message_attributes.get(ATTEMPTS);
    let before = before.and_then(|attribute| attribute.string_value.as_deref()?.parse().ok());
    receives(message).saturating_add(before.unwrap_or(0))
}

/// How long ago the message was sent; none where one of the clocks is wrong.
pub(crate) fn age(message: &SqsMessage, now: Timestamp) -> Option<Duration> {
    let sent_at = message.attributes.get("SentTimestamp")?.parse().ok()?;
    now.duration_since(Timestamp::from_millisecond(sent_at).ok()?).try_into().ok()
}
