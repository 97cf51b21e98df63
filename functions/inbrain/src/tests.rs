//! inBrain's contract, held to the provider's pages: what is signed is here, what it means in [`content`].

mod content;
mod samples;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    HeldReason, Keys, ParsedCallback, Provider as _, Refusal, Request, Secret, Sender as _,
};

use crate::Inbrain;

const SUCCESS: usize = 0;
const FAILURE: usize = 1;

const RECEIVED_AT: Timestamp = Timestamp::UNIX_EPOCH;

fn inbrain(max_reward: Option<&str>) -> Result<Inbrain, ConfigError> {
    let settings: Settings = max_reward.map(|cap| ("MAX_REWARD", cap)).into_iter().collect();
    Inbrain::configure(&settings)
}

fn receive(hook: usize, body: &str) -> Result<ParsedCallback, Refusal> {
    received(&inbrain(None).expect("configured"), hook, &Request::json(body.to_owned()))
}

fn received(inbrain: &Inbrain, hook: usize, request: &Request) -> Result<ParsedCallback, Refusal> {
    let keys = r#"{"keys":[{"id":"main","secret":"test-callback-secret"}]}"#;
    let keys = Keys::from_json(keys).expect("usable");
    let claim = inbrain.signed_content(hook, request)?;
    let genuine = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    genuine
        .into_callback(Inbrain::NAME, RECEIVED_AT, |content| {
            inbrain.read(hook, content, RECEIVED_AT)
        })
        .map(|callback| callback.parsed().clone())
}

/// What is read in a callback of the provider's to the URL `hook`.
fn read(inbrain: &Inbrain, hook: usize, payload: &str) -> Result<ParsedCallback, Refusal> {
    let secret = Secret::new("test-callback-secret".to_owned()).expect("not empty");
    received(inbrain, hook, &inbrain.sign(hook, payload, &secret).expect("signable"))
}

