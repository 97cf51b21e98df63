//! Rewards that AppVirality has not decided about.

use std::time::Duration;

use appvirality::Role;
use serde_json::json;
use settlement::Verdict;
use tables::callbacks::Reason;

use crate::harness::Harness;
use crate::samples::{attempt, friend, record, referrer};

const DAY: i64 = 24;

#[tokio::test]
async fn a_review_is_waited_for_with_growing_pauses() {
    for status in ["UnderReview", "Suspicious"] {
        let harness = Harness::start().await;
        harness.api.set("9340", status, "20", "Rs");
        let record = record(Role::Friend, &friend());
        harness.keep(&record);
        let mut last = Duration::ZERO;
        for number in 1..=20 {
            let Verdict::Again { after, reason } =
                harness.settle(&attempt(&record, number, 1)).await
            else {
                panic!("no pause");
            };
            assert_eq!(reason, Reason::StillUnderReview);
            assert!(after >= last && after <= Duration::from_hours(12), "{after:?}");
            last = after;
        }
        assert_eq!(last, Duration::from_hours(6), "the shorter half of the longest pause");
        assert_eq!(harness.state(&record), ["waiting", "still_under_review", "waiting"]);
        assert_eq!(harness.noted(&record, "attempts"), "20");
        assert!(harness.entries("195644").await.is_empty());

        harness.api.set("9340", "Approved", "20", "Rs");
        assert_eq!(harness.settle(&attempt(&record, 21, 9 * DAY)).await, Verdict::Done);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.state(&record), ["redeemed", "", "redeemed"]);
    }
}

#[tokio::test]
async fn waiting_ends_with_a_reason() {
    let none = json!({"success": false, "statuscode": 0, "message": "No data found"});
    let unknown = json!({"success": false, "statuscode": 11, "message": "Invalid RewardDetailID"});
    let status = |status: &str| json!({"success": true, "statuscode": 1, "reward_status": status});
    for (reply, reason) in [
        (status("UnderReview"), "still_under_review"),
        (none, "no_reward_data"),
        (unknown, "no_such_reward"),
        (status("OnHold"), "unknown_reward_status"),
    ] {
        let harness = Harness::start().await;
        harness.api.answer("9340", reply);
        let record = record(Role::Friend, &friend());
        harness.keep(&record);
        for (number, hours) in [(1, 0), (2, 10 * DAY - 1)] {
            let verdict = harness.settle(&attempt(&record, number, hours)).await;
            assert!(matches!(verdict, Verdict::Again { .. }), "{reason} {verdict:?}");
            assert_eq!(harness.state(&record), ["waiting", reason, "waiting"]);
        }
        let verdict = harness.settle(&attempt(&record, 3, 10 * DAY)).await;
        assert_eq!(harness.state(&record)[..2], ["dead", reason]);
        let reason = reason.parse().expect("a reason");
        assert_eq!(verdict, Verdict::DeadLetter { reason });

        // Put back into the queue, it is asked once more.
        harness.api.set("9340", "Approved", "20", "Rs");
        assert_eq!(harness.settle(&attempt(&record, 1, 30 * DAY)).await, Verdict::Done);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    }
}

#[tokio::test]
async fn data_are_waited_for_in_shorter_pauses_than_a_review() {
    let harness = Harness::start().await;
    let record = record(Role::Friend, &friend());
    let Verdict::Again { after: data, .. } = harness.settle_first(&record).await else {
        panic!("no pause");
    };
    harness.api.set("9340", "UnderReview", "20", "Rs");
    let Verdict::Again { after: review, .. } = harness.settle(&attempt(&record, 1, 0)).await else {
        panic!("no pause");
    };
    assert!(data < review && review <= Duration::from_mins(1), "{data:?} {review:?}");
}

#[tokio::test]
async fn the_approved_part_does_not_wait_for_the_rest() {
    let harness = Harness::start().await;
    harness.api.set("9338", "UnderReview", "7.5", "Rs");
    harness.api.set("9339", "Approved", "2.5", "Rs");
    let record = record(Role::Referrer, &referrer());
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs"]);
    assert_eq!((harness.api.redeemed("9338"), harness.api.redeemed("9339")), (0, 1));
    assert_eq!(harness.state(&record), ["waiting", "still_under_review", "waiting redeemed"]);
    harness.api.calls();

    harness.api.set("9338", "Approved", "7.5", "Rs");
    assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    // What is settled is not asked for again.
    let ids: Vec<_> = harness.api.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0]["rewarddtlid"], "9338");
    assert_eq!(ids[1]["rewarddtlids"], json!(["9338"]));
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs", "7.5 Rs"]);
    assert_eq!(harness.state(&record), ["redeemed", "", "redeemed redeemed"]);
}

#[tokio::test]
async fn a_person_looks_at_a_part_once_the_rest_is_decided() {
    let harness = Harness::start().await;
    harness.api.set("9338", "UnderReview", "7.5", "Rs");
    harness.api.set("9339", "Approved", "99", "Rs");
    let record = record(Role::Referrer, &referrer());
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    assert_eq!(harness.state(&record), ["waiting", "still_under_review", "waiting refused"]);
    harness.api.set("9338", "Rejected", "7.5", "Rs");
    let verdict = harness.settle(&attempt(&record, 2, 1)).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::AmountMismatch });
    assert_eq!(harness.state(&record), ["dead", "amount_mismatch", "rejected refused"]);
}
