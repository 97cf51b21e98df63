//! Hooks of somebody who has the `securekey` and names whomever they like: a hook's word is not taken for
//! money, and a reward pays one person per role.

use std::sync::Arc;

use appvirality::Role;
use serde_json::{Value, json};
use settlement::{Record, Verdict};
use tables::callbacks::Reason;

use crate::harness::Harness;
use crate::samples::{attempt, friend, record, referrer};

const ANOTHER: Verdict = Verdict::DeadLetter { reason: Reason::ClaimedByAnother };

/// A referrer's reward of 10 Rs, `9338`, with changes.
fn reward(changes: &[(&str, Value)]) -> Record {
    let mut body = referrer();
    body["rewarddetails"] = json!([{"rewarddtlid": "9338", "amount": "10"}]);
    for (name, value) in changes {
        body[*name] = value.clone();
    }
    record(Role::Referrer, &body)
}

/// The same in somebody else's name and nobody's else.
fn forged(changes: &[(&str, Value)]) -> Record {
    let mut all = vec![
        ("storeuserid", json!("mallory")),
        ("userkey", json!(null)),
        ("participantid", json!(null)),
        ("emailid", json!(null)),
    ];
    all.extend_from_slice(changes);
    reward(&all)
}

/// The forgeries: another campaign, another type, another recipient, and all of it together.
fn forgeries() -> Vec<Record> {
    let coupon = ("reward_type", json!("Coupon"));
    let campaign = |id: &str| ("campaignid", json!(id));
    vec![
        forged(std::slice::from_ref(&coupon)),
        forged(&[campaign("286"), coupon.clone(), ("storeuserid", json!("mallory-2"))]),
        forged(&[campaign("288"), coupon, ("storeuserid", json!("mallory-3"))]),
        forged(&[("storeuserid", json!("mallory-4"))]),
        forged(&[campaign("289"), ("storeuserid", json!(null)), ("userkey", json!("mallory-5"))]),
        forged(&[("rewardid", json!("0")), ("reward_type", json!("Other"))]),
        forged(&[("storeuserid", json!(null)), ("emailid", json!("mallory@example.com"))]),
        forged(&[("storeuserid", json!("mallory-6")), ("participantid", json!("195641"))]),
    ]
}

const ACCOUNTS: [&str; 8] = [
    "mallory",
    "mallory-2",
    "mallory-3",
    "mallory-4",
    "mallory-5",
    "mallory-6",
    "mallory@example.com",
    "195641",
];

#[tokio::test]
async fn one_reward_is_not_paid_to_whomever_later_hooks_name() {
    // AppVirality calls it redeemed afterwards, or has not noticed yet.
    for status in ["Rewarded", "Approved"] {
        let harness = Harness::start().await;
        harness.api.set("9338", "Approved", "10", "Rs");
        let genuine = reward(&[]);
        assert_eq!(harness.settle_first(&genuine).await, Verdict::Done);
        harness.api.set("9338", status, "10", "Rs");
        harness.api.calls();
        for forgery in forgeries() {
            assert_eq!(harness.settle_first(&forgery).await, ANOTHER, "{status} {}", forgery.id);
            let [state, reason, _] = harness.state(&forgery);
            assert_eq!([state.as_str(), reason.as_str()], ["dead", "claimed_by_another"]);
            assert!(harness.noted(&forgery, "attention").starts_with("dead#"));
        }
        assert!(!harness.api.names().contains(&"redeemrewards".to_owned()));
        assert_eq!(harness.entries("shop-7").await, ["10 Rs"]);
        for account in ACCOUNTS {
            assert!(harness.entries(account).await.is_empty(), "{account}");
        }
        // Put back into the queue, it is still not paid.
        let again = harness.settle(&attempt(&forgeries()[1], 2, 30)).await;
        assert_eq!(again, ANOTHER);
    }
}

#[tokio::test]
async fn one_reward_is_not_paid_under_every_spelling_of_its_number() {
    let harness = Harness::start().await;
    let spelled = |id: &str, user: &str| {
        let details = json!([{"rewarddtlid": id, "amount": "10"}]);
        reward(&[("rewarddetails", details), ("storeuserid", json!(user))])
    };
    let spellings = ["9338", "09338", " 9338", "9338 ", "+9338", "9338\u{a0}", "９３３８"];
    // Whatever AppVirality makes of them: it has not noticed that one of them is redeemed.
    for id in spellings {
        harness.api.set(id, "Approved", "10", "Rs");
    }
    let mut paid = 0;
    for (number, id) in spellings.into_iter().enumerate() {
        let user = format!("mallory-{number}");
        let verdict = harness.settle_first(&spelled(id, &user)).await;
        assert_eq!(verdict, if number == 0 { Verdict::Done } else { ANOTHER }, "{id:?}");
        paid += harness.entries(&user).await.len();
    }
    // The same person once more.
    harness.api.set("009338", "Approved", "10", "Rs");
    assert_eq!(harness.settle_first(&spelled("009338", "mallory-0")).await, Verdict::Done);
    assert_eq!(harness.entries("mallory-0").await, ["10 Rs"]);
    assert_eq!(paid, 1);
}

