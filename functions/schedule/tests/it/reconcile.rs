//! What nobody has settled.

use std::sync::Arc;

use schedule::Failed;
use serde_json::json;
use tables::callbacks::record::time;
use tables::callbacks::{Shards, keys};

use crate::harness::{Harness, alone, at, now};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

#[tokio::test]
async fn a_record_whose_message_was_lost_is_sent_after_a_quarter_of_an_hour() {
    let harness = Harness::with_shards(2).await;
    harness.record("lost", now());
    harness.record("settled", now());
    harness.settle("settled").await;
    for minutes in [1, 14, 15] {
        assert_eq!(harness.run(at(minutes * MINUTE)).await.reconciled, 0, "{minutes}");
    }
    let run = harness.run(at(16 * MINUTE)).await;
    assert_eq!((run.reconciled, run.failed), (1, None));
    assert_eq!(harness.sent(), ["lost ledger"]);
    // From here on it is due, however often its message is lost.
    assert_eq!(harness.due_at("lost"), Some(at(31 * MINUTE)));
    let run = harness.run(at(31 * MINUTE)).await;
    assert_eq!((run.due, run.reconciled), (1, 0));
}

#[tokio::test]
async fn a_record_of_a_contract_is_found_as_any_other() {
    let harness = Harness::new().await;
    let day = keys::day("ayet-studios", &time(now())[..10], Shards::ONE.of("lost"));
    harness.put("lost", now(), json!({"provider": {"S": "ayet-studios"}, "day": {"S": day}}));
    assert_eq!(harness.run(at(16 * MINUTE)).await.reconciled, 1);
    assert_eq!(harness.sent(), ["lost ledger"]);
}

#[tokio::test]
async fn what_has_nothing_to_settle_or_waits_for_a_person_is_left_alone() {
    let harness = Harness::new().await;
    let state = |state: &str| json!({"state": {"S": state}});
    harness.put("login", now(), json!({"settler": {"S": "none"}}));
    harness.put("test", now(), json!({"test": {"BOOL": true}}));
    for name in ["held", "conflict", "refused", "dead", "closed", "delivered", "escalated"] {
        harness.put(name, now(), state(name));
    }
    let run = harness.run(at(20 * MINUTE)).await;
    assert_eq!((run.reconciled, run.put_off), (0, 0));
    assert!(harness.sent().is_empty());
}

#[tokio::test]
async fn a_retry_that_waits_in_its_queue_is_left_to_it_first() {
    let harness = Harness::new().await;
    harness.put("a", now(), json!({
        "state": {"S": "retrying"}, "attempts": {"N": "4"}, "due_at": {"S": time(at(17 * MINUTE))},
    }));
    assert_eq!(harness.run(at(16 * MINUTE)).await.reconciled, 0);
    assert!(harness.sent().is_empty());
    assert_eq!(harness.due_at("a"), Some(at(32 * MINUTE)));
    assert_eq!(harness.run(at(32 * MINUTE)).await.due, 1);
}

#[tokio::test]
async fn a_consumer_that_stopped_for_a_day_is_made_up_for() {
    let _alone = alone().await;
    let harness = Harness::with_shards(4).await;
    // The schedule itself did not run either.
    harness.run(at(-25 * HOUR)).await;
    for number in 0..3_000_i64 {
        harness.record(&format!("r{number:04}"), at(-24 * HOUR + number * 144 / 5));
    }
    let run = harness.run(now()).await;
    assert_eq!(
        (run.reconciled, run.failed),
        (2_969, None),
        "but for those of the last quarter of an hour"
    );
    let sent = harness.sent();
    assert!(sent.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(harness.run(at(16 * MINUTE)).await.reconciled, 31);
}

#[tokio::test]
async fn a_run_that_fails_is_made_up_for_by_the_next() {
    let harness = Harness::new().await;
    harness.run(now()).await;
    harness.record("a", now());
    harness.refuse(&["ledger", "delivery"]);
    let run = harness.run(at(20 * MINUTE)).await;
    assert_eq!((run.reconciled, run.put_off, run.failed.is_some()), (0, 1, true));
    harness.refuse(&[]);
    assert_eq!(harness.run(at(21 * MINUTE)).await.due, 1);
    assert_eq!(harness.sent(), ["a ledger"]);
}

#[tokio::test]
async fn a_queue_that_refuses_messages_keeps_back_no_record_of_another_settler() {
    let harness = Harness::new().await;
    harness.run(now()).await;
    harness.put("refused", now(), json!({"settler": {"S": "p-delivery"}}));
    harness.record("lost", at(10 * MINUTE));
    harness.refuse(&["delivery"]);
    let run = harness.run(at(26 * MINUTE)).await;
    assert_eq!((run.reconciled, run.failed), (1, Some(Failed::Queues)));
    assert_eq!(harness.sent(), ["lost ledger"]);
    harness.settle("lost").await;
    // What was refused is found in the index, as often as it takes.
    harness.run(at(27 * MINUTE)).await;
    assert_eq!(harness.sent(), [""; 0]);
    harness.refuse(&[]);
    let run = harness.run(at(28 * MINUTE)).await;
    assert_eq!((run.due, run.reconciled, run.failed), (1, 0, None));
    assert_eq!(harness.sent(), ["refused delivery"]);
    assert_eq!(harness.run(at(29 * MINUTE)).await.due, 0, "until it should have been settled");
}

#[tokio::test]
async fn where_nobody_has_looked_before_two_days_are_looked_at() {
    let harness = Harness::new().await;
    harness.record("old", at(-47 * HOUR));
    harness.record("older", at(-49 * HOUR));
    assert_eq!(harness.run(now()).await.reconciled, 1);
    assert_eq!(harness.sent(), ["old ledger"]);
}

#[tokio::test]
async fn two_who_look_at_once_do_not_move_the_watermark_back() {
    let first = Harness::new().await;
    let second = Harness::on(Arc::clone(&first.tables), 1).await;
    second.run(at(HOUR)).await;
    first.run(now()).await;
    let key = json!({"user": {"S": "~schedule"}, "entry": {"S": "~watermark"}});
    let until = &first.tables.get("ledger", &key)["until"]["S"];
    assert_eq!(*until, time(at(HOUR - 15 * MINUTE)));
}

#[tokio::test]
async fn after_a_restart_of_a_machine_everything_is_looked_at_at_once() {
    let harness = Harness::new().await;
    harness.run(now()).await;
    harness.record("new", at(-1));
    harness.put(
        "retried",
        at(-MINUTE),
        json!({
            "state": {"S": "retrying"}, "attempts": {"N": "1"}, "due_at": {"S": time(at(30))},
        }),
    );
    harness.put("delivery", at(-2), json!({"settler": {"S": "p-delivery"}}));
    let run = harness.run_with(json!({"reconcile": "everything"}), now()).await;
    assert_eq!(run.reconciled, 3);
    assert_eq!(harness.sent(), ["delivery delivery", "new ledger", "retried ledger"]);
    // The watermark is where it was.
    harness.record("meanwhile", at(-3));
    assert_eq!(harness.run(at(16 * MINUTE)).await.reconciled, 1);
}
