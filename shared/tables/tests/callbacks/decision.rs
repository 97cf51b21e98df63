//! What people decide about records in the embedded DynamoDB.

use serde_json::{Value, json};
use tables::callbacks::{BeginOutcome, Choice, Decision, DecisionOutcome, Progress, State, Stored};
use test_support::{Intercept, Tables, tables::CALLBACKS};

use crate::support::{now, store};

fn decision(choice: Choice, from: State, by: &str) -> Decision {
    Decision { choice, from, by: by.to_owned(), at: now(), reason: "looked at it".to_owned() }
}

fn put(tables: &Tables, state: &str) {
    let record = json!({
        "id": {"S": state}, "state": {"S": state}, "attention": {"S": state},
        "reason": {"S": "why"}, "settled_at": {"S": "before"},
    });
    tables.put(CALLBACKS, &record);
}

#[tokio::test]
async fn a_decision_is_kept_with_who_when_and_why() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    put(&tables, "held");
    let accepted = decision(Choice::Accept, State::Held, "ann");
    assert_eq!(store.decide("held", &accepted).await, Ok(DecisionOutcome::Done));
    let kept = json!({
        "decision": {"S": "accepted"}, "from": {"S": "held"}, "by": {"S": "ann"},
        "at": {"S": "2026-11-21T18:00:00.500Z"}, "reason": {"S": "looked at it"},
    });
    assert_eq!(
        tables.record("held"),
        json!({
            "id": {"S": "held"}, "state": {"S": "recorded"}, "reason": {"S": "why"},
            "settled_at": {"S": "before"}, "accepted_at": {"S": "2026-11-21T18:00:00.500Z"},
            "decisions": {"L": [{"M": kept}]}, "attention": {"S": "accepted#30"},
            "due": {"S": "30"}, "due_at": {"S": "2026-11-21T18:15:00.500Z"},
            // It was recorded before there were effects.
            "effect": {"S": "unknown"}, "effect_of": {"S": ""}, "settler": {"S": "ledger"},
        })
    );
    let begun = store.begin("held", now(), 1).await.expect("available");
    assert!(matches!(begun, BeginOutcome::Go { attempts: 1, .. }), "{begun:?}");
    // It waits visibly until it is settled, also where there is nothing to do.
    assert_eq!(tables.record("held")["attention"]["S"], "accepted#30");
    let seen = store.look(&["held"]).await.expect("available");
    assert!(seen["held"].accepted && seen["held"].is_open());
    let progress = Progress::to(State::WithoutEffect);
    store.finish("held", now(), &progress).await.expect("available");
    let ended = tables.record("held");
    assert_eq!(
        (&ended["attention"], &ended["state"]["S"]),
        (&Value::Null, &json!("without_effect"))
    );
}

#[tokio::test]
async fn of_two_people_one_decides() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    put(&tables, "conflict");
    let close = decision(Choice::Close, State::Conflict, "ann");
    assert_eq!(store.decide("conflict", &close).await, Ok(DecisionOutcome::Done));
    let before = tables.record("conflict");
    assert_eq!(before["state"]["S"], "closed");
    assert_eq!(before["attention"], Value::Null);
    for choice in [Choice::Accept, Choice::Close] {
        let late = decision(choice, State::Conflict, "bob");
        let closed = DecisionOutcome::NotIn(Stored::Known(State::Closed));
        assert_eq!(store.decide("conflict", &late).await, Ok(closed));
    }
    assert_eq!(tables.record("conflict"), before);
    let begun = store.begin("conflict", now(), 1).await;
    assert_eq!(begun, Ok(BeginOutcome::Ended(Stored::Known(State::Closed))));
}

#[tokio::test]
async fn each_choice_has_its_states() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    for (choice, possible) in [
        (Choice::Accept, &["held", "conflict"][..]),
        (Choice::Close, &["held", "conflict", "refused", "dead"]),
        (Choice::Reopen, &["refused"]),
    ] {
        for state in State::all() {
            put(&tables, state.as_str());
            let decided = store.decide(state.as_str(), &decision(choice, state, "ann")).await;
            let expected = if possible.contains(&state.as_str()) {
                DecisionOutcome::Done
            } else {
                DecisionOutcome::NotIn(Stored::Known(state))
            };
            assert_eq!(decided, Ok(expected), "{choice:?} {state}");
        }
    }
    assert_eq!(
        store.decide("gone", &decision(Choice::Accept, State::Held, "ann")).await,
        Ok(DecisionOutcome::NoRecord)
    );
}

#[tokio::test]
async fn what_is_reopened_is_open_again() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    put(&tables, "refused");
    store
        .decide("refused", &decision(Choice::Reopen, State::Refused, "ann"))
        .await
        .expect("decided");
    let record = tables.record("refused");
    assert_eq!([&record["state"]["S"], &record["due"]["S"]], ["retrying", "3"]);
    assert_eq!(record["due_at"]["S"], "2026-11-21T18:15:00.500Z");
    assert_eq!(record["attention"], Value::Null);
    assert_eq!([&record["reason"], &record["settled_at"]], [&Value::Null, &Value::Null]);
    let begun = store.begin("refused", now(), 1).await.expect("available");
    assert!(matches!(begun, BeginOutcome::Go { attempts: 1, .. }), "{begun:?}");
}

#[tokio::test]
async fn a_lost_reply_is_not_somebody_elses_decision() {
    let tables = Tables::serve().await;
    put(&tables, "held");
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let deciding = tokio::spawn(async move {
        store.decide("held", &decision(Choice::Accept, State::Held, "ann")).await
    });
    wire.held().await.forward_and_lose_answer(tables.url()).await;
    wire.held().await.forward(tables.url()).await;
    assert_eq!(deciding.await.expect("no panic"), Ok(DecisionOutcome::Done));
}

#[tokio::test]
async fn what_is_in_a_state_of_a_newer_version_is_left_alone() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    put(&tables, "escalated");
    let before = tables.record("escalated");
    let unknown = || Stored::Unknown("escalated".to_owned());
    let decided = store.decide("escalated", &decision(Choice::Close, State::Held, "ann")).await;
    assert_eq!(decided, Ok(DecisionOutcome::NotIn(unknown())));
    assert_eq!(store.begin("escalated", now(), 1).await, Ok(BeginOutcome::Ended(unknown())));
    assert_eq!(store.has_ended("escalated").await, Ok(true));
    assert_eq!(tables.record("escalated"), before);
}
