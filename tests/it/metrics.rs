//! What CloudWatch makes of the functions' logs: as many of each as there were callbacks and attempts.

use std::collections::{BTreeMap, BTreeSet};

use dev_server::functions::{DISPATCH, SCHEDULE};
use serde_json::{Value, json};

use crate::support::dynamodb::DynamoDb;
use crate::support::event::Event;
use crate::support::lambda::{Function, Output, Settings};
use crate::support::metrics::{self, Measured, NAMESPACE, sum};
use crate::support::proxy::Fate;
use crate::support::settling::Settling;
use crate::support::{Deployed, deploy, deploy_with};

const ROUTE: &str = "POST /inbrain/success";

/// An inBrain callback of the reward `number`, of `reward` coins.
fn reward(number: u32, reward: u32) -> Event {
    let payload = format!(
        r#"{{"PanelistId":"p","RewardType":"ad_hoc","RewardId":"c55b3483-5755-42f8-9bc5-{number:012}","Reward":{reward},"RevenueAmount":1,"IsTest":false}}"#
    );
    Event::signed("inbrain", ROUTE, &payload)
}

/// The lines of the log that are no metrics, with the message `message`.
fn lines(output: &Output, message: &str) -> Vec<Value> {
    let lines = output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    lines.filter(|line: &Value| line["message"] == message).collect()
}

