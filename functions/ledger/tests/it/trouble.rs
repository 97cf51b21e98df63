//! Outages, poison, and messages that come again.

use std::pin::pin;

use serde_json::{Value, json};
use test_support::Intercept;
use test_support::tables::CALLBACKS;

use crate::support::{Harness, record, settle, worker};

#[tokio::test]
async fn what_can_never_be_booked_is_dead_and_stops_nothing_else() {
    let harness = Harness::new().await;
    let with = |mut record: Value, name: &str, value: &str| {
        record[name] = json!(value);
        record
    };
    let largest = with(record("claimr", "referral", "u", &"9".repeat(28)), "id", "largest");
    assert!(harness.settle(&[largest]).await.is_empty());
    let smallest = "0.0000000000000000000000000001";
    let poison = [
        (with(record("claimr", "referral", "u", smallest), "id", "a"), "ledger_impossible"),
        (with(record("claimr", "referral", "u", "-5"), "id", "b"), "negative_reward"),
        (with(record("inbrain", "offer_completed", "u", "5"), "effect_of", ""), "no_effect_known"),
        (
            with(record("inbrain", "offer_completion_reversed", "u", ""), "effect_of", ""),
            "no_effect_known",
        ),
    ];
    let mut batch: Vec<_> = poison.iter().map(|(record, _)| record.clone()).collect();
    batch.push(record("inbrain", "ad_hoc", "v", "5"));
    for record in &batch {
        harness.record(record);
    }
    // There is no queue for dead letters: they are failures, until the queue's own policy moves them.
    for _ in 0..2 {
        assert_eq!(harness.settle(&batch).await, ["0", "1", "2", "3"]);
    }
    for (record, reason) in &poison {
        assert_eq!(harness.says(record, "state").as_deref(), Some("dead"), "{reason}");
        assert_eq!(harness.says(record, "reason").as_deref(), Some(*reason));
        for number in [1, 2] {
            let kept = harness.says(record, &format!("attempt_0{number}")).expect("kept");
            assert!(kept.starts_with(&format!("{number} ")), "{kept}");
            assert!(kept.ends_with(&format!(" - {reason}")), "{kept}");
        }
        assert_eq!(harness.says(record, "attempts").as_deref(), Some("2"));
    }
    assert_eq!(harness.shows("u").await[0], format!("claimr xp {}", "9".repeat(28)));
    assert_eq!(harness.shows("v").await[0], "inbrain IAC 5");
}

#[tokio::test]
async fn points_below_zero_are_debited_once_a_person_has_accepted_them() {
    let harness = Harness::new().await;
    let given = record("claimr", "user_activity", "u", "50");
    let taken = record("claimr", "user_activity", "u", "-30.5");
    let (given_id, taken_id) = ("claimr#given", "claimr#taken");
    let named = |record: &Value, id: &str| {
        let mut record = record.clone();
        record["id"] = json!(id);
        record
    };
    let (given, taken) = (named(&given, given_id), named(&taken, taken_id));
    let item = json!({
        "id": {"S": taken_id}, "state": {"S": "recorded"},
        "accepted_at": {"S": "2026-11-21T19:00:00.000Z"},
    });
    harness.tables.put(CALLBACKS, &item);
    for _ in 0..3 {
        assert!(harness.settle(&[given.clone(), taken.clone()]).await.is_empty());
    }
    assert_eq!(harness.says(&taken, "state").as_deref(), Some("debited"));
    let shown = harness.shows("u").await;
    assert_eq!(shown[0], "claimr xp 19.5");
    assert_eq!(shown.len(), 3, "{shown:?}");
}

#[tokio::test]
async fn a_second_completion_of_an_offer_is_left_to_a_person() {
    let harness = Harness::new().await;
    let first = record("inbrain", "offer_completed", "u", "5");
    let mut second = record("inbrain", "offer_completed", "u", "9");
    second["id"] = json!(format!("{}#~conflict#f", first["id"].as_str().expect("text")));
    let reversal = record("inbrain", "offer_completion_reversed", "u", "");
    for record in [&first, &second, &reversal] {
        harness.record(record);
    }
    assert!(harness.settle(&[first]).await.is_empty());
    let before = harness.shows("u").await;
    for reversals in [vec![], vec![reversal]] {
        assert!(harness.settle(&reversals).await.is_empty());
        assert_eq!(harness.settle(&[second.clone()]).await, ["0"]);
        assert_eq!(harness.says(&second, "state").as_deref(), Some("dead"));
        assert_eq!(harness.says(&second, "reason").as_deref(), Some("completed_by_another"));
    }
    let after = harness.shows("u").await;
    assert_eq!([before[0].as_str(), after[0].as_str()], ["inbrain IAC 5", "inbrain IAC 0"]);
    assert!(!after.iter().any(|line| line.contains('9')), "{after:?}");
}

