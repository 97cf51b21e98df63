//! What is logged of an attempt. In a process of its own: a log statement that another test reaches
//! first, without a subscriber, is switched off for good.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

#[path = "it/support.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod support;

use support::{Obedient, body, message, worker};
use test_support::sqs::event;

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
    let worker = worker(Obedient::new(), &settings::Settings::default());
    let mut unreadable = message("m4", "done");
    unreadable["body"] = json!(body("u", "done").replace("12.50", "12,50"));
    for message in [
        message("m0", "done"),
        message("m1", "again"),
        message("m2", "dead_letter"),
        message("m3", "panic"),
        unreadable,
        message("m5", "refused"),
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
        json!(["INFO", "m0", "p#callback#done#m0", "p", "done", 3, "settled", null, null]),
        json!([
            "WARN",
            "m1",
            "p#callback#again#m1",
            "p",
            "again",
            3,
            "retried",
            "no_completion",
            1.5
        ]),
        json!([
            "ERROR",
            "m2",
            "p#callback#dead_letter#m2",
            "p",
            "dead_letter",
            3,
            "dead_letter",
            "undeliverable",
            null
        ]),
        json!(["ERROR", "m3", null, null, null, null, "retried", "panicked", null]),
        json!(["ERROR", "m4", null, null, null, 3, "dead_letter", "unreadable", null]),
        json!([
            "ERROR",
            "m5",
            "p#callback#refused#m5",
            "p",
            "refused",
            3,
            "refused",
            "upstream_refused",
            null
        ]),
    ];
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, expected) in lines.iter().zip(expected) {
        let fields = [
            "level",
            "message_id",
            "id",
            "provider",
            "kind",
            "receives",
            "outcome",
            "reason",
            "after_s",
        ];
        assert_eq!(
            fields.map(|name| &line[name]).into_iter().cloned().collect::<Value>(),
            expected
        );
        let timed = line["reason"] == "panicked" || line["total_ms"].is_f64();
        assert!(timed, "{line}");
        let age = if line["id"].is_null() { Value::Null } else { json!(1.0) };
        assert_eq!(line["age_s"], age, "{line}");
    }
}
