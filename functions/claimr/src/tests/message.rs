//! What is allowed in a message, what it does, and what makes it this one.

use verify::{Effect, HeldReason, ParsedCallback, Refusal};

use super::{configured, read};

/// The fields of the provider's example, in its order.
const ACTIVITY: &str = r#"{"id":"m-1","scope":"user_activity","user":"u-1","user_id":"u-1","wallet":"0xa11ce","email":"ann@example.com","campaign":{"id":"c-1","name":"Spring"},"event":{"type":"action_completed","data":{"account":"ann","action":{"id":"a-1","name":"Visit","type":"visit","meta":{"url":"https://example.com"}},"xp":100}},"total_xp":1250,"ref_xp":50,"ugc_xp":0,"xp_mul":1.5,"rank":42,"team":"blue"}"#;

fn facts(json: &str) -> Result<ParsedCallback, Refusal> {
    read(&configured(None, None).expect("configured"), json)
}

/// The facts of [`ACTIVITY`] with `new` in the place of `old`.
fn changed(old: &str, new: &str) -> ParsedCallback {
    assert_eq!(ACTIVITY.matches(old).count(), 1, "{old}");
    facts(&ACTIVITY.replace(old, new)).expect(new)
}

#[test]
fn a_user_activity_gives_its_points() {
    let facts = facts(ACTIVITY).expect("read");
    assert_eq!(facts.kind, "user_activity");
    assert_eq!(facts.key.as_str(), "claimr#webhook#user_activity#m-1");
    assert_eq!(facts.user, "u-1");
    let reward = facts.effect.reward().expect("a reward");
    assert_eq!((reward.amount.to_string().as_str(), reward.unit.as_str()), ("100", "xp"));
    assert_eq!((facts.test, facts.held), (false, None));
    assert_eq!(facts.payload, ACTIVITY);
}

