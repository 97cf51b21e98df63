//! A queue, as the template defines it.

use bundle::names;
use bundle::reference::logical_id;
use serde_json::Value;
use tokio::sync::Notify;

/// A queue of the template.
#[derive(Debug)]
pub struct Queue {
    /// Its logical id, which is its name on this machine.
    pub id: String,
    /// How long a message that was received is not seen, in seconds.
    pub visibility: u32,
    /// How long a message is kept, in seconds.
    pub retention: u32,
    /// How long a new message is not seen, in seconds.
    pub delay: u32,
    /// Where a message goes that was received too often.
    pub redrive: Option<Redrive>,
    /// Told whenever a message may be there to be received.
    pub(crate) arrivals: Notify,
}

/// A redrive policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The logical id of the dead-letter queue.
    pub dead_letters: String,
    /// How often a message is received at most.
    pub max_receives: u32,
}

/// A queue that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}'s redrive policy names no queue of the template, or no maxReceiveCount")]
pub struct QueueError(pub(crate) String);

impl Queue {
    /// The queue `id`, with its properties in the template.
    pub fn of(id: &str, properties: &Value) -> Result<Self, QueueError> {
        let seconds = |name: &str, default: u32| {
            properties[name].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(default)
        };
        let policy = &properties["RedrivePolicy"];
        let redrive = || {
            let dead_letters = logical_id(&policy["deadLetterTargetArn"])?.to_owned();
            let max_receives = policy["maxReceiveCount"].as_u64()?.try_into().ok()?;
            Some(Redrive { dead_letters, max_receives })
        };
        Ok(Self {
            id: id.to_owned(),
            // The defaults are those of SQS.
            visibility: seconds("VisibilityTimeout", 30),
            retention: seconds("MessageRetentionPeriod", 345_600),
            delay: seconds("DelaySeconds", 0),
            redrive: match policy {
                Value::Null => None,
                _ => Some(redrive().ok_or_else(|| QueueError(id.to_owned()))?),
            },
            arrivals: Notify::new(),
        })
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        names::arn("sqs", &self.id)
    }
}
