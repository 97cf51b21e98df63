//! Lambda's part: the event source mapping from the stream of the callbacks table to the function that sends its
//! records to queues and bus.
//!
//! Source: "Using AWS Lambda with Amazon DynamoDB" in the Lambda developer guide. A batch that fails is tried again
//! until it succeeds: nothing is given up here, where a person sees the failures.

use std::time::Duration;

use bundle::names;
use bundle::reference::logical_id;
use bundle::template::Template;
use dynoxide::Database;
use serde_json::{Value, json};

use crate::functions::Work;
use crate::stream::{Reader, Start, StreamError, StreamRecord};

/// How long it is waited until the stream is looked at again for new records.
const PAUSE: Duration = Duration::from_millis(100);

/// How long it is waited after something failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Why records do not flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The template has no mapping that can be used.
    #[error("the template maps no table's stream to a function: {0} is missing, or not known here")]
    Mapping(&'static str),
    /// The stream cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// The mapping of a stream to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamMapping {
    /// Its logical id.
    id: String,
    /// The logical id of the function.
    pub function: String,
    table: &'static str,
    batch: usize,
}

impl StreamMapping {
    /// The one of the template.
    pub fn of(template: &Template) -> Result<Self, FlowError> {
        let mut mappings = template.resources("AWS::Lambda::EventSourceMapping");
        let (id, mapping) = mappings.next().ok_or(FlowError::Mapping("the mapping"))?;
        let named = |name| logical_id(&mapping[name]).ok_or(FlowError::Mapping(name));
        let batch = template.number(&mapping["BatchSize"]).and_then(|size| size.try_into().ok());
        Ok(Self {
            id: id.to_owned(),
            function: named("FunctionName")?.to_owned(),
            table: names::table(named("EventSourceArn")?)
                .ok_or(FlowError::Mapping("EventSourceArn"))?,
            batch: batch.ok_or(FlowError::Mapping("BatchSize"))?,
        })
    }

    /// Takes new records of `database` to `dispatch`, until the process ends. Older ones are the schedule's: a mapping
    /// on AWS goes on where it was.
    ///
    /// # Errors
    ///
    /// [`FlowError`] when the stream cannot be opened.
    pub fn start(self, database: &Database, dispatch: Work) -> Result<(), FlowError> {
        let reader = Reader::open(database.clone(), self.table, Start::Next)?;
        tokio::spawn(Poller { mapping: self, reader, dispatch, read: Vec::new() }.run());
        Ok(())
    }
}

/// What Lambda hands over for these records.
#[must_use]
pub fn event(records: &[StreamRecord]) -> Value {
    let records: Vec<_> = records.iter().map(|record| &record.value).collect();
    json!({"Records": records})
}

/// The mapping at work.
struct Poller {
    mapping: StreamMapping,
    reader: Reader,
    dispatch: Work,
    /// What was read and has not been dispatched yet.
    read: Vec<StreamRecord>,
}

impl Poller {
    async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) if self.read.is_empty() => tokio::time::sleep(PAUSE).await,
                Ok(false) => tokio::time::sleep(PAUSE_AFTER_FAILURE).await,
                Err(error) => {
                    eprintln!("{}: {error}", self.mapping.id);
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Takes one batch to the function, and keeps what failed of it; whether there may be more.
    async fn step(&mut self) -> Result<bool, FlowError> {
        if self.read.is_empty() {
            self.read = self.reader.next(self.mapping.batch)?;
        }
        if self.read.is_empty() {
            return Ok(false);
        }
        let is_full = self.read.len() >= self.mapping.batch;
        let response = (self.dispatch)(event(&self.read)).await;
        let done = dispatched(response.as_ref(), &self.read);
        self.read.drain(..done);
        Ok(is_full && self.read.is_empty())
    }
}

/// How many of `records` are done by the function's `response`: those before the first failure; none where there is no
/// response, or it names a record that is not among them ("Configuring partial batch response with DynamoDB and
/// Lambda").
fn dispatched(response: Option<&Value>, records: &[StreamRecord]) -> usize {
    let Some(response) = response else { return 0 };
    let failures = response["batchItemFailures"].as_array().into_iter().flatten();
    let places = failures.map(|failure| {
        records.iter().position(|record| failure["itemIdentifier"] == *record.sequence_number)
    });
    places.map(Option::unwrap_or_default).min().unwrap_or(records.len())
}

#[cfg(test)]
mod tests;
