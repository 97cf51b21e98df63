//! A recorded install, as it is passed on to the provider.

use jiff::Timestamp;
use verify::{Field, Object, Refusal};

use crate::fields::{country, identifier, sent};
use crate::identifiers::uuid;
use crate::times;

/// How a field is passed on.
#[derive(Clone, Copy)]
enum Form {
    /// As text, where it was text or a number; anything else is nothing that the provider could read.
    Described,
    /// Passed on as text.
    Identifier,
    /// As it was written, unless it stands for the lack of one.
    Uuid,
    /// In upper case.
    Country,
    /// As a number with the digits that were sent.
    Cost,
    /// In UTC.
    Time,
}

/// The fields of the provider's list, in its order; `event_name` is not among them, because it is the
/// same in every install.
const FIELDS: [(&str, Form); 28] = [
    ("install_timestamp", Form::Time),
    ("click_timestamp", Form::Time),
    ("publisher_name", Form::Identifier),
    ("campaign_name", Form::Described),
    ("campaign_id", Form::Identifier),
    ("country_code", Form::Country),
    ("s_publisher_name", Form::Described),
    ("s_publisher", Form::Described),
    ("s_campaign_name", Form::Described),
    ("s_campaign", Form::Described),
    ("s_site_name", Form::Described),
    ("s_site", Form::Described),
    ("s_adgroup_name", Form::Described),
    ("s_adgroup", Form::Described),
    ("s_ad_name", Form::Described),
    ("s_ad", Form::Described),
    ("s_keyword_name", Form::Described),
    ("s_placement_name", Form::Described),
    ("device_model", Form::Described),
    ("device_brand", Form::Described),
    ("cost", Form::Cost),
    ("id", Form::Identifier),
    ("ios_ifa", Form::Uuid),
    ("ios_ifv", Form::Uuid),
    ("os_id", Form::Identifier),
    ("google_aid", Form::Uuid),
    ("windows_aid", Form::Uuid),
    ("user_id", Form::Identifier),
];

/// The JSON body that passes the install in `payload` on: the fields of the provider's list that there
/// are, each in one form however it was received, and the name of the event.
///
/// Two are made up where the tracker did not send them, so that the install is the same one however
/// late and however often it arrives: the time of the install is then `received_at`, and its `id`
/// is `own_id`.
///
/// # Errors
///
/// The first field that is not of its form; a recorded install has none.
pub fn postback(payload: &str, received_at: Timestamp, own_id: &str) -> Result<String, Refusal> {
    let fields = Object::parse(payload.as_bytes())?;
    let mut members = vec![member("event_name", &text("install"))];
    for (name, form) in FIELDS {
        let given = sent(&fields, name)?.map(|field| form.json(field)).transpose()?.flatten();
        let made_up = || match name {
            "install_timestamp" => Some(text(&times::write(received_at))),
            "id" => Some(text(own_id)),
            _ => None,
        };
        if let Some(json) = given.or_else(made_up) {
            members.push(member(name, &json));
        }
    }
    Ok(format!("{{{}}}", members.join(",")))
}

impl Form {
    /// The JSON that `field` is passed on as; none where it stands for the lack of a value.
    fn json(self, field: Field<'_>) -> Result<Option<String>, Refusal> {
        Ok(Some(match self {
            Self::Described => return Ok(field.as_written().map(text)),
            Self::Identifier => text(&identifier(&field)?),
            Self::Uuid => return Ok(uuid(&field)?.and(field.as_text()).map(text)),
            Self::Country => text(&country(&field)?),
            Self::Cost => field.amount_not_negative()?.to_string(),
            Self::Time => text(&times::write(times::read(&field)?)),
        }))
    }
}

