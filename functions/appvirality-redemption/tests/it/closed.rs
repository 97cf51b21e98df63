//! A person closes a record while an attempt is on its way. Closing is final.

use appvirality::Role;
use serde_json::json;
use settlement::Verdict;

use crate::harness::Harness;
use crate::samples::{attempt, coupon, friend, record, referrer};

#[tokio::test]
async fn a_closed_record_is_neither_asked_about_nor_credited() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    harness.keep(&record);
    harness.close(&record);
    assert_eq!(harness.settle(&attempt(&record, 1, 0)).await, Verdict::Done);
    assert_eq!(harness.api.calls(), []);
    assert!(harness.entries("195644").await.is_empty());
}

#[tokio::test]
async fn what_is_closed_after_the_check_is_not_credited() {
    for body in [json!("InstoreCredits"), json!("Coupon"), json!("Other")] {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        let mut hook = friend();
        hook["friend"]["reward_type"] = body;
        let record = record(Role::Friend, &hook);
        harness.close_during("checkrewardstatus", &record);
        assert_eq!(harness.settle_first(&record).await, Verdict::Done);
        assert_eq!(harness.api.names(), ["checkrewardstatus"]);
        assert!(harness.entries("195644").await.is_empty());
        assert_eq!(harness.state(&record), ["closed", "", ""]);
        // It is somebody else's, then.
        let other = crate::samples::record(Role::Friend, &{
            hook["friend"]["participantid"] = json!("7");
            hook["friend"]["emailid"] = json!(null);
            hook["friend"]["reward_type"] = json!("InstoreCredits");
            hook
        });
        assert_eq!(harness.settle_first(&other).await, Verdict::Done);
        assert_eq!(harness.entries("7").await, ["20 Rs"]);
    }
}

#[tokio::test]
async fn what_is_closed_between_two_details_goes_no_further() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "7.5", "Rs");
    harness.api.set("9339", "Rewarded", "2.5", "Rs");
    let record = record(Role::Referrer, &referrer());
    harness.close_during("checkrewardstatus", &record);
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    assert_eq!(harness.api.names(), ["checkrewardstatus"; 2]);
    assert!(harness.entries("shop-7").await.is_empty());
}

#[tokio::test]
async fn what_is_closed_after_the_credit_is_not_redeemed() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    // The first attempt credits it, and nobody knows whether it was redeemed.
    harness.api.befall("redeemrewards", &[crate::api::Fault::LostCall]);
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    harness.api.calls();
    harness.close_during("checkrewardstatus", &record);
    assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    assert_eq!(harness.api.names(), ["checkrewardstatus"]);
    assert_eq!(harness.api.redeemed("9340"), 0);
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    assert_eq!(harness.state(&record)[0], "closed");
}

#[tokio::test]
async fn a_coupon_that_is_closed_during_the_redemption_stays_closed() {
    let harness = Harness::with(&[("REDEEM_COUPONS", "true")]).await;
    harness.api.set("21616", "Approved", "10", "Coins");
    let record = record(Role::User, &coupon());
    harness.close_during("redeemrewards", &record);
    assert_eq!(harness.settle_first(&record).await, Verdict::Done);
    // What was on its way has landed.
    assert_eq!(harness.api.redeemed("21616"), 1);
    assert_eq!(harness.state(&record), ["closed", "", "redeemed"]);
}
