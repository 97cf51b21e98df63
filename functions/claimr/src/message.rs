//! One message: whom it is about, what happened, and what makes it this one.

use verify::{Facts, Field, Fingerprint, IdempotencyKey, Object, Refusal, Reward};

/// The scopes that a hook can have.
const SCOPES: [&str; 4] = ["user_activity", "user_login", "user_reward", "referral"];

/// The unit of `event.data.xp`: claimr's points.
const UNIT: &str = "xp";

/// Reads an authenticated body.
///
/// Only a user activity is documented: it says in `event.type` what the user did. In the other scopes
/// everything but `id`, `scope` and the user may be absent, and in all of them null is absent.
pub(crate) fn read(body: &[u8]) -> Result<Facts, Refusal> {
    let message = Object::parse(body)?;
    message.require_strict()?;
    let id = identifier(message.required("id")?)?;
    let scope = read_scope(&message.required("scope")?)?;
    let user = read_user(&message)?;

    let campaign = object(Some(&message), "campaign")?;
    let event = object(Some(&message), "event")?;
    let data = object(event.as_ref(), "data")?;
    let action = object(data.as_ref(), "action")?;
    let campaign_id = field(campaign.as_ref(), "id")?.map(|id| written(&id)).transpose()?;
    let event_type = field(event.as_ref(), "type")?.map(|f| f.identifier(256)).transpose()?;
    let action_id = field(action.as_ref(), "id")?.map(|id| written(&id)).transpose()?;
    let xp = field(data.as_ref(), "xp")?.map(Field::amount).transpose()?;
    if scope == "user_activity" && event_type.is_none() {
        return Err(Refusal::missing("event.type"));
    }

    Ok(Facts {
        kind: scope,
        key: IdempotencyKey::new("claimr", "webhook").part(scope).part(&id),
        // Not the totals and the rank: they are what they are at the time of sending.
        fingerprint: Fingerprint::of()
            .with("scope", scope)
            .with("id", &id)
            .with("user", &user)
            .maybe("campaign.id", campaign_id.as_deref())
            .maybe("event.type", event_type.as_deref())
            .maybe("event.data.action.id", action_id.as_deref())
            .amount("event.data.xp", xp)
            .finish(),
        user,
        reward: xp
            .filter(|xp| !xp.is_zero())
            .map(|amount| Reward { amount, unit: UNIT.to_owned() }),
        test: false,
        // Nothing says that claimr takes points back this way.
        held: xp.filter(|xp| xp.is_negative()).map(|_| "negative_reward"),
        payload: message.without(&[]),
    })
}

fn read_scope(field: &Field<'_>) -> Result<&'static str, Refusal> {
    let scope = field.as_text();
    SCOPES
        .into_iter()
        .find(|known| Some(*known) == scope)
        .ok_or_else(|| field.refuse("one of user_activity, user_login, user_reward and referral"))
}

/// The user: `user_id`, or `user` where that is absent or empty.
fn read_user(message: &Object<'_>) -> Result<String, Refusal> {
    for name in ["user_id", "user"] {
        match message.optional(name)? {
            Some(field) if field.as_text() != Some("") => return identifier(field),
            _ => {}
        }
    }
    Err(Refusal::missing("user_id"))
}

/// An identifier, which may also be written as a whole number: it stands for its digits.
fn identifier(field: Field<'_>) -> Result<String, Refusal> {
    match field.as_text() {
        Some(_) => field.identifier(256),
        None => field.written_matching(
            256,
            |c| c.is_ascii_digit() || c == '-',
            "an identifier: text or a whole number, without control characters",
        ),
    }
}

/// An id that is only compared: whatever it was written as.
fn written(field: &Field<'_>) -> Result<String, Refusal> {
    field.as_written().map(str::to_owned).ok_or_else(|| field.refuse("text or a number"))
}

/// The field `name` of an object that may be absent itself.
fn field<'a>(
    object: Option<&Object<'a>>,
    name: &'static str,
) -> Result<Option<Field<'a>>, Refusal> {
    object.map_or(Ok(None), |object| object.optional(name))
}

