use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
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

/// What the function was given, and which records it is to fail with.
#[derive(Default)]
struct Given {
    batches: Mutex<Vec<Vec<String>>>,
    fails: Mutex<Vec<&'static str>>,
}

impl Given {
    /// Every record's id, in the order of their batches.
    fn ids(&self) -> Vec<String> {
        self.batches.lock().expect("no panic").concat()
    }
}

/// What a process does at its start: database, and records that flow to a function that notes them.
fn start(directory: &Path, given: &Arc<Given>) -> Database {
    let template = Template::read(&project_file("template.yaml")).expect("the template");
    let directory = DataDir::open(directory).expect("a directory");
    let database = tables::open(&template, Some(&directory)).expect("tables");
    let given = Arc::clone(given);
    let work: Work = Arc::new(move |event: Value| {
        let records = event["Records"].as_array().expect("records");
        let id = |record: &Value| {
            record["dynamodb"]["NewImage"]["id"]["S"].as_str().expect("an id").to_owned()
        };
        given.batches.lock().expect("no panic").push(records.iter().map(id).collect());
        let mut fails = given.fails.lock().expect("no panic");
        let failed = records.iter().find(|record| fails.contains(&id(record).as_str()));
        let number = failed.map(|record| record["dynamodb"]["SequenceNumber"].clone());
        if let Some(failed) = failed.map(id) {
            fails.retain(|id| **id != failed);
        }
        let failures: Vec<_> = number.iter().map(|it| json!({"itemIdentifier": it})).collect();
        Box::pin(async move { Some(json!({"batchItemFailures": failures})) })
    });
    let mapping = StreamMapping::of(&template).expect("a mapping");
    assert_eq!(mapping.function, crate::functions::DISPATCH.id);
    mapping.start(&database, work).expect("started");
    database
}

fn put(database: &Database, id: &str) {
    let request = json!({"TableName": names::CALLBACKS, "Item": {
        "id": {"S": id}, "provider": {"S": "p"}, "received_at": {"S": "2026-08-01T12:00:00.000Z"},
    }});
    let request = serde_json::from_value(request).expect("a request");
    database.put_item(request).expect("put");
}

/// Waits until the function was given `count` records, and a little longer for one that is too many.
async fn wait(given: &Given, count: usize) -> Vec<String> {
    let begun = Instant::now();
    while given.ids().len() < count && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(PAUSE).await;
    }
    tokio::time::sleep(3 * PAUSE).await;
    given.ids()
}

/// Runs `work` as a process of its own would: whatever it started ends with it.
fn process<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime").block_on(work)
}

#[test]
fn records_come_to_the_function_once_and_are_done_with_after_a_restart() {
    let (directory, given) = (Directory::new(), Arc::new(Given::default()));
    process(async {
        let database = start(&directory.0, &given);
        put(&database, "a");
        put(&database, "b");
        assert_eq!(wait(&given, 2).await, ["a", "b"]);
    });
    process(async {
        let database = start(&directory.0, &given);
        put(&database, "c");
        assert_eq!(wait(&given, 3).await, ["a", "b", "c"]);
    });
}

#[test]
fn what_failed_comes_again_with_all_that_is_after_it_and_nothing_before() {
    let (directory, given) = (Directory::new(), Arc::new(Given::default()));
    given.fails.lock().expect("no panic").push("b");
    process(async {
        let database = start(&directory.0, &given);
        for id in ["a", "b", "c"] {
            put(&database, id);
        }
        assert_eq!(wait(&given, 5).await, ["a", "b", "c", "b", "c"]);
    });
}

#[test]
fn a_response_says_how_far_the_batch_is_done() {
    let record =
        |number: &str| StreamRecord { sequence_number: number.to_owned(), value: Value::Null };
    let records = ["1", "2", "3"].map(record);
    let failures = |numbers: &[&str]| {
        let failures: Vec<_> = numbers.iter().map(|it| json!({"itemIdentifier": it})).collect();
        json!({"batchItemFailures": failures})
    };
    for (response, done) in [
        (Some(json!({})), 3),
        (Some(failures(&[])), 3),
        (Some(failures(&["2"])), 1),
        (Some(failures(&["3", "2"])), 1),
        (Some(failures(&["1"])), 0),
        // Lambda takes the batch as failed.
        (Some(failures(&["4"])), 0),
        (Some(failures(&[""])), 0),
        (None, 0),
    ] {
        assert_eq!(dispatched(response.as_ref(), &records), done, "{response:?}");
    }
}
