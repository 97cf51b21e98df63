//! Each message on its own: attempted, answered, logged.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use settlement::{Attempt, Reward, Settle, Verdict};
use tokio::sync::Barrier;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Obedient, body, clock, event, failed, message, worker};

/// No queues: all that does not end well comes back.
fn without_queues(_: &str) -> Option<String> {
    None
}

#[tokio::test]
async fn messages_do_not_share_their_fates() {
    let worker = worker(Obedient::new(), without_queues);
    let kinds = ["done", "again", "panic", "done", "dead_letter", "unheard of", "done"];
    let messages: Vec<_> =
        (0..).zip(kinds).map(|(i, kind): (u8, _)| message(&format!("m{i}"), kind)).collect();
    let response = worker.handle(event(&messages)).await;
    assert_eq!(failed(response), ["m1", "m2", "m4", "m5"]);
    assert!(failed(worker.handle(event(&[])).await).is_empty());
}

#[tokio::test]
async fn an_attempt_knows_its_record_its_number_and_the_time() {
    let obedient = Obedient::new();
    let attempts = obedient.attempts;
    let worker = worker(obedient, without_queues);
    worker.handle(event(&[message("a", "done"), message("b", "done")])).await;
    let attempts = attempts.lock().expect("unpoisoned");
    let [first, second] = &attempts[..] else { panic!("two attempts") };
    assert_eq!((first.number, first.now), (3, clock()));
    assert_ne!(first.random, second.random);
    let record = &first.record;
    assert_eq!((record.id.as_str(), record.provider.as_str()), ("p#callback#done", "p"));
    assert_eq!(
        (record.user.as_str(), record.test, record.held),
        ("user@example.com", false, false)
    );
    assert_eq!(record.received_at, "2026-11-21T17:59:59.000Z");
    assert_eq!(record.payload, r#"{"secret":"hunter2"}"#);
    let Some(Reward { amount, unit }) = &record.reward else { panic!("a reward") };
    assert_eq!((amount.to_string().as_str(), unit.as_str()), ("12.50", "coins"));
}

#[tokio::test]
async fn what_lambda_leaves_out_does_no_harm() {
    let without = |name: &str| {
        let mut message = message("m", "done");
        message.as_object_mut().expect("an object").remove(name);
        message
    };
    let with = |name: &str, value: Value| {
        let mut message = message("m", "done");
        message[name] = value;
        message
    };
    for (message, number, failures) in [
        (without("attributes"), Some(1), vec![]),
        (with("attributes", Value::Null), Some(1), vec![]),
        (with("attributes", json!({"ApproximateReceiveCount": "many"})), Some(1), vec![]),
        (with("attributes", json!({"ApproximateReceiveCount": "-1"})), Some(1), vec![]),
        (
            with("attributes", json!({"ApproximateReceiveCount": "4294967295"})),
            Some(u32::MAX),
            vec![],
        ),
        (without("receiptHandle"), Some(3), vec![]),
        (without("messageId"), Some(3), vec![]),
        (without("body"), None, vec!["m"]),
        (with("body", Value::Null), None, vec!["m"]),
        (with("body", json!("")), None, vec!["m"]),
        (json!({}), None, vec![""]),
    ] {
        let obedient = Obedient::new();
        let attempts = obedient.attempts;
        let event = event(std::slice::from_ref(&message));
        let response = worker(obedient, without_queues).handle(event).await;
        assert_eq!(failed(response), failures, "{message}");
        let numbers = attempts.lock().expect("unpoisoned").first().map(|attempt| attempt.number);
        assert_eq!(numbers, number, "{message}");
    }
}

/// Ends when as many attempts are at it as the barrier is for.
struct Together(Barrier);

impl Settle for Together {
    async fn settle(&self, _: &Attempt) -> Verdict {
        self.0.wait().await;
        Verdict::Done
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_batch_is_attempted_at_once_and_no_more() {
    let messages: Vec<_> = (0..20).map(|i| message(&format!("m{i}"), "done")).collect();
    let all_ten = worker(Together(Barrier::new(10)), without_queues);
    assert!(failed(all_ten.handle(event(&messages)).await).is_empty());
    let eleven = worker(Together(Barrier::new(11)), without_queues);
    assert_eq!(failed(eleven.handle(event(&messages)).await).len(), 20);
}

#[tokio::test(start_paused = true)]
async fn what_hangs_comes_back_before_the_function_is_stopped() {
    let started = tokio::time::Instant::now();
    let worker = worker(Obedient::new(), without_queues);
    let mut messages: Vec<_> = (0..12).map(|i| message(&format!("h{i:02}"), "hang")).collect();
    messages.insert(5, message("fine", "done"));
    let failed = failed(worker.handle(event(&messages)).await);
    assert_eq!(failed.len(), 12);
    assert!(!failed.contains(&"fine".to_owned()));
    let took = started.elapsed().as_secs_f64();
    assert!((25.0..26.0).contains(&took), "{took}");
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_attempt_is_one_line_without_anything_that_was_sent() {
    let log = Log::default();
    let json = tracing_subscriber::fmt().json().flatten_event(true).with_writer(log.clone());
    let _default = tracing::subscriber::set_default(json.finish());
    let worker = worker(Obedient::new(), without_queues);
    let mut unreadable = message("m4", "done");
    unreadable["body"] = json!(body("done").to_string().replace("12.50", "12,50"));
    for message in [
        message("m0", "done"),
        message("m1", "again"),
        message("m2", "dead_letter"),
        message("m3", "panic"),
        unreadable,
    ] {
        worker.handle(event(&[message])).await;
    }
    let log = String::from_utf8(log.0.lock().expect("unpoisoned").clone()).expect("text");
    for sent in ["hunter2", "example.com", "12.50", "12,50"] {
        assert!(!log.contains(sent), "{sent}: {log}");
    }
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let expected = [
        json!(["INFO", "m0", "p#callback#done", "p", "done", 3, "done", null, null]),
        json!(["WARN", "m1", "p#callback#again", "p", "again", 3, "again", "not_yet", 1.5]),
        json!([
            "ERROR",
            "m2",
            "p#callback#dead_letter",
            "p",
            "dead_letter",
            3,
            "dead_letter",
            "no_use",
            null
        ]),
        json!(["ERROR", "m3", null, null, null, null, "again", "panicked", null]),
        json!(["ERROR", "m4", null, null, null, 3, "dead_letter", "unreadable", null]),
    ];
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, expected) in lines.iter().zip(expected) {
        let fields = [
            "level",
            "message_id",
            "id",
            "provider",
            "kind",
            "attempt",
            "verdict",
            "reason",
            "after_s",
        ];
        assert_eq!(
            fields.map(|name| &line[name]).into_iter().cloned().collect::<Value>(),
            expected
        );
        let timed =
            line["verdict"] == "again" && line["reason"] == "panicked" || line["ms"].is_f64();
        assert!(timed, "{line}");
    }
}