/// The object `name` in an object that may be absent itself.
fn object<'a>(
    parent: Option<&Object<'a>>,
    name: &'static str,
) -> Result<Option<Object<'a>>, Refusal> {
    field(parent, name)?.map(Field::object).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of the provider's example, in its order.
    const ACTIVITY: &str = r#"{"id":"m-1","scope":"user_activity","user":"u-1","user_id":"u-1","wallet":"0xa11ce","email":"ann@example.com","campaign":{"id":"c-1","name":"Spring"},"event":{"type":"action_completed","data":{"account":"ann","action":{"id":"a-1","name":"Visit","type":"visit","meta":{"url":"https://example.com"}},"xp":100}},"total_xp":1250,"ref_xp":50,"ugc_xp":0,"xp_mul":1.5,"rank":42,"team":"blue"}"#;

    fn facts(json: &str) -> Result<Facts, Refusal> {
        read(json.as_bytes())
    }

    /// The facts of [`ACTIVITY`] with `new` in the place of `old`.
    fn changed(old: &str, new: &str) -> Facts {
        assert_eq!(ACTIVITY.matches(old).count(), 1, "{old}");
        facts(&ACTIVITY.replace(old, new)).expect(new)
    }

    #[test]
    fn a_user_activity_gives_its_points() {
        let facts = facts(ACTIVITY).expect("read");
        assert_eq!(facts.kind, "user_activity");
        assert_eq!(facts.key.as_str(), "claimr#webhook#user_activity#m-1");
        assert_eq!(facts.user, "u-1");
        let reward = facts.reward.expect("a reward");
        assert_eq!((reward.amount.to_string().as_str(), reward.unit.as_str()), ("100", "xp"));
        assert_eq!((facts.test, facts.held), (false, None));
        assert_eq!(facts.payload, ACTIVITY);
    }

    #[test]
    fn every_scope_needs_no_more_than_an_id_and_a_user() {
        for scope in ["user_login", "user_reward", "referral"] {
            for rest in [
                "",
                r#","user":null,"wallet":null,"email":null,"campaign":null,"event":null"#,
                r#","campaign":{"id":null,"name":null},"event":{"type":null,"data":null}"#,
                r#","event":{"data":{"account":null,"action":null,"xp":null}},"total_xp":null"#,
            ] {
                let json = format!(r#"{{"id":"m-1","scope":"{scope}","user_id":"u-1"{rest}}}"#);
                let facts = facts(&json).expect(&json);
                assert_eq!((facts.kind, facts.reward), (scope, None));
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
            assert_eq!(facts(&json).expect(&json).reward, None, "{json}");
        }
        for rest in ["", r#","event":null"#, r#","event":{}"#, r#","event":{"type":null}"#] {
            let json = format!(r#"{{"id":"m-1","scope":"user_activity","user_id":"u-1"{rest}}}"#);
            assert_eq!(facts(&json), Err(Refusal::missing("event.type")), "{json}");
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
            |json: &str| format!(r#""id":"m","scope":"user_reward","user":"u","event":{json}"#);
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
            (
                r#""id":"m","scope":"referral","user":"u","campaign":"c""#.to_owned(),
                Some("campaign"),
            ),
            (
                r#""id":"m","scope":"referral","user":"u","campaign":{"id":{}}"#.to_owned(),
                Some("campaign.id"),
            ),
            (event("[]"), Some("event")),
            (event(r#"{"type":1}"#), Some("event.type")),
            (event(r#"{"type":""}"#), Some("event.type")),
            (event(r#"{"data":"x"}"#), Some("event.data")),
            (event(r#"{"data":{"action":1}}"#), Some("event.data.action")),
            (event(r#"{"data":{"action":{"id":true}}}"#), Some("event.data.action.id")),
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
            ("-5", Some("-5"), Some("negative_reward")),
            ("0", None, None),
            ("-0.0", None, None),
            ("null", None, None),
        ] {
            let facts = changed(r#""xp":100"#, &format!(r#""xp":{xp}"#));
            let given = facts.reward.map(|reward| reward.amount.to_string());
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
}
