//! Each message on its own: attempted and answered.

use serde_json::{Value, json};
use settings::Settings;
use settlement::{Attempt, Settle, Verdict};
use tables::callbacks::Store;
use test_support::sqs::{event, failed};
use tokio::sync::Barrier;
use verify::{Effect, Reward};

use crate::support::{Obedient, clock, message, worker};

/// No queues: all that does not end well comes back.
fn without_queues() -> Settings {
    Settings::default()
}

#[tokio::test]
async fn messages_do_not_share_their_fates() {
    let worker = worker(Obedient::new(), &without_queues());
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
    let worker = worker(obedient, &without_queues());
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
    let Some(Effect::Credit(Reward { amount, unit })) = &record.effect else { panic!("a credit") };
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
        let response = worker(obedient, &without_queues()).handle(event).await;
        assert_eq!(failed(response), failures, "{message}");
        let numbers = attempts.lock().expect("unpoisoned").first().map(|attempt| attempt.number);
        assert_eq!(numbers, number, "{message}");
    }
}

/// Ends when as many attempts are at it as the barrier is for.
struct Together(Barrier);

impl Settle for Together {
    fn store(&self) -> Option<&Store> {
        None
    }

    async fn settle(&self, _: &Attempt) -> Verdict {
        self.0.wait().await;
        Verdict::Done
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_batch_is_attempted_at_once_and_no_more() {
    let messages: Vec<_> = (0..20).map(|i| message(&format!("m{i}"), "done")).collect();
    let all_ten = worker(Together(Barrier::new(10)), &without_queues());
    assert!(failed(all_ten.handle(event(&messages)).await).is_empty());
    let eleven = worker(Together(Barrier::new(11)), &without_queues());
    assert_eq!(failed(eleven.handle(event(&messages)).await).len(), 20);
}

#[tokio::test(start_paused = true)]
async fn what_hangs_comes_back_before_the_function_is_stopped() {
    let started = tokio::time::Instant::now();
    let worker = worker(Obedient::new(), &without_queues());
    let mut messages: Vec<_> = (0..12).map(|i| message(&format!("h{i:02}"), "hang")).collect();
    messages.insert(5, message("fine", "done"));
    let failed = failed(worker.handle(event(&messages)).await);
    assert_eq!(failed.len(), 12);
    assert!(!failed.contains(&"fine".to_owned()));
    let took = started.elapsed().as_secs_f64();
    assert!((25.0..26.0).contains(&took), "{took}");
}
