//! One action: what is signed, what is allowed in it, and what makes it this one.

use verify::signed_content::hmac_sha256;
use verify::{
    Effect, Field, Fingerprint, IdempotencyKey, Object, ParsedCallback, Refusal, Secret,
    UnprovedObject,
};

/// The signed fields, in the order in which they are signed.
const SIGNED: [&str; 4] = ["track_id", "event", "value", "remark"];

/// The text that `sign` is the HMAC of. A number stands in it by its own digits.
pub(crate) fn signed_text(action: &UnprovedObject<'_>) -> Result<String, Refusal> {
    let mut text = String::new();
    for name in SIGNED {
        let Some(field) = action.get(name)? else { continue };
        // What is neither text nor number has no signed form, so that nothing can have signed it.
        let value = field.as_written().ok_or(Refusal::Unauthenticated)?;
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    Ok(text)
}

/// The signature of `action` under `secret`, as it is sent.
pub(crate) fn sign(action: &UnprovedObject<'_>, secret: &Secret) -> Result<String, Refusal> {
    Ok(hmac_sha256(signed_text(action)?.as_bytes(), secret).to_hex())
}

/// Reads an authenticated action.
pub(crate) fn read(action: &Object<'_>) -> Result<ParsedCallback, Refusal> {
    let track_id = action.required("track_id")?.matching(
        128,
        |c| c.is_ascii_alphanumeric() || "_$-".contains(c),
        "1 to 128 of A-Z a-z 0-9 _ $ -",
    )?;
    let event = action.required("event")?.matching(
        64,
        |c| c.is_ascii_alphanumeric() || "_-".contains(c),
        "1 to 64 of A-Z a-z 0-9 _ -",
    )?;
    let value = action.optional("value")?.map(read_value).transpose()?;
    if let Some(remark) = action.optional("remark")? {
        check_remark(&remark)?;
    }

    let key = IdempotencyKey::new("giveaway", "action").part(&track_id).part(&event);
    Ok(ParsedCallback {
        kind: "action",
        key: value.iter().fold(key, |key, value| key.part(value)),
        fingerprint: Fingerprint::builder()
            .with("track_id", &track_id)
            .with("event", &event)
            .optional_field("value", value.as_deref())
            .finish(),
        user: track_id,
        effect: Effect::Deliver,
        test: false,
        held: None,
        payload: action.without(&["sign"]),
    })
}

/// A value: the signed text must not be readable as another pair, hence no `&` and no `=`.
fn read_value(field: Field<'_>) -> Result<String, Refusal> {
    let expected = "1 to 64 characters without &, = and control characters";
    field.written_matching(64, |c| !c.is_control() && c != '&' && c != '=', expected)
}

/// A remark stands last in the signed text, where `&` and `=` are harmless.
fn check_remark(field: &Field<'_>) -> Result<(), Refusal> {
    let expected = "text of up to 512 characters without control characters";
    match field.as_written() {
        Some(remark) if remark.chars().count() <= 512 && !remark.chars().any(char::is_control) => {
            Ok(())
        }
        _ => Err(field.refuse(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(json: &str) -> Result<String, Refusal> {
        signed_text(&UnprovedObject::parse(json.as_bytes()).expect("an object"))
    }

    fn facts(json: &str) -> Result<ParsedCallback, Refusal> {
        read(&Object::parse(json.as_bytes()).expect("an object"))
    }

    #[test]
    fn absent_pairs_are_dropped_and_empty_ones_kept() {
        for (json, text) in [
            (
                r#"{"track_id":"t","event":"e","value":"1","remark":"r"}"#,
                "track_id=t&event=e&value=1&remark=r",
            ),
            (r#"{"remark":"r","event":"e","track_id":"t"}"#, "track_id=t&event=e&remark=r"),
            (r#"{"track_id":"t","event":"e","value":null,"remark":null}"#, "track_id=t&event=e"),
            (
                r#"{"track_id":"t","event":"e","value":"","remark":""}"#,
                "track_id=t&event=e&value=&remark=",
            ),
            (r#"{"track_id":"t","event":"e","value":1.50}"#, "track_id=t&event=e&value=1.50"),
        ] {
            assert_eq!(signed(json).expect(json), text);
        }
        assert_eq!(signed(r#"{"track_id":["t"]}"#), Err(Refusal::Unauthenticated));
    }

    #[test]
    fn a_value_cannot_hide_another_pair() {
        for (json, field) in [
            (r#"{"track_id":"t","event":"a&value=9"}"#, "event"),
            (r#"{"track_id":"t&event=a","event":"b"}"#, "track_id"),
            (r#"{"track_id":"t","event":"a","value":"9&remark=x"}"#, "value"),
            (r#"{"track_id":"t","event":"a","value":"9=x"}"#, "value"),
        ] {
            assert_eq!(facts(json).expect_err(json).field(), Some(field), "{json}");
        }
    }

    #[test]
    fn fields_have_their_limits() {
        let long = |n| format!("\"{}\"", "x".repeat(n));
        for (field, value, accepted) in [
            ("track_id", "null".to_owned(), false),
            ("track_id", "12".to_owned(), false),
            ("track_id", long(0), false),
            ("track_id", long(128), true),
            ("track_id", long(129), false),
            ("event", "null".to_owned(), false),
            ("event", long(64), true),
            ("event", long(65), false),
            ("value", long(0), false),
            ("value", long(64), true),
            ("value", long(65), false),
            ("remark", long(0), true),
            ("remark", long(512), true),
            ("remark", long(513), false),
            ("remark", "\"a\\u0000\"".to_owned(), false),
        ] {
            let genuine = match field {
                "track_id" => r#""event":"e""#,
                "event" => r#""track_id":"t""#,
                _ => r#""track_id":"t","event":"e""#,
            };
            let json = format!("{{{genuine},\"{field}\":{value}}}");
            let refused = facts(&json).err();
            let named = refused.as_ref().and_then(Refusal::field);
            assert_eq!(named, (!accepted).then_some(field), "{json}");
        }
    }

    #[test]
    fn a_changed_remark_is_the_same_action_and_a_changed_value_is_another() {
        let of = |json| facts(json).expect(json);
        let one = of(r#"{"track_id":"t","event":"e","value":"1","remark":"r"}"#);
        let again = of(r#"{"track_id":"t","event":"e","value":1,"remark":"s"}"#);
        assert_eq!((&one.key, &one.fingerprint), (&again.key, &again.fingerprint));
        let other = of(r#"{"track_id":"t","event":"e","value":"2"}"#);
        assert_ne!(one.key, other.key);
        let none = of(r#"{"track_id":"t","event":"e"}"#);
        assert_ne!(one.key, none.key);
    }

    #[test]
    fn the_signature_is_not_kept() {
        let facts = facts(r#"{"track_id":"t","sign":"00ff","event":"e","more":1}"#).expect("read");
        assert_eq!(facts.payload, r#"{"track_id":"t","event":"e","more":1}"#);
    }
}
