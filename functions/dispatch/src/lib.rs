//! Sends new and accepted records from the stream of the callbacks table to the queues of their settlers, and tells
//! the event bus what happened to each record: that it came, and what became of it.
//!
//! Delivery is at least once: what a batch could not send is read again, together with all that comes after it in
//! its shard. What can never be sent is kept, whole, in a queue for dead letters, so that it blocks no shard.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`stream`] | what Lambda hands over, and what is to be sent of it |
//! | `image` | a record's item in the stream |
//! | [`happening`] | what happened to a callback: the types of events |
//! | [`news`] | a happening and its record, of which message and event are made |
//! | [`event`] | what subscribers of the bus are told |
//! | [`sender`] | sends records to where they go |
//! | [`queues`], [`bus`] | the queues of the settlers, and the event bus |
//! | [`lambda`] | what `main` calls |

mod batches;
pub mod bus;
mod dead_letters;
pub mod event;
pub mod happening;
mod image;
pub mod lambda;
mod metrics;
pub mod news;
mod outgoing;
pub mod queues;
pub mod sender;
pub mod stream;

use std::time::Instant;

use platform::aws::timeouts::DISPATCH;
use platform::logging::milliseconds;
use serde::Serialize;
use settings::{ConfigError, Settings};

use crate::bus::Bus;
use crate::dead_letters::DeadLetters;
use crate::queues::Queues;
use crate::stream::{NoSequenceNumber, StreamEvent, StreamRecord};

pub use happening::Happening;
pub use news::News;
pub use outgoing::Refusal;
pub use sender::Sender;

/// The function.
#[derive(Debug)]
pub struct Dispatch {
    sender: Sender,
    dead_letters: DeadLetters,
}

/// What Lambda is told of a batch. It reads the shard again from the first of the failures on.
/// Source: "Configuring partial batch response with DynamoDB and Lambda" in the Lambda developer guide.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// At most one: the first record that failed.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// A record that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

impl Dispatch {
    /// Takes the settings `QUEUES`, a JSON object of queues' URLs by the names of their settlers, among them
    /// `ledger`; `DEAD_LETTER_QUEUE_URL`; and `EVENT_BUS`, a bus's name: absent, empty, or with
    /// `EVENT_BUS_ENABLED` at `false`, nothing goes to a bus.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the setting that is missing or unusable.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let sqs = aws_sdk_sqs::Client::new(&platform::aws::config(settings, "SQS", DISPATCH)?);
        let queues = Queues::configure(sqs.clone(), settings)?;
        let enabled = settings
            .parsed("EVENT_BUS_ENABLED", "true or false", |text| text.parse().ok())?
            .unwrap_or(true);
        let bus = match settings.optional("EVENT_BUS").filter(|_| enabled) {
            Some(name) => {
                let config = platform::aws::config(settings, "EVENTBRIDGE", DISPATCH)?;
                Some(Bus::new(aws_sdk_eventbridge::Client::new(&config), name.to_owned()))
            }
            None => None,
        };
        let dead_letters = settings.required("DEAD_LETTER_QUEUE_URL", "a queue's URL")?.to_owned();
        Ok(Self {
            sender: Sender::new(queues, bus),
            dead_letters: DeadLetters::new(sqs, dead_letters),
        })
    }

    /// Sends the records of a batch, and logs a line for each record that was not sent.
    ///
    /// # Errors
    ///
    /// [`NoSequenceNumber`] where a failure could not be named; Lambda then takes the whole batch as failed.
    pub async fn handle(&self, event: StreamEvent) -> Result<BatchResponse, NoSequenceNumber> {
        let started = Instant::now();
        let audience = self.sender.audience();
        let records = event.records.iter().map(|raw| StreamRecord::read(raw, audience));
        let records = records.collect::<Result<Vec<_>, _>>()?;
        let news: Vec<_> =
            records.iter().filter_map(|record| record.news.as_ref().ok()?.as_ref()).collect();
        let mut results = self.sender.send(&news).await.into_iter();
        let mut response = BatchResponse::default();
        let mut failed = 0;
        for record in &records {
            let refusal = match &record.news {
                Ok(None) => None,
                Ok(Some(_)) => results.next().flatten(),
                Err(_) => Some(Refusal::Never("unreadable".to_owned())),
            };
            let Some(refusal) = refusal else { continue };
            // What is behind a failure comes again with it, and is put aside then.
            let is_first = response.batch_item_failures.is_empty();
            let is_kept = is_first && self.put_aside(record, &refusal).await;
            log(record, &refusal, is_kept);
            if is_kept {
                continue;
            }
            failed += 1;
            if is_first {
                let item_identifier = record.sequence_number.clone();
                response.batch_item_failures.push(BatchItemFailure { item_identifier });
            }
        }
        tracing::debug!(
            target: "dispatch",
            records = records.len(),
            failed,
            total_ms = milliseconds(started.elapsed()),
            "batch"
        );
        metrics::count(failed);
        Ok(response)
    }

    /// Keeps a record that is refused for good among the dead letters; whether it is kept.
    async fn put_aside(&self, record: &StreamRecord<'_>, refusal: &Refusal) -> bool {
        match refusal {
            Refusal::Again(_) => false,
            Refusal::Never(reason) => {
                self.dead_letters.keep(record.raw.get(), reason, &record.sequence_number).await
            }
        }
    }
}

/// Writes the line of a record that was not sent: ids and names, nothing that was in it.
fn log(record: &StreamRecord<'_>, refusal: &Refusal, is_kept: bool) {
    let news = record.news.as_ref().ok().and_then(Option::as_ref);
    tracing::warn!(
        target: "dispatch",
        sequence_number = record.sequence_number,
        id = news.map(News::id),
        outcome = if is_kept { "dead_letter" } else { "failed" },
        reason = refusal.reason(),
        "record"
    );
}
