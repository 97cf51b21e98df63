//! Progress on records in the embedded DynamoDB.

use serde_json::{Value, json};
use tables::callbacks::progress::LONGEST_REPLY;
use tables::callbacks::tried::MOST_KEPT;
use tables::callbacks::{AttemptNumber, BeginOutcome, Progress, Reason, State, Store, TableError};
use test_support::{Intercept, Tables, tables::CALLBACKS};

use crate::support::{now, store};

struct Harness {
    tables: Tables,
    store: Store,
}

impl Harness {
    async fn new() -> Self {
        let tables = Tables::serve().await;
        let store = store(tables.url());
        Self { tables, store }
    }

    /// Puts a record in `state` there, as a receiver writes it.
    fn put(&self, id: &str, state: &str) {
        let record = json!({
            "id": {"S": id}, "state": {"S": state}, "writer": {"S": "token"},
            "payload": {"S": "{}"},
        });
        self.tables.put(CALLBACKS, &record);
    }

    fn get(&self, id: &str) -> Value {
        self.tables.record(id)
    }

    /// Begins an attempt; how many there were, or why not.
    async fn begin(&self, id: &str) -> Result<u32, String> {
        match self.store.begin(id, now(), 1).await.expect("available") {
            BeginOutcome::Go { attempts, .. } => Ok(attempts),
            BeginOutcome::Leased(left) => Err(format!("leased for {left:?}")),
            BeginOutcome::Ended(state) => Err(state.to_string()),
            BeginOutcome::NoRecord => Err("none".to_owned()),
        }
    }

    async fn finish(&self, id: &str, progress: &Progress) {
        let now = now();
        self.store.finish(id, now, progress).await.expect("available");
    }
}

const STATES: [State; 11] = [
    State::Retrying,
    State::Waiting,
    State::Credited,
    State::Debited,
    State::Reversed,
    State::Redeemed,
    State::Delivered,
    State::Refused,
    State::Rejected,
    State::WithoutEffect,
    State::Dead,
];

#[tokio::test]
async fn attempts_are_counted_on_the_record() {
    let harness = Harness::new().await;
    harness.put("a", "recorded");
    for attempts in 1..=3 {
        assert_eq!(harness.begin("a").await, Ok(attempts));
        let retrying = Progress::to(State::Recorded);
        harness.finish("a", &retrying).await;
    }
    assert_eq!(
        harness.get("a"),
        json!({
            "id": {"S": "a"}, "state": {"S": "recorded"}, "writer": {"S": "token"},
            "payload": {"S": "{}"}, "attempts": {"N": "3"},
            "last_attempt_at": {"S": "2026-11-21T18:00:00.500Z"},
        })
    );
}

#[tokio::test]
async fn what_has_ended_or_waits_for_a_person_does_not_begin() {
    let harness = Harness::new().await;
    for state in ["held", "conflict"] {
        harness.put(state, state);
        let before = harness.get(state);
        assert_eq!(harness.begin(state).await, Err(state.to_owned()));
        harness.finish(state, &Progress::to(State::Credited)).await;
        assert_eq!(harness.get(state), before);
    }
    for state in STATES {
        let name = state.as_str();
        harness.put(name, "recorded");
        harness.finish(name, &Progress::to(state)).await;
        // What a person has put back begins again.
        let begins = !state.is_final() || state == State::Dead;
        let begun = harness.begin(name).await;
        assert_eq!(begun, if begins { Ok(1) } else { Err(name.to_owned()) });
    }
}

#[tokio::test]
async fn a_record_that_is_not_there_is_not_made() {
    let harness = Harness::new().await;
    assert_eq!(harness.begin("gone").await, Err("none".to_owned()));
    harness.finish("gone", &Progress::to(State::Delivered)).await;
    harness.store.note("gone", "step", "value").await.expect("available");
    assert_eq!(harness.get("gone"), Value::Null);
}

