//! One install: what is allowed in it, and what makes it this one.

use jiff::{SignedDuration, Timestamp};
use verify::{Effect, Field, Fingerprint, IdempotencyKey, Object, ParsedCallback, Refusal};

use crate::fields::{country, event, identifier, optional, sent};
use crate::identifiers::Identifiers;
use crate::times;

/// How far ahead of this clock an install may be: a tracker that sends its local time as UTC is up to
/// 14 hours ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Reads the install that `payload`, a JSON object, says.
///
/// What is not read here only describes where it came from, and is kept in whatever form it has.
pub(crate) fn read(payload: String, received_at: Timestamp) -> Result<ParsedCallback, Refusal> {
    let fields = Object::parse(payload.as_bytes())?;
    // Names the source in the key, hence held to the form of an identifier.
    let publisher = optional(&fields, "publisher_name", identifier)?
        .ok_or(Refusal::missing("publisher_name"))?;
    let identifiers = Identifiers::read(&fields)?;
    let id = optional(&fields, "id", identifier)?;
    let campaign_id = optional(&fields, "campaign_id", identifier)?;
    let campaign_name = sent(&fields, "campaign_name")?;
    let country = optional(&fields, "country_code", country)?;
    let cost = sent(&fields, "cost")?.map(Field::amount_not_negative).transpose()?;
    optional(&fields, "event_name", event)?;
    let installed = check_times(&fields, received_at)?;

    let source = || {
        identifiers
            .write_to(Fingerprint::builder())
            .with("publisher_name", &publisher)
            .optional_field("campaign_id", campaign_id.as_deref())
    };
    let fingerprint = source()
        .optional_field("campaign_name", campaign_name.as_ref().and_then(Field::as_written))
        .amount("cost", cost)
        .optional_field("country_code", country.as_deref())
        .finish();
    let key = if let Some(id) = id {
        IdempotencyKey::new("devtodev", "install-id").part(&id)
    } else {
        let whole = source().optional_field("install_timestamp", installed.as_deref()).finish();
        IdempotencyKey::new("devtodev", "install").part(whole.as_str())
    };
    Ok(ParsedCallback {
        kind: "install",
        key,
        fingerprint,
        user: identifiers.user,
        effect: Effect::Deliver,
        test: false,
        held: None,
        payload,
    })
}

