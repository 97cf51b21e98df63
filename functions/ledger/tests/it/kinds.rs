//! Which callbacks touch a balance, and how.

use serde_json::json;

use crate::support::{Harness, record};

#[tokio::test]
async fn what_gives_a_reward_is_credited_to_the_digit() {
    let harness = Harness::new().await;
    for (provider, kind, amount, shown) in [
        ("inbrain", "survey_completed", "100", "IAC 100"),
        ("inbrain", "profiler_completed", "0.10", "IAC 0.1"),
        ("inbrain", "survey_disqualified", "2", "IAC 2"),
        ("inbrain", "ad_hoc", "9007199254740993.01", "IAC 9007199254740993.01"),
        ("inbrain", "offer_completed", "2.50", "IAC 2.5"),
        ("claimr", "user_activity", "100", "xp 100"),
        ("claimr", "user_login", "1", "xp 1"),
        ("claimr", "user_reward", "0.5", "xp 0.5"),
        ("claimr", "referral", "10", "xp 10"),
    ] {
        let record = record(provider, kind, kind, amount);
        harness.record(&record);
        assert!(harness.settle(std::slice::from_ref(&record)).await.is_empty(), "{kind}");
        let lines = [format!("{provider} {shown}"), format!("{kind} {shown}")];
        assert_eq!(harness.shows(kind).await, lines);
        assert_eq!(harness.says(&record, "state").as_deref(), Some("credited"), "{kind}");
        assert_eq!(
            harness.says(&record, "settled_at").as_deref(),
            Some("1970-01-01T00:00:00.000Z")
        );
    }
}

#[tokio::test]
async fn nothing_else_touches_a_balance() {
    let harness = Harness::new().await;
    let without_effect = [
        record("inbrain", "offer_clicked", "u", ""),
        record("inbrain", "offer_clicked", "u", "5"),
        record("inbrain", "survey_completed", "u", ""),
        record("inbrain", "survey_completed", "u", "0.00"),
        record("inbrain", "offer_completed", "u", ""),
        record("claimr", "user_login", "u", ""),
        record("claimr", "user_activity", "u", "0"),
        record("appvirality", "referral_conversion", "u", ""),
        record("someone", "notice", "u", ""),
    ];
    let kept_back = ["survey_completed", "offer_completed", "offer_completion_reversed"]
        .into_iter()
        .flat_map(|kind| {
            let mut test = record("inbrain", kind, "u", "5");
            test["test"] = json!(true);
            let mut held = record("inbrain", kind, "u", "5");
            held["state"] = json!("held");
            [test, held]
        });
    for record in without_effect.into_iter().chain(kept_back) {
        harness.record(&record);
        assert!(harness.settle(std::slice::from_ref(&record)).await.is_empty(), "{record}");
        assert_eq!(harness.says(&record, "state").as_deref(), record["state"].as_str());
    }
    assert!(harness.shows("u").await.is_empty());
    // And no reversal was left waiting.
    let completed = record("inbrain", "offer_completed", "u", "5");
    harness.record(&completed);
    assert!(harness.settle(&[completed]).await.is_empty());
    assert_eq!(harness.shows("u").await[0], "inbrain IAC 5");
}

#[tokio::test]
async fn what_nobody_knows_an_effect_of_is_named() {
    let harness = Harness::new().await;
    // Recorded before there were effects.
    let mut old = record("inbrain", "ad_hoc", "old", "5");
    for name in ["effect", "effect_of", "settler"] {
        old.as_object_mut().expect("an object").remove(name);
    }
    for record in [
        record("inbrain", "unheard_of", "u", "5"),
        record("devtodev", "install", "u", "5"),
        record("someone", "survey_completed", "u", "5"),
        record("someone", "offer_completion_reversed", "u", "-5"),
        old,
    ] {
        harness.record(&record);
        // A dead letter, for which there is no queue here.
        assert_eq!(harness.settle(std::slice::from_ref(&record)).await, ["0"], "{record}");
        assert_eq!(harness.says(&record, "state").as_deref(), Some("dead"));
        assert_eq!(harness.says(&record, "reason").as_deref(), Some("no_effect_known"));
    }
    assert!(harness.shows("u").await.is_empty());
}

/// It comes here because no rule takes it elsewhere.
#[tokio::test]
async fn what_nobody_settles_is_named() {
    let harness = Harness::new().await;
    for record in [
        record("appvirality", "referral_friend_reward", "u", "5"),
        record("giveaway", "action", "u", ""),
    ] {
        harness.record(&record);
        assert_eq!(harness.settle(std::slice::from_ref(&record)).await, ["0"], "{record}");
        assert_eq!(harness.says(&record, "state").as_deref(), Some("dead"));
        assert_eq!(harness.says(&record, "reason").as_deref(), Some("no_settler"));
    }
    assert!(harness.shows("u").await.is_empty());
}

