//! Rewards of every kind and status.

use appvirality::Role;
use serde_json::json;
use settlement::Verdict;

use crate::api::Call;
use crate::harness::Harness;
use crate::samples::{attempt, coupon, friend, record, referrer};

const DEAD: fn(&str) -> Verdict =
    |reason| Verdict::DeadLetter { reason: reason.parse().expect("a reason") };

#[tokio::test]
async fn an_approved_reward_is_credited_and_then_redeemed() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    let call = |name: &str, body| Call { name: name.to_owned(), body };
    let check = json!({"apikey": "api-key", "privatekey": "private", "rewarddtlid": "9340"});
    let redeem = json!({
        "apikey": "api-key",
        "privatekey": "private",
        "userKey": "",
        "Emailid": "friend@example.com",
        "UserIdInstore": "",
        "rewarddtlids": ["9340"],
        "campaignId": "285",
        "growthHack": "Word_of_Mouth",
    });
    let calls = [call("checkrewardstatus", check), call("redeemrewards", redeem)];
    assert_eq!(harness.api.calls(), calls);
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    assert_eq!(harness.state(&record), ["redeemed", "", "redeemed"]);
    assert_eq!(harness.noted(&record, "last_status"), "200");
    assert_eq!(harness.noted(&record, "reply"), r#"{"message":null,"success":true}"#);

    assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    assert_eq!(harness.api.calls(), []);
}

#[tokio::test]
async fn every_detail_is_checked_and_credited_and_all_are_redeemed_at_once() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "7.5", "Rs");
    harness.api.set("9339", "Approved", "2.50", "Rs");
    let record = record(Role::Referrer, &referrer());
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    let calls = harness.api.calls();
    let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["checkrewardstatus", "checkrewardstatus", "redeemrewards"]);
    let redeem = &calls[2].body;
    assert_eq!(redeem["rewarddtlids"], json!(["9338", "9339"]));
    assert_eq!(
        (&redeem["userKey"], &redeem["UserIdInstore"]),
        (&json!("a2c540b5"), &json!("shop-7"))
    );
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs", "7.5 Rs"]);
    assert_eq!(harness.state(&record), ["redeemed", "", "redeemed redeemed"]);
}

#[tokio::test]
async fn a_reward_that_is_not_broken_down_is_worth_what_its_details_sum_to() {
    let harness = Harness::start().await;
    let mut body = referrer();
    for index in [0, 1] {
        body["rewarddetails"][index]["amount"] = json!(null);
    }
    harness.api.set("9338", "Approved", "6", "Rs");
    harness.api.set("9339", "UnderReview", "4", "Rs");
    let record = record(Role::Referrer, &body);
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    assert_eq!(harness.entries("shop-7").await, ["6 Rs"]);
    harness.api.set("9339", "Approved", "4", "Rs");
    assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    assert_eq!(harness.entries("shop-7").await, ["4 Rs", "6 Rs"]);
    assert_eq!((harness.api.redeemed("9338"), harness.api.redeemed("9339")), (1, 1));
}

