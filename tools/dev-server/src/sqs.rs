//! SQS's API, as far as the functions and whoever operates them need it.
//!
//! Source: the SQS API reference, AWS JSON protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bundle::names::{self, queue_url};
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use crate::aws_json::{Refused, Result, Service, text, unknown};
use crate::event::HttpRequest;
use crate::http_server::Answer;
use crate::queue::Queue;
use crate::queues::Queues;
use crate::sqs_event::{self, md5};

/// SQS, as its requests and errors name it.
const SERVICE: Service =
    Service { target: "AmazonSQS", namespace: "com.amazonaws.sqs#", version: "1.0" };

/// Twelve hours, the longest visibility timeout in seconds.
const LONGEST_VISIBILITY: u64 = 43_200;

/// How many messages are sent at once.
const LARGEST_BATCH: usize = 10;

/// The longest delay in seconds.
const LONGEST_DELAY: u64 = 900;

/// The SQS endpoint.
#[derive(Debug)]
pub struct Sqs {
    queues: Arc<Queues>,
    url: String,
}

impl Sqs {
    /// The endpoint for `queues` at `url`.
    #[must_use]
    pub const fn new(queues: Arc<Queues>, url: String) -> Self {
        Self { queues, url }
    }

    async fn operate(&self, operation: &str, input: &Value) -> Result<Value> {
        let queue = || self.queue(input);
        match operation {
            "SendMessage" => self.send_message(queue()?, input),
            "SendMessageBatch" => self.send_message_batch(queue()?, input),
            "ReceiveMessage" => self.receive_message(queue()?, input).await,
            "DeleteMessage" => {
                self.queues.delete(queue()?, text(input, "ReceiptHandle")?);
                Ok(json!({}))
            }
            "ChangeMessageVisibility" => self.change_message_visibility(queue()?, input),
            "GetQueueAttributes" => Ok(self.get_queue_attributes(queue()?, input)),
            "GetQueueUrl" => {
                let name = text(input, "QueueName")?;
                let queue = self.queues.get(name).ok_or_else(no_queue)?;
                Ok(json!({"QueueUrl": queue_url(&self.url, &queue.id)}))
            }
            "ListQueues" => {
                let prefix = input["QueueNamePrefix"].as_str().unwrap_or_default();
                let queues = self.queues.iter().filter(|queue| queue.id.starts_with(prefix));
                let urls: Vec<_> = queues.map(|queue| queue_url(&self.url, &queue.id)).collect();
                Ok(json!({"QueueUrls": urls}))
            }
            "PurgeQueue" => {
                self.queues.purge(queue()?);
                Ok(json!({}))
            }
            "StartMessageMoveTask" => self.start_message_move_task(input),
            _ => Err(unknown(operation)),
        }
    }

    /// The queue that the last segment of `QueueUrl` names.
    fn queue(&self, input: &Value) -> Result<&Queue> {
        let url = text(input, "QueueUrl")?;
        url.rsplit('/').next().and_then(|id| self.queues.get(id)).ok_or_else(no_queue)
    }

    fn send_message(&self, queue: &Queue, input: &Value) -> Result<Value> {
        let body = text(input, "MessageBody")?;
        if body.is_empty() {
            return Err(Refused("MissingParameter", "MessageBody is empty".to_owned()));
        }
        let delay = number(input, "DelaySeconds", LONGEST_DELAY)?;
        let attributes = match &input["MessageAttributes"] {
            Value::Null => json!({}),
            attributes => attributes.clone(),
        };
        let id = self.queues.send(queue, body, &attributes.to_string(), delay);
        Ok(json!({"MessageId": id, "MD5OfMessageBody": md5(body)}))
    }

    fn send_message_batch(&self, queue: &Queue, input: &Value) -> Result<Value> {
        let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.is_empty() || entries.len() > LARGEST_BATCH {
            let problem = format!("Entries has to have from 1 to {LARGEST_BATCH} members");
            let name = if entries.is_empty() {
                "EmptyBatchRequest"
            } else {
                "TooManyEntriesInBatchRequest"
            };
            return Err(Refused(name, problem));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            let id = text(entry, "Id")?;
            match self.send_message(queue, entry) {
                Ok(mut sent) => {
                    sent["Id"] = Value::from(id);
                    successful.push(sent);
                }
                Err(Refused(code, message)) => {
                    let is_ours = code == "InternalError";
                    failed.push(json!({
                        "Id": id, "Code": code, "Message": message, "SenderFault": !is_ours,
                    }));
                }
            }
        }
        Ok(json!({"Successful": successful, "Failed": failed}))
    }

