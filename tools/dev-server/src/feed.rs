//! What came to the HTTP API, what it was answered, and what became of it: the last of it, and whatever comes next.

mod attempt;
mod ring;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::event::HttpRequest;
use crate::feed::ring::Ring;

pub use crate::feed::attempt::Attempt;

/// How far a subscriber may be behind.
const BEHIND: usize = 256;

/// A request, and what it was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Its number: the first is 1.
    pub number: u64,
    /// When it came.
    pub at: Timestamp,
    /// Who sent it.
    pub source_ip: String,
    /// The request.
    pub request: HttpRequest,
    /// The status that it was answered with.
    pub status: u16,
    /// The answer's body.
    pub answer: Bytes,
    /// How long that took.
    pub took: Duration,
    /// Why nothing proved it, where that is so.
    pub why: Option<String>,
}

impl Exchange {
    /// The provider that it is for, by its path.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.request.path.split('/').nth(1).unwrap_or_default()
    }

    /// What became of it, in a word or two.
    #[must_use]
    pub fn outcome(&self) -> String {
        let said: Value = serde_json::from_slice(&self.answer).unwrap_or_default();
        match said["status"].as_str() {
            Some(outcome) => outcome.to_owned(),
            None => match self.status {
                200..300 => "taken".to_owned(),
                401 => "not proved".to_owned(),
                404 | 405 => "no route".to_owned(),
                400..500 => "refused".to_owned(),
                _ => "unavailable".to_owned(),
            },
        }
    }

    /// The id of its record, where it has one.
    #[must_use]
    pub fn record(&self) -> Option<String> {
        let said: Value = serde_json::from_slice(&self.answer).ok()?;
        said["id"].as_str().map(str::to_owned)
    }
}

/// Where the bundle is on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// The port of the HTTP API.
    pub api: u16,
    /// The port of the embedded DynamoDB.
    pub dynamodb: u16,
    /// The port of the SQS endpoint.
    pub sqs: u16,
    /// The port of the stand-ins for the providers' APIs.
    pub providers: u16,
}

/// Something that came or happened just now.
#[derive(Debug, Clone)]
pub enum News {
    /// A request came, and was answered: its number. Who is slow holds no bodies.
    Exchange(u64),
    /// An attempt to settle a record ended, or subscribers of the bus were told of it: the record with this id.
    Record(String),
}

/// The last of what came and happened, and whoever waits for the next: a thousand requests, attempts and events each.
pub struct Feed {
    exchanges: Ring<Exchange>,
    attempts: Ring<Attempt>,
    /// What subscribers of the event bus are told.
    events: Ring<Value>,
    next: broadcast::Sender<News>,
    here: OnceLock<Here>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("here", &self.here).finish_non_exhaustive()
    }
}

impl Default for Feed {
    fn default() -> Self {
        let (next, _) = broadcast::channel(BEHIND);
        Self {
            exchanges: Ring::default(),
            attempts: Ring::default(),
            events: Ring::default(),
            next,
            here: OnceLock::new(),
        }
    }
}

impl Feed {
    /// Takes an exchange, whose number is given to it here.
    pub fn publish(&self, exchange: Exchange) {
        let size = size(&exchange);
        let exchange = self.exchanges.push(size, |number| Exchange { number, ..exchange });
        // Nobody may be waiting.
        let _ = self.next.send(News::Exchange(exchange.number));
    }

    /// Takes an attempt.
    pub fn attempted(&self, attempt: Attempt) {
        let record = attempt.record.clone();
        self.attempts.push(record.len(), |_| attempt);
        let _ = self.next.send(News::Record(record));
    }

    /// Takes an event of the bus, as a rule's target gets it.
    pub fn told(&self, event: &Value) {
        self.events.push(event.to_string().len(), |_| event.clone());
        let record = event["detail"]["id"].as_str().unwrap_or_default().to_owned();
        let _ = self.next.send(News::Record(record));
    }

