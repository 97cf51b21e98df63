//! Offers that are completed and reversed.

use serde_json::{Value, json};

use crate::support::{Harness, record};

const REVERSED: [&str; 3] =
    ["inbrain IAC 0", "offer_completed IAC 2.5", "offer_completion_reversed IAC -2.5"];

/// A completion and a reversal that says another amount, both in the table.
fn both(harness: &Harness, user: &str) -> [Value; 2] {
    let records = [
        record("inbrain", "offer_completed", user, "2.50"),
        record("inbrain", "offer_completion_reversed", user, "1000000"),
    ];
    for record in &records {
        harness.record(record);
    }
    records
}

async fn shows_sorted(harness: &Harness, user: &str) -> Vec<String> {
    let mut shown = harness.shows(user).await;
    shown.sort_unstable();
    shown
}

#[tokio::test]
async fn a_completion_is_debited_once_in_whichever_order_and_however_often_they_come() {
    let harness = Harness::new().await;
    // Each digit is a delivery: 0 the completion, 1 the reversal.
    for order in ["01", "10", "0011", "1100", "0101", "1010", "1001", "0110", "111000", "000111"] {
        let records = both(&harness, order);
        for delivered in order.bytes() {
            let record = &records[usize::from(delivered - b'0')];
            assert!(harness.settle(std::slice::from_ref(record)).await.is_empty());
        }
        assert_eq!(shows_sorted(&harness, order).await, REVERSED, "{order}");
        let states = records.each_ref().map(|record| harness.says(record, "state"));
        assert_eq!(states.map(Option::unwrap_or_default), ["credited", "reversed"], "{order}");
    }
}

#[tokio::test]
async fn both_in_one_batch_are_one_after_the_other() {
    let harness = Harness::new().await;
    let [completion, reversal] = both(&harness, "u");
    let batch = [reversal.clone(), completion.clone(), completion, reversal];
    assert!(harness.settle(&batch).await.is_empty());
    assert_eq!(shows_sorted(&harness, "u").await, REVERSED);
}

#[tokio::test]
async fn a_reversal_waits_for_its_completion() {
    let harness = Harness::new().await;
    let [completion, reversal] = both(&harness, "u");
    assert!(harness.settle(std::slice::from_ref(&reversal)).await.is_empty());
    assert!(harness.shows("u").await.is_empty());
    assert_eq!(harness.says(&reversal, "state").as_deref(), Some("waiting"));
    assert_eq!(harness.says(&reversal, "reason").as_deref(), Some("no_completion"));
    assert!(harness.settle(&[completion]).await.is_empty());
    assert_eq!(harness.says(&reversal, "state").as_deref(), Some("reversed"));
    assert_eq!(harness.says(&reversal, "reason"), None);
}

#[tokio::test]
async fn a_reversal_whose_completion_does_not_come_is_looked_at_again_and_then_by_a_person() {
    let harness = Harness::new().await;
    let [_, reversal] = both(&harness, "u");
    let received = |days: i64| {
        let day = jiff::SignedDuration::from_hours(24);
        // The function's clock stands at the beginning of 1970.
        let at = jiff::Timestamp::UNIX_EPOCH - day * i32::try_from(days).expect("few");
        let mut reversal = reversal.clone();
        reversal["received_at"] = json!(at.to_string());
        reversal
    };
    for days in [0, 29] {
        assert!(harness.settle(&[received(days)]).await.is_empty());
        assert_eq!(harness.says(&reversal, "state").as_deref(), Some("waiting"));
        // After half an hour at least: not in the queue.
        assert!(harness.says(&reversal, "due").is_some());
        let due_at = harness.says(&reversal, "due_at").expect("a time");
        assert!(due_at.as_str() >= "1970-01-01T00:30:00.000Z", "{due_at}");
    }
    assert_eq!(harness.settle(&[received(30)]).await, ["0"], "there is no queue for dead letters");
    assert_eq!(harness.says(&reversal, "state").as_deref(), Some("dead"));
    assert_eq!(harness.says(&reversal, "reason").as_deref(), Some("no_completion"));
    // Once a person has put it back, a completion that came is found.
    let [completion, _] = both(&harness, "u");
    assert!(harness.settle(&[completion, reversal.clone()]).await.is_empty());
    assert_eq!(shows_sorted(&harness, "u").await, REVERSED);
}

#[tokio::test]
async fn only_a_completion_is_reversed() {
    let harness = Harness::new().await;
    let kinds = ["survey_completed", "profiler_completed", "survey_disqualified", "ad_hoc"];
    for kind in kinds {
        let reversal = record("inbrain", "offer_completion_reversed", kind, "5");
        let given = record("inbrain", kind, kind, "5");
        for records in [[&reversal, &given], [&given, &reversal]] {
            for record in records {
                assert!(harness.settle(std::slice::from_ref(record)).await.is_empty());
            }
        }
        assert_eq!(
            harness.shows(kind).await,
            ["inbrain IAC 5".to_owned(), format!("{kind} IAC 5")]
        );
    }
}

#[tokio::test]
async fn a_reversal_needs_no_amount_of_its_own() {
    let harness = Harness::new().await;
    for amount in ["", "0"] {
        let user = format!("user {amount}");
        let [completion, _] = both(&harness, &user);
        let reversal = record("inbrain", "offer_completion_reversed", &user, amount);
        assert!(harness.settle(&[completion, reversal]).await.is_empty());
        assert_eq!(shows_sorted(&harness, &user).await, REVERSED);
    }
}

#[tokio::test]
async fn an_offer_of_another_id_is_another_offer() {
    let harness = Harness::new().await;
    let [completion, mut reversal] = both(&harness, "u");
    let upper = crate::support::OFFER.to_uppercase();
    reversal["effect_of"] = json!(upper);
    assert!(harness.settle(&[completion, reversal]).await.is_empty());
    assert_eq!(harness.shows("u").await[0], "inbrain IAC 2.5");
}