#[tokio::test]
async fn what_came_of_an_attempt_is_on_the_record() {
    let harness = Harness::new().await;
    harness.put("a", "recorded");
    let retrying = Progress {
        last_status: Some(503),
        reply: Some("busy".to_owned()),
        ..Progress::because(State::Retrying, Reason::UpstreamFailed)
    };
    harness.finish("a", &retrying).await;
    let receivers = json!({"id": {"S": "a"}, "writer": {"S": "token"}, "payload": {"S": "{}"}});
    let record = |more: Value| {
        let mut record = receivers.clone();
        record
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        record
    };
    assert_eq!(
        harness.get("a"),
        record(json!({
            "state": {"S": "retrying"}, "last_status": {"N": "503"}, "reply": {"S": "busy"},
            "reason": {"S": "upstream_failed"},
        }))
    );
    // Nobody answered: the last answer that there was stays, the reason does not.
    harness.finish("a", &Progress::because(State::Dead, Reason::Undeliverable)).await;
    assert_eq!(
        harness.get("a"),
        record(json!({
            "state": {"S": "dead"}, "attention": {"S": "dead#12"}, "last_status": {"N": "503"}, "reply": {"S": "busy"},
            "reason": {"S": "undeliverable"}, "settled_at": {"S": "2026-11-21T18:00:00.500Z"},
        }))
    );
    // Put back by a person.
    harness.finish("a", &Progress::to(State::Retrying)).await;
    assert_eq!(
        harness.get("a"),
        record(json!({
            "state": {"S": "retrying"}, "last_status": {"N": "503"}, "reply": {"S": "busy"},
        }))
    );
    harness
        .finish("a", &Progress { last_status: Some(200), ..Progress::to(State::Delivered) })
        .await;
    let delivered = record(json!({
        "state": {"S": "delivered"}, "last_status": {"N": "200"}, "reply": {"S": "busy"},
        "settled_at": {"S": "2026-11-21T18:00:00.500Z"},
    }));
    assert_eq!(harness.get("a"), delivered);
    // An attempt that comes late.
    harness.finish("a", &Progress::because(State::Retrying, Reason::TooSlow)).await;
    assert_eq!(harness.get("a"), delivered);
}

/// The attempts that the record `id` keeps, by their attributes' names.
fn kept(harness: &Harness, id: &str) -> Vec<[String; 2]> {
    let record = harness.get(id);
    let attributes = record.as_object().expect("a record").iter();
    let mut kept: Vec<_> = attributes
        .filter(|(name, _)| name.starts_with("attempt_"))
        .map(|(name, value)| [name.clone(), value["S"].as_str().expect("text").to_owned()])
        .collect();
    kept.sort_unstable();
    kept
}

#[tokio::test]
async fn an_attempt_that_does_not_settle_the_record_is_kept_on_it() {
    let harness = Harness::new().await;
    harness.put("a", "recorded");
    let attempts = [
        (Some(AttemptNumber::Counted(1)), Some(503), Reason::UpstreamFailed),
        (Some(AttemptNumber::Uncounted(2)), None, Reason::StoreThrottled),
        // It was put off without an attempt.
        (None, None, Reason::UpstreamDown),
    ];
    for (attempt, last_status, reason) in attempts {
        let retrying = Progress::because(State::Retrying, reason);
        harness.finish("a", &Progress { attempt, last_status, ..retrying }).await;
    }
    let expected = [
        ["attempt_01", "1 2026-11-21T18:00:00.500Z 503 upstream_failed"],
        ["attempt_02", "2 2026-11-21T18:00:00.500Z - store_throttled"],
    ];
    let expected = expected.map(|it| it.map(str::to_owned));
    assert_eq!(kept(&harness, "a"), expected);
    // Only what nobody has counted is.
    assert_eq!(harness.get("a")["attempts"]["N"], "2");
    // Nor do the next ones, a person, or the end of it change them.
    harness.begin("a").await.expect("open");
    let attempt = Some(AttemptNumber::Counted(3));
    harness.finish("a", &Progress { attempt, ..Progress::to(State::Credited) }).await;
    assert_eq!(kept(&harness, "a"), expected);
}

