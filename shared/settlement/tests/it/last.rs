//! What the record of a message says that is received for the last time.

use std::time::Duration;

use serde_json::{Value, json};
use settlement::{Attempt, Reason, Settle, Verdict};
use tables::callbacks::{BeginOutcome, Progress, State, Store};
use test_support::{
    Intercept, Tables, settings,
    sqs::{event, failed},
    tables::CALLBACKS,
};
use tokio::sync::Mutex;

use crate::support::{message, worker};

const ID: &str = "p#callback#kind";

/// Begins an attempt as every settlement does, ends it as it is told, and says on the record how.
struct Sample {
    store: Store,
    /// What the record said while the attempt was made.
    said: &'static Mutex<Vec<Value>>,
    end: State,
    table: &'static Tables,
}

impl Settle for Sample {
    fn store(&self) -> Option<&Store> {
        Some(&self.store)
    }

    async fn settle(&self, attempt: &Attempt) -> Verdict {
        self.said.lock().await.push(record(self.table)["state"]["S"].clone());
        let Ok(BeginOutcome::Go { .. }) = self.store.begin(ID, attempt.now).await else {
            return Verdict::Done;
        };
        let progress = Progress::because(self.end, Reason::UpstreamFailed);
        self.store.finish(ID, attempt.now, &progress).await.expect("available");
        match self.end {
            State::Retrying => {
                Verdict::Again { after: Duration::from_secs(1), reason: Reason::UpstreamFailed }
            }
            _ => Verdict::Done,
        }
    }
}

fn record(tables: &Tables) -> Value {
    tables.get(CALLBACKS, &json!({"id": {"S": ID}}))
}

/// Receives a message about a record in `state` for the time `receives` of 3: what the record said
/// during the attempt, what it says afterwards, what SQS was asked for, and whether the message comes back.
async fn receive(state: &str, receives: u32, end: State) -> (Vec<Value>, Value, Vec<Value>, bool) {
    let table: &'static Tables = Box::leak(Box::new(Tables::serve().await));
    table.put(CALLBACKS, &json!({"id": {"S": ID}, "state": {"S": state}}));
    let said: &'static Mutex<Vec<Value>> = Box::leak(Box::default());
    let store = Store::connect(&settings("DYNAMODB", table.url())).expect("configured");
    let mut wire = Intercept::listen().await;
    let settings = settings("SQS", wire.url())
        .with("QUEUE_URL", "https://example.com/QUEUE_URL")
        .with("DEAD_LETTER_QUEUE_URL", "https://example.com/DEAD_LETTER_QUEUE_URL")
        .with("MAX_RECEIVE_COUNT", "3");
    let worker = worker(Sample { store, said, end, table }, &settings);
    let mut message = message("m", "kind");
    message["attributes"]["ApproximateReceiveCount"] = json!(receives.to_string());
    let mut asked = Vec::new();
    let messages = [message];
    let mut handled = std::pin::pin!(worker.handle(event(&messages)));
    let response = loop {
        tokio::select! {
            held = wire.held() => {
                asked.push(held.json());
                held.answer(200, r#"{"MessageId":"n","MD5OfMessageBody":"00000000000000000000000000000000"}"#);
            }
            response = &mut handled => break response,
        }
    };
    let said = std::mem::take(&mut *said.lock().await);
    (said, record(table), asked, !failed(response).is_empty())
}

#[tokio::test]
async fn a_last_attempt_is_marked_before_it_is_made() {
    for (receives, during) in [(1, "recorded"), (2, "recorded"), (3, "dead"), (4, "dead")] {
        let (said, record, asked, comes_back) =
            receive("recorded", receives, State::Delivered).await;
        assert_eq!(said, [during], "{receives}");
        // It may succeed.
        assert_eq!(record["state"]["S"], "delivered");
        assert_eq!((asked.len(), comes_back), (0, false));
    }
}

#[tokio::test]
async fn a_last_attempt_that_fails_is_a_dead_letter_that_its_record_knows_of() {
    let (_, record, asked, comes_back) = receive("retrying", 3, State::Retrying).await;
    for (name, value) in [("state", "dead"), ("attention", "dead"), ("reason", "last_attempt")] {
        assert_eq!(record[name]["S"], value, "{name}");
    }
    // A letter of its own, which is kept for as long as a queue keeps anything.
    assert_eq!(asked[0]["QueueUrl"], "https://example.com/DEAD_LETTER_QUEUE_URL");
    assert_eq!(asked[0]["MessageAttributes"]["reason"]["StringValue"], "upstream_failed");
    assert_eq!((asked.len(), comes_back), (1, false));
    // There is another one.
    let (_, record, asked, comes_back) = receive("retrying", 2, State::Retrying).await;
    assert_eq!(record["state"]["S"], "retrying");
    assert_eq!(asked[0]["VisibilityTimeout"], 1);
    assert_eq!((asked.len(), comes_back), (1, true));
}

#[tokio::test]
async fn a_last_attempt_leaves_what_has_ended_as_it_is() {
    for state in ["closed", "delivered", "held"] {
        let (said, record, asked, comes_back) = receive(state, 3, State::Retrying).await;
        assert_eq!((said, &record["state"]["S"]), (vec![json!(state)], &json!(state)));
        assert_eq!((asked.len(), comes_back), (0, false));
    }
}