#[tokio::test]
async fn a_coupon_is_neither_credited_nor_redeemed() {
    for status in ["Approved", "Rewarded"] {
        let harness = Harness::start().await;
        harness.api.set("21616", status, "10", "Coins");
        let record = record(Role::User, &coupon());
        assert!(record.payload.contains(r#""couponcode":"second""#));
        assert_eq!(harness.settle_first(&record).await, Verdict::Done);
        assert_eq!(harness.api.names(), ["checkrewardstatus"]);
        assert!(harness.entries("ef356008").await.is_empty());
        assert_eq!(harness.state(&record), ["delivered", "", "delivered"]);
    }
}

#[tokio::test]
async fn a_coupon_that_users_choose_is_redeemed_and_not_credited() {
    let harness = Harness::with(&[("REDEEM_COUPONS", "true")]).await;
    harness.api.set("21616", "Approved", "10", "Coins");
    let approved = record(Role::User, &coupon());
    assert_eq!(harness.settle_first(&approved).await, Verdict::Done);
    let calls = harness.api.calls();
    assert_eq!(calls[1].body["rewarddtlids"], json!(["21616"]));
    assert_eq!(calls[1].body["growthHack"], "Loyalty_Program");
    assert_eq!(harness.state(&approved), ["redeemed", "", "redeemed"]);

    harness.api.set("21617", "Rewarded", "10", "Coins");
    let mut body = coupon();
    body["rewardid"] = json!("20140");
    body["rewarddetails"][0]["rewarddtlid"] = json!("21617");
    let handed_out = record(Role::User, &body);
    assert_eq!(harness.settle_first(&handed_out).await, Verdict::Done);
    assert_eq!(harness.api.names(), ["checkrewardstatus"]);
    assert_eq!(harness.state(&handed_out), ["delivered", "", "delivered"]);
    assert!(harness.entries("ef356008").await.is_empty());
}

#[tokio::test]
async fn a_coupon_is_waited_for_and_may_be_rejected() {
    let harness = Harness::start().await;
    harness.api.set("21616", "UnderReview", "10", "Coins");
    let record = record(Role::User, &coupon());
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    assert_eq!(harness.state(&record), ["waiting", "still_under_review", "waiting"]);
    harness.api.set("21616", "Rejected", "10", "Coins");
    assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    assert_eq!(harness.state(&record), ["rejected", "", "rejected"]);
}

#[tokio::test]
async fn a_distribution_without_details_cannot_be_asked_about() {
    let harness = Harness::start().await;
    let mut body = referrer();
    body["rewarddetails"] = json!([]);
    let mut record = record(Role::Referrer, &body);
    assert!(record.held);
    // A person accepts it.
    record.held = false;
    assert_eq!(harness.settle_first(&record).await, DEAD("no_details"));
    assert_eq!(harness.api.calls(), []);
    assert_eq!(harness.state(&record), ["dead", "no_details", ""]);
}

#[tokio::test]
async fn what_is_no_sum_is_redeemed_and_not_credited() {
    let harness = Harness::start().await;
    let mut body = friend();
    body["friend"]["reward_type"] = json!("Other");
    body["friend"]["amount"] = json!(null);
    body["friend"]["reward_unit"] = json!(null);
    let mug =
        json!({"success": true, "reward_status": "Approved", "amount": null, "statuscode": 1});
    harness.api.answer("9340", mug);
    let record = record(Role::Friend, &body);
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    assert_eq!(harness.api.redeemed("9340"), 1);
    assert!(harness.entries("195644").await.is_empty());
}

#[tokio::test]
async fn another_amount_or_unit_is_never_paid_but_may_be_put_right() {
    for (amount, unit, reason) in
        [("21", "Rs", "amount_mismatch"), ("20", "Coins", "unit_mismatch")]
    {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", amount, unit);
        let record = record(Role::Friend, &friend());
        assert_eq!(harness.settle_first(&record).await, DEAD(reason));
        assert_eq!(harness.api.names(), ["checkrewardstatus"]);
        assert!(harness.entries("195644").await.is_empty());
        assert_eq!(harness.state(&record), ["dead", reason, "refused"]);
        assert!(harness.noted(&record, "reply").contains(&format!(r#""amount":"{amount}""#)));

        // A person corrects it at AppVirality and puts the dead letter back.
        harness.api.set("9340", "Approved", "20.0", "Rs");
        assert_eq!(harness.settle(&attempt(&record, 1, 400)).await, Verdict::Done);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.state(&record), ["redeemed", "", "redeemed"]);
    }
}

#[tokio::test]
async fn a_unit_may_be_written_as_in_a_form() {
    let harness = Harness::start().await;
    let mut body = friend();
    body["friend"]["reward_unit"] = json!("$");
    harness.api.set("9340", "Approved", "20", "%24");
    assert_eq!(harness.settle_first(&record(Role::Friend, &body)).await, Verdict::Done);
    assert_eq!(harness.entries("195644").await, ["20 $"]);
}

#[tokio::test]
async fn a_rejected_reward_is_closed() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Rejected", "20", "Rs");
    let record = record(Role::Friend, &friend());
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    assert_eq!(harness.api.names(), ["checkrewardstatus"]);
    assert!(harness.entries("195644").await.is_empty());
    assert_eq!(harness.state(&record), ["rejected", "", "rejected"]);
}

#[tokio::test]
async fn what_others_redeemed_is_not_paid() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Rewarded", "20", "Rs");
    let record = record(Role::Friend, &friend());
    assert_eq!(harness.settle_first(&record).await, DEAD("redeemed_elsewhere"));
    assert!(harness.entries("195644").await.is_empty());
    assert_eq!(harness.state(&record), ["dead", "redeemed_elsewhere", "refused"]);
}

#[tokio::test]
async fn what_can_be_paid_is_paid_before_a_person_looks_at_the_rest() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "8.5", "Rs");
    harness.api.set("9339", "Approved", "2.5", "Rs");
    let record = record(Role::Referrer, &referrer());
    assert_eq!(harness.settle_first(&record).await, DEAD("amount_mismatch"));
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs"]);
    assert_eq!((harness.api.redeemed("9338"), harness.api.redeemed("9339")), (0, 1));
    assert_eq!(harness.state(&record)[2], "refused redeemed");
}

