//! SQS's part: what becomes of messages in the queues of the template.
//!
//! Source: the SQS developer guide ("Amazon SQS visibility timeout", "Using dead-letter queues").

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bundle::template::Template;
use jiff::Timestamp;

use crate::messages::{Message, Messages, Receive};
use crate::queue::{Queue, QueueError, Redrive};

/// The queues of the template.
#[derive(Debug)]
pub struct Queues {
    all: BTreeMap<String, Queue>,
    messages: Mutex<Messages>,
    /// By how much waits are shortened.
    scale: u32,
}

impl Queues {
    /// The queues of the template, all empty. Waits, but not the time in which a message is worked on, are `scale`
    /// times shorter than on AWS.
    pub fn of(template: &Template, scale: u32) -> Result<Self, QueueError> {
        let queues = template
            .resources("AWS::SQS::Queue")
            .map(|(id, properties)| Ok((id.to_owned(), Queue::of(id, properties)?)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let known = |queue: &Queue| match &queue.redrive {
            Some(redrive) => queues.contains_key(&redrive.dead_letters),
            None => true,
        };
        if let Some(queue) = queues.values().find(|queue| !known(queue)) {
            return Err(QueueError(queue.id.clone()));
        }
        Ok(Self { all: queues, messages: Mutex::default(), scale: scale.max(1) })
    }

    /// The queue with the logical id `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Queue> {
        self.all.get(id)
    }

    /// The queues, in the order of their logical ids.
    pub fn iter(&self) -> impl Iterator<Item = &Queue> {
        self.all.values()
    }

    /// The queue whose dead letters go to `id`.
    #[must_use]
    pub fn source_of(&self, id: &str) -> Option<&Queue> {
        let feeds =
            |queue: &&Queue| matches!(&queue.redrive, Some(redrive) if redrive.dead_letters == id);
        self.iter().find(feeds)
    }

    /// Puts a message into `queue`; its id.
    pub fn send(&self, queue: &Queue, body: &str, attributes: &str, delay: Option<u32>) -> String {
        let (now, delay) = (now(), self.wait(delay.unwrap_or(queue.delay)));
        let id = self.messages().send(&queue.id, body, attributes, now, now + delay);
        queue.arrivals.notify_one();
        id
    }

    /// Receives up to `max` messages. They are not seen for the queue's visibility timeout, or for
    /// `visibility` seconds; `worked_on` says that a function of this process works on them.
    pub fn receive(
        &self,
        queue: &Queue,
        max: usize,
        visibility: Option<u32>,
        worked_on: bool,
    ) -> Vec<Message> {
        let now = now();
        let id = &queue.id;
        // Whoever says for how long works on them, as a function does.
        let hidden_for = match visibility {
            Some(seconds) => i64::from(seconds) * 1000,
            None if worked_on => i64::from(queue.visibility) * 1000,
            None => self.wait(queue.visibility),
        };
        let mut messages = self.messages();
        messages.expire(id, now - i64::from(queue.retention) * 1000);
        if let Some(Redrive { dead_letters, max_receives }) = &queue.redrive
            && messages.send_to_dead_letters(id, dead_letters, *max_receives, now)
            && let Some(dead_letters) = self.get(dead_letters)
        {
            dead_letters.arrivals.notify_one();
        }
        messages.receive(Receive { queue: id, max, hidden_for, now })
    }

    /// Deletes a message; whether it was there.
    pub fn delete(&self, queue: &Queue, receipt: &str) -> bool {
        self.messages().delete(&queue.id, receipt)
    }

    /// Lets a message be seen after `seconds`; whether it is there and not seen now.
    pub fn hide(&self, queue: &Queue, receipt: &str, seconds: u32) -> bool {
        let now = now();
        let hidden = self.messages().hide(&queue.id, receipt, now, now + self.wait(seconds));
        queue.arrivals.notify_one();
        hidden
    }

    /// Ends the work on a batch: those that are `done` are deleted, the others are seen again when
    /// their visibility timeout ends.
    pub fn finish(&self, queue: &Queue, batch: &[Message], done: impl Fn(&Message) -> bool) {
        let now = now();
        let mut messages = self.messages();
        for message in batch {
            if done(message) {
                messages.delete(&queue.id, &message.receipt);
            } else {
                let left = message.visible_at.saturating_sub(now).max(0);
                let visible_at = now + left / i64::from(self.scale);
                messages.release(&queue.id, &message.receipt, message.visible_at, visible_at);
            }
        }
        queue.arrivals.notify_one();
    }

    /// Waits until a message may be there to be received.
    pub async fn wait_for_message(&self, queue: &Queue) {
        const LONGEST: i64 = 20_000;
        let next = self.messages().next_visible(&queue.id);
        let wait = next.map_or(LONGEST, |at| at.saturating_sub(now()).clamp(1, LONGEST));
        let wait = Duration::from_millis(wait.unsigned_abs());
        let _ = tokio::time::timeout(wait, queue.arrivals.notified()).await;
    }

    /// How many messages of `queue` can be received, are being worked on, and are not seen yet.
    pub fn count(&self, queue: &Queue) -> [u64; 3] {
        self.messages().count(&queue.id, now())
    }

    /// Deletes all messages of `queue`.
    pub fn purge(&self, queue: &Queue) {
        self.messages().purge(&queue.id);
    }

    /// Moves the messages of `from` to `to`, where they are new; how many.
    pub fn put_back(&self, from: &Queue, to: &Queue) -> usize {
        let moved = self.messages().put_back(&from.id, &to.id, now());
        to.arrivals.notify_one();
        moved
    }

    /// The messages. Every step is short, and none of them panics.
    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A wait of so many seconds, in milliseconds of this machine.
    fn wait(&self, seconds: u32) -> i64 {
        i64::from(seconds) * 1000 / i64::from(self.scale)
    }
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests;
