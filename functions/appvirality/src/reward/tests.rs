use super::*;
use crate::hook::Hook;
use crate::published::{FRIEND_REWARD, REFERRER_REWARD, USER_REWARD, edited};

fn facts(role: Role, body: &str) -> Result<ParsedCallback, Refusal> {
    crate::published::facts(Hook::Reward(role), body)
}

fn field(role: Role, body: &str) -> Option<String> {
    facts(role, body).expect_err(body).field().map(str::to_owned)
}

/// A referrer's reward of these details, without a distribution.
fn referrer(amount: &str, details: &str) -> String {
    format!(
        r#"{{"campaignid":"285","storeuserid":"s","reward_type":"InstoreCredits",
            "reward_unit":"Rs","amount":{amount},"rewarddetails":{details}}}"#
    )
}

#[test]
fn what_a_settlement_needs_is_read_again_from_the_payload() {
    let payload = facts(Role::Referrer, REFERRER_REWARD).expect("read").payload;
    let object = Object::parse(payload.as_bytes()).expect("an object");
    let hook = RewardHook::parse(Role::Referrer, &object).expect("read");
    assert_eq!(hook.campaign_id, "285");
    assert_eq!(hook.growth_hack, None);
    assert_eq!(hook.recipient.email.as_deref(), Some("referrer@example.com"));
    assert_eq!(hook.recipient.participant_id.as_deref(), Some("195640"));
    assert_eq!((hook.recipient.user_key, hook.recipient.store_user_id), (None, None));
    assert_eq!(hook.reward_type, RewardType::InstoreCredits);
    assert_eq!(hook.unit.as_deref(), Some("Rs"));
    assert_eq!(hook.amount, Amount::parse("10"));
    let detail = |id: &str| Detail { rewarddtlid: id.to_owned(), amount: Amount::parse("5") };
    assert_eq!(hook.details, [detail("9339"), detail("9340")]);

    let object = Object::parse(FRIEND_REWARD.as_bytes()).expect("an object");
    let hook = RewardHook::parse(Role::Friend, &object).expect("read");
    assert_eq!(hook.recipient.value, "195644");
    let detail = Detail { rewarddtlid: "9340".to_owned(), amount: Amount::parse("20") };
    assert_eq!(hook.details, [detail]);

    let body = edited(USER_REWARD, "{", r#"{"growthhack":"Loyalty_Program","#);
    let object = Object::parse(body.as_bytes()).expect("an object");
    let hook = RewardHook::parse(Role::User, &object).expect("read");
    assert_eq!(hook.growth_hack.as_deref(), Some("Loyalty_Program"));
    assert_eq!(hook.reward_type, RewardType::Coupon);
}

#[test]
fn one_detail_id_under_two_people_is_two_rewards() {
    let first = facts(Role::Friend, FRIEND_REWARD).expect("read");
    let other = edited(FRIEND_REWARD, "195644", "195640");
    let other = facts(Role::Friend, &other).expect("read");
    assert_ne!(first.key, other.key);
    let referrer = facts(Role::Referrer, REFERRER_REWARD).expect("read");
    assert_ne!(first.key, referrer.key);
}

#[test]
fn fields_that_are_needed_are_asked_for() {
    for (role, body, from, name) in [
        (Role::Friend, FRIEND_REWARD, r#""campaignid":"285""#, "campaignid"),
        (Role::Friend, FRIEND_REWARD, r#""rewarddtlid":"9340""#, "friend.rewarddtlid"),
        (Role::Friend, FRIEND_REWARD, r#""reward_type":"InstoreCredits""#, "friend.reward_type"),
        (Role::Friend, FRIEND_REWARD, r#""reward_unit":"Rs""#, "friend.reward_unit"),
        (Role::Referrer, REFERRER_REWARD, r#""campaignid":"285""#, "campaignid"),
        (Role::Referrer, REFERRER_REWARD, r#""reward_type":"InstoreCredits""#, "reward_type"),
        (Role::Referrer, REFERRER_REWARD, r#""reward_unit":"Rs""#, "reward_unit"),
        (
            Role::Referrer,
            REFERRER_REWARD,
            r#""rewarddtlid":"9340""#,
            "rewarddetails[1].rewarddtlid",
        ),
        (Role::User, USER_REWARD, r#""reward_type":"Coupon""#, "reward_type"),
    ] {
        let (member, _) = from.split_once(':').expect("a member");
        for nothing in [format!("{member}:null"), format!(r#"{member}:"""#), r#""x":1"#.to_owned()]
        {
            let body = edited(body, from, &nothing);
            assert_eq!(facts(role, &body), Err(Refusal::missing(name.to_owned())), "{body}");
        }
    }
    let nobody = edited(FRIEND_REWARD, r#""participantid":"195644","#, "");
    let nobody = edited(&nobody, "friend@example.com", "");
    assert_eq!(facts(Role::Friend, &nobody), Err(Refusal::missing("friend.storeuserid")));
    let nobody = edited(REFERRER_REWARD, r#""participantid":"195640","#, "");
    let nobody = edited(&nobody, r#""referrer@example.com""#, "null");
    assert_eq!(facts(Role::Referrer, &nobody), Err(Refusal::missing("storeuserid")));
}

#[test]
fn fields_have_their_forms() {
    for (role, body, from, to, name) in [
        (Role::Friend, FRIEND_REWARD, r#""amount":"20""#, r#""amount":"twenty""#, "friend.amount"),
        (Role::Friend, FRIEND_REWARD, r#""amount":"20""#, r#""amount":"-20""#, "friend.amount"),
        (Role::Friend, FRIEND_REWARD, r#""campaignid":"285""#, r#""campaignid":2.5"#, "campaignid"),
        (Role::Friend, FRIEND_REWARD, r#""friend""#, r#""friend":null,"freind""#, "friend"),
        (Role::Friend, FRIEND_REWARD, r#""friend""#, r#""friend":[],"freind""#, "friend"),
        (Role::User, USER_REWARD, r#""rewardid":"20139""#, r#""rewardid":[]"#, "rewardid"),
        (
            Role::Referrer,
            REFERRER_REWARD,
            r#""amount":"5""#,
            r#""amount":"5 Rs""#,
            "rewarddetails[0].amount",
        ),
    ] {
        let body = edited(body, from, to);
        assert_eq!(field(role, &body).as_deref(), Some(name), "{body}");
    }
}

#[test]
fn what_only_describes_loses_nobody_a_reward() {
    for (role, body, from, to) in [
        (Role::Friend, FRIEND_REWARD, "27-Mar-2015", "3-Sept-2026"),
        (Role::Friend, FRIEND_REWARD, "27-Mar-2015", "27-Mar-2015 "),
        (Role::Friend, FRIEND_REWARD, r#""27-Mar-2015""#, "null"),
        (Role::Friend, FRIEND_REWARD, r#""27-Mar-2015""#, r#"{"day":1}"#),
        (Role::Friend, FRIEND_REWARD, r#""expires":null"#, r#""expires":7"#),
        (Role::Friend, FRIEND_REWARD, r#""couponcode":null"#, r#""couponcode":[]"#),
        (Role::Friend, FRIEND_REWARD, r#""extraInfo":null"#, r#""extraInfo":{}"#),
        (Role::Friend, FRIEND_REWARD, "{", r#"{"growthhack":[],"#),
        (Role::Referrer, REFERRER_REWARD, "27-Mar-2015", "10-June-2023"),
        (
            Role::Referrer,
            REFERRER_REWARD,
            r#""rewarded_date":"27-Mar-2015"}"#,
            r#""rewarded_date":"today"}"#,
        ),
        (Role::User, USER_REWARD, "31-Aug-2016", "31-Sep-2016 24:00"),
        (Role::User, USER_REWARD, "{", r#"{"reachedmaxlimit":"perhaps","#),
    ] {
        let first = facts(role, body).expect(body);
        let second = facts(role, &edited(body, from, to)).expect(to);
        assert_eq!((second.held, &second.effect), (None, &first.effect), "{to}");
        assert_eq!((first.key, first.fingerprint), (second.key, second.fingerprint), "{to}");
        assert!(second.payload.contains(to.trim_matches('{')), "{to}");
    }
}

#[test]
fn a_distribution_without_details_is_held() {
    for details in ["null", r#""""#, "[]"] {
        let body = edited(&referrer(r#""10""#, details), "{", r#"{"rewardid":"48","#);
        let facts = facts(Role::User, &body).expect(&body);
        assert_eq!(facts.held, Some(HeldReason::NoDetails), "{details}");
        assert_eq!(
            facts.key.as_str(),
            "appvirality#loyalty_user_reward#285#storeuserid#s#rewardid#48"
        );
        assert!(facts.effect.reward().is_some());
    }
    let absent = r#"{"rewardid":"48","campaignid":"285","storeuserid":"s","reward_type":"Other"}"#;
    assert_eq!(facts(Role::Referrer, absent).expect("read").held, Some(HeldReason::NoDetails));
    // What is there has its form all the same.
    let body = edited(&referrer("10", "{}"), "{", r#"{"rewardid":"48","#);
    assert_eq!(field(Role::User, &body).as_deref(), Some("rewarddetails"));
    for undistributed in ["0", r#""0""#, r#""""#, "null"] {
        let rewardid = format!(r#"{{"rewardid":{undistributed},"#);
        let body = edited(&referrer("10", "[]"), "{", &rewardid);
        assert_eq!(field(Role::User, &body).as_deref(), Some("rewarddetails"), "{body}");
    }
}

#[test]
fn details_are_there_and_told_apart() {
    for (details, name) in [
        ("null", "rewarddetails"),
        (r#""""#, "rewarddetails"),
        ("[]", "rewarddetails"),
        ("{}", "rewarddetails"),
        ("[null]", "rewarddetails[0]"),
        (r#"[{"rewarddtlid":"1"},"2"]"#, "rewarddetails[1]"),
        (r#"[{"amount":"10"}]"#, "rewarddetails[0].rewarddtlid"),
        (r#"[{"rewarddtlid":"1"},{"rewarddtlid":1}]"#, "rewarddetails[1].rewarddtlid"),
    ] {
        let body = referrer(r#""10""#, details);
        assert_eq!(field(Role::Referrer, &body).as_deref(), Some(name), "{details}");
    }
}

#[test]
fn details_sum_to_the_amount_or_a_person_looks() {
    let detail = |id: usize, amount: &str| format!(r#"{{"rewarddtlid":"{id}","amount":{amount}}}"#);
    let (held, fine) = (Some(HeldReason::SumMismatch), None);
    for (amount, shares, expected) in [
        (r#""10""#, &[r#""5""#, r#""5""#][..], fine),
        ("10.00", &["2.5", r#""7.50""#], fine),
        (r#""0.3""#, &["0.1", "0.2"], fine),
        ("10", &["10", "0"], fine),
        ("10", &["null", r#""""#], fine),
        ("null", &["5", "5"], fine),
        ("null", &["null"], fine),
        ("0", &["0"], fine),
        (r#""10""#, &[r#""5""#, r#""4.99""#], held),
        ("10", &["5", "5", "5"], held),
        ("10", &["9"], held),
        ("0", &["1"], held),
        ("10", &["10", "null"], held),
        ("10", &["null", "10"], held),
        ("1", &["7922816251426433759354395033"; 11], held),
    ] {
        let details: Vec<_> =
            shares.iter().enumerate().map(|(i, share)| detail(i, share)).collect();
        let body = referrer(amount, &format!("[{}]", details.join(",")));
        assert_eq!(facts(Role::Referrer, &body).expect(&body).held, expected, "{body}");
    }
}

#[test]
fn a_reward_is_an_amount_of_a_unit() {
    let credits = r#""reward_type":"InstoreCredits""#;
    let other = r#""reward_type":"Other""#;
    let coupon = r#""reward_type":"Coupon""#;
    for (terms, reward) in [
        (format!(r#"{credits},"amount":"2.50","reward_unit":"Coins""#), Some(("2.50", "Coins"))),
        (format!(r#"{other},"amount":1,"reward_unit":"$""#), Some(("1", "$"))),
        (format!(r#"{coupon},"amount":"10","reward_unit":"%""#), Some(("10", "%"))),
        (format!(r#"{credits},"amount":"0.00","reward_unit":"Coins""#), None),
        (format!(r#"{credits},"amount":"0","reward_unit":"""#), None),
        (format!(r#"{credits},"amount":null,"reward_unit":"Coins""#), None),
        (format!(r#"{other},"amount":null,"reward_description":"A mug""#), None),
        (format!(r#"{coupon},"amount":"10""#), None),
    ] {
        let body = format!(
            r#"{{"campaignid":"1","friend":{{"storeuserid":"s","rewarddtlid":"2",{terms}}}}}"#
        );
        let facts = facts(Role::Friend, &body).expect(&body);
        let given = facts.effect.reward();
        let given = given.map(|Reward { amount, unit }| (amount.to_string(), unit.clone()));
        let reward = reward.map(|(amount, unit)| (amount.to_owned(), unit.to_owned()));
        assert_eq!((given, facts.held), (reward, None), "{terms}");
    }
}

#[test]
fn a_type_that_nobody_knows_is_kept_for_a_person() {
    let body = edited(FRIEND_REWARD, "InstoreCredits", "Cash");
    let facts = facts(Role::Friend, &body).expect("read");
    assert_eq!(facts.held, Some(HeldReason::UnknownRewardType));
}

#[test]
fn a_reward_is_known_by_its_distribution_or_by_its_details() {
    let key = |body: &str| facts(Role::Referrer, body).expect(body).key.to_string();
    let details = r#"[{"rewarddtlid":"9340","amount":"5"},{"rewarddtlid":"9339","amount":"5"}]"#;
    let body = referrer("10", details);
    // The digest of 9339 and 9340, in this order, by Python's hashlib.
    let by_details = "appvirality#referral_referrer_reward#285#storeuserid#s#rewarddtlids#\
                      f640ae19a1eb862de02e2caa04a07bc708aaaaabe2c9b23f7b9ca822e3f321e3";
    assert_eq!(key(&body), by_details);
    for none in ["null", r#""""#, r#""0""#, "0"] {
        let body = edited(&body, "{", &format!(r#"{{"rewardid":{none},"#));
        assert_eq!(key(&body), by_details, "{none}");
    }
    let with_id = |id: &str| key(&edited(&body, "{", &format!(r#"{{"rewardid":"{id}","#)));
    let digest = by_details.rsplit('#').next().expect("a part");
    assert_ne!(with_id(digest), by_details);
    let by_id = "appvirality#referral_referrer_reward#285#storeuserid#s#rewardid#48";
    assert_eq!(with_id("48"), by_id);
    assert_ne!(key(&edited(&body, "9340", "9341")), by_details);
    assert_ne!(key(&edited(&body, "285", "286")), by_details);
    assert_ne!(key(&edited(&body, "storeuserid", "participantid")), by_details);
}

#[test]
fn keys_stay_short_however_many_details_there_are() {
    let details: Vec<_> = (0..1000).map(|i| format!(r#"{{"rewarddtlid":"{i}"}}"#)).collect();
    let body = referrer("10", &format!("[{}]", details.join(",")));
    let body = edited(&body, r#""s""#, &format!("{:?}", "é".repeat(320)));
    assert!(facts(Role::Referrer, &body).expect("read").key.as_str().len() < 512);
}

#[test]
fn what_a_reward_is_may_not_change() {
    for (role, body, from, to) in [
        (Role::Friend, FRIEND_REWARD, r#""amount":"20""#, r#""amount":"21""#),
        (Role::Friend, FRIEND_REWARD, r#""amount":"20""#, r#""amount":null"#),
        (Role::Friend, FRIEND_REWARD, r#""reward_unit":"Rs""#, r#""reward_unit":"Coins""#),
        (Role::Friend, FRIEND_REWARD, "InstoreCredits", "Coupon"),
        (Role::Friend, FRIEND_REWARD, r#""eventname":"Install""#, r#""eventname":"Signup""#),
        (Role::Friend, FRIEND_REWARD, r#""success":true"#, r#""success":false"#),
        (Role::Referrer, REFERRER_REWARD, r#""amount":"10""#, r#""amount":"11""#),
        (Role::Referrer, REFERRER_REWARD, r#""amount":"5""#, r#""amount":"6""#),
        (Role::Referrer, REFERRER_REWARD, "9340", "9341"),
        (Role::User, USER_REWARD, r#""reward_unit":"Coins""#, r#""reward_unit":"Rs""#),
    ] {
        let first = facts(role, body).expect(body);
        let second = facts(role, &edited(body, from, to)).expect(to);
        assert_eq!(first.key, second.key, "{to}");
        assert_ne!(first.fingerprint, second.fingerprint, "{to}");
    }
}

#[test]
fn the_order_of_details_and_the_referrer_beside_a_friend_do_not_count() {
    let there = r#"[{"rewarddtlid":"1","amount":"4"},{"rewarddtlid":"2","amount":"6"}]"#;
    let back = r#"[{"rewarddtlid":"2","amount":"6"},{"rewarddtlid":"1","amount":"4"}]"#;
    let one = facts(Role::Referrer, &referrer("10", there)).expect(there);
    let two = facts(Role::Referrer, &referrer("10", back)).expect(back);
    assert_eq!((one.key, one.fingerprint), (two.key, two.fingerprint));

    let one = facts(Role::Friend, FRIEND_REWARD).expect("read");
    let alone = edited(FRIEND_REWARD, r#""referrer""#, r#""referrer":null,"was""#);
    let two = facts(Role::Friend, &alone).expect("read");
    assert_eq!((one.key, one.fingerprint), (two.key, two.fingerprint));
    // A friend's reward is known by its detail before its distribution and after.
    let undistributed = edited(FRIEND_REWARD, r#""rewardid":"47""#, r#""rewardid":"0""#);
    let two = facts(Role::Friend, &undistributed).expect("read");
    assert_eq!(
        two.key.as_str(),
        "appvirality#referral_friend_reward#285#participantid#195644#9340"
    );
}
