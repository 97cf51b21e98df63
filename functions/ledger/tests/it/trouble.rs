//! Outages, poison, and messages that come again.

use emulator::Wire;
use serde_json::{Value, json};

use crate::support::{World, record, settle, worker};

#[tokio::test]
async fn what_can_never_be_booked_is_dead_and_stops_nothing_else() {
    let world = World::new().await;
    let with = |mut record: Value, name: &str, value: &str| {
        record[name] = json!(value);
        record
    };
    let largest = with(record("claimr", "referral", "u", &"9".repeat(28)), "id", "largest");
    assert!(world.settle(&[largest]).await.is_empty());
    let smallest = "0.0000000000000000000000000001";
    let poison = [
        (with(record("claimr", "referral", "u", smallest), "id", "a"), "ledger_impossible"),
        (with(record("claimr", "referral", "u", "-5"), "id", "b"), "negative_reward"),
        (with(record("inbrain", "offer_completed", "u", "5"), "payload", "{}"), "no_reward_id"),
        (
            with(record("inbrain", "offer_completion_reversed", "u", ""), "payload", "no JSON"),
            "no_reward_id",
        ),
    ];
    let mut batch: Vec<_> = poison.iter().map(|(record, _)| record.clone()).collect();
    batch.push(record("inbrain", "ad_hoc", "v", "5"));
    for record in &batch {
        world.record(record);
    }
    // There is no queue for dead letters: they are failures, until the queue's own policy moves them.
    for _ in 0..2 {
        assert_eq!(world.settle(&batch).await, ["0", "1", "2", "3"]);
    }
    for (record, reason) in &poison {
        assert_eq!(world.says(record, "state").as_deref(), Some("dead"), "{reason}");
        assert_eq!(world.says(record, "reason").as_deref(), Some(*reason));
    }
    assert_eq!(world.shows("u").await[0], format!("claimr xp {}", "9".repeat(28)));
    assert_eq!(world.shows("v").await[0], "inbrain IAC 5");
}

#[tokio::test]
async fn an_outage_brings_every_message_back_and_loses_nothing() {
    let world = World::new().await;
    let batch = [
        record("claimr", "referral", "u", "5"),
        record("inbrain", "offer_completion_reversed", "u", "5"),
        record("inbrain", "offer_clicked", "u", ""),
        record("inbrain", "offer_completed", "u", "5"),
    ];
    for record in &batch {
        world.record(record);
    }
    let cut_off = worker("http://127.0.0.1:0");
    assert_eq!(settle(&cut_off, &batch).await, ["0", "1", "3"]);
    assert!(world.settle(&batch).await.is_empty());
    assert_eq!(world.shows("u").await[..2], ["claimr xp 5", "inbrain IAC 0"]);
}

/// How many requests one attempt for each of these makes, at most.
const REQUESTS: usize = 4;

#[tokio::test]
async fn a_function_killed_anywhere_goes_on_where_it_was() {
    let world = World::new().await;
    let url = world.tables.url();
    let mut broken_off = 0;
    for killed_at in 0..REQUESTS {
        for arrives in [false, true] {
            for order in [[0, 1], [1, 0]] {
                let user = format!("{killed_at} {arrives} {order:?}");
                let records = [
                    record("inbrain", "offer_completed", &user, "2.50"),
                    record("inbrain", "offer_completion_reversed", &user, "2.50"),
                ];
                for record in &records {
                    world.record(record);
                }
                world.settle(&records[order[0]..=order[0]]).await;

                let mut wire = Wire::listen().await;
                let (worker, second) = (worker(wire.url()), records[order[1]].clone());
                let mut killed = tokio::spawn(async move { settle(&worker, &[second]).await });
                for request in 0..=killed_at {
                    let held = tokio::select! {
                        held = wire.held() => held,
                        _ = &mut killed => break,
                    };
                    if request == killed_at {
                        killed.abort();
                        broken_off += 1;
                    }
                    if request < killed_at || arrives {
                        held.forward(url).await;
                    }
                }
                assert!(world.settle(&[records[order[1]].clone()]).await.is_empty());
                let mut shown = world.shows(&user).await;
                shown.sort_unstable();
                let expected = [
                    "inbrain IAC 0",
                    "offer_completed IAC 2.5",
                    "offer_completion_reversed IAC -2.5",
                ];
                assert_eq!(shown, expected, "{user}");
                for (record, state) in records.iter().zip(["credited", "debited"]) {
                    assert_eq!(world.says(record, "state").as_deref(), Some(state), "{user}");
                }
            }
        }
    }
    // Two transactions and two notes after a reversal that waited; three requests the other way round.
    assert_eq!(broken_off, (REQUESTS + REQUESTS - 1) * 2);
}
