//! AppVirality or DynamoDB fail.

use std::time::Duration;

use appvirality::Role;
use settlement::Verdict;
use tables::callbacks::Reason;

use crate::api::Fault;
use crate::harness::Harness;
use crate::samples::{RECEIVED_AT, attempt, friend, record, referrer};

fn status(status: u16) -> Fault {
    Fault::Instead(status, None, r#"{"message":"no"}"#.to_owned())
}

#[tokio::test]
async fn after_a_redemption_without_a_reply_the_status_is_asked_first() {
    // Carried out: there is nothing left to redeem. Not carried out: it is redeemed now.
    for (fault, calls) in [
        (Fault::LostReply, &["checkrewardstatus"][..]),
        (Fault::Mumbled("{"), &["checkrewardstatus"]),
        (Fault::Mumbled(""), &["checkrewardstatus"]),
        (Fault::LostCall, &["checkrewardstatus", "redeemrewards"]),
        (status(503), &["checkrewardstatus", "redeemrewards"]),
    ] {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        harness.api.befall("redeemrewards", std::slice::from_ref(&fault));
        let record = record(Role::Friend, &friend());
        let verdict = harness.settle_first(&record).await;
        assert!(matches!(verdict, Verdict::Again { .. }), "{fault:?} {verdict:?}");
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.state(&record)[2], "credited");
        assert_eq!(harness.state(&record)[0], "retrying");
        harness.api.calls();

        assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done, "{fault:?}");
        assert_eq!(harness.api.names(), calls, "{fault:?}");
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.api.redeemed("9340"), 1);
        assert_eq!(harness.state(&record), ["redeemed", "", "redeemed"]);
    }
}

#[tokio::test]
async fn a_reward_that_is_rejected_after_it_was_credited_is_left_to_a_person() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    harness.api.befall("redeemrewards", &[Fault::LostCall]);
    let record = record(Role::Friend, &friend());
    harness.settle_first(&record).await;
    harness.api.set("9340", "Rejected", "20", "Rs");
    let verdict = harness.settle(&attempt(&record, 2, 1)).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::RejectedAfterCredit });
    assert_eq!(harness.state(&record), ["dead", "rejected_after_credit", "credited"]);
    // A review of what is credited is waited for all the same.
    harness.api.set("9340", "UnderReview", "20", "Rs");
    assert!(matches!(harness.settle(&attempt(&record, 1, 2)).await, Verdict::Again { .. }));
    assert_eq!(harness.state(&record)[2], "credited");
    harness.api.set("9340", "Approved", "20", "Rs");
    assert_eq!(harness.settle(&attempt(&record, 2, 3)).await, Verdict::Done);
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);
}

#[tokio::test]
async fn a_check_that_fails_pays_nothing_and_is_made_again() {
    for (fault, reason) in [
        (Fault::LostCall, "upstream_unreachable"),
        (Fault::LostReply, "upstream_unreachable"),
        (status(500), "upstream_failed"),
        (status(429), "upstream_throttled"),
        (status(408), "upstream_timed_out"),
        (status(401), "upstream_refused"),
        (status(404), "upstream_refused"),
        (status(302), "upstream_refused"),
        (Fault::Mumbled("<html>"), "check_unreadable"),
        (Fault::Mumbled(r#"{"success":false,"message":"busy"}"#), "check_unsuccessful"),
    ] {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        harness.api.befall("checkrewardstatus", std::slice::from_ref(&fault));
        let record = record(Role::Friend, &friend());
        let Verdict::Again { reason: why, after } = harness.settle_first(&record).await else {
            panic!("{fault:?}");
        };
        assert_eq!((why.as_str(), after), (reason, Duration::from_secs(1)), "{fault:?}");
        assert_eq!(harness.api.names(), ["checkrewardstatus"]);
        assert!(harness.entries("195644").await.is_empty());
        assert_eq!(harness.state(&record), ["retrying", reason, ""]);
        let status = harness.noted(&record, "last_status");
        let status = if status.is_empty() { "-" } else { &status };
        let kept = format!("1 {RECEIVED_AT} {status} {reason}");
        assert_eq!(harness.noted(&record, "attempt_01"), kept);
        assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
        assert_eq!(["attempt_01", "attempt_02"].map(|it| harness.noted(&record, it)), [&kept, ""]);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    }
}

#[tokio::test]
async fn a_long_reply_is_read_whole_and_its_beginning_is_kept() {
    for before in
        [" ".repeat(3_000), "\u{feff}".to_owned(), format!("\u{feff}{}", "\n".repeat(60_000))]
    {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        for call in ["checkrewardstatus", "redeemrewards"] {
            harness.api.befall(call, &[Fault::Preceded(before.clone())]);
        }
        let record = record(Role::Friend, &friend());
        assert_eq!(harness.settle_first(&record).await, Verdict::Done, "{}", before.len());
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.state(&record), ["redeemed", "", "redeemed"]);
        assert!(harness.noted(&record, "reply").len() <= 2048);
    }
    let mut long = serde_json::json!({
        "success": true, "statuscode": 1, "reward_status": "Approved", "amount": "20",
        "rewardunit": "Rs",
    });
    long["comment"] = "é".repeat(20_000).into();
    let harness = Harness::start().await;
    harness.api.answer("9340", long.clone());
    let first = record(Role::Friend, &friend());
    assert_eq!(harness.settle_first(&first).await, Verdict::Done);
    assert_eq!(harness.entries("195644").await, ["20 Rs"]);

    // More than is read says nothing.
    let harness = Harness::start().await;
    long["comment"] = ".".repeat(70_000).into();
    harness.api.answer("9340", long);
    let verdict = harness.settle_first(&first).await;
    assert!(matches!(verdict, Verdict::Again { .. }), "{verdict:?}");
    assert!(harness.entries("195644").await.is_empty());
    assert!(harness.noted(&first, "reply").len() <= 2048);
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let busy = Fault::Instead(503, Some(("retry-after", "120")), String::new());
    harness.api.befall("redeemrewards", &[busy]);
    let verdict = harness.settle_first(&record(Role::Friend, &friend())).await;
    let after = Duration::from_mins(2);
    assert_eq!(verdict, Verdict::Again { after, reason: Reason::UpstreamFailed });
}

#[tokio::test]
async fn one_check_that_fails_does_not_hold_up_the_others() {
    let harness = Harness::start().await;
    harness.api.set("9338", "Approved", "7.5", "Rs");
    harness.api.set("9339", "Approved", "2.5", "Rs");
    harness.api.befall("checkrewardstatus", &[status(500)]);
    let record = record(Role::Referrer, &referrer());
    assert!(matches!(harness.settle_first(&record).await, Verdict::Again { .. }));
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs"]);
    assert_eq!(harness.state(&record), ["retrying", "upstream_failed", "open redeemed"]);
    // Nobody there: no use in asking for the rest.
    harness.api.calls();
    harness.api.befall("checkrewardstatus", &[Fault::LostCall]);
    assert!(matches!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Again { .. }));
    assert_eq!(harness.api.names(), ["checkrewardstatus"]);
    assert_eq!(harness.settle(&attempt(&record, 3, 2)).await, Verdict::Done);
    assert_eq!(harness.entries("shop-7").await, ["2.5 Rs", "7.5 Rs"]);
}