/// A JSON string.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One member of an object; `name` needs no escapes.
fn member(name: &str, json: &str) -> String {
    format!("\"{name}\":{json}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(payload: &str) -> Result<String, Refusal> {
        postback(payload, "2019-01-02T18:05:00.789Z".parse().expect("a time"), "own")
    }

    /// What becomes of one more field of an install.
    fn passed_on(name: &str, json: &str) -> Option<String> {
        let body = of(&format!(r#"{{"{name}":{json}}}"#)).expect(json);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body.get(name).map(ToString::to_string)
    }

    #[test]
    fn an_install_is_passed_on_in_the_providers_forms() {
        let payload = r#"{
            "more": {"a": 1}, "user_id": 1234, "cost": "1.50", "country_code": "us", "id": "trk#1",
            "install_timestamp": "2019-01-02T20:01:23.5+02:00", "publisher_name": "P \"é\"",
            "click_timestamp": "2019-01-02 18:01:01", "device_model": "", "os_id": null,
            "event_name": null, "google_aid": "0123456789AB-cdef-0123-456789abcdef",
            "ios_ifa": "00000000-0000-0000-0000-000000000000", "campaign_name": "a\tb"
        }"#;
        let body = concat!(
            r#"{"event_name":"install","install_timestamp":"2019-01-02 18:01:23","#,
            r#""click_timestamp":"2019-01-02 18:01:01","publisher_name":"P \"é\"","#,
            r#""campaign_name":"a\tb","country_code":"US","cost":1.50,"id":"trk#1","#,
            r#""google_aid":"0123456789AB-cdef-0123-456789abcdef","user_id":"1234"}"#,
        );
        assert_eq!(of(payload).expect("passed on"), body);
    }

    #[test]
    fn what_the_tracker_left_out_is_the_same_every_time() {
        let body = of(r#"{"publisher_name":"p","user_id":"u","id":"","install_timestamp":null}"#);
        let expected = concat!(
            r#"{"event_name":"install","install_timestamp":"2019-01-02 18:05:00","#,
            r#""publisher_name":"p","id":"own","user_id":"u"}"#,
        );
        assert_eq!(body.expect("passed on"), expected);
    }

    #[test]
    fn a_cost_is_a_number_with_its_digits() {
        for (json, cost) in [
            ("0", "0"),
            ("0.12", "0.12"),
            (r#""99.990""#, "99.990"),
            (r#""007.5""#, "7.5"),
            ("1e-2", "0.01"),
            ("12E1", "120"),
            ("1234567890123456789.123456789", "1234567890123456789.123456789"),
        ] {
            let body = of(&format!(r#"{{"cost":{json}}}"#)).expect(json);
            assert!(body.contains(&format!(r#""cost":{cost},"#)), "{body}");
        }
    }

    #[test]
    fn nothing_is_not_passed_on() {
        for (name, _) in FIELDS {
            for json in ["null", r#""""#] {
                let made_up = ["install_timestamp", "id"].contains(&name);
                assert_eq!(passed_on(name, json).is_some(), made_up, "{name}");
            }
        }
        for name in ["ios_ifa", "ios_ifv", "google_aid", "windows_aid"] {
            assert_eq!(passed_on(name, &format!("\"{}\"", "0".repeat(32))), None);
            let id = format!("\"{}1\"", "0".repeat(31));
            assert_eq!(passed_on(name, &id), Some(id));
        }
        for name in ["os_id", "user_id"] {
            assert_eq!(passed_on(name, r#""0""#).as_deref(), Some(r#""0""#));
        }
    }

    #[test]
    fn every_field_of_the_list_is_passed_on() {
        let value = |form| match form {
            Form::Described | Form::Identifier => "x",
            Form::Uuid => "0123456789abcdef0123456789abcdef",
            Form::Country => "FR",
            Form::Cost => "1",
            Form::Time => "2019-01-02 18:01:23",
        };
        let sent = FIELDS.map(|(name, form)| member(name, &text(value(form))));
        let body = of(&format!("{{{}}}", sent.join(","))).expect("passed on");
        let sent = sent.join(",").replace(r#""cost":"1""#, r#""cost":1"#);
        assert_eq!(body, format!(r#"{{"event_name":"install",{sent}}}"#));
    }

    #[test]
    fn what_describes_is_passed_on_as_text_if_at_all() {
        let long = format!("\"{}\"", "x".repeat(5000));
        for name in ["campaign_name", "s_ad", "device_model"] {
            for (json, text) in [
                (r#""a\tb""#, Some(r#""a\tb""#)),
                ("3310", Some(r#""3310""#)),
                ("1.50", Some(r#""1.50""#)),
                (long.as_str(), Some(long.as_str())),
                ("true", None),
                ("[1]", None),
                (r#"{"a":1}"#, None),
            ] {
                assert_eq!(passed_on(name, json).as_deref(), text, "{name} {json}");
            }
        }
    }

    #[test]
    fn what_was_never_recorded_is_refused() {
        for payload in [
            "",
            "[]",
            r#"{"cost":"free"}"#,
            r#"{"country_code":"XX"}"#,
            r#"{"id":["a"]}"#,
            r#"{"google_aid":"1"}"#,
            r#"{"click_timestamp":"now"}"#,
            r#"{"id":"a","id":"b"}"#,
        ] {
            assert!(of(payload).is_err(), "{payload}");
        }
    }
}