#[tokio::test]
async fn an_attempt_takes_the_place_of_one_that_was_long_before_it() {
    let harness = Harness::new().await;
    harness.put("a", "recorded");
    for number in 1..=MOST_KEPT + 5 {
        let attempt = Some(AttemptNumber::Uncounted(number));
        let retrying = Progress::because(State::Retrying, Reason::StoreFailed);
        harness.finish("a", &Progress { attempt, ..retrying }).await;
    }
    let kept = kept(&harness, "a");
    let mut numbers: Vec<u32> = kept
        .iter()
        .map(|[_, text]| text.split(' ').next().and_then(|it| it.parse().ok()).expect("a number"))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (6..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_attempt_that_settles_a_record_leaves_nothing_more_on_it() {
    let harness = Harness::new().await;
    for (id, attempt) in
        [("begun", AttemptNumber::Counted(1)), ("booked", AttemptNumber::Uncounted(1))]
    {
        harness.put(id, "recorded");
        if attempt == AttemptNumber::Counted(1) {
            harness.begin(id).await.expect("open");
        }
        let credited = Progress { attempt: Some(attempt), ..Progress::to(State::Credited) };
        harness.finish(id, &credited).await;
        assert_eq!(
            harness.get(id),
            json!({
                "id": {"S": id}, "state": {"S": "credited"}, "writer": {"S": "token"},
                "payload": {"S": "{}"}, "attempts": {"N": "1"},
                "last_attempt_at": {"S": "2026-11-21T18:00:00.500Z"},
                "settled_at": {"S": "2026-11-21T18:00:00.500Z"},
            })
        );
    }
}

#[tokio::test]
async fn what_was_buried_says_that_it_is_dead_wherever_it_was_unsettled() {
    let harness = Harness::new().await;
    let now = now();
    for state in ["recorded", "retrying", "waiting"] {
        harness.put(state, state);
        assert_eq!(
            harness.store.mark_dead(state, now, Reason::LastAttempt).await,
            Ok(true),
            "{state}"
        );
        let record = harness.get(state);
        for (name, value) in [
            ("state", "dead"),
            ("reason", "last_attempt"),
            ("settled_at", "2026-11-21T18:00:00.500Z"),
        ] {
            assert_eq!(record[name]["S"], value, "{state} {name}");
        }
        let attention = record["attention"]["S"].as_str().expect("text");
        assert!(attention.starts_with("dead#"), "{state} {attention}");
        // Its own reason says more than a second one.
        assert_eq!(harness.store.mark_dead(state, now, Reason::BuriedByQueue).await, Ok(true));
        assert_eq!(harness.get(state), record);
        // The attempt that was marked so may still succeed.
        assert_eq!(harness.begin(state).await, Ok(1));
        harness.finish(state, &Progress::to(State::Credited)).await;
        assert_eq!(harness.store.mark_dead(state, now, Reason::BuriedByQueue).await, Ok(false));
        assert_eq!(harness.get(state)["state"]["S"], "credited");
    }
    for state in ["held", "conflict", "refused", "rejected", "delivered", "closed"] {
        harness.put(state, state);
        let before = harness.get(state);
        assert_eq!(
            harness.store.mark_dead(state, now, Reason::LastAttempt).await,
            Ok(false),
            "{state}"
        );
        assert_eq!(harness.get(state), before);
    }
    assert_eq!(harness.store.mark_dead("gone", now, Reason::LastAttempt).await, Ok(false));
    assert_eq!(harness.get("gone"), Value::Null);
}

#[tokio::test]
async fn closing_is_seen_by_whoever_looks() {
    let harness = Harness::new().await;
    for (state, ended) in [
        ("recorded", false),
        ("retrying", false),
        ("waiting", false),
        ("dead", false),
        ("closed", true),
        ("credited", true),
        ("held", true),
        ("conflict", true),
    ] {
        harness.put(state, state);
        assert_eq!(harness.store.has_ended(state).await, Ok(ended), "{state}");
    }
    assert_eq!(harness.store.has_ended("nothing").await, Ok(false));
}

#[tokio::test]
async fn a_long_reply_is_cut_off_between_characters() {
    let harness = Harness::new().await;
    for (id, reply, kept) in [
        ("ascii", "x".repeat(LONGEST_REPLY + 1), LONGEST_REPLY),
        ("whole", "x".repeat(LONGEST_REPLY), LONGEST_REPLY),
        ("wide", format!("x{}", "é".repeat(LONGEST_REPLY)), LONGEST_REPLY - 1),
        ("empty", String::new(), 0),
    ] {
        harness.put(id, "recorded");
        let progress = Progress { reply: Some(reply.clone()), ..Progress::to(State::Refused) };
        harness.finish(id, &progress).await;
        assert_eq!(harness.get(id)["reply"]["S"], reply[..kept], "{id}");
    }
}

#[tokio::test]
async fn notes_are_there_for_the_next_attempt() {
    let harness = Harness::new().await;
    harness.put("a", "recorded");
    for (step, value) in [("status", "under review"), ("status", "approved"), ("state", "mine")] {
        harness.store.note("a", step, value).await.expect("available");
    }
    assert_eq!(harness.get("a")["state"]["S"], "recorded");
    assert_eq!(harness.get("a")["step_status"]["S"], "approved");
    let now = now();
    let Ok(BeginOutcome::Go { attempts, noted, .. }) = harness.store.begin("a", now, 1).await
    else {
        unreachable!("it is open")
    };
    assert_eq!(
        (attempts, noted.get("status"), noted.get("state")),
        (1, Some("approved"), Some("mine"))
    );
    assert_eq!((noted.get("writer"), noted.get("payload"), noted.get("other")), (None, None, None));
    assert!(!format!("{noted:?}").contains("approved"));
}

#[tokio::test]
async fn an_outage_is_told_from_a_record_that_has_ended() {
    let error = |code: &str| json!({"__type": format!("x#{code}")}).to_string();
    for (status, json, unavailable) in [
        (400, error("ProvisionedThroughputExceededException"), TableError::Throttled),
        (400, error("TransactionConflictException"), TableError::Contended),
        (400, error("AccessDeniedException"), TableError::Refused),
        (400, error("ResourceNotFoundException"), TableError::Refused),
        (500, error("InternalServerError"), TableError::Failed),
        // Counted, and yet without a count.
        (200, "{}".to_owned(), TableError::Failed),
    ] {
        let mut wire = Intercept::listen().await;
        let store = store(wire.url());
        let answers = tokio::spawn(async move {
            loop {
                let held = wire.held().await;
                if status == 200 { held.succeed(&json) } else { held.answer(status, &json) }
            }
        });
        let begun = store.begin("a", now(), 1).await;
        assert_eq!(begun, Err(unavailable));
        answers.abort();
    }
}
