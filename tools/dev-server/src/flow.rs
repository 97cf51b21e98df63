//! From the stream to the queues: every record through every pipe, every event through every rule.

use std::sync::Arc;
use std::time::Duration;

use bundle::names;
use bundle::template::Template;
use dynoxide::Database;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bus::{self, Bus, RuleError};
use crate::pipe::{Pipe, PipeError, Unmade};
use crate::queues::{Queue, QueueError, Queues};
use crate::state::{State, StateError};
use crate::stream::{Reader, Start, StreamError, StreamRecord};

/// How long a pipe waits before it looks again for new records.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a pipe waits after something failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Why records do not flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A pipe of the template cannot be used.
    #[error("{0}: {1}")]
    Pipe(String, PipeError),
    /// A rule of the template cannot be used.
    #[error("{0}: {1}")]
    Rule(String, RuleError),
    /// A queue of the template cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A pipe names a table or a dead-letter queue that is not here.
    #[error("{0}: there is no {1} here")]
    Missing(String, String),
    /// The stream cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The pipes, the bus and the queues of the template.
#[derive(Debug)]
pub struct Flow {
    pipes: Vec<Pipe>,
    bus: Arc<Bus>,
    queues: Arc<Queues>,
}

impl Flow {
    /// What the template says; waits in queues are `scale` times shorter than on AWS.
    pub fn of(template: &Template, state: Arc<State>, scale: u32) -> Result<Self, FlowError> {
        let queues = Queues::of(template, state, scale)?;
        let pipes = Pipe::all(template).map_err(|(id, error)| FlowError::Pipe(id, error))?;
        for pipe in &pipes {
            if let Some(id) = pipe.dead_letters.as_ref().filter(|id| queues.get(id).is_none()) {
                return Err(FlowError::Missing(pipe.id.clone(), id.clone()));
            }
        }
        let bus = Bus::of(template).map_err(|(id, error)| FlowError::Rule(id, error))?;
        Ok(Self { pipes, bus: Arc::new(bus), queues: Arc::new(queues) })
    }

    /// The queues.
    #[must_use]
    pub const fn queues(&self) -> &Arc<Queues> {
        &self.queues
    }

    /// The rules of the buses.
    #[must_use]
    pub const fn bus(&self) -> &Arc<Bus> {
        &self.bus
    }

    /// Lets the records of `database` flow, from where they had got to, until the process ends.
    ///
    /// # Errors
    ///
    /// [`FlowError`] when a stream cannot be opened.
    pub fn start(self, database: &Database) -> Result<(), FlowError> {
        for pipe in self.pipes {
            let table = names::table(&pipe.table)
                .ok_or_else(|| FlowError::Missing(pipe.id.clone(), pipe.table.clone()))?;
            let checkpoint = self.queues.checkpoint(&pipe.id)?;
            let start = match &checkpoint {
                Some(sequence_number) => Start::After(sequence_number),
                None => Start::At(&pipe.start),
            };
            let reader = Reader::open(database.clone(), table, start)?;
            let (bus, queues) = (Arc::clone(&self.bus), Arc::clone(&self.queues));
            tokio::spawn(Channel { pipe, reader, bus, queues, read: Vec::new() }.run());
        }
        Ok(())
    }

    /// The events that records become, each with the logical ids of the queues that it goes to. `ids`
    /// gives each its id, `at` is when they come to the bus.
    pub fn events(
        &self,
        records: &[StreamRecord],
        mut ids: impl FnMut() -> String,
        at: Timestamp,
    ) -> Result<Vec<(Value, Vec<&str>)>, Unmade> {
        let mut events = Vec::new();
        for record in records {
            for pipe in &self.pipes {
                if let Some(entry) = pipe.entry(&record.value)? {
                    let event = bus::event(&entry, &ids(), at);
                    let queues = self.bus.queues(&pipe.bus, &event);
                    events.push((event, queues));
                }
            }
        }
        Ok(events)
    }
}

/// One pipe at work.
struct Channel {
    pipe: Pipe,
    reader: Reader,
    bus: Arc<Bus>,
    queues: Arc<Queues>,
    /// What was read and has not yet come into the queues.
    read: Vec<StreamRecord>,
}

impl Channel {
    async fn run(mut self) {
        loop {
            match self.step() {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    eprintln!("{}: {error}", self.pipe.id);
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Takes one batch as far as the queues; whether there may be more.
    fn step(&mut self) -> Result<bool, FlowError> {
        if self.read.is_empty() {
            self.read = self.reader.next(self.pipe.batch)?;
        }
        let Some(last) = self.read.last() else { return Ok(false) };
        let sent: Vec<_> = self.read.iter().flat_map(|record| self.messages(record)).collect();
        self.queues.accept(&self.pipe.id, &last.sequence_number, &sent)?;
        let more = self.read.len() >= self.pipe.batch;
        self.read.clear();
        Ok(more)
    }

    /// The messages that a record becomes.
    fn messages(&self, record: &StreamRecord) -> Vec<(&Queue, String)> {
        let entry = match self.pipe.entry(&record.value) {
            Ok(None) => return Vec::new(),
            Ok(Some(entry)) => entry,
            Err(unmade) => {
                eprintln!("{}: record {}: {unmade}", self.pipe.id, record.sequence_number);
                let dead_letters = self.pipe.dead_letters.as_deref();
                let dead_letters = dead_letters.and_then(|id| self.queues.get(id));
                let letter = || self.dead_letter(record).to_string();
                return dead_letters.map(|queue| (queue, letter())).into_iter().collect();
            }
        };
        let event = bus::event(&entry, &names::uuid(), Timestamp::now());
        let queues = self.bus.queues(&self.pipe.bus, &event).into_iter();
        queues.filter_map(|id| Some((self.queues.get(id)?, event.to_string()))).collect()
    }

    /// What a pipe puts into its dead-letter queue: the place in the stream, not the record.
    fn dead_letter(&self, record: &StreamRecord) -> Value {
        json!({
            "context": {
                "partnerResourceArn": names::arn("pipes", &format!("pipe/{}", self.pipe.id)),
                "condition": "RetryAttemptsExhausted",
            },
            "version": "1.0",
            "timestamp": Timestamp::now().to_string(),
            "DDBStreamBatchInfo": {
                "startSequenceNumber": record.sequence_number,
                "endSequenceNumber": record.sequence_number,
                "batchSize": 1,
                "streamArn": self.reader.arn(),
            },
        })
    }
}

#[cfg(test)]
mod tests;
