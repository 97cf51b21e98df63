//! The one line per callback: what it says of each outcome.

use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::proxy::Fate;
use crate::support::{Deployed, deploy};

const ID: &str = "inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001";

/// Takes the member `name` out of `line`.
#[track_caller]
fn take(line: &mut Value, name: &str) -> Value {
    let taken = line.as_object_mut().expect("an object").remove(name);
    taken.unwrap_or_else(|| panic!("no {name} in {line}"))
}

#[tokio::test]
async fn each_callback_is_one_line_that_says_what_became_of_it() {
    let Deployed { mut function, dynamodb } = deploy("inbrain").await;
    let genuine = Event::sample("inbrain-survey-completed");
    function.invoke(&genuine).await.assert_kept("recorded");
    function.invoke(&genuine).await.assert_kept("duplicate");
    function.invoke(Event::sample("inbrain-forged")).await.assert_problem(401);
    function.invoke(Event::sample("inbrain-malformed")).await.assert_problem(400);
    function.invoke(genuine.clone().with("routeKey", "POST /nowhere")).await;
    dynamodb.proxy.befall(&[Fate::Instead(400, r#"{"__type":"x#AccessDeniedException"}"#)]);
    function.invoke(&genuine).await.assert_unavailable();
    let log = function.stop().await.stdout;

    let expected = [
        json!({"level": "INFO", "outcome": "recorded", "status": 200, "id": ID,
            "kind": "survey_completed", "key_id": "sample"}),
        json!({"level": "INFO", "outcome": "duplicate", "status": 200, "id": ID,
            "kind": "survey_completed", "key_id": "sample"}),
        json!({"level": "WARN", "outcome": "refused", "status": 401, "reason": "unauthenticated"}),
        json!({"level": "WARN", "outcome": "refused", "status": 400, "reason": "malformed",
            "field": "RewardType", "key_id": "sample"}),
        json!({"level": "WARN", "outcome": "refused", "status": 404, "reason": "no_such_route"}),
        json!({"level": "ERROR", "outcome": "unavailable", "status": 503, "id": ID,
            "reason": "store_refused", "kind": "survey_completed", "key_id": "sample"}),
    ];
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let lines: Vec<_> = lines.filter(|line| line["message"] == "callback").collect();
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (number, (mut line, expected)) in lines.into_iter().zip(expected).enumerate() {
        assert_eq!(take(&mut line, "message"), "callback");
        assert_eq!(take(&mut line, "provider"), "inbrain");
        let request_id = format!("00000000-0000-4000-8000-{number:012}");
        assert_eq!(take(&mut line, "request_id"), request_id);
        let time = take(&mut line, "timestamp");
        assert!(time.as_str().is_some_and(|t| t.starts_with("20") && t.ends_with('Z')), "{time}");
        let total = take(&mut line, "total_ms").as_f64().expect("milliseconds");
        assert!((0.0..3_000.0).contains(&total), "{total}");
        // Whoever has a record was with the store.
        if expected.get("id").is_some() {
            let store = take(&mut line, "store_ms").as_f64().expect("milliseconds");
            assert!((0.0..=total).contains(&store), "{store} of {total}");
        }
        assert_eq!(line, expected);
    }
}

#[tokio::test]
async fn a_refused_request_tells_which_headers_look_like_a_signatures() {
    let Deployed { mut function, .. } = deploy("claimr").await;
    let genuine = Event::sample("claimr-user-login");
    function.invoke(&genuine).await.assert_kept("recorded");
    function.invoke(Event::sample("claimr-forged")).await.assert_problem(401);
    let elsewhere = Event::sample("claimr-forged")
        .with("headers", json!({"host": "a", "x-hook-hmac": "hunter2", "x-other": "1"}));
    function.invoke(elsewhere).await.assert_problem(401);
    function.invoke(Event::sample("claimr-malformed")).await.assert_problem(400);
    let log = function.stop().await.stdout;
    assert!(!log.contains("hunter2"), "{log}");

    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let lines = lines.filter(|line| line["message"] == "callback");
    let named: Vec<_> = lines.map(|line| line["signature_headers"].clone()).collect();
    let expected = [Value::Null, json!("x-claimr-signature"), json!("x-hook-hmac"), Value::Null];
    assert_eq!(named, expected);
}