#[tokio::test]
async fn trouble_ends_with_a_reason_after_the_time_and_ten_attempts() {
    for (call, fault, reason) in [
        ("checkrewardstatus", status(401), "upstream_refused"),
        ("redeemrewards", status(400), "upstream_refused"),
        (
            "redeemrewards",
            Fault::Instead(200, None, r#"{"success":false}"#.to_owned()),
            "redeem_unsuccessful",
        ),
    ] {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        harness.api.befall(call, &vec![fault; 5]);
        let record = record(Role::Friend, &friend());
        harness.keep(&record);
        for (number, hours) in [(1, 0), (9, 10 * 24), (10, 10 * 24 - 1), (99, 10 * 24 - 1)] {
            harness.attempted(&record, number - 1);
            let verdict = harness.settle(&attempt(&record, 1, hours)).await;
            assert!(matches!(verdict, Verdict::Again { .. }), "{number} {verdict:?}");
        }
        harness.attempted(&record, 9);
        let verdict = harness.settle(&attempt(&record, 1, 10 * 24)).await;
        assert_eq!(harness.state(&record)[..2], ["dead", reason]);
        let reason = reason.parse().expect("a reason");
        assert_eq!(verdict, Verdict::DeadLetter { reason });

        assert_eq!(harness.settle(&attempt(&record, 1, 20 * 24)).await, Verdict::Done);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
        assert_eq!(harness.api.redeemed("9340"), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_redeemed() {
    for (operation, reason, is_counted) in [
        // The claim; the first is that of the attempt.
        (&["TransactWriteItems"][..], "store_refused", true),
        (&["UpdateItem"], "store_refused", false),
    ] {
        let harness = Harness::start().await;
        harness.api.set("9340", "Approved", "20", "Rs");
        let record = record(Role::Friend, &friend());
        harness.refuse(operation);
        let verdict = harness.settle_first(&record).await;
        assert!(matches!(verdict, Verdict::Again { reason: why, .. } if why.as_str() == reason));
        assert!(!harness.api.names().contains(&"redeemrewards".to_owned()));
        assert_eq!(harness.state(&record)[..2], ["retrying", reason]);
        let kept = if is_counted { format!("1 {RECEIVED_AT} - {reason}") } else { String::new() };
        assert_eq!(harness.noted(&record, "attempt_01"), kept);
        assert_eq!(harness.settle(&attempt(&record, 2, 1)).await, Verdict::Done);
        assert_eq!(harness.entries("195644").await, ["20 Rs"]);
    }
}

#[tokio::test]
async fn keys_that_the_api_repeats_are_not_kept() {
    let harness = Harness::start().await;
    harness.api.set("9340", "Approved", "20", "Rs");
    let echo = r#"{"message":"no such key: api-key, private"}"#.to_owned();
    harness.api.befall("redeemrewards", &[Fault::Instead(401, None, echo)]);
    let record = record(Role::Friend, &friend());
    let verdict = harness.settle_first(&record).await;
    assert!(matches!(verdict, Verdict::Again { reason: Reason::UpstreamRefused, .. }));
    assert_eq!(harness.noted(&record, "last_status"), "401");
    let kept = harness.noted(&record, "reply");
    assert_eq!(kept, r#"{"message":"no such key: [REDACTED], [REDACTED]"}"#);
}
