//! Messages in queues, in memory. What is lost with the process the schedule finds in the table.
//!
//! Times are milliseconds since 1970.

use std::collections::{BTreeMap, HashMap};

use bundle::names;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `MessageId`.
    pub id: String,
    /// What whoever received it names it by until it is received again.
    pub receipt: String,
    /// The text that was sent.
    pub body: String,
    /// Its message attributes, a JSON object in the form of the SQS API.
    pub attributes: String,
    /// When it was sent.
    pub sent_at: i64,
    /// When it was received for the first time; 0 where it was not yet.
    pub first_received_at: i64,
    /// How often it was received, this time counted.
    pub receives: u32,
    /// When it can be received again, unless it is deleted.
    pub visible_at: i64,
    /// The queue in which it was received too often, where this is a dead-letter queue.
    pub died_in: Option<String>,
}

/// How messages are received.
#[derive(Debug, Clone, Copy)]
pub struct Receive<'a> {
    /// The logical id of the queue to receive from.
    pub queue: &'a str,
    /// How many at most.
    pub max: usize,
    /// How long nobody else sees them, in milliseconds.
    pub hidden_for: i64,
    /// The present, in milliseconds since 1970.
    pub now: i64,
}

/// When a message can be received, and its number, so that older ones come first.
type Place = (i64, u64);

/// The messages of one queue.
#[derive(Debug, Default)]
struct Line {
    messages: BTreeMap<Place, Message>,
    receipts: HashMap<String, Place>,
}

/// The messages of all queues, by the queues' logical ids.
#[derive(Debug, Default)]
pub struct Messages {
    lines: HashMap<String, Line>,
    sent: u64,
}

impl Line {
    fn put(&mut self, number: u64, message: Message) {
        let place = (message.visible_at, number);
        if !message.receipt.is_empty() {
            self.receipts.insert(message.receipt.clone(), place);
        }
        self.messages.insert(place, message);
    }

    fn take(&mut self, place: Place) -> Option<Message> {
        let message = self.messages.remove(&place)?;
        self.receipts.remove(&message.receipt);
        Some(message)
    }

    /// The places of messages that can be received, the oldest first.
    fn visible(&self, now: i64) -> impl Iterator<Item = (&Place, &Message)> {
        self.messages.range(..=(now, u64::MAX))
    }
}

impl Messages {
    fn line(&mut self, queue: &str) -> &mut Line {
        self.lines.entry(queue.to_owned()).or_default()
    }

    /// Puts a message into `queue`, to be seen at `visible_at`; its id.
    pub fn send(
        &mut self,
        queue: &str,
        body: &str,
        attributes: &str,
        now: i64,
        visible_at: i64,
    ) -> String {
        self.sent += 1;
        let (number, id) = (self.sent, names::uuid());
        let message = Message {
            id: id.clone(),
            receipt: String::new(),
            body: body.to_owned(),
            attributes: attributes.to_owned(),
            sent_at: now,
            first_received_at: 0,
            receives: 0,
            visible_at,
            died_in: None,
        };
        self.line(queue).put(number, message);
        id
    }

    /// Moves what was received `limit` times and is to be received again to `dead_letters`; whether there
    /// was any.
    pub fn send_to_dead_letters(
        &mut self,
        queue: &str,
        dead_letters: &str,
        limit: u32,
        now: i64,
    ) -> bool {
        let dead = |message: &Message| message.receives >= limit;
        let moved = self.take_visible(queue, now, dead);
        let any = !moved.is_empty();
        for ((_, number), message) in moved {
            let died_in = Some(queue.to_owned());
            let letter = Message { receipt: String::new(), visible_at: now, died_in, ..message };
            self.line(dead_letters).put(number, letter);
        }
        any
    }

