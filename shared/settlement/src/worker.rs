//! A batch of messages: attempted in groups, each answered on its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use platform::aws::timeouts::BATCH;
use settings::{ConfigError, Settings};
use tables::callbacks::Reason;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::line::Line;
use crate::message;
use crate::metrics;
use crate::queue::{QueueError, Queues};
use crate::record::Record;
use crate::verdict::{Attempt, Settle, Verdict};

/// How many groups are attempted at the same time: as many as the template has messages in a batch. Not one
/// after the other, because ten calls to a third party that is slow would take longer than the function
/// may run.
const AT_ONCE: usize = 10;

/// The pause after an attempt that was not done in time: its lease is over then.
const AFTER_SLOW: Duration = Duration::from_mins(1);

/// What works off a queue.
#[derive(Debug)]
pub struct Worker<S>(Arc<Parts<S>>);

#[derive(Debug)]
struct Parts<S> {
    settle: S,
    queues: Queues,
    clock: fn() -> Timestamp,
}

/// Messages that are attempted together.
type Group = Vec<(SqsMessage, Option<Record>)>;

impl<S: Settle> Worker<S> {
    /// Puts the worker together from its settings; `clock` tells the time.
    ///
    /// `QUEUE_URL` is the queue that the messages come from, `DEAD_LETTER_QUEUE_URL` the one for those
    /// that nothing helps. Absent, [`Verdict::Again`] and [`Verdict::DeadLetter`] are failures
    /// like any other, and the queue's visibility timeout and redrive policy decide what follows.
    pub fn configure(
        settings: &Settings,
        settle: S,
        clock: fn() -> Timestamp,
    ) -> Result<Self, ConfigError> {
        let queues = Queues::configure(settings)?;
        Ok(Self(Arc::new(Parts { settle, queues, clock })))
    }

    /// Makes one attempt for each message, whatever becomes of the others, and logs one line for each.
    /// The answer names the messages that are to come back: those that failed, panicked, or were not
    /// done within 25 s. A message without an id cannot be named; Lambda takes its empty name as the
    /// failure of the whole batch.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let deadline = Instant::now() + BATCH;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        let mut open = HashMap::new();
        for group in self.groups(event.records) {
            let (parts, places) = (Arc::clone(&self.0), Arc::clone(&places));
            let id =
                |(message, _): &(SqsMessage, _)| message.message_id.clone().unwrap_or_default();
            let ids: Vec<_> = group.iter().map(id).collect();
            let task = tasks.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                parts.attempt(group, deadline).await
            });
            open.insert(task.id(), ids);
        }
        let mut failed = Vec::new();
        while let Some(ended) = tasks.join_next_with_id().await {
            let (task, done) = match ended {
                Ok((task, done)) => (task, done),
                Err(panicked) => (panicked.id(), Vec::new()),
            };
            let ids = open.remove(&task).unwrap_or_default();
            if done.is_empty() {
                for id in &ids {
                    Line::panicked(Some(id));
                    metrics::count_panic();
                }
            }
            let done = done.into_iter().chain(std::iter::repeat(false));
            failed.extend(ids.into_iter().zip(done).filter(|(_, done)| !done).map(|(id, _)| id));
        }
        let failures = failed.into_iter().map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        });
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = failures.collect();
        response
    }

    /// The messages by what is settled together, in the order in which they came; one that cannot be read is alone.
    fn groups(&self, messages: Vec<SqsMessage>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for message in messages {
            let record = Record::parse(message.body.as_deref().unwrap_or_default()).ok();
            let name = record.as_ref().map(|record| self.0.settle.group(record).to_owned());
            let place =
                name.map_or(groups.len(), |name| *places.entry(name).or_insert(groups.len()));
            if place == groups.len() {
                groups.push(Group::new());
            }
            groups[place].push((message, record));
        }
        groups
    }
}

impl<S: Settle> Parts<S> {
    /// Makes one attempt for each message of `group`, unless it is too late to begin; whether each may go.
    async fn attempt(&self, group: Group, deadline: Instant) -> Vec<bool> {
        let started = Instant::now();
        let now = (self.clock)();
        let attempts: Vec<_> = group
            .iter()
            .filter_map(|(message, record)| {
                let (record, receives) = (record.clone()?, message::receives(message));
                let random = getrandom::u64().unwrap_or_default();
                Some(Attempt { record, receives, now, random })
            })
            .collect();
        let settled = if started >= deadline || attempts.is_empty() {
            None
        } else {
            tokio::time::timeout_at(deadline, self.settle.settle(&attempts)).await.ok()
        };
        let mut verdicts = settled.into_iter().flatten();
        let mut done = Vec::with_capacity(group.len());
        for (message, record) in &group {
            let verdict = match record {
                Some(_) => verdicts.next(),
                None => Some(Verdict::DeadLetter { reason: Reason::Unreadable }),
            };
            let told = self.tell(message, verdict.as_ref()).await;
            let mut line = Line::of(message, record.as_ref(), now);
            line.queue_failed = told == Err(QueueError::Failed);
            line.write(verdict.as_ref(), started.elapsed());
            metrics::count(&line, verdict.as_ref());
            done.push(match verdict {
                Some(Verdict::Done | Verdict::Refused { .. } | Verdict::Due { .. }) => true,
                Some(Verdict::DeadLetter { .. }) => told.is_ok(),
                Some(Verdict::Again { .. }) | None => false,
            });
        }
        done
    }

    /// Tells the queues what the verdict asks for.
    async fn tell(
        &self,
        message: &SqsMessage,
        verdict: Option<&Verdict>,
    ) -> Result<(), QueueError> {
        match verdict {
            Some(Verdict::Again { after, .. }) => self.postpone(message, *after).await,
            None => self.postpone(message, AFTER_SLOW).await,
            Some(Verdict::DeadLetter { reason }) => {
                let id = message.message_id.as_deref().unwrap_or_default();
                self.queues
                    .send_to_dead_letters(id, message.body.as_deref().unwrap_or_default(), *reason)
                    .await
            }
            Some(Verdict::Done | Verdict::Refused { .. } | Verdict::Due { .. }) => Ok(()),
        }
    }

    async fn postpone(&self, message: &SqsMessage, after: Duration) -> Result<(), QueueError> {
        let receipt = message.receipt_handle.as_deref().unwrap_or_default();
        self.queues.postpone(receipt, after).await
    }
}