    async fn receive_message(&self, queue: &Queue, input: &Value) -> Result<Value> {
        let max = number(input, "MaxNumberOfMessages", 10)?.unwrap_or(1).max(1);
        let max = usize::try_from(max).unwrap_or(1);
        let visibility = number(input, "VisibilityTimeout", LONGEST_VISIBILITY)?;
        let wait = number(input, "WaitTimeSeconds", 20)?.unwrap_or(0);
        let until = Instant::now() + Duration::from_secs(wait.into());
        let messages = loop {
            let messages = self.queues.receive(queue, max, visibility, false);
            let left = until.saturating_duration_since(Instant::now());
            if !messages.is_empty() || left.is_zero() {
                break messages;
            }
            let _ = tokio::time::timeout(left, self.queues.wait_for_message(queue)).await;
        };
        let messages: Vec<_> = messages
            .iter()
            .map(|message| {
                json!({
                    "MessageId": message.id,
                    "ReceiptHandle": message.receipt,
                    "MD5OfBody": md5(&message.body),
                    "Body": message.body,
                    "Attributes": sqs_event::attributes(message),
                    "MessageAttributes": sqs_event::message_attributes(message),
                })
            })
            .collect();
        Ok(json!({"Messages": messages}))
    }

    fn change_message_visibility(&self, queue: &Queue, input: &Value) -> Result<Value> {
        let receipt = text(input, "ReceiptHandle")?;
        let missing = || Refused("MissingParameter", "VisibilityTimeout is missing".to_owned());
        let seconds =
            number(input, "VisibilityTimeout", LONGEST_VISIBILITY)?.ok_or_else(missing)?;
        if self.queues.hide(queue, receipt, seconds) {
            return Ok(json!({}));
        }
        let problem = "the message does not exist or can be received already";
        Err(Refused("MessageNotInflight", problem.to_owned()))
    }

    fn get_queue_attributes(&self, queue: &Queue, input: &Value) -> Value {
        let [visible, in_flight, delayed] = self.queues.count(queue);
        let mut attributes = json!({
            "QueueArn": queue.arn(),
            "ApproximateNumberOfMessages": visible.to_string(),
            "ApproximateNumberOfMessagesNotVisible": in_flight.to_string(),
            "ApproximateNumberOfMessagesDelayed": delayed.to_string(),
            "VisibilityTimeout": queue.visibility.to_string(),
            "MessageRetentionPeriod": queue.retention.to_string(),
            "DelaySeconds": queue.delay.to_string(),
        });
        if let Some(redrive) = &queue.redrive {
            let policy = json!({
                "deadLetterTargetArn": names::arn("sqs", &redrive.dead_letters),
                "maxReceiveCount": redrive.max_receives,
            });
            attributes["RedrivePolicy"] = Value::from(policy.to_string());
        }
        let asked: Vec<_> = input["AttributeNames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let wanted = |name: &str| asked.contains(&"All") || asked.contains(&name);
        let attributes: Map<_, _> = match attributes {
            Value::Object(all) => all.into_iter().filter(|(name, _)| wanted(name)).collect(),
            _ => Map::new(),
        };
        json!({"Attributes": attributes})
    }

    /// Moves what is in a dead-letter queue back, or to another queue. It is done when this answers.
    fn start_message_move_task(&self, input: &Value) -> Result<Value> {
        let named = |arn: &str| {
            let id = arn.rsplit(':').next().unwrap_or_default();
            let unknown =
                || Refused("ResourceNotFoundException", format!("there is no queue {arn}"));
            self.queues.get(id).ok_or_else(unknown)
        };
        let from = named(text(input, "SourceArn")?)?;
        let source = self.queues.source_of(&from.id).ok_or_else(|| {
            Refused("InvalidParameterValue", "SourceArn is no dead-letter queue".to_owned())
        })?;
        let to = input["DestinationArn"].as_str().map_or(Ok(source), named)?;
        self.queues.put_back(from, to);
        Ok(json!({"TaskHandle": names::opaque()}))
    }
}

impl Answer for Sqs {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        let result = match SERVICE.read(&request) {
            Ok((operation, input)) => self.operate(operation, &input).await,
            Err(refused) => Err(refused),
        };
        Some(SERVICE.answer(result))
    }
}

fn no_queue() -> Refused {
    Refused("QueueDoesNotExist", "the specified queue does not exist".to_owned())
}

fn number(input: &Value, name: &str, largest: u64) -> Result<Option<u32>> {
    if input[name].is_null() {
        return Ok(None);
    }
    let within = input[name].as_u64().filter(|n| *n <= largest).and_then(|n| n.try_into().ok());
    let wrong = || Refused("InvalidParameterValue", format!("{name} is not from 0 to {largest}"));
    within.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
