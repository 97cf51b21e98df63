//! The bodies on the provider's page, with other people's addresses in them.

use jiff::Timestamp;
use verify::{
    HeldReason, Keys, ParsedCallback, Provider as _, Refusal, Request, Reward, UnprovedObject,
};

use crate::{AppVirality, Hook, Program, Role};

pub(crate) const REFERRAL_CONVERSION: &str = include_str!("../published/referral-conversion.json");
pub(crate) const FRIEND_REWARD: &str = include_str!("../published/referral-friend-reward.json");
pub(crate) const REFERRER_REWARD: &str = include_str!("../published/referral-referrer-reward.json");
pub(crate) const LOYALTY_CONVERSION: &str = include_str!("../published/loyalty-conversion.json");
pub(crate) const USER_REWARD: &str = include_str!("../published/loyalty-user-reward.json");

/// All of them.
pub(crate) const PUBLISHED: [(Hook, &str); 5] = [
    (Hook::Conversion(Program::Referral), REFERRAL_CONVERSION),
    (Hook::Reward(Role::Friend), FRIEND_REWARD),
    (Hook::Reward(Role::Referrer), REFERRER_REWARD),
    (Hook::Conversion(Program::Loyalty), LOYALTY_CONVERSION),
    (Hook::Reward(Role::User), USER_REWARD),
];

/// `body` with `to` instead of the first `from`, which has to be there.
pub(crate) fn edited(body: &str, from: &str, to: &str) -> String {
    assert!(body.contains(from), "{from} is not in {body}");
    body.replacen(from, to, 1)
}

/// What is read in `body`, as if it were proved.
pub(crate) fn facts(hook: Hook, body: &str) -> Result<ParsedCallback, Refusal> {
    AppVirality.read(hook, UnprovedObject::parse(body.as_bytes())?, Timestamp::UNIX_EPOCH)
}

/// What is read in `body` once it was proved with one of the keys on the page.
fn received(hook: Hook, body: &str) -> ParsedCallback {
    let keys = r#"{"keys":[{"id":"a","secret":"123456"},{"id":"b","secret":"123456789"},
        {"id":"c","secret":"samplessecurekey"}]}"#;
    let keys = Keys::from_json(keys).expect("usable");
    let request = Request::json(body.to_owned());
    let claim = AppVirality.signed_content(hook, &request).expect("a credential");
    let callback = keys
        .prove(claim)
        .expect("proved")
        .into_callback("appvirality", Timestamp::UNIX_EPOCH, |content| {
            AppVirality.read(hook, content, Timestamp::UNIX_EPOCH)
        })
        .expect("read");
    callback.parsed().clone()
}

#[test]
fn published_bodies_go_through_with_their_values() {
    // The digests are SHA-256 over each name and value with its length, by Python's hashlib.
    let expected = [
        (
            "appvirality#referral_conversion#283#Signup#\
             1b2173cfe667aea233839fc9820a2541e3326f5f981b5cde9a6616f73ea34315",
            "7312d0eac7794939b98bb836f092313d",
            None,
        ),
        (
            "appvirality#referral_friend_reward#285#participantid#195644#9340",
            "195644",
            Some(("20", "Rs")),
        ),
        (
            "appvirality#referral_referrer_reward#285#participantid#195640#rewardid#48",
            "195640",
            Some(("10", "Rs")),
        ),
        (
            "appvirality#loyalty_conversion#664#install#\
             8b709695f266c47896ced730331a5138a12143d7c38746f651e4724e2c2dd383",
            "ef356008aef8485d818c7ac4571b3ca9",
            None,
        ),
        (
            "appvirality#loyalty_user_reward#664#userkey#ef356008aef8485d818c7ac4571b3ca9#rewardid#20139",
            "ef356008aef8485d818c7ac4571b3ca9",
            Some(("10", "Coins")),
        ),
    ];
    for ((hook, body), (key, user, reward)) in PUBLISHED.into_iter().zip(expected) {
        let facts = received(hook, body);
        let given = |Reward { amount, unit }: &Reward| (amount.to_string(), unit.clone());
        assert_eq!(facts.kind, hook.kind());
        assert_eq!(facts.key.as_str(), key);
        assert_eq!(facts.user, user, "{key}");
        let reward =
            reward.map(|(amount, unit): (&str, &str)| (amount.to_owned(), unit.to_owned()));
        assert_eq!(facts.effect.reward().map(given), reward, "{key}");
        assert_eq!((facts.test, facts.held), (false, None), "{key}");
    }
}

#[test]
fn snapshots_may_change_on_a_second_delivery() {
    let changes = [
        ("Hyderabad, Telangana, India", "Leeds, England, United Kingdom"),
        (r#""platform":"Android""#, r#""platform":"Web""#),
        (r#""platform":"iOS""#, r#""platform":"Unknown""#),
        (r#""reachedmaxlimit":"False""#, r#""reachedmaxlimit":"True""#),
        (r#""campaignname":""#, r#""campaignname":"New+"#),
        (r#""name":null"#, r#""name":"Ann""#),
        (r#""name":"""#, r#""name":"Ann""#),
        (r#""couponcode":null"#, r#""couponcode":"second""#),
        (r#""couponcode":"""#, r#""couponcode":"second""#),
        (r#""expires":null"#, r#""expires":"1-Sep-2016""#),
        (r#""expires":"""#, r#""expires":"1-Sep-2016""#),
        ("12-Oct-2016", "13-Oct-2016"),
        ("27-Mar-2015", "28-Mar-2015"),
        ("3-Aug-2016", "4-Aug-2016"),
        (r#""message":null"#, r#""message":"again""#),
        (r#""emailid":""#, r#""emailid":"new."#),
        (r#""amount":"10""#, r#""amount":10.00"#),
        (r#""campaignid":"664""#, r#""campaignid":664"#),
    ];
    for (hook, body) in PUBLISHED {
        let first = facts(hook, body).expect(body);
        for (from, to) in changes.into_iter().filter(|(from, _)| body.contains(from)) {
            let again = edited(body, from, to);
            let second = facts(hook, &again).expect(&again);
            assert_eq!(
                (&first.key, &first.fingerprint),
                (&second.key, &second.fingerprint),
                "{to}"
            );
        }
    }
}

#[test]
fn an_unsuccessful_one_is_kept_for_a_person() {
    for (hook, body) in PUBLISHED {
        for no in ["false", r#""False""#, r#""no""#, "1", "[]"] {
            let body =
                edited(body, r#""campaignname""#, &format!(r#""success":{no},"campaignname""#));
            let body = body.replace(r#""success":true,"#, "");
            assert_eq!(
                facts(hook, &body).expect(&body).held,
                Some(HeldReason::NotSuccessful),
                "{body}"
            );
        }
        let body = body.replace(r#""success":true,"#, "");
        assert_eq!(facts(hook, &body).expect(&body).held, None, "{body}");
    }
}