#[tokio::test]
async fn what_a_person_closed_is_not_booked() {
    let harness = Harness::new().await;
    for record in [
        record("inbrain", "survey_completed", "u", "5"),
        record("inbrain", "offer_completed", "u", "5"),
        record("inbrain", "offer_completion_reversed", "u", "5"),
        record("claimr", "user_activity", "u", "5"),
        record("claimr", "user_reward", "u", "-5"),
        record("someone", "unheard_of", "u", "5"),
    ] {
        let mut closed = record.clone();
        closed["state"] = json!("closed");
        harness.record(&closed);
        // Its message may still be on its way, or come back from the dead letters.
        assert!(harness.settle(std::slice::from_ref(&record)).await.is_empty(), "{record}");
        assert_eq!(harness.says(&record, "state").as_deref(), Some("closed"));
    }
    assert!(harness.shows("u").await.is_empty());
    // And no reversal was left waiting.
    let completed = record("inbrain", "offer_completed", "u", "5");
    harness.record(&completed);
    assert!(harness.settle(&[completed]).await.is_empty());
    assert_eq!(harness.shows("u").await[0], "inbrain IAC 5");
}

#[tokio::test]
async fn what_was_accepted_ends_also_where_it_has_no_effect() {
    let harness = Harness::new().await;
    let mut test = record("inbrain", "survey_completed", "u", "5");
    test["test"] = json!(true);
    let nothing = record("claimr", "user_activity", "u", "0");
    for record in [test, nothing] {
        let item = json!({
            "id": {"S": record["id"]}, "state": {"S": "recorded"}, "attention": {"S": "accepted"},
            "accepted_at": {"S": "2026-11-21T19:00:00.000Z"},
        });
        harness.tables.put(test_support::tables::CALLBACKS, &item);
        assert!(harness.settle(std::slice::from_ref(&record)).await.is_empty());
        assert_eq!(harness.says(&record, "state").as_deref(), Some("without_effect"));
        assert_eq!(harness.says(&record, "attention"), None);
    }
    assert!(harness.shows("u").await.is_empty());
}

#[tokio::test]
async fn what_a_reversal_says_of_an_amount_does_not_count() {
    let harness = Harness::new().await;
    for (user, amount) in [("a", ""), ("b", "0"), ("c", "-2.50"), ("d", "9"), ("e", "-0.001")] {
        let records = [
            record("inbrain", "offer_completed", user, "2.50"),
            record("inbrain", "offer_completion_reversed", user, amount),
        ];
        for record in &records {
            harness.record(record);
        }
        assert!(harness.settle(&records[..1]).await.is_empty());
        assert!(harness.settle(&records[1..]).await.is_empty(), "{amount}");
        assert_eq!(harness.shows(user).await[0], "inbrain IAC 0", "{amount}");
        assert_eq!(harness.says(&records[1], "state").as_deref(), Some("reversed"));
    }
}

#[tokio::test]
async fn a_batch_for_one_user_is_credited_at_once() {
    let harness = Harness::new().await;
    let records: Vec<_> = (1..=10)
        .map(|i| {
            let mut record = record("claimr", "user_activity", "u", &i.to_string());
            record["id"] = json!(format!("claimr#webhook#{i}"));
            record
        })
        .collect();
    assert!(harness.settle(&records).await.is_empty());
    assert!(harness.settle(&records).await.is_empty());
    let shown = harness.shows("u").await;
    assert_eq!((shown[0].as_str(), shown.len()), ("claimr xp 55", 11));
}

#[tokio::test]
async fn a_record_says_what_was_booked_and_the_balance_after_it() {
    let harness = Harness::new().await;
    let named = |id: &str, amount: &str| {
        let mut record = record("claimr", "user_activity", "u", amount);
        record["id"] = json!(id);
        harness.record(&record);
        record
    };
    let (first, second, third) = (named("1", "5"), named("2", "0.50"), named("3", "1"));
    assert!(harness.settle(&[first.clone(), second.clone()]).await.is_empty());
    assert!(harness.settle(std::slice::from_ref(&third)).await.is_empty());
    for (record, amount, balance, entries) in
        [(&first, "5", "5.5", "2"), (&second, "0.50", "5.5", "2"), (&third, "1", "6.5", "3")]
    {
        let said = ["booked_amount", "booked_unit", "balance", "balance_entries", "attempts"]
            .map(|name| harness.says(record, name).unwrap_or_default());
        assert_eq!(said, [amount, "xp", balance, entries, "1"]);
        assert_eq!(harness.says(record, "attempt_01"), None, "it was booked");
    }
    // A completion and its reversal: each what it did, and the balance after both.
    let completion = record("inbrain", "offer_completed", "u", "2");
    let reversal = record("inbrain", "offer_completion_reversed", "u", "");
    for record in [&completion, &reversal] {
        harness.record(record);
        assert!(harness.settle(std::slice::from_ref(record)).await.is_empty());
    }
    let said = |record| {
        ["booked_amount", "balance", "balance_entries"]
            .map(|name| harness.says(record, name).unwrap_or_default())
    };
    assert_eq!(said(&completion), ["2", "2", "1"]);
    assert_eq!(said(&reversal), ["-2", "0", "2"]);
}

#[tokio::test]
async fn what_is_no_longer_kept_is_credited_all_the_same() {
    let harness = Harness::new().await;
    let record = record("inbrain", "ad_hoc", "u", "5");
    assert!(harness.settle(std::slice::from_ref(&record)).await.is_empty());
    assert_eq!(harness.shows("u").await[0], "inbrain IAC 5");
    assert_eq!(harness.says(&record, "state"), None);
}
