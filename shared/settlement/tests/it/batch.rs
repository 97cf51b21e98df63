//! Each message on its own: attempted and answered.

use std::time::Duration;

use serde_json::{Value, json};
use settings::Settings;
use settlement::{Attempt, Reason, Record, Settle, Verdict};
use test_support::sqs::{event, failed};
use test_support::{record, sqs, with};
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
async fn an_attempt_knows_its_record_how_often_it_came_and_the_time() {
    let obedient = Obedient::new();
    let attempts = obedient.attempts;
    let worker = worker(obedient, &without_queues());
    worker.handle(event(&[message("a", "done"), message("b", "done")])).await;
    let attempts = attempts.lock().expect("unpoisoned");
    let [first, second] = &attempts[..] else { panic!("two attempts") };
    assert_eq!((first.receives, first.now), (3, clock()));
    assert_ne!(first.random, second.random);
    let record = &first.record;
    assert_eq!((record.id.as_str(), record.provider.as_str()), ("p#callback#done#a", "p"));
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
        let numbers = attempts.lock().expect("unpoisoned").first().map(|attempt| attempt.receives);
        assert_eq!(numbers, number, "{message}");
    }
}

/// Ends when as many attempts are at it as the barrier is for.
struct Together(Barrier);

impl Settle for Together {
    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        self.0.wait().await;
        vec![Verdict::Done; attempts.len()]
    }
}

/// Settles what is of one user together, and says `again` of all but the first of a group.
struct ByUser(std::sync::Mutex<Vec<Vec<String>>>);

impl Settle for &'static ByUser {
    fn group<'a>(&self, record: &'a Record) -> &'a str {
        &record.user
    }

    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let ids = attempts.iter().map(|attempt| attempt.record.id.clone()).collect();
        self.0.lock().expect("unpoisoned").push(ids);
        let again = Verdict::Again { after: Duration::ZERO, reason: Reason::StoreThrottled };
        let mut verdicts = vec![again; attempts.len()];
        verdicts[0] = Verdict::Done;
        verdicts
    }
}

#[tokio::test]
async fn what_is_of_one_group_is_settled_together_and_answered_on_its_own() {
    let settle: &'static ByUser = Box::leak(Box::new(ByUser(std::sync::Mutex::default())));
    let of = |id: &str, user: &str| {
        let body = sqs::body(&with(record(id, "p", "kind"), json!({"user": user})));
        sqs::message(id, &body)
    };
    let mut unreadable = of("x", "ann");
    unreadable["body"] = json!("{}");
    let messages = [of("1", "ann"), of("2", "bob"), unreadable, of("3", "ann"), of("4", "ann")];
    let response = worker(settle, &without_queues()).handle(event(&messages)).await;
    let mut failed = failed(response);
    failed.sort_unstable();
    assert_eq!(failed, ["3", "4", "x"]);
    let mut groups = settle.0.lock().expect("unpoisoned").clone();
    groups.sort_unstable();
    assert_eq!(groups, [vec!["1", "3", "4"], vec!["2"]]);
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
