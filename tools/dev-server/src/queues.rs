//! SQS's part: what becomes of messages in the queues of the template.
//!
//! Source: the SQS developer guide ("Amazon SQS visibility timeout", "Using dead-letter queues").

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bundle::template::Template;
use jiff::Timestamp;

use crate::messages::{self, Message, Receive};
use crate::queue::{Queue, QueueError, Redrive};
use crate::state::{State, StateError};

/// The queues of the template.
#[derive(Debug)]
pub struct Queues {
    all: BTreeMap<String, Queue>,
    state: Arc<State>,
    /// By how much waits are shortened.
    scale: u32,
}

impl Queues {
    /// The queues of the template, with the messages in `state`. Waits, but not the time in which a
    /// message is worked on, are `scale` times shorter than on AWS.
    pub fn of(template: &Template, state: Arc<State>, scale: u32) -> Result<Self, QueueError> {
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
        Ok(Self { all: queues, state, scale: scale.max(1) })
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

    /// Lets everything be seen at once that a function worked on when the process ended.
    pub fn recover(&self) -> Result<(), StateError> {
        self.state.with(|db| messages::recover(db, now()))
    }

    /// Notes how far the mapping `id` has read its stream.
    pub fn set_checkpoint(&self, id: &str, sequence_number: &str) -> Result<(), StateError> {
        self.state.with(|db| messages::set_checkpoint(db, id, sequence_number))
    }

    /// How far the mapping `id` has read its stream.
    pub fn checkpoint(&self, id: &str) -> Result<Option<String>, StateError> {
        self.state.with(|db| messages::checkpoint(db, id))
    }

    /// Puts a message into `queue`; its id.
    pub fn send(
        &self,
        queue: &Queue,
        body: &str,
        attributes: &str,
        delay: Option<u32>,
    ) -> Result<String, StateError> {
        let (now, delay) = (now(), self.wait(delay.unwrap_or(queue.delay)));
        let id = self
            .state
            .with(|db| messages::send(db, &queue.id, body, attributes, now, now + delay))?;
        queue.arrivals.notify_one();
        Ok(id)
    }

    /// Receives up to `max` messages. They are not seen for the queue's visibility timeout, or for
    /// `visibility` seconds; `worked_on` says that a function of this process works on them.
    pub fn receive(
        &self,
        queue: &Queue,
        max: usize,
        visibility: Option<u32>,
        worked_on: bool,
    ) -> Result<Vec<Message>, StateError> {
        let now = now();
        let id = &queue.id;
        // Whoever says for how long works on them, as a function does.
        let hidden_for = match visibility {
            Some(seconds) => i64::from(seconds) * 1000,
            None if worked_on => i64::from(queue.visibility) * 1000,
            None => self.wait(queue.visibility),
        };
        let (moved, received) = self.state.with(|db| {
            messages::expire(db, id, now - i64::from(queue.retention) * 1000)?;
            let moved = match &queue.redrive {
                Some(Redrive { dead_letters, max_receives }) => {
                    messages::send_to_dead_letters(db, id, dead_letters, *max_receives, now)?
                }
                None => false,
            };
            let what = Receive { queue: id, max, hidden_for, worked_on, now };
            Ok((moved, messages::receive(db, what)?))
        })?;
        if let Some(redrive) = queue.redrive.as_ref().filter(|_| moved)
            && let Some(dead_letters) = self.get(&redrive.dead_letters)
        {
            dead_letters.arrivals.notify_one();
        }
        Ok(received)
    }

    /// Deletes a message; whether it was there.
    pub fn delete(&self, queue: &Queue, receipt: &str) -> Result<bool, StateError> {
        self.state.with(|db| messages::delete(db, &queue.id, receipt))
    }

    /// Lets a message be seen after `seconds`; whether it is there and not seen now.
    pub fn hide(&self, queue: &Queue, receipt: &str, seconds: u32) -> Result<bool, StateError> {
        let now = now();
        let visible_at = now + self.wait(seconds);
        let hidden =
            self.state.with(|db| messages::hide(db, &queue.id, receipt, now, visible_at))?;
        queue.arrivals.notify_one();
        Ok(hidden)
    }

    /// Ends the work on a batch: those that are `done` are deleted, the others are seen again when
    /// their visibility timeout ends.
    pub fn finish(
        &self,
        queue: &Queue,
        batch: &[Message],
        done: impl Fn(&Message) -> bool,
    ) -> Result<(), StateError> {
        let now = now();
        self.state.with(|db| {
            for message in batch {
                if done(message) {
                    messages::delete(db, &queue.id, &message.receipt)?;
                } else {
                    let left = message.visible_at.saturating_sub(now).max(0);
                    let visible_at = now + left / i64::from(self.scale);
                    messages::release(db, &message.receipt, message.visible_at, visible_at)?;
                }
            }
            Ok(())
        })?;
        queue.arrivals.notify_one();
        Ok(())
    }

    /// Waits until a message may be there to be received.
    pub async fn wait_for_message(&self, queue: &Queue) {
        const LONGEST: i64 = 20_000;
        let next = self.state.with(|db| messages::next_visible(db, &queue.id)).ok().flatten();
        let wait = next.map_or(LONGEST, |at| at.saturating_sub(now()).clamp(1, LONGEST));
        let wait = Duration::from_millis(wait.unsigned_abs());
        let _ = tokio::time::timeout(wait, queue.arrivals.notified()).await;
    }

    /// How many messages of `queue` can be received, are being worked on, and are not seen yet.
    pub fn count(&self, queue: &Queue) -> Result<[u64; 3], StateError> {
        self.state.with(|db| messages::count(db, &queue.id, now()))
    }

    /// Deletes all messages of `queue`.
    pub fn purge(&self, queue: &Queue) -> Result<(), StateError> {
        self.state.with(|db| messages::purge(db, &queue.id))
    }

    /// Moves the messages of `from` to `to`, where they are new; how many.
    pub fn put_back(&self, from: &Queue, to: &Queue) -> Result<usize, StateError> {
        let moved = self.state.with(|db| messages::put_back(db, &from.id, &to.id, now()))?;
        to.arrivals.notify_one();
        Ok(moved)
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
