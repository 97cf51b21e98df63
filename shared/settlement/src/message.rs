//! What SQS tells of a message beside its body.

use aws_lambda_events::sqs::SqsMessage;

/// How often the message was received, this time counted.
pub(crate) fn receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}
