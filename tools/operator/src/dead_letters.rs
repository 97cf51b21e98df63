//! A look at dead letters that leaves them where they are.
//!
//! SQS shows a message only to whoever receives it. So they are received, and let go again at once; SQS
//! counts it, and that has no effect on a dead-letter queue.

use std::fmt;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use serde::{Serialize, Serializer};
use serde_json::Value;
use tables::callbacks::{Reason, Stored};

use crate::error::Error;
use crate::stack::Stack;

/// How many are looked at, at most.
pub const LOOKED_AT: usize = 100;

/// How long letters are nobody else's while they are looked at, in seconds.
const HIDDEN_FOR: i32 = 30;

/// A dead letter.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The id of the record that it tells of, where it does.
    pub record: Option<String>,
    /// Why it is there.
    pub cause: Cause,
    /// The message in the dead-letter queue.
    pub message: Message,
}

/// Why a message is a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A function gave it up for this reason; or EventBridge did, in its own words.
    Named(Stored<Reason>),
    /// Nobody gave it up: SQS handed it out as often as its queue allows.
    ReceivedTooOften,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(reason) => reason.fmt(f),
            Self::ReceivedTooOften => f.write_str("received too often"),
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl DeadLetter {
    /// Reads a message of a dead-letter queue.
    #[must_use]
    pub fn of(message: Message) -> Self {
        let attribute = |name: &str| {
            let attribute = message.message_attributes()?.get(name)?;
            attribute.string_value().map(str::to_owned)
        };
        let cause = attribute("reason");
        let cause =
            cause.map_or(Cause::ReceivedTooOften, |named| Cause::Named(named.as_str().into()));
        let body: Value =
            message.body().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        // A message of a settler, or a record as the stream had it.
        let id = body["detail"]["id"].as_str().or(body["dynamodb"]["Keys"]["id"]["S"].as_str());
        let record = id.map(str::to_owned);
        Self { record, cause, message }
    }

    /// When the message was first sent, in milliseconds since 1970.
    #[must_use]
    pub fn sent_at(&self) -> i64 {
        let attributes = self.message.attributes();
        let sent = attributes.and_then(|it| it.get(&MessageSystemAttributeName::SentTimestamp));
        sent.and_then(|sent| sent.parse().ok()).unwrap_or_default()
    }
}

/// The dead-letter queue of the queue `id`, both logical ids.
#[must_use]
pub fn of_queue<'a>(stack: &'a Stack, id: &str) -> Option<&'a str> {
    let policy = &stack.template.properties(id)["RedrivePolicy"];
    bundle::reference::logical_id(&policy["deadLetterTargetArn"])
}

/// The queue whose dead-letter queue is `id`, both logical ids.
#[must_use]
pub fn source<'a>(stack: &'a Stack, id: &str) -> Option<&'a str> {
    let queues = stack.resources("AWS::SQS::Queue").into_iter();
    queues.into_iter().find(|queue| of_queue(stack, queue) == Some(id))
}

/// How many messages a queue has, of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// That can be received.
    pub ready: u64,
    /// That are being worked on, or wait for their next attempt.
    pub in_flight: u64,
}

/// How many messages the queue with the logical id `id` has, about.
pub async fn depth(stack: &Stack, id: &str) -> Result<Depth, Error> {
    let attributes = stack
        .clients
        .sqs
        .get_queue_attributes()
        .queue_url(stack.name_of(id)?)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
        .send()
        .await
        .map_err(stack.failed("SQS"))?
        .attributes
        .unwrap_or_default();
    let count = |name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0u64);
    Ok(Depth {
        ready: count(QueueAttributeName::ApproximateNumberOfMessages),
        in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            + count(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
    })
}

/// Receives up to ten letters of the queue with the logical id `id`, which nobody else is shown for
/// `seconds`.
pub async fn receive(stack: &Stack, id: &str, seconds: i32) -> Result<Vec<DeadLetter>, Error> {
    let received = stack
        .clients
        .sqs
        .receive_message()
        .queue_url(stack.name_of(id)?)
        .max_number_of_messages(10)
        .visibility_timeout(seconds)
        // Asks all of SQS's machines; where there is something it answers at once.
        .wait_time_seconds(1)
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .map_err(stack.failed("SQS"))?;
    Ok(received.messages.unwrap_or_default().into_iter().map(DeadLetter::of).collect())
}

/// Lets go of a letter: whoever comes next is shown it.
pub async fn release(stack: &Stack, id: &str, letter: &DeadLetter) {
    let Ok(url) = stack.name_of(id) else { return };
    let receipt = letter.message.receipt_handle().unwrap_or_default();
    let hide = stack.clients.sqs.change_message_visibility();
    let hide = hide.queue_url(url).receipt_handle(receipt).visibility_timeout(0);
    // Where this fails it is shown again half a minute later.
    let _ = hide.send().await;
}

/// What is in the dead-letter queue with the logical id `id`: the first [`LOOKED_AT`].
pub async fn look(stack: &Stack, id: &str) -> Result<Vec<DeadLetter>, Error> {
    let mut letters = Vec::new();
    if depth(stack, id).await?.ready > 0 {
        while letters.len() < LOOKED_AT {
            let received = receive(stack, id, HIDDEN_FOR).await?;
            if received.is_empty() {
                break;
            }
            letters.extend(received);
        }
    }
    for letter in &letters {
        release(stack, id, letter).await;
    }
    Ok(letters)
}
