//! The queues of the settlers.

use std::collections::HashMap;
use std::hash::BuildHasher;

use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::{BatchResultErrorEntry, QueueAttributeName, SendMessageBatchRequestEntry};
use settings::{ConfigError, Settings};

use crate::batches::batches;
use crate::outgoing::{Outgoing, Refusal, Refusals};

/// How many bytes are sent at once. `SendMessageBatch` takes 1 MiB since August 2025, and took 256 KiB before; a
/// record is at most a third of that, because the receivers read no more than 64 KiB.
/// Source: `SendMessageBatch` in the SQS API reference.
const BYTES: usize = 256 * 1024;

/// Who gets what names a settler that has no queue: the ledger makes a dead letter of it, so that it is seen.
const FALLBACK: &str = "ledger";

/// The queues, by the names of their settlers.
#[derive(Debug)]
pub struct Queues {
    client: aws_sdk_sqs::Client,
    urls: HashMap<String, String>,
}

impl Queues {
    /// The queues at `urls`, by the names of their settlers; none where the ledger has none.
    #[must_use]
    pub fn new(client: aws_sdk_sqs::Client, urls: HashMap<String, String>) -> Option<Self> {
        urls.contains_key(FALLBACK).then_some(Self { client, urls })
    }

    /// Takes the setting `QUEUES`, a JSON object of queues' URLs by the names of their settlers, among them
    /// `ledger`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is missing or unusable.
    pub fn configure(
        client: aws_sdk_sqs::Client,
        settings: &Settings,
    ) -> Result<Self, ConfigError> {
        let variable = "QUEUES";
        let expected = "a JSON object of queues' URLs by settlers, with one for ledger";
        let urls = settings.parsed(variable, expected, |urls| serde_json::from_str(urls).ok())?;
        urls.and_then(|urls| Self::new(client, urls)).ok_or(ConfigError { variable, expected })
    }

    /// The settlers that have a queue.
    pub fn settlers(&self) -> impl Iterator<Item = &str> {
        self.urls.keys().map(String::as_str)
    }

    /// The settler into whose queue goes what `settler` is to settle.
    #[must_use]
    pub fn takes<'a>(&self, settler: &'a str) -> &'a str {
        if self.urls.contains_key(settler) { settler } else { FALLBACK }
    }

    /// About how many messages wait in the queue of each settler; a settler whose queue does not say is left out.
    pub async fn waiting(&self) -> HashMap<&str, u64> {
        const COUNT: QueueAttributeName = QueueAttributeName::ApproximateNumberOfMessages;
        let mut waiting = HashMap::new();
        for (settler, url) in &self.urls {
            let get = self.client.get_queue_attributes().queue_url(url).attribute_names(COUNT);
            let attributes = get.send().await.ok().and_then(|got| got.attributes);
            let count = attributes.and_then(|said| said.get(&COUNT)?.parse().ok());
            waiting.extend(count.map(|count| (settler.as_str(), count)));
        }
        waiting
    }

    /// Puts each record that is to be settled into its settler's queue. What a call could not do for a queue ends
    /// its turn: it would cost the same time again, and comes again anyway.
    pub(crate) async fn send(&self, records: &[Outgoing]) -> Refusals {
        let mut by_queue: HashMap<&str, Vec<&Outgoing>> = HashMap::new();
        for record in records {
            let Some(settler) = &record.settler else { continue };
            let url = of_settler(&self.urls, settler).unwrap_or_default();
            by_queue.entry(url).or_default().push(record);
        }
        let mut refusals = Refusals::new();
        for (url, records) in by_queue {
            let mut down = None;
            for batch in batches(records, BYTES, |record| record.message.len()) {
                if down.is_none() {
                    down = self.send_batch(url, &batch, &mut refusals).await.err();
                }
                if let Some(reason) = &down {
                    let again = |record: &&Outgoing| (record.index, Refusal::Again(reason.clone()));
                    refusals.extend(batch.iter().map(again));
                }
            }
        }
        refusals
    }

    /// Sends a batch and adds what was refused of it; in one word why the queue took nothing.
    async fn send_batch(
        &self,
        url: &str,
        batch: &[&Outgoing],
        refusals: &mut Refusals,
    ) -> Result<(), String> {
        let entries = batch.iter().map(|record| {
            SendMessageBatchRequestEntry::builder()
                .id(record.index.to_string())
                .message_body(&record.message)
                .build()
        });
        let entries =
            entries.collect::<Result<Vec<_>, _>>().map_err(|_| "unwritable".to_owned())?;
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        let unavailable = |code: Option<&str>| code.unwrap_or("queue_unavailable").to_owned();
        let sent = call.send().await.map_err(|error| unavailable(error.code()))?;
        for record in batch {
            let id = record.index.to_string();
            if sent.successful().iter().any(|entry| entry.id() == id) {
                continue;
            }
            let failed = sent.failed().iter().find(|entry| entry.id() == id);
            let refusal = failed.map_or_else(|| Refusal::Again("unanswered".to_owned()), refusal);
            refusals.push((record.index, refusal));
        }
        Ok(())
    }
}

/// Which of `queues` gets what `settler` is to settle: its own, or the ledger's.
#[must_use]
pub fn of_settler<'a, S: BuildHasher>(
    queues: &'a HashMap<String, String, S>,
    settler: &str,
) -> Option<&'a str> {
    queues.get(settler).or_else(|| queues.get(FALLBACK)).map(String::as_str)
}

/// A fault of the sender's is the same the next time, unless it was only too fast.
fn refusal(entry: &BatchResultErrorEntry) -> Refusal {
    let code = entry.code().to_owned();
    if entry.sender_fault() && !code.contains("Throttl") {
        Refusal::Never(code)
    } else {
        Refusal::Again(code)
    }
}
