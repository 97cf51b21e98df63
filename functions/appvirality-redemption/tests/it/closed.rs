//! A person closes a record while an attempt is on its way. Closing is final.

use appvirality::Role;
use serde_json::json;
use settlement::Verdict;

use crate::harness::Harness;
use crate::samples::{attempt, coupon, friend, record, referrer};

#[tokio::test]
async fn a_closed_record_is_neither_asked_about_nor_credited() {
    let world = Harness::start().await;
    world.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    world.keep(&record);
    world.close(&record);
    assert_eq!(world.settle(&attempt(&record, 1, 0)).await, Verdict::Done);
    assert_eq!(world.api.calls(), []);
    assert!(world.entries("195644").await.is_empty());
}

#[tokio::test]
async fn what_is_closed_after_the_check_is_not_credited() {
    for body in [json!("InstoreCredits"), json!("Coupon"), json!("Other")] {
        let world = Harness::start().await;
        world.api.set("9340", "Approved", "20", "Rs");
        let mut hook = friend();
        hook["friend"]["reward_type"] = body;
        let record = record(Role::Friend, &hook);
        world.close_during("checkrewardstatus", &record);
        assert_eq!(world.settle_first(&record).await, Verdict::Done);
        assert_eq!(world.api.names(), ["checkrewardstatus"]);
        assert!(world.entries("195644").await.is_empty());
        assert_eq!(world.state(&record), ["closed", "", ""]);
        // It is somebody else's, then.
        let other = crate::samples::record(Role::Friend, &{
            hook["friend"]["participantid"] = json!("7");
            hook["friend"]["emailid"] = json!(null);
            hook["friend"]["reward_type"] = json!("InstoreCredits");
            hook
        });
        assert_eq!(world.settle_first(&other).await, Verdict::Done);
        assert_eq!(world.entries("7").await, ["20 Rs"]);
    }
}

#[tokio::test]
async fn what_is_closed_between_two_details_goes_no_further() {
    let world = Harness::start().await;
    world.api.set("9338", "Approved", "7.5", "Rs");
    world.api.set("9339", "Rewarded", "2.5", "Rs");
    let record = record(Role::Referrer, &referrer());
    world.close_during("checkrewardstatus", &record);
    assert_eq!(world.settle_first(&record).await, Verdict::Done);
    assert_eq!(world.api.names(), ["checkrewardstatus"; 2]);
    assert!(world.entries("shop-7").await.is_empty());
}

#[tokio::test]
async fn what_is_closed_after_the_credit_is_not_redeemed() {
    let world = Harness::start().await;
    world.api.set("9340", "Approved", "20", "Rs");
    let record = record(Role::Friend, &friend());
    // The first attempt credits it, and nobody knows whether it was redeemed.
    world.api.befall("redeemrewards", &[crate::api::Fault::LostCall]);
    assert!(matches!(world.settle_first(&record).await, Verdict::Again { .. }));
    world.api.calls();
    world.close_during("checkrewardstatus", &record);
    assert_eq!(world.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
    assert_eq!(world.api.names(), ["checkrewardstatus"]);
    assert_eq!(world.api.redeemed("9340"), 0);
    assert_eq!(world.entries("195644").await, ["20 Rs"]);
    assert_eq!(world.state(&record)[0], "closed");
}

#[tokio::test]
async fn a_coupon_that_is_closed_during_the_redemption_stays_closed() {
    let world = Harness::with(&[("REDEEM_COUPONS", "true")]).await;
    world.api.set("21616", "Approved", "10", "Coins");
    let record = record(Role::User, &coupon());
    world.close_during("redeemrewards", &record);
    assert_eq!(world.settle_first(&record).await, Verdict::Done);
    // What was on its way has landed.
    assert_eq!(world.api.redeemed("21616"), 1);
    assert_eq!(world.state(&record), ["closed", "", "redeemed"]);
}