/// The receiving function's metrics, after as many callbacks of each kind as below. It is killed as soon
/// as it has given its last answer, so that what it had not written by then is lost.
async fn received() -> (Vec<Measured>, Output) {
    let Deployed { mut function, dynamodb } = deploy("inbrain").await;
    for number in [1, 2, 3, 1, 1] {
        function.invoke(reward(number, 100)).await;
    }
    function.invoke(reward(2, 999)).await.assert_conflict("inbrain");
    for _ in 0..4 {
        function.invoke(Event::sample("inbrain-forged")).await.assert_problem(401);
    }
    function.invoke(Event::sample("inbrain-malformed")).await.assert_problem(400);
    let large = reward(4, 1).with("body", "x".repeat(65_537));
    function.invoke(large).await.assert_problem(413);
    dynamodb.proxy.befall(&[Fate::Instead(400, r#"{"__type":"x#AccessDeniedException"}"#)]);
    function.invoke(reward(5, 100)).await.assert_unavailable();
    let output = function.stop().await;
    (metrics::measured(&output.stdout), output)
}

#[tokio::test]
async fn every_callback_counts_once() {
    let (measured, output) = received().await;
    let inbrain = [("Provider", "inbrain")];
    for (name, count) in [
        ("Recorded", 3.0),
        ("Duplicate", 2.0),
        ("Conflict", 1.0),
        ("Unavailable", 1.0),
        ("StoreErrors", 1.0),
        ("KeyErrors", 0.0),
    ] {
        assert!((sum(&measured, name, &inbrain) - count).abs() < 1e-9, "{name}: {measured:?}");
    }
    for (reason, count) in [("unauthenticated", 4.0), ("malformed", 1.0), ("too_large", 1.0)] {
        let dimensions = [("Provider", "inbrain"), ("Reason", reason)];
        assert!((sum(&measured, "Refused", &dimensions) - count).abs() < 1e-9, "{reason}");
    }
    // The times are those of the log lines.
    for (metric, member) in [("TotalLatency", "total_ms"), ("StoreLatency", "store_ms")] {
        let values = measured.iter().filter(|measured| measured.name == metric);
        let values: Vec<_> = values.flat_map(|measured| measured.values.clone()).collect();
        let logged = lines(&output, "callback").into_iter();
        let logged: Vec<_> = logged.filter_map(|line| line[member].as_f64()).collect();
        assert_eq!(values, logged, "{metric}");
        assert!(logged.iter().all(|ms| (0.0..3_000.0).contains(ms)), "{logged:?}");
    }
    assert_eq!(lines(&output, "callback").len(), 13);
}

#[tokio::test]
async fn without_keys_every_callback_is_an_error_of_the_keys() {
    let Deployed { mut function, .. } =
        deploy_with("claimr", |settings: Settings| settings.with("KEYS", r#"{"keys":[]}"#)).await;
    for _ in 0..2 {
        function.invoke(Event::sample("claimr-user-login")).await.assert_unavailable();
    }
    let measured = metrics::measured(&function.stop().await.stdout);
    for (name, count) in [("KeyErrors", 2.0), ("Unavailable", 2.0), ("StoreErrors", 0.0)] {
        let sum = sum(&measured, name, &[("Provider", "claimr")]);
        assert!((sum - count).abs() < 1e-9, "{name}: {measured:?}");
    }
}

#[tokio::test]
async fn metrics_do_not_depend_on_the_log_level_and_need_a_namespace() {
    for (level, namespace, documents) in
        [("error", NAMESPACE, 1), ("trace", NAMESPACE, 1), ("info", "", 0)]
    {
        let with = |settings: Settings| {
            settings.with("LOG_LEVEL", level).with("METRICS_NAMESPACE", namespace)
        };
        let Deployed { mut function, .. } = deploy_with("inbrain", with).await;
        function.invoke(reward(1, 1)).await.assert_kept("recorded");
        let output = function.stop().await;
        let lines = usize::from(level != "error");
        assert_eq!(self::lines(&output, "callback").len(), lines, "{level}: {output:?}");
        assert_eq!(output.stdout.lines().count(), lines + documents, "{level}: {output:?}");
    }
}

/// The settling functions' metrics, after attempts that ended as below.
async fn settled() -> Vec<Measured> {
    let mut settling = Settling::start().await;
    let mut delivery = settling.function("giveaway-delivery").await;
    settling.record(&Event::sample("giveaway-action")).await;
    settling.put("giveaway-delivery", r#"{"detail":{}}"#);
    settling.fail_once("giveaway", 503).await;
    settling.work("giveaway-delivery", &mut delivery).await;
    settling.work("giveaway-delivery", &mut delivery).await.assert_done(1);
    let payload = r#"{"track_id":"refused","event":"send"}"#;
    settling.record(&Event::signed("giveaway", "POST /giveaway/actions", payload)).await;
    settling.fail_once("giveaway", 400).await;
    settling.work("giveaway-delivery", &mut delivery).await.assert_done(1);
    metrics::measured(&delivery.stop().await.stdout)
}

#[tokio::test]
async fn every_attempt_counts_once() {
    let measured = settled().await;
    for (name, provider, count) in [
        ("Settled", "giveaway", 1.0),
        ("Retried", "giveaway", 1.0),
        ("DeliveryRefused", "giveaway", 1.0),
        ("DeadLetter", "giveaway", 0.0),
        ("DeadLetter", "unknown", 1.0),
    ] {
        let sum = sum(&measured, name, &[("Provider", provider)]);
        assert!((sum - count).abs() < 1e-9, "{name} of {provider}: {measured:?}");
    }
    let ages = measured.iter().filter(|measured| measured.name == "UnsettledAge");
    let ages: Vec<_> = ages.flat_map(|measured| measured.values.clone()).collect();
    assert_eq!(ages.len(), 3, "{measured:?}");
    assert!(ages.iter().all(|age| (0.0..60.0).contains(age)), "{ages:?}");
}

/// What the dispatching function writes about two records, while nobody answers it, and one that is nobody's to send.
async fn undispatched() -> Output {
    let dynamodb = DynamoDb::start().await;
    let mut settings = Settings::of(DISPATCH.id, &dynamodb);
    for service in ["SQS", "EVENTBRIDGE"] {
        settings = settings.with(&format!("AWS_ENDPOINT_URL_{service}"), "http://127.0.0.1:1");
    }
    let mut dispatch = Function::start(DISPATCH.name, &settings).await;
    let text = |text: &str| json!({"S": text});
    let record = |number: &str, state: &str| {
        json!({
            "eventName": "INSERT",
            "dynamodb": {
                "SequenceNumber": number,
                "NewImage": {
                    "id": text("p#reward#1"), "provider": text("p"), "kind": text("k"),
                    "user": text("hunter2"), "test": {"BOOL": false}, "state": text(state),
                    "received_at": text("2026-08-01T12:00:00.000Z"), "key_id": text("k"),
                    "payload": text("hunter2"),
                },
            },
        })
    };
    let event = json!({"Records": [
        record("1", "conflict"), record("2", "recorded"), record("3", "recorded"),
    ]});
    let response = dispatch.invoke_raw(event).await;
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    dispatch.stop().await
}

#[tokio::test]
async fn what_is_not_dispatched_is_counted_and_not_shown() {
    let output = undispatched().await;
    let measured = metrics::measured(&output.stdout);
    assert!((sum(&measured, "NotDispatched", &[]) - 3.0).abs() < 1e-9, "{measured:?}");
    assert_eq!(lines(&output, "record").len(), 3, "{output:?}");
    assert!(!output.stdout.contains("hunter2") && !output.stderr.contains("hunter2"), "{output:?}");
}

/// What the schedule writes about a run in which nothing is due.
async fn scheduled() -> Output {
    let dynamodb = DynamoDb::start().await;
    let settings = Settings::of(SCHEDULE.id, &dynamodb);
    let settings = settings.with("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1");
    let mut schedule = Function::start(SCHEDULE.name, &settings).await;
    schedule.invoke_raw(json!({})).await;
    schedule.stop().await
}

#[tokio::test]
async fn a_run_without_anything_due_measures_that_nothing_is_overdue() {
    let measured = metrics::measured(&scheduled().await.stdout);
    let names: Vec<_> = measured.iter().map(|measured| measured.name.as_str()).collect();
    assert_eq!(names, ["OldestDueAge"], "{measured:?}");
    assert!(sum(&measured, "OldestDueAge", &[]).abs() < 1e-9, "{measured:?}");
}

/// The alarms and the dashboard of the template name metrics; `tests/real-parts/check_signals.py` looks
/// each up in this list.
#[tokio::test]
async fn the_list_of_metrics_is_what_the_functions_measure() {
    let (mut measured, _) = received().await;
    measured.extend(settled().await);
    measured.extend(metrics::measured(&undispatched().await.stdout));
    measured.extend(metrics::measured(&scheduled().await.stdout));
    let Deployed { mut function, .. } =
        deploy_with("claimr", |settings: Settings| settings.without("KEYS")).await;
    function.invoke(Event::sample("claimr-user-login")).await.assert_unavailable();
    measured.extend(metrics::measured(&function.stop().await.stdout));
    let file = bundle::project_file("tests/real-parts/metrics.json");
    let listed = std::fs::read_to_string(file).expect("a list");
    let listed: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&listed).expect("names with dimensions");
    let mut names = json!(metrics::names(&measured));
    // What the schedule counts has no value while there is nothing to count.
    for counter in schedule::metrics::COUNTERS {
        names[counter] = json!([]);
    }
    assert_eq!(names, json!(listed));
}
