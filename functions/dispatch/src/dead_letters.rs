//! The queue for records that cannot be sent, however often that is tried.

use aws_sdk_sqs::types::MessageAttributeValue;

/// The queue.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl DeadLetters {
    pub(crate) const fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Keeps the whole record of the stream, with `reason` and its sequence number; whether it is kept.
    pub(crate) async fn keep(&self, record: &str, reason: &str, sequence_number: &str) -> bool {
        let mut letter = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(settlement::message_body::printable(record.to_owned()));
        for (name, value) in [("reason", reason), ("sequence_number", sequence_number)] {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let Ok(value) = value else { return false };
            letter = letter.message_attributes(name, value);
        }
        letter.send().await.is_ok()
    }
}
