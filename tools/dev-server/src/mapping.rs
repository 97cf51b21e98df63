//! Lambda's part: event source mappings, which take messages from a queue to a function.
//!
//! Source: "Using Lambda with Amazon SQS" in the Lambda developer guide.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bundle::reference::logical_id;
use bundle::template::Template;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::functions::Work;
use crate::messages::Message;
use crate::queues::Queues;
use crate::sqs_event;

/// How many functions run at once where the mapping does not say; Lambda would begin with five.
const CONCURRENCY: u64 = 5;

/// A queue and the function that works it off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The logical id of the function.
    pub function: String,
    /// The logical id of the queue.
    pub queue: String,
    /// How many messages the function is given at once.
    pub batch: usize,
    /// How many of the function run at once.
    pub concurrency: usize,
    /// How long the function may run.
    pub timeout: Duration,
    /// Whether the function says which messages failed; otherwise all go, or all come back.
    pub reports_failures: bool,
}

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{function}: {property} is missing, or not known here")]
pub struct MappingError {
    function: String,
    property: &'static str,
}

impl Mapping {
    /// The mappings of the template.
    pub fn all(template: &Template) -> Result<Vec<Self>, MappingError> {
        let mut mappings = Vec::new();
        for (function, properties) in template.resources("AWS::Serverless::Function") {
            for (_, event) in properties["Events"].as_object().into_iter().flatten() {
                if event["Type"] == "SQS" && event["Properties"]["Enabled"] != false {
                    mappings.push(Self::of(template, function, &event["Properties"])?);
                }
            }
        }
        Ok(mappings)
    }

    fn of(template: &Template, function: &str, event: &Value) -> Result<Self, MappingError> {
        let wrong = |property| MappingError { function: function.to_owned(), property };
        for property in ["FilterCriteria", "MaximumBatchingWindowInSeconds"] {
            if !event[property].is_null() {
                return Err(wrong(property));
            }
        }
        let queue = logical_id(&event["Queue"]).ok_or_else(|| wrong("Queue"))?;
        let number = |value: &Value, property, default: u64| match value {
            Value::Null => Ok(default),
            value => template.number(value).ok_or_else(|| wrong(property)),
        };
        let batch = number(&event["BatchSize"], "BatchSize", 10)?;
        let concurrency =
            number(&event["ScalingConfig"]["MaximumConcurrency"], "ScalingConfig", CONCURRENCY)?;
        let reports = event["FunctionResponseTypes"].as_array();
        Ok(Self {
            function: function.to_owned(),
            queue: queue.to_owned(),
            batch: batch.try_into().map_err(|_| wrong("BatchSize"))?,
            concurrency: concurrency.try_into().map_err(|_| wrong("ScalingConfig"))?,
            timeout: template.timeout(function),
            reports_failures: reports
                .is_some_and(|reports| reports.contains(&Value::from("ReportBatchItemFailures"))),
        })
    }

    /// Takes messages from the queue to `work` until the process ends. `None` where the template has no
    /// such queue.
    #[must_use]
    pub fn start(self, queues: &Arc<Queues>, work: Work) -> Option<()> {
        queues.get(&self.queue)?;
        let poller = Poller { mapping: self, queues: Arc::clone(queues), work };
        tokio::spawn(Arc::new(poller).run());
        Some(())
    }
}

/// A mapping at work.
struct Poller {
    mapping: Mapping,
    queues: Arc<Queues>,
    work: Work,
}

impl Poller {
    async fn run(self: Arc<Self>) {
        let Some(queue) = self.queues.get(&self.mapping.queue) else { return };
        let places = Arc::new(Semaphore::new(self.mapping.concurrency));
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let batch = self.queues.receive(queue, self.mapping.batch, None, true);
            if batch.is_empty() {
                drop(place);
                self.queues.wait_for_message(queue).await;
            } else {
                drop(tokio::spawn(Arc::clone(&self).invoke(batch, place)));
            }
        }
    }

    /// Runs the function once, and deletes the messages that it is done with.
    async fn invoke(self: Arc<Self>, batch: Vec<Message>, _place: OwnedSemaphorePermit) {
        let Some(queue) = self.queues.get(&self.mapping.queue) else { return };
        let event = sqs_event::event(queue, &batch);
        // In a task of its own, so that a panic ends the invocation and nothing else.
        let running = tokio::spawn((self.work)(event));
        let stop = running.abort_handle();
        let failed = match tokio::time::timeout(self.mapping.timeout, running).await {
            Ok(Ok(Some(response))) if self.mapping.reports_failures => {
                sqs_event::failures(&response, &batch)
            }
            Ok(Ok(Some(_))) => Some(HashSet::new()),
            Ok(Ok(None) | Err(_)) => None,
            Err(_) => {
                stop.abort();
                eprintln!("{}: timed out after {:?}", self.mapping.function, self.mapping.timeout);
                None
            }
        };
        let done =
            |message: &Message| failed.as_ref().is_some_and(|failed| !failed.contains(&message.id));
        self.queues.finish(queue, &batch, done);
    }
}

#[cfg(test)]
mod tests;
