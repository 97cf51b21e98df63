//! Hooks, and the records of them.

use appvirality::{AppVirality, Hook, Role};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use settlement::{Attempt, Record};
use verify::{Provider as _, UnprovedObject};

/// When hooks are received.
pub(crate) const RECEIVED_AT: &str = "2026-11-21T18:20:01.500Z";

/// A friend's reward of 20 Rs, `9340`.
pub(crate) fn friend() -> Value {
    json!({
        "success": true,
        "campaignid": "285",
        "eventname": "Install",
        "friend": {
            "participantid": "195644",
            "emailid": "friend@example.com",
            "storeuserid": null,
            "rewardid": "47",
            "rewarddtlid": "9340",
            "reward_type": "InstoreCredits",
            "amount": "20",
            "reward_unit": "Rs",
        },
        "referrer": null,
    })
}

/// A referrer's reward of 10 Rs, made up of `9338` and `9339`.
pub(crate) fn referrer() -> Value {
    json!({
        "campaignid": "285",
        "growthhack": "Word_of_Mouth",
        "emailid": "referrer@example.com",
        "userkey": "a2c540b5",
        "storeuserid": "shop-7",
        "participantid": "195640",
        "rewardid": "48",
        "reward_type": "InstoreCredits",
        "amount": "10",
        "reward_unit": "Rs",
        "rewarddetails": [
            {"rewarddtlid": "9338", "amount": "7.50"},
            {"rewarddtlid": "9339", "amount": "2.50"},
        ],
    })
}

/// A user's coupon of 10 Coins, `21616`.
pub(crate) fn coupon() -> Value {
    json!({
        "campaignid": "664",
        "emailid": "user@example.com",
        "userkey": "ef356008",
        "participantid": "114196",
        "rewardid": "20139",
        "reward_type": "Coupon",
        "amount": "10",
        "reward_unit": "Coins",
        "couponcode": "second",
        "rewarddetails": [{"rewarddtlid": "21616", "amount": "10"}],
    })
}

/// The record of a hook, as it is received.
pub(crate) fn record(role: Role, body: &Value) -> Record {
    let payload = body.to_string();
    let hook = Hook::Reward(role);
    let object = UnprovedObject::parse(payload.as_bytes()).expect("an object");
    let facts = AppVirality
        .read(hook, object, RECEIVED_AT.parse().expect("a time"))
        .expect("a hook that is recorded");
    Record {
        id: facts.key.to_string(),
        provider: "appvirality".to_owned(),
        kind: facts.kind.to_owned(),
        user: facts.user,
        effect: Some(facts.effect),
        settler: "appvirality-redemption".to_owned(),
        test: facts.test,
        held: facts.held.is_some(),
        received_at: RECEIVED_AT.to_owned(),
        payload: facts.payload,
    }
}

/// The `number`th attempt, so many hours after the record was received.
pub(crate) fn attempt(record: &Record, number: u32, hours: i64) -> Attempt {
    let received_at: Timestamp = RECEIVED_AT.parse().expect("a time");
    Attempt {
        record: record.clone(),
        receives: number,
        now: received_at + SignedDuration::from_hours(hours),
        random: 0,
    }
}