    /// Takes messages that are visible, and hides them for the visibility timeout.
    pub fn receive(&mut self, what: Receive<'_>) -> Vec<Message> {
        let line = self.line(what.queue);
        let places: Vec<_> =
            line.visible(what.now).map(|(place, _)| *place).take(what.max).collect();
        let mut received = Vec::with_capacity(places.len());
        for place in places {
            let Some(message) = line.take(place) else { continue };
            let first = message.receives == 0;
            let message = Message {
                receipt: names::opaque(),
                visible_at: what.now.saturating_add(what.hidden_for),
                receives: message.receives + 1,
                first_received_at: if first { what.now } else { message.first_received_at },
                ..message
            };
            received.push(message.clone());
            line.put(place.1, message);
        }
        received
    }

    /// Deletes the message that was last received under `receipt`; whether there was one.
    pub fn delete(&mut self, queue: &str, receipt: &str) -> bool {
        let line = self.line(queue);
        let place = line.receipts.get(receipt).copied();
        place.and_then(|place| line.take(place)).is_some()
    }

    /// Lets the message that was last received under `receipt` be seen at `visible_at`; whether there is
    /// one, which is invisible now.
    pub fn hide(&mut self, queue: &str, receipt: &str, now: i64, visible_at: i64) -> bool {
        self.change_visibility(queue, receipt, visible_at, |at| at > now)
    }

    /// Unless its visibility was changed meanwhile from `was`, lets the message that was received under `receipt` be
    /// seen at `visible_at`.
    pub fn release(&mut self, queue: &str, receipt: &str, was: i64, visible_at: i64) {
        self.change_visibility(queue, receipt, visible_at, |at| at == was);
    }

    fn change_visibility(
        &mut self,
        queue: &str,
        receipt: &str,
        visible_at: i64,
        is_to_be: impl Fn(i64) -> bool,
    ) -> bool {
        let line = self.line(queue);
        let place = line.receipts.get(receipt).copied().filter(|place| is_to_be(place.0));
        let Some((number, message)) = place.and_then(|place| Some((place.1, line.take(place)?)))
        else {
            return false;
        };
        line.put(number, Message { visible_at, ..message });
        true
    }

    /// Forgets what was sent before `then`.
    pub fn expire(&mut self, queue: &str, then: i64) {
        let line = self.line(queue);
        let old = line.messages.iter().filter(|(_, message)| message.sent_at < then);
        let old: Vec<_> = old.map(|(place, _)| *place).collect();
        for place in old {
            line.take(place);
        }
    }

    /// When the next message of `queue` can be received.
    #[must_use]
    pub fn next_visible(&self, queue: &str) -> Option<i64> {
        self.lines.get(queue)?.messages.keys().next().map(|(at, _)| *at)
    }

    /// How many messages of `queue` can be received, are being worked on, and wait without having been
    /// received.
    #[must_use]
    pub fn count(&self, queue: &str, now: i64) -> [u64; 3] {
        let mut counts = [0; 3];
        for message in self.lines.get(queue).into_iter().flat_map(|line| line.messages.values()) {
            let place = match (message.visible_at <= now, message.receives) {
                (true, _) => 0,
                (false, 1..) => 1,
                (false, 0) => 2,
            };
            counts[place] += 1;
        }
        counts
    }

    /// Deletes all messages of `queue`.
    pub fn purge(&mut self, queue: &str) {
        self.lines.remove(queue);
    }

    /// Moves the messages of `from` that can be received to `to`, where they are new; how many.
    pub fn put_back(&mut self, from: &str, to: &str, now: i64) -> usize {
        let moved = self.take_visible(from, now, |_| true);
        let count = moved.len();
        for ((_, number), message) in moved {
            let new = Message {
                receipt: String::new(),
                sent_at: now,
                visible_at: now,
                receives: 0,
                first_received_at: 0,
                died_in: None,
                ..message
            };
            self.line(to).put(number, new);
        }
        count
    }

    fn take_visible(
        &mut self,
        queue: &str,
        now: i64,
        which: impl Fn(&Message) -> bool,
    ) -> Vec<(Place, Message)> {
        let line = self.line(queue);
        let places = line.visible(now).filter(|(_, message)| which(message));
        let places: Vec<_> = places.map(|(place, _)| *place).collect();
        places.into_iter().filter_map(|place| Some((place, line.take(place)?))).collect()
    }
}

#[cfg(test)]
mod tests;
