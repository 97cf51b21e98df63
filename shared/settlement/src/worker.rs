//! A batch of messages: each attempted, each answered on its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use verify::{Misconfigured, Settings};

use crate::line::Line;
use crate::metrics;
use crate::queue::{NotDone, Queues};
use crate::record::Record;
use crate::verdict::{Attempt, Settle, Verdict};

/// How many messages are attempted at the same time: as many as the template has in a batch. Not one
/// after the other, because ten calls to a third party that is slow would take longer than the function
/// may run.
const AT_ONCE: usize = 10;

/// How long a batch may take. What is left of the function's 30 s is for telling the queues.
const LIMIT: Duration = Duration::from_secs(25);

/// What works off a queue.
#[derive(Debug)]
pub struct Worker<S>(Arc<Parts<S>>);

#[derive(Debug)]
struct Parts<S> {
    settle: S,
    queues: Queues,
    clock: fn() -> Timestamp,
}

impl<S: Settle> Worker<S> {
    /// Puts the worker together from its settings; `clock` tells the time.
    ///
    /// `QUEUE_URL` is the queue that the messages come from, `DEAD_LETTER_QUEUE_URL` the one for those
    /// that nothing helps. Absent or empty, [`Verdict::Again`] and [`Verdict::DeadLetter`] are failures
    /// like any other, and the queue's visibility timeout and redrive policy decide what follows.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] names the setting that cannot be used.
    pub fn configure(
        setting: Settings<'_>,
        settle: S,
        clock: fn() -> Timestamp,
    ) -> Result<Self, Misconfigured> {
        Ok(Self(Arc::new(Parts { settle, queues: Queues::configure(setting)?, clock })))
    }

    /// Makes one attempt for each message, whatever becomes of the others, and logs one line for each.
    /// The answer names the messages that are to come back: those that failed, panicked, or were not
    /// done within 25 s. A message without an id cannot be named; Lambda takes its empty name as the
    /// failure of the whole batch.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let deadline = Instant::now() + LIMIT;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        let mut open = HashMap::new();
        for message in event.records {
            let (parts, places) = (Arc::clone(&self.0), Arc::clone(&places));
            let id = message.message_id.clone().unwrap_or_default();
            let task = tasks.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                parts.attempt(&message, deadline).await
            });
            open.insert(task.id(), id);
        }
        while let Some(ended) = tasks.join_next_with_id().await {
            match ended {
                Ok((task, true)) => drop(open.remove(&task)),
                Ok((_, false)) => {}
                Err(panicked) => {
                    Line::panicked(open.get(&panicked.id()).map(String::as_str));
                    metrics::count_panic();
                }
            }
        }
        let failures = open.into_values().map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        });
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = failures.collect();
        response
    }
}

impl<S: Settle> Parts<S> {
    /// Makes one attempt for `message`, unless it is too late to begin; whether the message may go.
    async fn attempt(&self, message: &SqsMessage, deadline: Instant) -> bool {
        let started = Instant::now();
        let record = Record::parse(message.body.as_deref().unwrap_or_default());
        let now = (self.clock)();
        let mut line = Line::of(message, record.as_ref().ok(), now);
        let verdict = match record {
            _ if started >= deadline => None,
            Err(_) => Some(Verdict::DeadLetter { reason: "unreadable" }),
            Ok(record) => {
                let attempt = Attempt {
                    record,
                    number: line.attempt,
                    now,
                    random: getrandom::u64().unwrap_or_default(),
                };
                tokio::time::timeout_at(deadline, self.settle.settle(&attempt)).await.ok()
            }
        };
        let told = self.tell(message, verdict.as_ref()).await;
        line.queue_failed = told == Err(NotDone::Failed);
        line.write(verdict.as_ref(), started.elapsed());
        metrics::count(&line, verdict.as_ref());
        match verdict {
            Some(Verdict::Done | Verdict::Refused { .. }) => true,
            Some(Verdict::DeadLetter { .. }) => told.is_ok(),
            Some(Verdict::Again { .. }) | None => false,
        }
    }

    /// Tells the queues what the verdict asks for.
    async fn tell(&self, message: &SqsMessage, verdict: Option<&Verdict>) -> Result<(), NotDone> {
        match verdict {
            Some(Verdict::Again { after, .. }) => {
                let receipt = message.receipt_handle.as_deref().unwrap_or_default();
                self.queues.postpone(receipt, *after).await
            }
            Some(Verdict::DeadLetter { reason }) => {
                let id = message.message_id.as_deref().unwrap_or_default();
                self.queues.bury(id, message.body.as_deref().unwrap_or_default(), reason).await
            }
            Some(Verdict::Done | Verdict::Refused { .. }) | None => Ok(()),
        }
    }
}