/// A community's account, or a bot's: its balance is written by many at once.
#[tokio::test]
async fn a_user_who_is_hot_holds_up_nobody_else() {
    let harness = Harness::new().await;
    let hot = record("claimr", "referral", "hot", "5");
    let others: Vec<_> =
        (0..9).map(|n| record("claimr", "referral", &format!("u{n}"), "5")).collect();
    let batch: Vec<_> = [&hot].into_iter().chain(&others).cloned().collect();
    for record in &batch {
        harness.record(record);
    }
    let mut wire = Intercept::listen().await;
    let worker = worker(wire.url());
    let url = harness.tables.url().to_owned();
    let mut settled = pin!(settle(&worker, &batch));
    let mut stuck = Vec::new();
    // Transactions of that user get no answer until all others are credited.
    let credited = async {
        loop {
            let held = wire.held().await;
            let is_hot = held.json().to_string().contains("\"hot\"");
            if held.operation() == "TransactWriteItems" && is_hot {
                stuck.push(held);
            } else {
                held.forward(&url).await;
            }
            let state = |record| harness.says(record, "state");
            if others.iter().all(|record| state(record).as_deref() == Some("credited")) {
                return stuck;
            }
        }
    };
    let stuck = tokio::select! {
        stuck = credited => stuck,
        failed = &mut settled => panic!("{failed:?}"),
    };
    assert_eq!(stuck.len(), 1);
    for held in stuck {
        held.forward(&url).await;
    }
    let rest = tokio::spawn(async move { wire.forward_all(&url).await });
    assert!(settled.await.is_empty());
    rest.abort();
    assert_eq!(harness.shows("hot").await[0], "claimr xp 5");
}

#[tokio::test]
async fn an_outage_brings_every_message_back_and_loses_nothing() {
    let harness = Harness::new().await;
    let batch = [
        record("claimr", "referral", "u", "5"),
        record("inbrain", "offer_completion_reversed", "u", "5"),
        record("inbrain", "offer_clicked", "u", ""),
        record("inbrain", "offer_completed", "u", "5"),
    ];
    for record in &batch {
        harness.record(record);
    }
    let cut_off = worker("http://127.0.0.1:0");
    assert_eq!(settle(&cut_off, &batch).await, ["0", "1", "2", "3"]);
    assert!(harness.settle(&batch).await.is_empty());
    assert_eq!(harness.shows("u").await[..2], ["claimr xp 5", "inbrain IAC 0"]);
}

/// How many requests one attempt for each of these makes, at most.
const REQUESTS: usize = 7;

#[tokio::test]
async fn a_function_killed_anywhere_goes_on_where_it_was() {
    let harness = Harness::new().await;
    let url = harness.tables.url();
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
                    harness.record(record);
                }
                harness.settle(&records[order[0]..=order[0]]).await;

                let mut wire = Intercept::listen().await;
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
                assert!(harness.settle(&[records[order[1]].clone()]).await.is_empty());
                let mut shown = harness.shows(&user).await;
                shown.sort_unstable();
                let expected = [
                    "inbrain IAC 0",
                    "offer_completed IAC 2.5",
                    "offer_completion_reversed IAC -2.5",
                ];
                assert_eq!(shown, expected, "{user}");
                for (record, state) in records.iter().zip(["credited", "reversed"]) {
                    assert_eq!(harness.says(record, "state").as_deref(), Some(state), "{user}");
                }
            }
        }
    }
    // The look, two transactions, two balances and two notes after a reversal that waited; the other way round the
    // look, the reversal put down in vain, a transaction, a balance and a note.
    assert_eq!(broken_off, (REQUESTS + REQUESTS - 2) * 2);
}