/// A survey callback for `members`, whose `Sig` is `sig`.
fn survey(sig: &str, members: &str) -> Result<ParsedCallback, Refusal> {
    let rest = r#""RewardType":"ad_hoc","Reward":1,"RevenueAmount":0,"IsTest":false"#;
    receive(SUCCESS, &format!(r#"{{"Sig":"{sig}",{members}{rest}}}"#))
}

#[test]
fn the_examples_of_the_provider_go_through_once_they_are_signed() {
    // The signature is that of `printf %s%s%s PANELIST REWARD test-callback-secret | md5sum`; the
    // examples themselves carry a placeholder.
    let completed = r#"{
"Sig": "3b1efa474a83845091a8fcdaf52094a0",
"PanelistId": "6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0",
"RewardType": "survey_completed",
"RewardId": "c55b3483-5755-42f8-9bc5-5c185862e35a",
"Reward": 100,
"SessionId": "custom_session_value",
"RevenueAmount": 1.00,
"IsTest": false
}"#;
    let facts = receive(SUCCESS, completed).expect("read");
    assert_eq!(facts.kind, "survey_completed");
    assert_eq!(facts.user, "6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0");
    assert_eq!(facts.key.as_str(), "inbrain#reward#c55b3483-5755-42f8-9bc5-5c185862e35a");
    let reward = facts.effect.reward().expect("a reward");
    assert_eq!((reward.amount.to_string().as_str(), reward.unit.as_str()), ("100", "IAC"));

    let disqualified = completed
        .replace("survey_completed", "survey_disqualified")
        .replace("\"Reward\": 100", "\"Reward\": 2")
        .replace("1.00", "0.02");
    let facts = receive(FAILURE, &disqualified).expect("read");
    assert_eq!(facts.kind, "survey_disqualified");
    assert_eq!(facts.effect.reward().expect("a reward").amount.to_string(), "2");

    let placeholder =
        completed.replace("3b1efa474a83845091a8fcdaf52094a0", "cd917216cb4cb02648bb96ac77760269");
    assert_eq!(receive(SUCCESS, &placeholder), Err(Refusal::Unauthenticated));
}

// The signatures below are `md5sum` of the two fields and `test-callback-secret`.
const REWARD_ID: &str = "c55b3483-5755-42f8-9bc5-5c185862e35a";
const USER_7: &str = "8b18e2ef0d8d2c19304cb0a7d0942018";

fn members(panelist: &str, reward_id: &str) -> String {
    format!(r#""PanelistId":{panelist},"RewardId":"{reward_id}","#)
}

#[test]
fn the_signature_is_hex_of_either_case() {
    let members = members(r#""user-7""#, REWARD_ID);
    for sig in [USER_7, &USER_7.to_uppercase()] {
        assert_eq!(survey(sig, &members).expect(sig).user, "user-7");
    }
    for sig in
        ["", "8b18", &USER_7.replace("8b", "8c"), &format!(" {USER_7}"), &format!("{USER_7}00")]
    {
        assert_eq!(survey(sig, &members), Err(Refusal::Unauthenticated), "{sig}");
    }
}

#[test]
fn what_has_no_signature_is_not_looked_at() {
    for body in [
        "{}",
        r#"{"PanelistId":"user-7","RewardId":"x"}"#,
        r#"{"Sig":null,"RewardType":"unknown"}"#,
        r#"{"Sig":12,"PanelistId":"user-7"}"#,
        r#"{"Signature":"8b18e2ef0d8d2c19304cb0a7d0942018","PanelistId":"user-7","RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a"}"#,
        r#"{"Sig":"8b18e2ef0d8d2c19304cb0a7d0942018","PanelistId":["user-7"],"RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a"}"#,
        r#"{"Sig":"8b18e2ef0d8d2c19304cb0a7d0942018","PanelistId":"user-8","PanelistIds":1,"PanelistIds":2}"#,
    ] {
        assert_eq!(receive(SUCCESS, body), Err(Refusal::Unauthenticated), "{body}");
    }
}

#[test]
fn the_boundary_between_the_signed_fields_cannot_be_shifted() {
    // Each signs the same bytes as `user-7` and REWARD_ID do.
    for (panelist, reward_id) in [
        ("user-7c", "55b3483-5755-42f8-9bc5-5c185862e35a"),
        ("user-", "7c55b3483-5755-42f8-9bc5-5c185862e35a"),
        ("user-7c55b3483-", "5755-42f8-9bc5-5c185862e35a"),
        ("", "user-7c55b3483-5755-42f8-9bc5-5c185862e35a"),
        ("user-7c55b3483-5755-42f8-9bc5-5c185862e35a", ""),
    ] {
        let refusal = survey(USER_7, &members(&format!("\"{panelist}\""), reward_id));
        let refusal = refusal.expect_err(panelist);
        let field = if panelist.is_empty() { "PanelistId" } else { "RewardId" };
        assert_eq!(refusal.field(), Some(field), "{panelist}");
    }
}

#[test]
fn a_signed_callback_learns_what_is_wrong_with_it() {
    for (sig, members, refusal) in [
        ("113d2221653c9d6df5780d47852485ac", String::new(), Refusal::missing("PanelistId")),
        (
            "74cc994f1ebbf3ce1f6d278dc8cdd1ed",
            members("null", REWARD_ID),
            Refusal::missing("PanelistId"),
        ),
        (
            "d292dce5dcd188391c33bd6a60da2837",
            r#""PanelistId":"6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0","#.to_owned(),
            Refusal::missing("RewardId"),
        ),
        (USER_7, members(r#""user-7""#, REWARD_ID) + r#""a":1,"a":2,"#, Refusal::repeated("a")),
    ] {
        assert_eq!(survey(sig, &members), Err(refusal), "{members}");
    }
    // A number is signed by its digits; it is no identifier.
    let number = survey("8fb475513951dc2fc27f8e939e1a8781", &members("7", REWARD_ID));
    assert_eq!(number.expect_err("a number").field(), Some("PanelistId"));
}

#[test]
fn text_is_signed_as_utf_8_however_it_is_written() {
    for panelist in [r#""é""#, r#""\u00e9""#] {
        let facts = survey("de7d87773fba19b993da02ab9e941ad4", &members(panelist, REWARD_ID));
        assert_eq!(facts.expect(panelist).user, "é");
    }
}

#[test]
fn the_cap_is_a_setting() {
    for (setting, paid, held) in [
        (None, Some("10000"), Some("10000.01")),
        (Some(""), Some("1000000000"), None),
        (Some("0"), None, Some("0.01")),
        (Some("250.50"), Some("250.50"), Some("250.51")),
    ] {
        let inbrain = inbrain(setting).expect("configured");
        for (reward, expected) in [(paid, None), (held, Some(HeldReason::OverCap))] {
            let Some(reward) = reward else { continue };
            let facts = read(&inbrain, SUCCESS, &content::changed(&[("Reward", reward)]));
            assert_eq!(facts.expect(reward).held, expected, "{setting:?}: {reward}");
        }
    }
    for setting in ["-1", "1,000", "many", " 5", "1e99"] {
        let error = inbrain(Some(setting)).expect_err(setting);
        assert_eq!(error.variable, "MAX_REWARD", "{setting}");
    }
}

#[test]
fn the_template_has_the_same_cap() {
    let template = include_str!("../../../template.yaml");
    let (_, parameter) = template.split_once("\n  InbrainMaxReward:\n").expect("a parameter");
    let (parameter, _) = parameter.split_once("\n\n").expect("its end");
    let cap = catalogue::files::INBRAIN.meaning.cap.as_deref().expect("a cap");
    assert!(parameter.contains(&format!("    Default: \"{cap}\"\n")), "{parameter}");
}