#[tokio::test]
async fn the_forger_first_leaves_the_genuine_one_to_a_person() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "10", "Rs");
    assert_eq!(harness.settle_first(&forged(&[])).await, Verdict::Done);
    let genuine = reward(&[]);
    assert_eq!(harness.settle_first(&genuine).await, ANOTHER);
    assert_eq!(harness.state(&genuine)[..2], ["dead", "claimed_by_another"]);
    assert!(harness.entries("shop-7").await.is_empty());
    assert_eq!(harness.entries("mallory").await, ["10 Rs"]);
    assert_eq!(harness.api.redeemed("9338"), 1);

    // A person takes the claim away and puts the dead letter back.
    harness.forget_claims("9338");
    harness.api.set("9338", "Approved", "10", "Rs");
    assert_eq!(harness.settle(&attempt(&genuine, 1, 30)).await, Verdict::Done);
    assert_eq!(harness.entries("shop-7").await, ["10 Rs"]);
}

#[tokio::test]
async fn hooks_of_two_people_at_the_same_time_pay_one_of_them() {
    let harness = Arc::new(Harness::start().await);
    harness.api.set("9338", "Approved", "10", "Rs");
    let records = [vec![reward(&[])], forgeries()].concat();
    let attempts: Vec<_> = records
        .iter()
        .map(|record| {
            let (harness, record) = (Arc::clone(&harness), record.clone());
            tokio::spawn(async move { harness.settle_first(&record).await })
        })
        .collect();
    for attempt in attempts {
        attempt.await.expect("no panic");
    }
    let mut settled = 0;
    for record in &records {
        // Whoever was told that the table is busy asks again.
        match harness.settle(&attempt(record, 2, 1)).await {
            Verdict::Done => settled += 1,
            verdict => assert_eq!(verdict, ANOTHER, "{}", record.id),
        }
    }
    assert_eq!(settled, 1);
    let mut entries = harness.entries("shop-7").await;
    for account in ACCOUNTS {
        entries.extend(harness.entries(account).await);
    }
    // A coupon is no credit.
    assert!(entries.is_empty() || entries == ["10 Rs"], "{entries:?}");
}

#[tokio::test]
async fn one_id_pays_one_person_per_role() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "10", "Rs");
    assert_eq!(harness.settle_first(&reward(&[])).await, Verdict::Done);
    let friend = |changes: &[(&str, Value)]| {
        let mut body = friend();
        body["friend"]["rewarddtlid"] = json!("9338");
        body["friend"]["amount"] = json!("10");
        for (name, value) in changes {
            body["friend"][*name] = value.clone();
        }
        record(Role::Friend, &body)
    };
    assert_eq!(harness.settle_first(&friend(&[])).await, Verdict::Done);
    let nobody = [("participantid", json!(null)), ("emailid", json!(null))];
    let another = [&nobody[..], &[("storeuserid", json!("mallory"))]].concat();
    assert_eq!(harness.settle_first(&friend(&another)).await, ANOTHER);
    assert_eq!(harness.entries("shop-7").await, ["10 Rs"]);
    assert_eq!(harness.entries("195644").await, ["10 Rs"]);
    assert!(harness.entries("mallory").await.is_empty());
}

#[tokio::test]
async fn a_coupon_and_a_credit_are_not_given_for_one_reward() {
    let otherwise = Verdict::DeadLetter { reason: Reason::ClaimedOtherwise };
    let coupon = [("reward_type", json!("Coupon")), ("campaignid", json!("286"))];
    for (first, second, entries) in
        [(&coupon[..], &[][..], &[][..]), (&[][..], &coupon[..], &["10 Rs"][..])]
    {
        let harness = Harness::start().await;
        harness.api.set("9338", "Approved", "10", "Rs");
        assert_eq!(harness.settle_first(&reward(first)).await, Verdict::Done);
        assert_eq!(harness.settle_first(&reward(second)).await, otherwise);
        assert_eq!(harness.entries("shop-7").await, entries);
    }
}

#[tokio::test]
async fn what_is_no_sum_is_given_to_one_person_as_well() {
    let harness = Harness::start().await;
    let mug = |status: &str| json!({"success": true, "reward_status": status, "amount": null, "statuscode": 1});
    let nothing = [
        ("amount", json!(null)),
        ("reward_type", json!("Other")),
        ("rewarddetails", json!([{"rewarddtlid": "9338"}])),
    ];
    for status in ["Approved", "Rewarded"] {
        harness.api.answer("9338", mug(status));
        let body = [&nothing[..], &[("rewardid", json!(status))]].concat();
        assert_eq!(harness.settle_first(&reward(&body)).await, Verdict::Done, "{status}");
        let verdict = harness.settle_first(&forged(&body)).await;
        assert_eq!(verdict, ANOTHER, "{status}");
    }
    assert_eq!(harness.api.redeemed("9338"), 1);
}
