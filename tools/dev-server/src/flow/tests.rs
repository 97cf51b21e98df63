use std::path::{Path, PathBuf};
use std::time::Instant;

use bundle::project_file;

use super::*;
use crate::data_dir::DataDir;
use crate::tables;

/// A directory that is removed at the end of the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        Self(std::env::temp_dir().join(names::uuid()))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a process does at its start: database, queues, and the records that flow.
fn start(directory: &Path) -> (Database, Arc<Queues>) {
    let template = Template::read(&project_file("template.yaml")).expect("the template");
    let directory = DataDir::open(directory).expect("a directory");
    let database = tables::open(&template, Some(&directory)).expect("tables");
    let state = Arc::new(State::open(Some(&directory)).expect("a state"));
    let flow = Flow::of(&template, state, 1).expect("a flow");
    let queues = Arc::clone(flow.queues());
    queues.recover().expect("recovered");
    flow.start(&database).expect("started");
    (database, queues)
}

fn put(database: &Database, id: &str, more: Value) {
    let mut item = json!({
        "id": {"S": id}, "provider": {"S": "claimr"}, "kind": {"S": "user_reward"},
        "user": {"S": "u"}, "effect": {"S": "nothing"}, "effect_of": {"S": ""},
        "settler": {"S": "none"}, "test": {"BOOL": false}, "state": {"S": "recorded"},
        "received_at": {"S": "2026-08-01T12:00:00.000Z"}, "key_id": {"S": "k"},
        "payload": {"S": "{\"a\":\"\\\"\"}"}, "fingerprint": {"S": "f"}, "writer": {"S": "w"},
    });
    let (Value::Object(item), Value::Object(more)) = (&mut item, more) else { return };
    item.extend(more);
    let request = json!({"TableName": names::CALLBACKS, "Item": item});
    let request = serde_json::from_value(request).expect("a request");
    database.put_item(request).expect("put");
}

/// The details of `count` messages of the ledger's queue, deleted; waits for them, and a little longer
/// for one that is too many.
async fn take(queues: &Queues, count: usize) -> Vec<Value> {
    let queue = queues.get("LedgerQueue").expect("a queue");
    let (begun, mut details) = (Instant::now(), Vec::new());
    while details.len() < count && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(3 * PAUSE).await;
        for message in queues.receive(queue, 10, None, false).expect("received") {
            queues.delete(queue, &message.receipt).expect("deleted");
            let event: Value = serde_json::from_str(&message.body).expect("JSON");
            assert_eq!(event["source"], "callbacks");
            details.push(event["detail"].clone());
        }
    }
    details
}

/// Runs `work` as a process of its own would: whatever it started ends with it.
fn process<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime").block_on(work)
}

#[test]
fn new_records_become_messages_and_what_is_seen_stays_seen_after_a_restart() {
    let paid = |amount: &str| {
        json!({
            "amount": {"S": amount}, "unit": {"S": "xp"}, "effect": {"S": "credit"},
            "settler": {"S": "ledger"},
        })
    };
    let with = |mut item: Value, name: &str, value: Value| {
        item[name] = value;
        item
    };
    let directory = Directory::new();
    process(async {
        let (database, queues) = start(&directory.0);
        put(&database, "a", paid("1.50"));
        // Written again by settlement, put aside, held, nothing paid: no message for this queue.
        put(&database, "a", with(paid("1.50"), "attempts", json!({"N": "1"})));
        put(&database, "a#~conflict#f", with(paid("2"), "state", json!({"S": "conflict"})));
        put(&database, "b", with(paid("2"), "state", json!({"S": "held"})));
        put(&database, "c", json!({"kind": {"S": "user_login"}}));
        let expected = json!({
            "id": "a", "provider": "claimr", "kind": "user_reward", "user": "u", "effect": "credit",
            "effect_of": "", "settler": "ledger", "amount": "1.50", "unit": "xp", "test": false, "state": "recorded",
            "received_at": "2026-08-01T12:00:00.000Z", "key_id": "k", "payload": "{\"a\":\"\\\"\"}",
        });
        assert_eq!(take(&queues, 1).await, [expected]);
    });
    process(async {
        let (database, queues) = start(&directory.0);
        put(&database, "d", paid("1"));
        let details = take(&queues, 1).await;
        assert_eq!(details.iter().map(|detail| &detail["id"]).collect::<Vec<_>>(), ["d"]);
    });
}

#[tokio::test]
async fn a_record_that_no_event_can_be_made_of_is_a_dead_letter() {
    let directory = Directory::new();
    let (database, queues) = start(&directory.0);
    let strange = json!({"TableName": names::CALLBACKS, "Item": {
        "id": {"S": "a"}, "state": {"S": "recorded"}, "kind": {"S": "k"}
    }});
    let strange = serde_json::from_value(strange).expect("a request");
    database.put_item(strange).expect("put");
    let paid = json!({
        "amount": {"S": "1"}, "unit": {"S": "xp"}, "effect": {"S": "credit"}, "settler": {"S": "ledger"},
    });
    put(&database, "b", paid);
    assert_eq!(take(&queues, 1).await.len(), 1, "the next one flows");
    let dead = queues.get("PipesDeadLetters").expect("a queue");
    let letters = queues.receive(dead, 10, None, false).expect("received");
    assert_eq!(letters.len(), 1);
    let letter: Value = serde_json::from_str(&letters[0].body).expect("JSON");
    assert_eq!(letter["DDBStreamBatchInfo"]["batchSize"], 1);
}
