//! A batch of messages: each attempted, each answered on its own.

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

/// How many messages are attempted at the same time: as many as the template has in a batch. Not one
/// after the other, because ten calls to a third party that is slow would take longer than the function
/// may run.
const AT_ONCE: usize = 10;

/// How old a message gets before a new one takes its place. A dead-letter queue counts the 14 days that
/// it keeps a message from when that was first sent. A message comes back within 12 hours, so that one
/// that SQS itself buries was sent three and a half days before, and leaves a person ten days.
pub const RENEWED_AFTER: Duration = Duration::from_hours(3 * 24);

/// The pause after an attempt that was not done in time.
const AFTER_SLOW: Duration = Duration::from_mins(3);

/// What works off a queue.
#[derive(Debug)]
pub struct Worker<S>(Arc<Parts<S>>);

#[derive(Debug)]
struct Parts<S> {
    settle: S,
    queues: Queues,
    /// How often the queue hands a message out before it buries it, where that is known.
    most_attempts: Option<u32>,
    clock: fn() -> Timestamp,
}

impl<S: Settle> Worker<S> {
    /// Puts the worker together from its settings; `clock` tells the time.
    ///
    /// `QUEUE_URL` is the queue that the messages come from, `DEAD_LETTER_QUEUE_URL` the one for those
    /// that nothing helps. Absent, [`Verdict::Again`] and [`Verdict::DeadLetter`] are failures
    /// like any other, and the queue's visibility timeout and redrive policy decide what follows.
    /// `MAX_RECEIVE_COUNT` is that policy's: the attempt of this number is the last one. Absent, none is.
    pub fn configure(
        settings: &Settings,
        settle: S,
        clock: fn() -> Timestamp,
    ) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "MAX_RECEIVE_COUNT";
        let expected = "a whole number from 1 to 1000, as in the queue's redrive policy";
        let count = |text: &str| text.parse().ok().filter(|count| (1..=1000).contains(count));
        let most_attempts = settings.parsed(VARIABLE, expected, count)?;
        let queues = Queues::configure(settings)?;
        Ok(Self(Arc::new(Parts { settle, queues, most_attempts, clock })))
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
        if self.renewed(message, &line, now).await {
            line.write_renewed();
            return true;
        }
        let is_last = self.most_attempts.is_some_and(|most| line.attempt >= most);
        let verdict = match record {
            _ if started >= deadline => None,
            Err(_) => Some(Verdict::DeadLetter { reason: Reason::Unreadable }),
            Ok(record) => {
                let attempt = Attempt {
                    record,
                    number: line.attempt,
                    now,
                    random: getrandom::u64().unwrap_or_default(),
                };
                let settled = self.settle(&attempt, is_last, deadline).await;
                match settled {
                    Some(Verdict::Again { reason, .. }) if is_last => {
                        Some(Verdict::DeadLetter { reason })
                    }
                    None if is_last => Some(Verdict::DeadLetter { reason: Reason::TooSlow }),
                    settled => settled,
                }
            }
        };
        let told = self.tell(message, verdict.as_ref()).await;
        line.queue_failed = told == Err(QueueError::Failed);
        line.write(verdict.as_ref(), started.elapsed());
        metrics::count(&line, verdict.as_ref());
        match verdict {
            Some(Verdict::Done | Verdict::Refused { .. }) => true,
            Some(Verdict::DeadLetter { .. }) => told.is_ok(),
            Some(Verdict::Again { .. }) | None => false,
        }
    }

    /// Makes the attempt; `None` where it is not done in time. The record of one that is the last says so
    /// beforehand, because nobody may be there to say it afterwards; and once more where the attempt said
    /// that there would be another one.
    async fn settle(&self, attempt: &Attempt, is_last: bool, deadline: Instant) -> Option<Verdict> {
        if is_last {
            self.mark_dead(attempt).await;
        }
        let settled = tokio::time::timeout_at(deadline, self.settle.settle(attempt)).await.ok();
        if is_last && matches!(settled, None | Some(Verdict::Again { .. })) {
            self.mark_dead(attempt).await;
        }
        settled
    }

    async fn mark_dead(&self, attempt: &Attempt) {
        let Some(store) = self.settle.store() else { return };
        // Where that fails, the dead letter itself is still found.
        let _ = store.mark_dead(&attempt.record.id, attempt.now, Reason::LastAttempt).await;
    }

    /// Puts a new message in the place of one that is old, without an attempt: it is received at once, and
    /// knows how many attempts there were. Whether the old one may go. A message that is received for the
    /// first time is never replaced, so that none is replaced for ever.
    async fn renewed(&self, message: &SqsMessage, line: &Line, now: Timestamp) -> bool {
        let is_old = message::age(message, now).is_some_and(|age| age >= RENEWED_AFTER);
        if !is_old || message::receives(message) < 2 {
            return false;
        }
        let body = message.body.as_deref().unwrap_or_default();
        self.queues.renew(body, line.attempt.saturating_sub(1)).await.is_ok()
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
            Some(Verdict::Done | Verdict::Refused { .. }) => Ok(()),
        }
    }

    async fn postpone(&self, message: &SqsMessage, after: Duration) -> Result<(), QueueError> {
        let receipt = message.receipt_handle.as_deref().unwrap_or_default();
        self.queues.postpone(receipt, after).await
    }
}
