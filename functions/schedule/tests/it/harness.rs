//! The function, its tables, and queues.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schedule::{Event, Run, Schedule};
use serde_json::{Value, json};
use tables::callbacks::keys;
use tables::callbacks::record::time;
use tables::callbacks::{Progress, Shards, State, Store};
use test_support::server::{self, Server};
use test_support::{Answer, Tables, settings, tables::CALLBACKS};
use tokio::sync::MutexGuard;
use tokio::time::Instant;

/// What SQS does.
#[derive(Debug, Default)]
struct Queues {
    /// The ids of the records that were sent, each with the last part of its queue's URL.
    sent: Vec<(String, String)>,
    /// How many messages wait in each queue.
    waiting: u64,
    /// The queues that refuse everything.
    refusing: Vec<&'static str>,
}

pub(crate) struct Harness {
    pub(crate) tables: Arc<Tables>,
    pub(crate) store: Store,
    schedule: Schedule,
    queues: Arc<Mutex<Queues>>,
    shards: Shards,
}

/// Until it is dropped, no other test with thousands of records runs: a request to a table is waited for a second, and the
/// tables of all tests are served by the same processors.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

/// The time of the first run.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T18:00:00Z".parse().expect("a time")
}

/// So many seconds after that; below zero is before.
pub(crate) fn at(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

impl Harness {
    pub(crate) async fn new() -> Self {
        Self::with_shards(1).await
    }

    pub(crate) async fn with_shards(shards: u16) -> Self {
        Self::on(Arc::new(Tables::serve().await), shards).await
    }

    /// The function anew, on the same tables.
    pub(crate) async fn on(tables: Arc<Tables>, shards: u16) -> Self {
        let queues = Arc::new(Mutex::new(Queues::default()));
        let sqs = Arc::clone(&queues);
        let server = Server::start(move |request| {
            let asked = server::operation(&request);
            let input = serde_json::from_slice(request.body()).expect("JSON");
            let answer = answer(&sqs, asked, &input);
            async move { answer }
        });
        let queue = |name: &str| format!("https://sqs.us-east-1.amazonaws.com/1/{name}");
        let urls = json!({"ledger": queue("ledger"), "p-delivery": queue("delivery")});
        let settings = settings("DYNAMODB", tables.url())
            .with("AWS_ENDPOINT_URL_SQS", server.await.url())
            .with("QUEUES", urls.to_string())
            .with("PROVIDERS", "p,q")
            // The template's pattern takes a name twice.
            .with("CONTRACTS", "AyetStudios,AyetStudios,")
            .with("INDEX_SHARDS", shards.to_string());
        Self {
            store: Store::connect(&settings).expect("configured"),
            schedule: Schedule::configure(&settings).expect("configured"),
            tables,
            queues,
            shards: Shards::new(shards).expect("in range"),
        }
    }

    /// Puts the record `id` of `p` there, received at `received_at` and never attempted.
    pub(crate) fn record(&self, id: &str, received_at: Timestamp) {
        self.put(id, received_at, json!({}));
    }

    /// The same with other attributes.
    pub(crate) fn put(&self, id: &str, received_at: Timestamp, attributes: Value) {
        let received_at = time(received_at);
        let mut item = json!({
            "id": {"S": id}, "provider": {"S": "p"}, "kind": {"S": "k"}, "user": {"S": "u"},
            "effect": {"S": "credit"}, "effect_of": {"S": ""}, "settler": {"S": "ledger"},
            "amount": {"S": "1"}, "unit": {"S": "xp"}, "test": {"BOOL": false},
            "state": {"S": "recorded"}, "received_at": {"S": received_at}, "key_id": {"S": "k"},
            "payload": {"S": "{}"},
            "day": {"S": keys::day("p", &received_at[..10], self.shards.of(id))},
        });
        let Value::Object(attributes) = attributes else { panic!("no object") };
        item.as_object_mut().expect("an object").extend(attributes);
        self.tables.put(CALLBACKS, &item);
    }

    /// Puts the record `id` there as one that is due at `due_at`.
    pub(crate) fn due(&self, id: &str, due_at: Timestamp) {
        let due = keys::due(self.shards.wide().of(id));
        self.put(
            id,
            at(-90_000),
            json!({
                "state": {"S": "retrying"}, "attempts": {"N": "3"},
                "due": {"S": due}, "due_at": {"S": time(due_at)},
            }),
        );
    }

    /// Puts the record `id` there as one that the settler `p-delivery` does not take since `since`.
    pub(crate) fn parked(&self, id: &str, since: Timestamp) {
        let due = keys::parked("p-delivery", self.shards.wide().of(id));
        self.put(
            id,
            at(-90_000),
            json!({
                "state": {"S": "retrying"}, "settler": {"S": "p-delivery"},
                "due": {"S": due}, "due_at": {"S": time(since)},
            }),
        );
    }

    /// Whether the record waits until its settler takes it.
    pub(crate) fn is_parked(&self, id: &str) -> bool {
        self.tables.text(id, "due").is_some_and(|due| due.contains('#'))
    }

    /// Settles the record.
    pub(crate) async fn settle(&self, id: &str) {
        let credited = Progress::to(State::Credited);
        self.store.finish(id, now(), &credited).await.expect("available");
    }

    pub(crate) fn fill(&self, waiting: u64) {
        self.queues.lock().expect("no panic").waiting = waiting;
    }

    /// Has these queues refuse everything, and no others.
    pub(crate) fn refuse(&self, queues: &[&'static str]) {
        self.queues.lock().expect("no panic").refusing = queues.to_vec();
    }

    /// A run, as it is made every minute.
    pub(crate) async fn run(&self, now: Timestamp) -> Run {
        self.run_with(json!({}), now).await
    }

    pub(crate) async fn run_with(&self, event: Value, now: Timestamp) -> Run {
        let event: Event = serde_json::from_value(event).expect("an event");
        self.schedule.run(event, now, Instant::now() + Duration::from_mins(1)).await
    }

    /// What was sent since this was last asked, in order of their ids.
    pub(crate) fn sent(&self) -> Vec<String> {
        let sent = std::mem::take(&mut self.queues.lock().expect("no panic").sent);
        let mut sent: Vec<_> =
            sent.into_iter().map(|(queue, id)| format!("{id} {queue}")).collect();
        sent.sort_unstable();
        sent
    }

    /// When the record is due, if the index has it.
    pub(crate) fn due_at(&self, id: &str) -> Option<Timestamp> {
        self.tables.text(id, "due")?;
        self.tables.text(id, "due_at").map(|at| at.parse().expect("a time"))
    }
}

fn answer(queues: &Mutex<Queues>, asked: &str, input: &Value) -> Answer {
    let mut queues = queues.lock().expect("no panic");
    let queue = input["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next());
    let queue = queue.expect("a queue");
    if queues.refusing.contains(&queue) {
        return Answer::new(400, r#"{"__type":"com.amazonaws.sqs#AccessDenied"}"#);
    }
    let json = match asked {
        "GetQueueAttributes" => {
            json!({"Attributes": {"ApproximateNumberOfMessages": queues.waiting.to_string()}})
        }
        "SendMessageBatch" => {
            let entries = input["Entries"].as_array().expect("entries");
            assert!(entries.len() <= 10);
            let sent = entries.iter().map(|entry| {
                let body: Value =
                    serde_json::from_str(entry["MessageBody"].as_str().expect("text"))
                        .expect("JSON");
                let id = body["detail"]["id"].as_str().expect("an id").to_owned();
                queues.sent.push((queue.to_owned(), id));
                json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0".repeat(32)})
            });
            json!({"Successful": sent.collect::<Vec<_>>(), "Failed": []})
        }
        other => panic!("{other}"),
    };
    Answer::new(200, json.to_string())
}
