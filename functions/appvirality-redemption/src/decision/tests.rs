use appvirality::Role;
use verify::Object;

use super::*;

fn amount(text: &str) -> Amount {
    Amount::parse(text).expect(text)
}

/// A referrer's reward; `rest` is all that counts here.
fn hook(rest: &str) -> RewardHook {
    let body = format!(r#"{{"campaignid":"285","participantid":"195640",{rest}}}"#);
    let object = Object::parse(body.as_bytes()).expect(rest);
    RewardHook::parse(Role::Referrer, &object).expect(rest)
}

/// One detail of 10 Rs.
fn ten(reward_type: &str) -> RewardHook {
    hook(&format!(
        r#""reward_type":"{reward_type}","amount":"10","reward_unit":"Rs",
            "rewarddetails":[{{"rewarddtlid":"1","amount":"10.00"}}]"#
    ))
}

/// Something without an amount.
fn mug(reward_type: &str) -> RewardHook {
    hook(&format!(
        r#""reward_type":"{reward_type}","amount":null,"rewarddetails":[{{"rewarddtlid":"1"}}]"#
    ))
}

fn said(status: Status, said_amount: &str, unit: &str) -> RewardStatus {
    let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
    RewardStatus { status, amount: Amount::parse(said_amount), unit }
}

/// The decision about the only detail.
fn decided(hook: &RewardHook, said: &RewardStatus, credited: bool) -> Decision {
    decide(hook, worths(hook, &[Some(said)])[0], said, credited, Coupons::HandedOut)
}

#[test]
fn every_status_has_its_consequence() {
    use Decision::{HandOut, PayAndRedeem, PayIfExplained, Redeemed, Refuse, Rejected};
    let (credits, coupon) = (ten("InstoreCredits"), ten("Coupon"));
    let other = ten("Other");
    let ten = amount("10");
    for (hook, status, credited, decision) in [
        (&credits, Status::Approved, false, PayAndRedeem(Some(ten))),
        (&credits, Status::Approved, true, PayAndRedeem(Some(ten))),
        (&coupon, Status::Approved, false, HandOut),
        (&other, Status::Approved, false, PayAndRedeem(Some(ten))),
        (&credits, Status::Rewarded, true, Redeemed),
        (&coupon, Status::Rewarded, true, Redeemed),
        (&credits, Status::Rewarded, false, PayIfExplained(Some(ten))),
        (&other, Status::Rewarded, false, PayIfExplained(Some(ten))),
        (&coupon, Status::Rewarded, false, HandOut),
        (&credits, Status::Rejected, false, Rejected),
        (&credits, Status::Rejected, true, Refuse(Reason::RejectedAfterCredit)),
        (&coupon, Status::Rejected, false, Rejected),
    ] {
        let said = said(status, "10", "Rs");
        assert_eq!(decided(hook, &said, credited), decision, "{status:?} {credited}");
    }
    for (status, wait) in [
        (Status::UnderReview, Wait::Review),
        (Status::NoData, Wait::Data),
        (Status::NoSuchReward, Wait::Id),
        (Status::Unknown, Wait::KnownStatus),
    ] {
        for credited in [false, true] {
            let said = said(status, "", "");
            assert_eq!(decided(&credits, &said, credited), Decision::Wait(wait));
        }
    }
}

#[test]
fn coupons_are_redeemed_where_users_choose() {
    for (status, decision) in [
        (Status::Approved, Decision::PayAndRedeem(None)),
        (Status::Rewarded, Decision::HandOut),
        (Status::UnderReview, Decision::Wait(Wait::Review)),
    ] {
        for hook in [ten("Coupon"), mug("Coupon")] {
            let worth = worths(&hook, &[None])[0];
            let amount = if hook.amount.is_some() { "10" } else { "" };
            let said = said(status, amount, "Rs");
            assert_eq!(decide(&hook, worth, &said, false, Coupons::Redeemed), decision);
        }
    }
    let coupons = |value: Option<&str>| {
        let settings: Settings = value.map(|value| ("REDEEM_COUPONS", value)).into_iter().collect();
        Coupons::configure(&settings).map_err(|error| error.variable)
    };
    for value in [None, Some(""), Some("false")] {
        assert_eq!(coupons(value), Ok(Coupons::HandedOut));
    }
    assert_eq!(coupons(Some("true")), Ok(Coupons::Redeemed));
    for value in ["True", "yes", "1", " true"] {
        assert_eq!(coupons(Some(value)), Err("REDEEM_COUPONS"), "{value}");
    }
}

#[test]
fn what_is_no_sum_is_redeemed_without_a_credit() {
    for hook in [mug("Other"), mug("InstoreCredits")] {
        for nothing in ["", "0", "0.00"] {
            let approved = said(Status::Approved, nothing, "Coins");
            assert_eq!(decided(&hook, &approved, false), Decision::PayAndRedeem(None));
        }
        let more = said(Status::Approved, "1", "");
        assert_eq!(decided(&hook, &more, false), Decision::Refuse(Reason::AmountMismatch));
    }
    let rewarded = said(Status::Rewarded, "", "");
    assert_eq!(decided(&mug("Other"), &rewarded, false), Decision::PayIfExplained(None));
    assert_eq!(decided(&mug("Coupon"), &rewarded, false), Decision::HandOut);
    // An amount of nothing named cannot be credited.
    let unnamed = hook(
        r#""reward_type":"Other","amount":"5","rewarddetails":[{"rewarddtlid":"1","amount":"5"}]"#,
    );
    let approved = said(Status::Approved, "5", "");
    assert_eq!(decided(&unnamed, &approved, false), Decision::PayAndRedeem(None));
    let named = said(Status::Approved, "5", "Rs");
    assert_eq!(decided(&unnamed, &named, false), Decision::Refuse(Reason::UnitMismatch));
}

#[test]
fn amount_and_unit_have_to_be_those_of_the_hook() {
    let (amount, unit) =
        (Decision::Refuse(Reason::AmountMismatch), Decision::Refuse(Reason::UnitMismatch));
    for reward_type in ["InstoreCredits", "Coupon", "Other"] {
        let hook = ten(reward_type);
        for status in [Status::Approved, Status::Rewarded] {
            for (said_amount, said_unit, decision) in [
                ("10.01", "Rs", amount),
                ("100", "Rs", amount),
                ("0", "Rs", amount),
                ("", "Rs", amount),
                ("10", "rs", unit),
                ("10", "Coins", unit),
                ("10", "", unit),
                ("11", "Coins", amount),
            ] {
                let said = said(status, said_amount, said_unit);
                assert_eq!(decided(&hook, &said, false), decision, "{said:?}");
            }
        }
    }
    let same = said(Status::Approved, "10.000", "Rs");
    assert!(matches!(decided(&ten("Other"), &same, false), Decision::PayAndRedeem(Some(_))));
}

#[test]
fn units_agree_as_a_form_writes_them() {
    for (hook, said, same) in [
        (Some("$"), Some("%24"), true),
        (Some("%24"), Some("$"), true),
        (Some("%24"), Some("%24"), true),
        (Some("₹"), Some("%E2%82%B9"), true),
        (Some("₹"), Some("%e2%82%b9"), true),
        (Some("Reward Points"), Some("Reward%20Points"), true),
        (Some("Reward Points"), Some("Reward+Points"), true),
        (Some("C+"), Some("C+"), true),
        (Some("C+"), Some("C%2B"), true),
        (Some("100%"), Some("100%"), true),
        (Some("100%"), Some("100%25"), true),
        (None, None, true),
        (Some("$"), Some("%23"), false),
        (Some("$"), None, false),
        (None, Some("$"), false),
        (Some("Coins"), Some("coins"), false),
        (Some("Coins"), Some("Coins "), false),
    ] {
        assert_eq!(same_unit(hook, said), same, "{hook:?} {said:?}");
    }
}

#[test]
fn details_are_worth_what_the_hook_says_or_else_their_sum() {
    let worth = |text: &str| DetailAmount::of(Some(amount(text)));
    let of = |total: &str, details: &str, said_amounts: &[&str]| {
        let hook = hook(&format!(
            r#""reward_type":"InstoreCredits","reward_unit":"Rs","amount":{total},
                "rewarddetails":{details}"#
        ));
        let said: Vec<_> =
            said_amounts.iter().map(|text| said(Status::UnderReview, text, "Rs")).collect();
        worths(&hook, &said.iter().map(Some).collect::<Vec<_>>())
    };
    let two = r#"[{"rewarddtlid":"1"},{"rewarddtlid":"2"}]"#;
    let shares = r#"[{"rewarddtlid":"1","amount":"7.5"},{"rewarddtlid":"2","amount":"2.5"}]"#;
    let zeros = r#"[{"rewarddtlid":"1","amount":"0"},{"rewarddtlid":"2","amount":"0"}]"#;
    let some = r#"[{"rewarddtlid":"1","amount":"10"},{"rewarddtlid":"2"}]"#;
    let one = r#"[{"rewarddtlid":"1"}]"#;
    let nothing = DetailAmount::Sum(None);
    assert_eq!(of("10", shares, &["1", "1"]), [worth("7.50"), worth("2.50")]);
    assert_eq!(of("11", shares, &["7.5", "2.5"]), [DetailAmount::Contradicted; 2]);
    assert_eq!(of("null", shares, &["7.5", "2.5"]), [DetailAmount::Contradicted; 2]);
    assert_eq!(of("10", some, &["10", "0"]), [DetailAmount::Contradicted; 2]);
    assert_eq!(of("10", one, &["9"]), [worth("10")]);
    assert_eq!(of("10", two, &["6", "4"]), [worth("6"), worth("4")]);
    assert_eq!(of("10", two, &["10", "0"]), [worth("10"), nothing]);
    assert_eq!(of("10", two, &["6", "5"]), [DetailAmount::Contradicted; 2]);
    assert_eq!(of("10", two, &["10", ""]), [DetailAmount::Unknown; 2]);
    assert_eq!(of("0", two, &["", ""]), [nothing; 2]);
    assert_eq!(of("null", two, &["5", "5"]), [nothing; 2]);
    assert_eq!(of("0", zeros, &["", ""]), [nothing; 2]);
    assert_eq!(of("null", zeros, &["", ""]), [nothing; 2]);
}

#[test]
fn a_detail_of_unknown_worth_waits_and_one_that_does_not_add_up_is_refused() {
    let hook = ten("InstoreCredits");
    let approved = said(Status::Approved, "10", "Rs");
    let decide = |worth| decide(&hook, worth, &approved, false, Coupons::HandedOut);
    assert_eq!(decide(DetailAmount::Unknown), Decision::Wait(Wait::Data));
    assert_eq!(decide(DetailAmount::Contradicted), Decision::Refuse(Reason::AmountMismatch));
}