#[tokio::test]
async fn what_is_no_reward_has_no_effect() {
    let harness = Harness::start().await;
    let reward = record(Role::Friend, &friend());
    harness.keep(&reward);
    for change in [
        |record: &mut settlement::Record| record.test = true,
        |record: &mut settlement::Record| record.held = true,
        |record: &mut settlement::Record| record.kind = "referral_conversion".to_owned(),
        |record: &mut settlement::Record| record.kind = "survey_completed".to_owned(),
        |record: &mut settlement::Record| record.provider = "inbrain".to_owned(),
    ] {
        let mut record = reward.clone();
        change(&mut record);
        assert_eq!(harness.settle(&attempt(&record, 1, 0)).await, Verdict::Done);
    }
    assert_eq!(harness.api.calls(), []);
    assert_eq!(harness.noted(&reward, "attempts"), "");
}

#[tokio::test]
async fn a_conversion_that_a_person_accepted_comes_to_its_end() {
    let harness = Harness::start().await;
    let mut conversion = record(Role::Friend, &friend());
    conversion.kind = "referral_conversion".to_owned();
    harness.keep(&conversion);
    harness.attend(&conversion, "accepted#0");
    assert_eq!(harness.settle(&attempt(&conversion, 1, 0)).await, Verdict::Done);
    assert_eq!(harness.state(&conversion), ["without_effect", "", ""]);
    assert_eq!(harness.noted(&conversion, "attention"), "");
    assert_eq!(harness.api.calls(), []);
    // Whoever was not accepted has nothing to come to an end.
    harness.keep(&conversion);
    assert_eq!(harness.settle(&attempt(&conversion, 1, 0)).await, Verdict::Done);
    assert_eq!(harness.state(&conversion)[0], "recorded");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_left_to_a_person() {
    let harness = Harness::start().await;
    for (payload, received_at) in [("{}", "2026-11-21T18:20:01.500Z"), ("", "yesterday")] {
        let mut record = record(Role::Friend, &friend());
        payload.clone_into(&mut record.payload);
        received_at.clone_into(&mut record.received_at);
        assert_eq!(harness.settle_first(&record).await, DEAD("unreadable"));
        assert_eq!(harness.state(&record), ["dead", "unreadable", ""]);
    }
}

#[tokio::test]
async fn a_record_that_was_kept_for_less_long_than_the_review_took_is_paid() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    assert_eq!(harness.settle(&attempt(&record, 9, 48)).await, Verdict::Done);
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    assert_eq!(harness.api.redeemed("9340"), 1);
}
