//! What is allowed in a callback, what it does, and what makes it this one.

use verify::{Effect, HeldReason, ParsedCallback, Refusal};

use super::{FAILURE, SUCCESS, inbrain, read};

const SURVEY: &str = r#"{"PanelistId":"user-7","RewardType":"survey_completed","RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a","Reward":100,"SessionId":"s-1","RevenueAmount":1.00,"IsTest":false}"#;

fn facts(json: &str) -> Result<ParsedCallback, Refusal> {
    let hook = if json.contains("survey_disqualified") { FAILURE } else { SUCCESS };
    read(&inbrain(Some("")).expect("configured"), hook, json)
}

/// [`SURVEY`] with each of `changes` made: the member named replaced, or left out where its new
/// value is empty.
pub(super) fn changed(changes: &[(&str, &str)]) -> String {
    let mut json = SURVEY.to_owned();
    for (name, value) in changes {
        let start = json.find(&format!("\"{name}\":")).expect(name);
        let end = json[start..].find([',', '}']).expect(name) + start;
        let member = if value.is_empty() {
            format!(r#""_{name}":0"#)
        } else {
            format!("\"{name}\":{value}")
        };
        json.replace_range(start..end, &member);
    }
    json
}

fn of(changes: &[(&str, &str)]) -> ParsedCallback {
    let json = changed(changes);
    facts(&json).expect(&json)
}

#[test]
fn fields_have_their_forms_and_limits() {
    let text = |n| format!("\"{}\"", "x".repeat(n));
    let digits = |n| "9".repeat(n);
    for (name, value, accepted) in [
        ("PanelistId", "", false),
        ("PanelistId", "null", false),
        ("PanelistId", "7", false),
        ("PanelistId", &text(0), false),
        ("PanelistId", &text(256), true),
        ("PanelistId", &text(257), false),
        ("PanelistId", r#""ann@example.com""#, true),
        ("PanelistId", r#""a\u0000""#, false),
        ("RewardId", "", false),
        ("RewardId", "55", false),
        ("RewardId", r#""C55B3483-5755-42F8-9BC5-5C185862E35A""#, true),
        ("RewardId", r#""c55b3483575542f89bc55c185862e35a""#, false),
        ("RewardId", r#""{c55b3483-5755-42f8-9bc5-5c185862e3}""#, false),
        ("RewardId", r#""c55b34835-755-42f8-9bc5-5c185862e35a""#, false),
        ("RewardId", r#""c55b3483-5755-42f8-9bc5-5c185862e35g""#, false),
        ("RewardId", r#""c55b3483-5755-42f8-9bc5-5c185862e35é""#, false),
        ("RewardId", r#""c55b3483-5755-42f8-9bc5-5c185862e35é0""#, false),
        ("RewardType", "", false),
        ("RewardType", r#""survey_disqualified_""#, false),
        ("Reward", "", false),
        ("Reward", "null", false),
        ("Reward", "-1", false),
        ("Reward", "-0", true),
        ("Reward", "0", true),
        ("Reward", r#""12.50""#, true),
        ("Reward", r#""""#, false),
        ("Reward", r#""12 ""#, false),
        ("Reward", "true", false),
        ("Reward", &digits(28), true),
        ("Reward", &digits(30), false),
        ("Reward", &format!("\"{}\"", "0".repeat(60_000)), false),
        ("Reward", &digits(60_000), false),
        ("RevenueAmount", &format!("\"{}1\"", "0".repeat(60_000)), false),
        ("RevenueAmount", "", false),
        ("RevenueAmount", "-0.01", false),
        ("RevenueAmount", r#""0.35""#, true),
        ("RevenueAmount", "[]", false),
        ("IsTest", "", false),
        ("IsTest", "true", true),
        ("IsTest", r#""false""#, false),
        ("IsTest", "0", false),
        ("SessionId", "", true),
        ("SessionId", "null", true),
        ("SessionId", &text(512), true),
        ("SessionId", &text(5000), true),
        ("SessionId", "1", true),
        ("SessionId", "[]", true),
    ] {
        let refused = facts(&changed(&[(name, value)])).err();
        let expected = (!accepted).then_some(name);
        assert_eq!(refused.as_ref().and_then(Refusal::field), expected, "{name}: {value}");
    }
}

#[test]
fn an_offer_needs_no_test_flag_and_keeps_its_own_fields() {
    let offer = r#"{"OfferId":12345,"OfferGoalId":null,"OfferTitle":"Reach level 7","PanelistId":"user-7","RewardType":"offer_completed","RewardId":"9f1c2b70-1f32-4c21-a5ad-3a74c4a7e7f9","Reward":2.50,"RevenueAmount":5.75,"ClientId":"c","Timestamp":"2025-06-25T14:00:00Z"}"#;
    let facts = facts(offer).expect("read");
    assert_eq!((facts.kind, facts.test), ("offer_completed", false));
    assert_eq!(facts.effect.reward().expect("a reward").amount.to_string(), "2.50");
    assert_eq!(facts.payload, offer);
    assert!(of(&[("RewardType", r#""offer_completed""#), ("IsTest", "true")]).test);
}

#[test]
fn everything_that_pays_for_one_reward_id_is_one_callback() {
    let first = of(&[]);
    assert_eq!(first.key.as_str(), "inbrain#reward#c55b3483-5755-42f8-9bc5-5c185862e35a");
    for change in [
        ("RewardType", r#""profiler_completed""#),
        ("RewardType", r#""ad_hoc""#),
        ("RewardType", r#""offer_completed""#),
        ("RewardType", r#""survey_disqualified""#),
        ("Reward", "1000000"),
        ("RevenueAmount", "2"),
        ("PanelistId", r#""user-8""#),
    ] {
        let replayed = of(&[change]);
        assert_eq!(replayed.key, first.key, "{change:?}");
        assert_ne!(replayed.fingerprint, first.fingerprint, "{change:?}");
    }
}

#[test]
fn the_same_callback_written_otherwise_is_a_duplicate() {
    let first = of(&[]);
    for change in [
        ("Reward", r#""100.00""#),
        ("RevenueAmount", "1"),
        ("SessionId", ""),
        ("SessionId", r#""s-2""#),
    ] {
        let again = of(&[change]);
        assert_eq!(
            (&again.key, &again.fingerprint),
            (&first.key, &first.fingerprint),
            "{change:?}"
        );
    }
    let other_case = of(&[("RewardId", r#""C55B3483-5755-42F8-9BC5-5C185862E35A""#)]);
    assert_ne!(other_case.key, first.key);
}

#[test]
fn clicks_and_reversals_have_keys_of_their_own_and_tests_have_not() {
    for (kind, class) in [
        ("survey_completed", "reward"),
        ("survey_disqualified", "reward"),
        ("offer_completed", "reward"),
        ("offer_clicked", "click"),
        ("offer_completion_reversed", "reversal"),
    ] {
        let [paid, tested] = ["false", "true"]
            .map(|test| of(&[("RewardType", &format!("\"{kind}\"")), ("IsTest", test)]));
        let key = format!("inbrain#{class}#c55b3483-5755-42f8-9bc5-5c185862e35a");
        assert_eq!((paid.key.as_str(), paid.test), (key.as_str(), false), "{kind}");
        assert_eq!((tested.key.as_str(), tested.test), (key.as_str(), true), "{kind}");
        assert_ne!(paid.fingerprint, tested.fingerprint, "{kind}");
    }
}

#[test]
fn a_reversal_says_nothing_of_an_amount_that_counts() {
    let reversal = |amount: &str, revenue: &str| {
        of(&[
            ("RewardType", r#""offer_completion_reversed""#),
            ("Reward", amount),
            ("RevenueAmount", revenue),
        ])
    };
    let forms =
        ["2.50", "-2.50", r#""-2.50""#, "0", "null", "", r#""""#, r#""n/a""#, "true", "[]", "{}"];
    for amount in forms {
        for revenue in forms {
            let facts = reversal(amount, revenue);
            let of = "c55b3483-5755-42f8-9bc5-5c185862e35a".to_owned();
            assert_eq!(facts.effect, Effect::Reverse { of }, "{amount} {revenue}");
            assert_eq!(facts.held, None, "{amount} {revenue}");
        }
    }
    let print = |amount| reversal(amount, "1").fingerprint;
    assert_eq!(print("-2.5"), print(r#""-2.50""#));
    assert_eq!(print("null"), print(""));
    for (one, other) in [("2.5", "-2.5"), ("0", "null"), (r#""n/a""#, "null")] {
        assert_ne!(print(one), print(other), "{one} {other}");
    }
}

#[test]
fn a_second_goal_of_an_offer_is_another_content() {
    let offer = |kind: &str, goal: &str| {
        let goal = format!(r#""s","OfferGoalId":{goal}"#);
        of(&[("RewardType", &format!("\"{kind}\"")), ("SessionId", &goal)])
    };
    for kind in ["offer_completed", "offer_clicked", "offer_completion_reversed"] {
        let one = offer(kind, "7");
        assert_eq!(one.fingerprint, offer(kind, r#""7""#).fingerprint);
        for other in ["8", r#""07""#, "null"] {
            let other = offer(kind, other);
            assert_eq!(other.key, one.key, "{kind}");
            assert_ne!(other.fingerprint, one.fingerprint, "{kind}");
        }
        let none = of(&[("RewardType", &format!("\"{kind}\""))]);
        assert_eq!(none.fingerprint, offer(kind, "null").fingerprint);
    }
    // Surveys have no goals.
    let survey = offer("survey_completed", "[7]");
    assert_eq!(survey.fingerprint, of(&[]).fingerprint);
    let json = changed(&[
        ("RewardType", r#""offer_completed""#),
        ("SessionId", r#""s","OfferGoalId":[7]"#),
    ]);
    assert_eq!(facts(&json).expect_err("no id").field(), Some("OfferGoalId"));
}

#[test]
fn rewards_are_exact_and_only_where_there_is_one() {
    for (kind, reward, effect, amount) in [
        ("survey_completed", "100", "credit", Some("100")),
        ("survey_completed", "0.10", "credit", Some("0.10")),
        ("survey_completed", r#""9007199254740993.01""#, "credit", Some("9007199254740993.01")),
        ("survey_completed", "0.00", "nothing", None),
        ("survey_disqualified", "2", "credit", Some("2")),
        ("survey_disqualified", "0", "nothing", None),
        ("offer_completed", "2.50", "complete", Some("2.50")),
        ("offer_completion_reversed", "2.50", "reverse", None),
        ("offer_clicked", "2.50", "nothing", None),
    ] {
        let facts = of(&[("RewardType", &format!("\"{kind}\"")), ("Reward", reward)]);
        let given = facts.effect.reward().map(|reward| reward.amount.to_string());
        assert_eq!((facts.effect.as_str(), given.as_deref()), (effect, amount), "{kind} {reward}");
    }
}

#[test]
fn a_reward_over_the_cap_is_held() {
    for (cap, reward, kind, test, held) in [
        (None, "1000000", "ad_hoc", "false", None),
        (Some("100"), "100", "ad_hoc", "false", None),
        (Some("100"), "100.01", "ad_hoc", "false", Some(HeldReason::OverCap)),
        (Some("100.00"), "101", "offer_completed", "false", Some(HeldReason::OverCap)),
        // None of these pays.
        (Some("100"), "101", "offer_completion_reversed", "false", None),
        (Some("100"), "101", "offer_clicked", "false", None),
        (Some("100"), "101", "ad_hoc", "true", None),
        (Some("0"), "0", "ad_hoc", "false", None),
        (Some("0"), "0.01", "ad_hoc", "false", Some(HeldReason::OverCap)),
    ] {
        let kind = format!("\"{kind}\"");
        let json = changed(&[("RewardType", &kind), ("Reward", reward), ("IsTest", test)]);
        let inbrain = inbrain(Some(cap.unwrap_or_default())).expect("configured");
        let facts = read(&inbrain, SUCCESS, &json).expect(&json);
        assert_eq!(facts.held, held, "{cap:?} {json}");
    }
}

#[test]
fn the_signatures_are_not_kept() {
    let json = changed(&[("SessionId", r#""s","Sig":"00ff","Signature":"ff00","Mid":"m""#)]);
    let facts = facts(&json).expect("read");
    assert_eq!(facts.payload, changed(&[("SessionId", r#""s","Mid":"m""#)]));
}

#[test]
fn every_type_has_one_route() {
    for (name, hook, other) in [
        ("survey_completed", SUCCESS, FAILURE),
        ("profiler_completed", SUCCESS, FAILURE),
        ("ad_hoc", SUCCESS, FAILURE),
        ("offer_completed", SUCCESS, FAILURE),
        ("offer_clicked", SUCCESS, FAILURE),
        ("offer_completion_reversed", SUCCESS, FAILURE),
        ("survey_disqualified", FAILURE, SUCCESS),
    ] {
        let json = changed(&[("RewardType", &format!("\"{name}\""))]);
        let inbrain = inbrain(None).expect("configured");
        assert_eq!(read(&inbrain, hook, &json).expect(name).kind, name);
        assert_eq!(read(&inbrain, other, &json).expect_err(name).field(), Some("RewardType"));
    }
}

#[test]
fn unknown_types_are_refused() {
    for json in [r#""survey_started""#, r#""Survey_Completed""#, r#"" ad_hoc""#, r#""""#, "1", "{}"]
    {
        for hook in [SUCCESS, FAILURE] {
            let inbrain = inbrain(None).expect("configured");
            let refused = read(&inbrain, hook, &changed(&[("RewardType", json)]));
            assert_eq!(refused.expect_err(json).field(), Some("RewardType"));
        }
    }
}