    /// The exchanges that are kept, the last one first.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<Exchange>> {
        self.exchanges.recent(|_| true)
    }

    /// The one with this number, where it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Arc<Exchange>> {
        self.exchanges.recent(|exchange| exchange.number == number).pop()
    }

    /// The attempts to settle the record `id` that are kept, the last one first.
    #[must_use]
    pub fn attempts(&self, id: &str) -> Vec<Arc<Attempt>> {
        self.attempts.recent(|attempt| attempt.record == id)
    }

    /// The events about the record `id` that are kept, the last one first.
    #[must_use]
    pub fn events(&self, id: &str) -> Vec<Arc<Value>> {
        self.events.recent(|event| event["detail"]["id"] == id)
    }

    /// What comes from now on. Who is too far behind is told that some was missed.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.next.subscribe()
    }

    /// Says where the bundle is, once.
    pub fn is_at(&self, here: Here) {
        let _ = self.here.set(here);
    }

    /// Where the bundle is, once it is served.
    #[must_use]
    pub fn here(&self) -> Option<Here> {
        self.here.get().copied()
    }
}

fn size(exchange: &Exchange) -> usize {
    let request = &exchange.request;
    let headers = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let texts = request.path.len() + request.query.len();
    request.body.len() + texts + exchange.answer.len() + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::ring::{MOST, MOST_BYTES};
    use super::*;

    fn exchange(status: u16, body: usize, answer: &str) -> Exchange {
        Exchange {
            number: 0,
            at: Timestamp::UNIX_EPOCH,
            source_ip: "127.0.0.1".to_owned(),
            request: HttpRequest {
                method: "POST".to_owned(),
                path: "/inbrain/success".to_owned(),
                query: String::new(),
                headers: HeaderMap::new(),
                body: vec![b'x'; body],
            },
            status,
            answer: Bytes::copy_from_slice(answer.as_bytes()),
            took: Duration::ZERO,
            why: None,
        }
    }

    #[test]
    fn the_last_ones_are_kept_and_no_more_than_that() {
        let feed = Feed::default();
        for _ in 0..MOST + 5 {
            feed.publish(exchange(200, 1, "{}"));
        }
        let recent = feed.recent();
        assert_eq!((recent.len(), recent[0].number), (MOST, 1_005));
        assert!(feed.get(5).is_none() && feed.get(6).is_some());
        // Of large ones only as many as there is room for.
        for _ in 0..10 {
            feed.publish(exchange(200, MOST_BYTES / 4, "{}"));
        }
        assert_eq!(feed.recent().len(), 3);
        feed.publish(exchange(200, MOST_BYTES * 2, "{}"));
        assert!(feed.recent().is_empty());
    }

    #[test]
    fn who_is_too_far_behind_is_told() {
        let feed = Feed::default();
        let mut subscriber = feed.subscribe();
        for _ in 0..BEHIND + 3 {
            feed.publish(exchange(200, 0, "{}"));
        }
        assert!(matches!(subscriber.try_recv(), Err(TryRecvError::Lagged(3))));
        let next = subscriber.try_recv().expect("the next");
        assert!(matches!(next, News::Exchange(4)), "{next:?}");
    }

    #[test]
    fn what_is_told_of_a_record_is_found_by_its_id() {
        let feed = Feed::default();
        for (record, outcome) in [("a#1", "retried"), ("b#1", "settled"), ("a#1", "settled")] {
            feed.attempted(Attempt {
                at: Timestamp::UNIX_EPOCH,
                record: record.to_owned(),
                outcome: outcome.to_owned(),
                reason: String::new(),
                took_ms: "1.5".to_owned(),
            });
            feed.told(&serde_json::json!({"detail-type": outcome, "detail": {"id": record}}));
        }
        let attempts = feed.attempts("a#1");
        let outcomes: Vec<_> = attempts.iter().map(|it| it.outcome.as_str()).collect();
        assert_eq!(outcomes, ["settled", "retried"]);
        assert_eq!(feed.events("b#1").len(), 1);
        assert!(feed.attempts("c#1").is_empty() && feed.events("").is_empty());
    }

    #[test]
    fn an_outcome_is_what_the_answer_says() {
        for (status, answer, outcome, record) in [
            (200, r#"{"status":"recorded","id":"a#b"}"#, "recorded", Some("a#b")),
            (200, "OK", "taken", None),
            (401, r#"{"status":401}"#, "not proved", None),
            (404, r#"{"message":"Not Found"}"#, "no route", None),
            (400, "{}", "refused", None),
            (503, "{}", "unavailable", None),
        ] {
            let exchange = exchange(status, 0, answer);
            assert_eq!(exchange.outcome(), outcome, "{status} {answer}");
            assert_eq!(exchange.record().as_deref(), record);
        }
    }
}
