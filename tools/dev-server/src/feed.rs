//! What came to the HTTP API, and what it was answered: the last of it, and whatever comes next.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::event::HttpRequest;

/// How many exchanges are kept, and how many bytes of bodies with them.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;

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
}

/// The last exchanges, and whoever waits for the next.
pub struct Feed {
    kept: Mutex<Kept>,
    next: broadcast::Sender<Arc<Exchange>>,
    here: OnceLock<Here>,
}

#[derive(Default)]
struct Kept {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
    number: u64,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("here", &self.here).finish_non_exhaustive()
    }
}

impl Default for Feed {
    fn default() -> Self {
        let (next, _) = broadcast::channel(BEHIND);
        Self { kept: Mutex::default(), next, here: OnceLock::new() }
    }
}

impl Feed {
    /// Takes an exchange, whose number is given to it here.
    pub fn publish(&self, mut exchange: Exchange) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.number += 1;
        exchange.number = kept.number;
        let exchange = Arc::new(exchange);
        kept.bytes += size(&exchange);
        kept.exchanges.push_back(Arc::clone(&exchange));
        while kept.exchanges.len() > MOST || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.exchanges.pop_front() else { break };
            kept.bytes -= size(&oldest);
        }
        // Nobody may be waiting.
        let _ = self.next.send(exchange);
    }

    /// Those that are kept, the last one first.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<Exchange>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.exchanges.iter().rev().cloned().collect()
    }

    /// The one with this number, where it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Arc<Exchange>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.exchanges.iter().find(|exchange| exchange.number == number).cloned()
    }

    /// Those that come from now on. Who is too far behind is told that some were missed.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Exchange>> {
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
    request.body.len() + request.query.len() + exchange.answer.len() + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use tokio::sync::broadcast::error::TryRecvError;

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
        assert_eq!(subscriber.try_recv().expect("the next").number, 4);
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
