//! The queue that a message came from, and the one for dead letters.

use std::time::Duration;

use aws_sdk_sqs::types::MessageAttributeValue;
use platform::aws::timeouts;
use settings::{ConfigError, Settings};
use tables::callbacks::Reason;

/// The longest pause. Longer ones stand on their records; this one is for when DynamoDB is not to be had, so that
/// none can.
pub const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// The queues of a function. Without their settings it has none, and the queue's own visibility timeout
/// and redrive policy decide.
#[derive(Debug)]
pub(crate) struct Queues {
    client: Option<aws_sdk_sqs::Client>,
    queue: Option<String>,
    dead_letters: Option<String>,
}

/// SQS did not do it, or has nothing to do it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueError {
    /// The setting with the queue's URL is absent.
    NoQueue,
    /// SQS refused, or did not answer in time.
    Failed,
}

impl Queues {
    /// Takes the settings `QUEUE_URL` and `DEAD_LETTER_QUEUE_URL`; absent is none.
    pub(crate) fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let url = |name| settings.optional(name).map(str::to_owned);
        let (queue, dead_letters) = (url("QUEUE_URL"), url("DEAD_LETTER_QUEUE_URL"));
        let client = if queue.is_some() || dead_letters.is_some() {
            let config = platform::aws::config(settings, "SQS", timeouts::SETTLEMENT)?;
            Some(aws_sdk_sqs::Client::new(&config))
        } else {
            None
        };
        Ok(Self { client, queue, dead_letters })
    }

    /// Has the message with the handle `receipt` come back `after` that long.
    pub(crate) async fn postpone(&self, receipt: &str, after: Duration) -> Result<(), QueueError> {
        let (Some(client), Some(queue)) = (&self.client, &self.queue) else {
            return Err(QueueError::NoQueue);
        };
        let postponed = client
            .change_message_visibility()
            .queue_url(queue)
            .receipt_handle(receipt)
            .visibility_timeout(whole_seconds(after));
        postponed.send().await.map(drop).map_err(|_| QueueError::Failed)
    }

    /// Puts a message with the body of the message `id` into the queue for dead letters, with `reason`
    /// and `id` as its attributes `reason` and `message_id`.
    pub(crate) async fn send_to_dead_letters(
        &self,
        id: &str,
        body: &str,
        reason: Reason,
    ) -> Result<(), QueueError> {
        let (Some(client), Some(queue)) = (&self.client, &self.dead_letters) else {
            return Err(QueueError::NoQueue);
        };
        let mut letter = client.send_message().queue_url(queue).message_body(body);
        for (name, value) in [("reason", reason.as_str()), ("message_id", id)] {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|_| QueueError::Failed)?;
            letter = letter.message_attributes(name, value);
        }
        letter.send().await.map(drop).map_err(|_| QueueError::Failed)
    }
}

/// Rounded up: never sooner than asked for, but for what is above [`LONGEST_PAUSE`].
fn whole_seconds(pause: Duration) -> i32 {
    let pause = pause.min(LONGEST_PAUSE);
    let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_whole_seconds_rounded_up_and_a_quarter_of_an_hour_at_most() {
        for (pause, seconds) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_secs(90), 90),
            (Duration::from_millis(90_001), 91),
            (Duration::from_mins(15), 900),
            (Duration::from_hours(12), 900),
            (Duration::MAX, 900),
        ] {
            assert_eq!(whole_seconds(pause), seconds, "{pause:?}");
        }
    }
}