#[test]
fn every_scope_needs_no_more_than_an_id_and_a_user() {
    for scope in ["user_activity", "user_login", "user_reward", "referral"] {
        for rest in [
            "",
            r#","user":null,"wallet":null,"email":null,"campaign":null,"event":null"#,
            r#","campaign":{"id":null,"name":null},"event":{"type":null,"data":null}"#,
            r#","event":{"data":{"account":null,"action":null,"xp":null}},"total_xp":null"#,
        ] {
            let json = format!(r#"{{"id":"m-1","scope":"{scope}","user_id":"u-1"{rest}}}"#);
            let facts = facts(&json).expect(&json);
            assert_eq!((facts.kind, facts.effect), (scope, Effect::Nothing));
        }
    }
}

#[test]
fn a_user_activity_may_have_nulls_where_it_is_a_test_or_no_action() {
    for event in [
        r#"{"type":"quest_completed"}"#,
        r#"{"type":"action_completed","data":null}"#,
        r#"{"type":"action_completed","data":{"account":null,"action":null,"xp":null}}"#,
        r#"{"type":"action_completed","data":{"action":{"id":null,"meta":null},"xp":0}}"#,
    ] {
        let json = format!(
            r#"{{"id":"m-1","scope":"user_activity","user":"u-1","user_id":null,"campaign":null,"event":{event}}}"#
        );
        assert_eq!(facts(&json).expect(&json).effect, Effect::Nothing, "{json}");
    }
}

#[test]
fn only_what_pays_gives_points() {
    let all = configured(None, Some("user_activity,user_login,user_reward,referral"));
    let all = all.expect("known scopes");
    for scope in ["user_activity", "user_login", "user_reward", "referral"] {
        for (xp, amount) in [("100", "100"), ("-5", "-5"), ("\"7.50\"", "7.50")] {
            let json = ACTIVITY
                .replace("user_activity", scope)
                .replace(r#""xp":100"#, &format!(r#""xp":{xp}"#));
            let paid = read(&all, &json).expect(&json);
            let given = paid.effect.reward().map(|reward| reward.amount.to_string());
            assert_eq!(given.as_deref(), Some(amount), "{json}");
            assert_eq!(paid.held.is_some(), xp == "-5", "{json}");
            let other = if scope == "referral" { "user_login" } else { "referral" };
            let others = configured(None, Some(other)).expect("a known scope");
            let notice = read(&others, &json).expect(&json);
            assert_eq!((notice.effect, notice.held), (Effect::Nothing, None), "{json}");
            // It is the same message, whatever is paid from it.
            assert_eq!((notice.key, notice.fingerprint), (paid.key, paid.fingerprint));
        }
    }
}

#[test]
fn what_only_describes_may_have_any_form() {
    let strange = [r#""""#, r#""x""#, r#""a\u0000b""#, "1", "1.5", "true", "[]", "[1]", "{}"];
    let long = format!("\"{}\"", "x".repeat(5000));
    for value in strange.into_iter().chain([long.as_str()]) {
        for members in [
            format!(r#""campaign":{value}"#),
            format!(r#""campaign":{{"id":{value},"name":{value}}}"#),
            format!(r#""wallet":{value},"email":{value},"team":{value},"rank":{value}"#),
            format!(r#""total_xp":{value},"ref_xp":{value},"ugc_xp":{value},"xp_mul":{value}"#),
            format!(r#""ref_count":{value},"contest_id":{value},"contest_name":{value}"#),
            format!(r#""event":{{"type":{value},"data":{{"account":{value},"xp":7}}}}"#),
            format!(r#""event":{{"data":{{"action":{value},"xp":7}}}}"#),
            format!(r#""event":{{"data":{{"action":{{"id":{value},"meta":{value}}},"xp":7}}}}"#),
        ] {
            let json = format!(r#"{{"id":"m","scope":"user_activity","user":"u",{members}}}"#);
            let facts = facts(&json).expect(&json);
            let amount = facts.effect.reward().map(|reward| reward.amount.to_string());
            assert_eq!(amount.as_deref(), members.contains("\"xp\":7").then_some("7"), "{json}");
            assert_eq!(facts.payload, json);
        }
        // No points are looked for in a notice.
        for event in [
            value.to_owned(),
            format!(r#"{{"data":{value}}}"#),
            format!(r#"{{"data":{{"xp":{value}}}}}"#),
        ] {
            let json = format!(r#"{{"id":"m","scope":"referral","user":"u","event":{event}}}"#);
            assert_eq!(facts(&json).expect(&json).effect, Effect::Nothing, "{json}");
        }
    }
}

#[test]
fn the_user_is_the_first_one_named() {
    for (users, user) in [
        (r#""user":"b","user_id":"a""#, Ok("a")),
        (r#""user":"b","user_id":null"#, Ok("b")),
        (r#""user":"b","user_id":"""#, Ok("b")),
        (r#""user":"b""#, Ok("b")),
        (r#""user_id":"0012""#, Ok("0012")),
        (r#""user_id":12345678901234567890"#, Ok("12345678901234567890")),
        (r#""user":-100"#, Ok("-100")),
        (r#""user":null,"user_id":null"#, Err(Some("user_id"))),
        (r#""user":"""#, Err(Some("user_id"))),
        (r#""user_id":1.5"#, Err(Some("user_id"))),
        (r#""user_id":1e3"#, Err(Some("user_id"))),
        (r#""user_id":{}"#, Err(Some("user_id"))),
        (r#""user_id":"a\nb""#, Err(Some("user_id"))),
        (r#""user":true"#, Err(Some("user"))),
    ] {
        let read = facts(&format!(r#"{{"id":"m","scope":"user_login",{users}}}"#));
        match user {
            Ok(user) => assert_eq!(read.expect(users).user, user),
            Err(field) => assert_eq!(read.expect_err(users).field(), field, "{users}"),
        }
    }
}

#[test]
fn fields_have_their_forms_and_limits() {
    let long = |n| "x".repeat(n);
    let id = |n| format!(r#""id":"{}","scope":"user_login","user":"u""#, long(n));
    let user = |n| format!(r#""id":"m","scope":"user_login","user":"{}""#, long(n));
    let event =
        |json: &str| format!(r#""id":"m","scope":"user_activity","user":"u","event":{json}"#);
    for (members, field) in [
        (id(256), None),
        (id(257), Some("id")),
        (id(0), Some("id")),
        (user(256), None),
        (user(257), Some("user")),
        (r#""scope":"user_login","user":"u""#.to_owned(), Some("id")),
        (r#""id":null,"scope":"user_login","user":"u""#.to_owned(), Some("id")),
        (r#""id":7,"scope":"user_login","user":"u""#.to_owned(), None),
        (r#""id":[],"scope":"user_login","user":"u""#.to_owned(), Some("id")),
        (r#""id":"m","user":"u""#.to_owned(), Some("scope")),
        (r#""id":"m","scope":"user_logout","user":"u""#.to_owned(), Some("scope")),
        (r#""id":"m","scope":"User_Login","user":"u""#.to_owned(), Some("scope")),
        (r#""id":"m","scope":1,"user":"u""#.to_owned(), Some("scope")),
        (event("[]"), Some("event")),
        (event(r#""action_completed""#), Some("event")),
        (event(r#"{"type":"t"}"#), None),
        (event(r#"{"data":"x"}"#), Some("event.data")),
        (event(r#"{"data":{"xp":"many"}}"#), Some("event.data.xp")),
        (event(r#"{"data":{"xp":true}}"#), Some("event.data.xp")),
        (event(r#"{"data":{"xp":1e40}}"#), Some("event.data.xp")),
        (event(r#"{"data":{"xp":1,"xp":2}}"#), Some("xp")),
    ] {
        let refused = facts(&format!("{{{members}}}")).err();
        assert_eq!(refused.as_ref().and_then(Refusal::field), field, "{members}");
    }
}

#[test]
fn points_are_exact_and_never_taken_back_unseen() {
    for (xp, amount, held) in [
        ("0.10", Some("0.10"), None),
        (r#""12.50""#, Some("12.50"), None),
        ("9007199254740993", Some("9007199254740993"), None),
        ("-5", Some("-5"), Some(HeldReason::NegativeReward)),
        ("0", None, None),
        ("-0.0", None, None),
        ("null", None, None),
    ] {
        let facts = changed(r#""xp":100"#, &format!(r#""xp":{xp}"#));
        let given = facts.effect.reward().map(|reward| reward.amount.to_string());
        assert_eq!((given.as_deref(), facts.held), (amount, held), "{xp}");
    }
}

#[test]
fn a_snapshot_of_totals_is_not_content() {
    let first = facts(ACTIVITY).expect("read");
    for (old, new) in [
        (r#""total_xp":1250"#, r#""total_xp":1300"#),
        (r#""ref_xp":50"#, r#""ref_xp":60"#),
        (r#""xp_mul":1.5"#, r#""xp_mul":2"#),
        (r#""rank":42"#, r#""rank":41"#),
        (r#""team":"blue""#, r#""team":null"#),
        (r#""name":"Spring""#, r#""name":"Summer""#),
        (r#""xp":100"#, r#""xp":100.0"#),
        (r#""xp":100"#, r#""xp":"1e2""#),
        (r#""team":"blue""#, r#""ref_count":3,"contest_id":"c-9","contest_name":"Cup""#),
        (r#""user":"u-1""#, r#""user":"Ann""#),
    ] {
        let again = changed(old, new);
        assert_eq!((&again.key, &again.fingerprint), (&first.key, &first.fingerprint), "{new}");
    }
}

#[test]
fn other_content_under_the_same_id_is_a_conflict() {
    let first = facts(ACTIVITY).expect("read");
    for (old, new) in [
        (r#""user_id":"u-1""#, r#""user_id":"u-2""#),
        (r#""campaign":{"id":"c-1""#, r#""campaign":{"id":"c-2""#),
        (r#""campaign":{"id":"c-1""#, r#""campaign":{"id":null"#),
        (r#""type":"action_completed""#, r#""type":"quest_completed""#),
        (r#""action":{"id":"a-1""#, r#""action":{"id":"a-2""#),
        (r#""xp":100"#, r#""xp":101"#),
        (r#""xp":100"#, r#""xp":null"#),
    ] {
        let other = changed(old, new);
        assert_eq!(other.key, first.key, "{new}");
        assert_ne!(other.fingerprint, first.fingerprint, "{new}");
    }
}

#[test]
fn another_id_or_scope_is_another_message() {
    let first = facts(ACTIVITY).expect("read");
    for (old, new) in [
        // The same user repeats the same task: tasks recur.
        (r#"{"id":"m-1""#, r#"{"id":"m-2""#),
        (r#""scope":"user_activity""#, r#""scope":"user_reward""#),
    ] {
        assert_ne!(changed(old, new).key, first.key, "{new}");
    }
}

#[test]
fn an_id_written_as_a_number_is_its_digits() {
    let text = changed(r#""campaign":{"id":"c-1""#, r#""campaign":{"id":"12""#);
    let number = changed(r#""campaign":{"id":"c-1""#, r#""campaign":{"id":12"#);
    assert_eq!(text.fingerprint, number.fingerprint);
    let long = changed(r#""action":{"id":"a-1""#, r#""action":{"id":9007199254740993"#);
    let near = changed(r#""action":{"id":"a-1""#, r#""action":{"id":9007199254740992"#);
    assert_ne!(long.fingerprint, near.fingerprint);
}
