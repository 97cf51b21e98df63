//! What is due.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{Harness, alone, at, now};

const MINUTE: i64 = 60;

#[tokio::test]
async fn what_is_due_is_sent_and_looked_at_again_if_nothing_comes_of_it() {
    let harness = Harness::with_shards(3).await;
    for (id, due_at) in [("a", -MINUTE), ("b", 0), ("c", -1), ("later", 1)] {
        harness.due(id, at(due_at));
    }
    let run = harness.run(now()).await;
    assert_eq!((run.due, run.oldest_due_s, run.failed), (3, 60, None));
    assert_eq!(harness.sent(), ["a ledger", "b ledger", "c ledger"]);
    assert_eq!(harness.due_at("a"), Some(at(15 * MINUTE)));
    assert_eq!(harness.due_at("later"), Some(at(1)));

    // Its message is lost again and again: it is sent less and less often.
    assert_eq!(harness.run(at(14 * MINUTE)).await.due, 1, "the later one");
    for (seconds, next) in [(15 * MINUTE, 45), (45 * MINUTE, 105)] {
        harness.sent();
        harness.run(at(seconds)).await;
        assert!(harness.sent().contains(&"a ledger".to_owned()));
        assert_eq!(harness.due_at("a"), Some(at(next * MINUTE)));
    }
}

#[tokio::test]
async fn what_is_settled_meanwhile_is_not_sent() {
    let harness = Harness::new().await;
    harness.due("a", at(-1));
    harness.settle("a").await;
    harness.due("closed", at(-1));
    let mut item = harness.tables.record("closed");
    item["state"] = json!({"S": "closed"});
    harness.tables.put("callbacks", &item);
    assert_eq!(harness.run(now()).await.due, 0);
    assert!(harness.sent().is_empty());
    assert_eq!([harness.due_at("a"), harness.due_at("closed")], [None, None]);
}

#[tokio::test]
async fn what_a_person_accepted_and_has_nothing_to_settle_comes_to_its_end() {
    let harness = Harness::new().await;
    harness.put(
        "login",
        at(-90_000),
        json!({
            "settler": {"S": "none"}, "attention": {"S": "accepted#0"},
            "accepted_at": {"S": "2026-11-21T17:40:00.000Z"},
            "due": {"S": "18"}, "due_at": {"S": "2026-11-21T17:55:00.000Z"},
        }),
    );
    assert_eq!(harness.run(now()).await.due, 0);
    assert!(harness.sent().is_empty());
    assert_eq!(harness.tables.text("login", "state").as_deref(), Some("without_effect"));
    assert_eq!(harness.due_at("login"), None);
}

#[tokio::test]
async fn a_queue_that_has_enough_to_do_is_not_sent_more() {
    let harness = Harness::new().await;
    harness.due("a", at(-1));
    for (waiting, sent) in [(10_001, 0), (10_000, 1)] {
        harness.due("a", at(-1));
        harness.fill(waiting);
        let run = harness.run(now()).await;
        assert_eq!((run.due, run.put_off), (sent, 1 - sent), "{waiting}");
        // Two minutes ago, so that it is not taken for a sign that its settler is down.
        let expected = if sent == 0 { -2 } else { 15 };
        assert_eq!(harness.due_at("a"), Some(at(expected * MINUTE)), "{waiting}");
        assert_eq!(harness.is_parked("a"), sent == 0, "{waiting}");
    }
}

#[tokio::test]
async fn what_the_queues_do_not_take_is_parked_until_they_do() {
    let harness = Harness::new().await;
    harness.due("a", at(-1));
    harness.refuse(&["ledger", "delivery"]);
    let run = harness.run(now()).await;
    assert_eq!((run.due, run.failed.is_some()), (0, true));
    assert!(harness.is_parked("a"));
    harness.refuse(&[]);
    assert_eq!(harness.run(at(MINUTE)).await.due, 1);
}

#[tokio::test]
async fn thousands_are_sent_in_one_run_and_each_once() {
    let _alone = alone().await;
    let harness = Harness::with_shards(4).await;
    for number in 0..2_500 {
        harness.due(&format!("r{number:04}"), at(-1 - number % 600));
    }
    let run = harness.run(now()).await;
    assert_eq!((run.due, run.oldest_due_s), (2_500, 600));
    let sent = harness.sent();
    assert_eq!(sent.len(), 2_500);
    assert!(sent.windows(2).all(|pair| pair[0] != pair[1]));
}

#[tokio::test]
async fn a_machine_that_waits_for_less_long_finds_what_is_due_earlier() {
    let harness = Harness::new().await;
    harness.due("a", at(3_600));
    assert_eq!(harness.run_with(json!({"due_within_s": 3_599}), now()).await.due, 0);
    assert_eq!(harness.run_with(json!({"due_within_s": 3_600}), now()).await.due, 1);
}

#[tokio::test]
async fn more_shards_do_not_hide_what_was_due_in_fewer() {
    let few = Harness::with_shards(33).await;
    for id in ["a", "b", "c", "d", "e"] {
        few.due(id, at(-1));
    }
    let many = Harness::on(Arc::clone(&few.tables), 40).await;
    assert_eq!(many.run(now()).await.due, 5);
}
