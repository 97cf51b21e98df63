//! One reward, however often and under whatever name it arrives.

use std::sync::Arc;

use appvirality::Role;
use serde_json::{Value, json};
use settlement::{Record, Verdict};
use tables::callbacks::Reason;

use crate::harness::Harness;
use crate::samples::{attempt, coupon, friend, record, referrer};

/// The hook of a referrer with one detail, and the same with changes.
fn variants(changes: &[(&str, Value)]) -> [Record; 2] {
    let mut body = referrer();
    body["rewarddetails"] = json!([{"rewarddtlid": "9338", "amount": "10"}]);
    body["storeuserid"] = json!("");
    body["userkey"] = json!(null);
    body["rewardid"] = json!("0");
    let first = record(Role::Referrer, &body);
    for (name, value) in changes {
        body[*name] = value.clone();
    }
    let second = record(Role::Referrer, &body);
    assert_ne!(first.id, second.id);
    [first, second]
}

/// What all users of `records` have.
async fn entries(harness: &Harness, records: &[Record]) -> Vec<String> {
    let mut users: Vec<_> = records.iter().map(|record| record.user.clone()).collect();
    users.sort();
    users.dedup();
    let mut entries = Vec::new();
    for user in users {
        entries.extend(harness.entries(&user).await);
    }
    entries
}

#[tokio::test]
async fn a_reward_in_two_records_is_paid_once() {
    for changes in [
        &[("rewardid", json!("481"))][..],
        &[("storeuserid", json!("shop-7"))],
        &[("userkey", json!("a2c540b5"))],
        &[("storeuserid", json!("shop-7")), ("rewardid", json!("481"))],
        &[("storeuserid", json!("shop-7")), ("emailid", json!("new@example.com"))],
        &[("storeuserid", json!("shop-7")), ("participantid", json!(null))],
    ] {
        for later in [0, 1] {
            let harness = Harness::start().await;
            harness.api.set("9338", "Approved", "10", "Rs");
            let mut records = variants(changes);
            records.rotate_left(later);
            for record in &records {
                let verdict = harness.settle_first(record).await;
                assert_eq!(verdict, Verdict::Done, "{changes:?}");
                assert_eq!(harness.state(record)[0], "redeemed");
            }
            assert_eq!(entries(&harness, &records).await, ["10 Rs"], "{changes:?}");
            assert_eq!(harness.api.redeemed("9338"), 1);
        }
    }
}

#[tokio::test]
async fn two_records_of_a_reward_at_the_same_time_are_paid_once() {
    for changes in [[("rewardid", json!("481"))], [("storeuserid", json!("shop-7"))]] {
        let harness = Arc::new(Harness::start().await);
        harness.api.set("9338", "Approved", "10", "Rs");
        let records = variants(&changes);
        let attempts = records.clone().map(|record| {
            let harness = Arc::clone(&harness);
            tokio::spawn(async move { harness.settle_first(&record).await })
        });
        for attempt in attempts {
            attempt.await.expect("no panic");
        }
        // Who came too late to redeem it is told so, and asks again.
        for record in &records {
            assert_eq!(harness.settle(&attempt(record, 2, 1)).await, Verdict::Done, "{changes:?}");
        }
        assert_eq!(entries(&harness, &records).await, ["10 Rs"], "{changes:?}");
        assert_eq!(harness.api.redeemed("9338"), 1);
    }
}

#[tokio::test]
async fn a_coupon_in_two_records_is_one_persons() {
    let harness = Harness::start().await;
    harness.api.set("21616", "Rewarded", "10", "Coins");
    let first = record(Role::User, &coupon());
    let mut body = coupon();
    body["storeuserid"] = json!("shop-8");
    let second = record(Role::User, &body);
    for record in [&first, &second] {
        assert_eq!(harness.settle_first(record).await, Verdict::Done);
    }
    assert!(entries(&harness, &[first, second]).await.is_empty());
}