/// Checks that the install is not of the future and the click not after it: an install without a time
/// was when it was received, a click without one was at the install.
///
/// Gives the time of the install as it was sent.
fn check_times(fields: &Object<'_>, received_at: Timestamp) -> Result<Option<String>, Refusal> {
    let installed = sent(fields, "install_timestamp")?;
    let installed_at = installed.as_ref().map_or(Ok(received_at), |field| {
        let at = times::read(field)?;
        let ahead = at.duration_since(received_at) > AHEAD;
        if ahead { Err(field.refuse("at most 24 hours ahead")) } else { Ok(at) }
    })?;
    optional(fields, "click_timestamp", |field| {
        let late = times::read(field)? > installed_at;
        if late { Err(field.refuse("no later than the install")) } else { Ok(()) }
    })?;
    Ok(installed.as_ref().and_then(Field::as_text).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the provider's page, its braces put back.
    const EXAMPLE: &str = r#"{
        "install_timestamp": "2019-01-02 18:01:23",
        "click_timestamp": "2019-01-02 18:01:01",
        "publisher_name": "Publisher",
        "campaign_name": "Campaign",
        "country_code": "US",
        "s_campaign_name": "Advertising campaign name",
        "s_site_name": "Advertisement site",
        "s_adgroup_name": "Ad group",
        "s_ad_name": "Ad",
        "device_model": "Pixel 4",
        "device_brand": "Google",
        "google_aid": "0123456789ab-cdef-0123-456789abcdef",
        "cost": 0.12
    }"#;

    fn facts(json: &str) -> Result<ParsedCallback, Refusal> {
        read(json.to_owned(), "2019-01-02T18:05:00Z".parse().expect("a time"))
    }

    /// An install of the user `u` from `p`, with `more` members.
    fn install(more: &str) -> String {
        let comma = if more.is_empty() { "" } else { "," };
        format!(r#"{{"publisher_name":"p","user_id":"u"{comma}{more}}}"#)
    }

    fn read_with(more: &str) -> ParsedCallback {
        facts(&install(more)).expect(more)
    }

    #[test]
    fn the_providers_example_is_an_install() {
        let facts = facts(EXAMPLE).expect("read");
        assert_eq!((facts.kind, facts.test, facts.held), ("install", false, None));
        assert_eq!(facts.user, "0123456789abcdef0123456789abcdef");
        assert_eq!(facts.effect, Effect::Deliver);
        assert_eq!(facts.payload, EXAMPLE);
        assert!(facts.key.as_str().starts_with("devtodev#install#"), "{}", facts.key);
    }

    #[test]
    fn what_decides_has_a_form() {
        let long = "x".repeat(257);
        let refused = |name: &str, json: &str| {
            let refusal = facts(&install(&format!(r#""{name}":{json}"#))).expect_err(json);
            assert_eq!(refusal.field(), Some(name), "{json}");
        };
        for name in ["id", "campaign_id", "os_id"] {
            refused(name, &format!(r#""{long}""#));
            refused(name, r#""a\u0009b""#);
            refused(name, "1.5");
            read_with(&format!(r#""{name}":12"#));
        }
        for (name, json) in [
            ("country_code", r#""XX""#),
            ("event_name", r#""open""#),
            ("cost", r#""-0.01""#),
            ("cost", "-1"),
            ("cost", r#""0,12""#),
            ("cost", r#""$1""#),
            ("cost", r#"" ""#),
            ("cost", "true"),
            ("install_timestamp", r#""yesterday""#),
            ("install_timestamp", "1546452083"),
            ("click_timestamp", r#""2019-02-30 00:00:00""#),
            ("google_aid", r#""0123456789ab-cdef-0123-456789abcde""#),
        ] {
            refused(name, json);
        }
        for more in
            [r#""cost":0"#, r#""cost":"99.99""#, r#""cost":1e-2"#, r#""event_name":"install""#]
        {
            read_with(more);
        }
    }

    /// The fields of the provider's list that only describe the install.
    const DESCRIPTIVE: [&str; 15] = [
        "campaign_name",
        "s_publisher_name",
        "s_publisher",
        "s_campaign_name",
        "s_campaign",
        "s_site_name",
        "s_site",
        "s_adgroup_name",
        "s_adgroup",
        "s_ad_name",
        "s_ad",
        "s_keyword_name",
        "s_placement_name",
        "device_model",
        "device_brand",
    ];

    #[test]
    fn what_only_describes_may_have_any_form() {
        let long = format!("\"{}\"", "x".repeat(5000));
        for name in DESCRIPTIVE {
            for json in [&long, r#""a\u0000b""#, "1.5", "-1", "true", "[]", r#"{"a":1}"#] {
                let sent = install(&format!(r#""{name}":{json}"#));
                let facts = facts(&sent).expect(&sent);
                assert_eq!(facts.key, read_with("").key, "{sent}");
                assert_eq!(facts.payload, sent);
            }
        }
    }

    #[test]
    fn a_publisher_and_an_identifier_are_required() {
        for (json, field) in [
            (r#"{"user_id":"u"}"#, "publisher_name"),
            (r#"{"user_id":"u","publisher_name":""}"#, "publisher_name"),
            (r#"{"user_id":"u","publisher_name":null}"#, "publisher_name"),
        ] {
            assert_eq!(facts(json), Err(Refusal::missing(field)), "{json}");
        }
        let refusal = facts(r#"{"publisher_name":"p"}"#).expect_err("nobody");
        assert_eq!(refusal.reason(), "missing");
        let refusal = facts(r#"{"user_id":"u","publisher_name":"a\u0000"}"#).expect_err("control");
        assert_eq!(refusal.field(), Some("publisher_name"));
    }

    #[test]
    fn every_optional_field_may_be_sent_as_nothing() {
        let all = |value: &str| {
            let names = DESCRIPTIVE.iter().chain(&[
                "install_timestamp",
                "click_timestamp",
                "campaign_id",
                "country_code",
                "event_name",
                "cost",
                "id",
                "ios_ifa",
                "os_id",
            ]);
            let members: Vec<_> = names.map(|name| format!(r#""{name}":{value}"#)).collect();
            read_with(&members.join(","))
        };
        let absent = read_with("");
        for nothing in [all(r#""""#), all("null")] {
            assert_eq!(nothing.key, absent.key);
            assert_eq!(nothing.fingerprint, absent.fingerprint);
        }
    }

    #[test]
    fn an_install_is_not_of_the_future() {
        let at = |time: &str| facts(&install(&format!(r#""install_timestamp":"{time}""#))).err();
        assert_eq!(at("2019-01-03 18:05:00"), None);
        assert_eq!(at("2019-01-03T21:05:00+03:00"), None);
        assert_eq!(at("1999-12-31 23:59:59"), None);
        for time in ["2019-01-03 18:05:01", "2019-01-03T18:05:00.001Z", "2019-01-03T17:05:01-01:00"]
        {
            let refusal = at(time);
            assert_eq!(
                refusal.as_ref().and_then(Refusal::field),
                Some("install_timestamp"),
                "{time}"
            );
        }
    }

    #[test]
    fn a_click_is_not_after_the_install() {
        for (installed, clicked, fits) in [
            (Some("2019-01-02 18:01:23"), "2019-01-02 18:01:23", true),
            (Some("2019-01-02 18:01:23"), "2019-01-02 18:01:24", false),
            (Some("2019-01-02 18:01:23"), "2019-01-02T21:01:23+03:00", true),
            (Some("2019-01-02T21:01:23+03:00"), "2019-01-02 18:01:24", false),
            // Without a time, the install was when it was received.
            (None, "2019-01-02 18:05:00", true),
            (None, "2019-01-02 18:05:01", false),
        ] {
            let installed =
                installed.map_or("null".to_owned(), |installed| format!(r#""{installed}""#));
            let more = format!(r#""install_timestamp":{installed},"click_timestamp":"{clicked}""#);
            let refused = facts(&install(&more)).err();
            let field = refused.as_ref().and_then(Refusal::field);
            assert_eq!(field, (!fits).then_some("click_timestamp"), "{more}");
        }
    }

    #[test]
    fn the_trackers_own_id_is_the_key() {
        let one = read_with(r#""id":"trk#1","campaign_id":"a""#);
        assert_eq!(one.key.as_str(), "devtodev#install-id#trk%231");
        let other = read_with(r#""id":"trk#1","campaign_id":"b""#);
        assert_eq!(one.key, other.key);
        assert_ne!(one.fingerprint, other.fingerprint);
        assert_eq!(read_with(r#""id":12"#).key, read_with(r#""id":"12""#).key);
        assert_ne!(read_with(r#""id":"012""#).key, read_with(r#""id":"12""#).key);
    }

    #[test]
    fn without_an_id_no_two_installs_are_one() {
        let installs = [
            r#"{"publisher_name":"ab","user_id":"c"}"#,
            r#"{"publisher_name":"a","user_id":"bc"}"#,
            r#"{"publisher_name":"c","user_id":"ab"}"#,
            r#"{"publisher_name":"ab","os_id":"c"}"#,
            r#"{"publisher_name":"ab","user_id":"c","campaign_id":"1"}"#,
            r#"{"publisher_name":"ab","user_id":"c1"}"#,
            r#"{"publisher_name":"ab","os_id":"c","user_id":"1"}"#,
            r#"{"publisher_name":"ab","os_id":"c1"}"#,
            r#"{"publisher_name":"ab","user_id":"c","install_timestamp":"2019-01-02 18:01:23"}"#,
            r#"{"publisher_name":"ab","user_id":"c","campaign_id":"2019-01-02 18:01:23"}"#,
            r#"{"publisher_name":"ab","user_id":"c","install_timestamp":"2019-01-02 18:01:24"}"#,
            r#"{"publisher_name":"ab","user_id":"c","id":"c"}"#,
        ];
        let keys = installs.map(|json| facts(json).expect(json).key);
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), installs.len());
        // An id cannot take the place of a hash.
        let hash = keys[0].as_str().trim_start_matches("devtodev#install#");
        assert_ne!(read_with(&format!(r#""id":"{hash}""#)).key, keys[0]);
    }

    #[test]
    fn what_is_not_the_identity_does_not_change_it() {
        let one = read_with(r#""google_aid":"AB345678-1234-1234-1234-123456789012","cost":1.50"#);
        let again = read_with(
            r#""cost":"1.5","device_model":"x","google_aid":"ab345678123412341234123456789012""#,
        );
        assert_eq!((&one.key, &one.fingerprint), (&again.key, &again.fingerprint));
    }

    #[test]
    fn another_content_has_another_fingerprint() {
        let same = [r#""country_code":"us""#, r#""country_code":"US""#];
        let same = same.map(|more| read_with(more).fingerprint);
        assert_eq!(same[0], same[1]);
        let others = [
            "",
            r#""country_code":"US""#,
            r#""country_code":"CA""#,
            r#""cost":0"#,
            r#""cost":1"#,
            r#""campaign_id":"1""#,
            r#""campaign_name":"1""#,
            r#""os_id":"1""#,
        ];
        let prints = others.map(|more| read_with(more).fingerprint.as_str().to_owned());
        let different: std::collections::HashSet<_> = prints.iter().collect();
        assert_eq!(different.len(), others.len());
    }
}