#[tokio::test]
async fn messages_that_come_several_times_at_once_are_paid_once() {
    let harness = Arc::new(Harness::start().await);
    harness.api.set("9338", "Approved", "7.5", "Rs");
    harness.api.set("9339", "Approved", "2.5", "Rs");
    let record = record(Role::Referrer, &referrer());
    harness.keep(&record);
    let attempts: Vec<_> = (1..=8)
        .map(|number| {
            let (harness, attempt) = (Arc::clone(&harness), attempt(&record, number, 0));
            tokio::spawn(async move { harness.settle(&attempt).await })
        })
        .collect();
    for attempt in attempts {
        attempt.await.expect("no panic");
    }
    assert_eq!(harness.settle(&attempt(&record, 9, 1)).await, Verdict::Done);
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs", "7.5 Rs"]);
    assert_eq!((harness.api.redeemed("9338"), harness.api.redeemed("9339")), (1, 1));
    assert_eq!(harness.state(&record)[0], "redeemed");
}

#[tokio::test]
async fn two_people_with_rewards_of_one_id_are_both_paid() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "7.5", "Rs");
    harness.api.set("9339", "Approved", "2.5", "Rs");
    let mut body = friend();
    body["friend"]["rewarddtlid"] = json!("9339");
    body["friend"]["amount"] = json!("2.5");
    let friend = record(Role::Friend, &body);
    let referrer = record(Role::Referrer, &referrer());
    assert_eq!(harness.settle_first(&friend).await, Verdict::Done);
    // That the id is redeemed by now, is this function's doing.
    assert_eq!(harness.settle_first(&referrer).await, Verdict::Done);
    assert_eq!(harness.entries("195644").await, ["2.5 Rs"]);
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs", "7.5 Rs"]);
    assert_eq!((harness.api.redeemed("9338"), harness.api.redeemed("9339")), (1, 1));
}

#[tokio::test]
async fn one_name_of_two_kinds_is_two_people() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let mut body = friend();
    body["friend"]["storeuserid"] = json!("195644");
    body["friend"]["participantid"] = json!("7");
    body["friend"]["emailid"] = json!(null);
    let participant = record(Role::Friend, &friend());
    assert_eq!(harness.settle_first(&participant).await, Verdict::Done);
    let verdict = harness.settle_first(&record(Role::Friend, &body)).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::ClaimedByAnother });
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);
}

#[tokio::test]
async fn one_address_in_two_spellings_is_one_person() {
    let [by_address, _] = variants(&[("rewardid", json!("481"))]);
    let hook = |participant: Value, store_user: Value, email: &str| {
        let mut body: Value = serde_json::from_str(&by_address.payload).expect("JSON");
        body["participantid"] = participant;
        body["storeuserid"] = store_user;
        body["emailid"] = json!(email);
        record(Role::Referrer, &body)
    };
    let (null, ann) = (json!(null), "ann@example.com");
    for (first, second, account) in [
        (
            hook(null.clone(), null.clone(), "Ann@Example.com"),
            hook(null.clone(), null.clone(), ann),
            ann,
        ),
        (
            hook(null.clone(), null.clone(), ann),
            hook(null.clone(), null.clone(), "ann%40example.com"),
            ann,
        ),
        (
            hook(null.clone(), null.clone(), "ann@example.com "),
            hook(null.clone(), null.clone(), ann),
            ann,
        ),
        (
            hook(json!("5"), null.clone(), ann),
            hook(null.clone(), json!("s-5"), "ANN@example.com"),
            "5",
        ),
        (
            hook(null.clone(), null.clone(), "ANN@example.com"),
            hook(null.clone(), json!("s-5"), ann),
            ann,
        ),
        (
            hook(null.clone(), json!("Ann@Example.com"), "a@x"),
            hook(null.clone(), json!("ann%40example.com"), "b@x"),
            "Ann@Example.com",
        ),
    ] {
        let harness = Harness::start().await;
        harness.api.set("9338", "Approved", "10", "Rs");
        assert_ne!(first.id, second.id, "ids are opaque");
        for record in [&first, &second] {
            assert_eq!(harness.settle_first(record).await, Verdict::Done, "{}", record.payload);
        }
        assert_eq!(harness.entries(account).await, ["10 Rs"], "{}", second.payload);
        if !account.contains('@') {
            let claims = harness.claims("9338").to_string().to_lowercase();
            assert!(!claims.contains("example.com"), "{claims}");
        }
        if second.user != account {
            assert!(harness.entries(&second.user).await.is_empty(), "{}", second.payload);
        }
    }
}

#[tokio::test]
async fn one_person_is_paid_once_in_two_campaigns() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "10", "Rs");
    for record in variants(&[("campaignid", json!("286"))]) {
        assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    }
    assert_eq!(harness.entries("195640").await, ["10 Rs"]);
    assert_eq!(harness.api.redeemed("9338"), 1);
}
