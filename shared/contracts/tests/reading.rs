//! How fields are read: in which order, what is absent, and what is compared how; and what settings change.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use contracts::{Contract, NoCatalogue, Rule, Served, check};
use http::HeaderName;
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{Keys, ParsedCallback, Provider as _, Refusal};

const CONTRACT: &str = r#"
contract = 1
title = "A provider"
sources = ["https://docs.example.com/callbacks"]
unconfirmed = "There is no such provider."

[[routes]]
post = "/provider"

[fields]
id = "id(8)"
about = { one_of = ["deed", "visit", "gift", "refund"] }
user_id = "id(8)?"
user = "id(8)?"
amount = "decimal?"
note = "any?"
goal = "written?"
flag = "bool?"
place = "id(8)?"

[credential]
is = "hmac-sha256"
at = "header.x-signature"
over = "{body}"
not_kept = ["old_signature"]

[settings]
header = "SIGNATURE_HEADER"
paying = "PAYING"

[identity]
key = ["id"]
fingerprint = ["amount", "note", "goal", "flag", "place"]

[meaning]
user = ["user_id", "user"]
amount = "amount"
unit = "points"

[[callbacks]]
kind = "deed"
when = { about = "deed" }
effect = "credit"

[[callbacks]]
kind = "visit"
when = { about = "visit" }
effect = "nothing"
fields = { amount = "any?" }

[[callbacks]]
kind = "gift"
when = { about = "gift" }
effect = "complete"

[[callbacks]]
kind = "refund"
when = { about = "refund" }
class = "refund"
effect = "reverse"
"#;

fn contract(toml: &str) -> Contract {
    let checked = check("provider", toml).expect("TOML");
    assert!(checked.safe().is_some(), "{:?}", checked.findings);
    checked.contract.expect("a contract")
}

fn served(settings: &[(&str, &str)]) -> Result<Served<NoCatalogue>, ConfigError> {
    Served::new(contract(CONTRACT), &settings.iter().copied().collect::<Settings>())
}

fn receive(settings: &[(&str, &str)], body: &str) -> Result<ParsedCallback, Refusal> {
    let served = served(settings).expect("configured");
    let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"a-secret"}]}"#).expect("usable");
    let request = served.contract().sign(0, "", body, keys.first()).expect("signed");
    let claim = served.signed_content(0, &request)?;
    let proved = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    let now = Timestamp::UNIX_EPOCH;
    let callback = proved.into_callback("provider", now, |it| served.read(0, it, now))?;
    Ok(callback.parsed().clone())
}

fn read(members: &str) -> Result<ParsedCallback, Refusal> {
    receive(&[], &format!("{{{members}}}"))
}

#[test]
fn the_first_field_of_the_file_that_breaks_a_rule_is_told() {
    for (members, field) in [
        (r#""id":"","about":"no","user_id":1.5,"amount":"x""#, Some("id")),
        (r#""id":"1","about":"no","user_id":1.5,"amount":"x""#, Some("about")),
        (r#""id":"1","about":"deed","user_id":1.5,"amount":"x""#, Some("user_id")),
        (r#""id":"1","about":"deed","amount":"x","place":7"#, Some("user_id")),
        (r#""id":"1","about":"deed","user":"","amount":"x","place":7"#, Some("user_id")),
        (r#""id":"1","about":"deed","user":"u","amount":"x","place":7"#, Some("amount")),
        (r#""id":"1","about":"deed","user":"u","place":7"#, Some("place")),
        (r#""id":"1","about":"deed","user":"u""#, None),
    ] {
        let refusal = read(members).err();
        assert_eq!(refusal.as_ref().and_then(Refusal::field), field, "{members}");
    }
}

#[test]
fn behind_the_user_that_counts_no_other_is_looked_at() {
    for (users, user) in [
        (r#""user_id":"a","user":{"name":"b"}"#, Ok("a")),
        (r#""user_id":"a","user":"b""#, Ok("a")),
        (r#""user_id":"","user":"b""#, Ok("b")),
        (r#""user_id":null,"user":7"#, Err("user")),
        (r#""user_id":7,"user":"b""#, Err("user_id")),
    ] {
        let made = read(&format!(r#""id":"1","about":"deed",{users}"#));
        match user {
            Ok(user) => assert_eq!(made.expect(users).user, user),
            Err(field) => assert_eq!(made.expect_err(users).field(), Some(field), "{users}"),
        }
    }
    // Nor does it make another callback of it.
    let one = read(r#""id":"1","about":"deed","user_id":"a","user":"b""#).expect("read");
    let other = read(r#""id":"1","about":"deed","user_id":"a""#).expect("read");
    assert_eq!(one.fingerprint, other.fingerprint);
}

/// Whether two deliveries of a kind agree that have one value each of a field; none where one is refused.
fn agree(about: &str, field: &str, one: &str, other: &str) -> Option<bool> {
    let read = |value: &str| {
        let value = if value.is_empty() { String::new() } else { format!(r#","{field}":{value}"#) };
        read(&format!(r#""id":"1","about":"{about}","user":"u"{value}"#)).ok()
    };
    Some(read(one)?.fingerprint == read(other)?.fingerprint)
}

#[test]
fn what_is_only_compared_is_compared_as_it_was_written_unless_it_stands_for_an_amount() {
    for (about, field, one, other, agrees) in [
        ("deed", "note", r#""7""#, "7", Some(true)),
        ("deed", "note", r#""07""#, "7", Some(false)),
        ("deed", "note", "7.0", "7", Some(false)),
        ("deed", "note", r#""""#, "", Some(false)),
        ("deed", "note", "null", "", Some(true)),
        ("deed", "note", "{}", "", Some(true)),
        ("deed", "goal", r#""7""#, "7", Some(true)),
        ("deed", "goal", r#""07""#, "7", Some(false)),
        ("deed", "goal", "7.0", "7", Some(false)),
        ("deed", "goal", r#""""#, "", Some(false)),
        ("deed", "goal", "null", "", Some(true)),
        ("deed", "goal", "{}", "", None),
        ("deed", "goal", "true", "", None),
        ("deed", "amount", "7.0", r#""7""#, Some(true)),
        ("deed", "amount", r#""many""#, "", None),
        ("visit", "amount", "7.0", r#""7""#, Some(true)),
        ("visit", "amount", r#""many""#, "", Some(false)),
        ("visit", "amount", "[7]", "", Some(true)),
        // An empty text is none where a text is expected, and no truth or amount.
        ("deed", "place", r#""""#, "", Some(true)),
        ("deed", "flag", r#""""#, "", None),
        ("deed", "amount", r#""""#, "", None),
    ] {
        assert_eq!(agree(about, field, one, other), agrees, "{about}: {field}: {one}, {other}");
    }
}

#[test]
fn what_is_a_credential_as_well_is_not_kept() {
    let made = read(r#""id":"1","about":"deed","user":"u","Old_Signature":"x","old":"y""#);
    assert_eq!(made.expect("read").payload, r#"{"id":"1","about":"deed","user":"u","old":"y"}"#);
}

#[test]
fn the_header_may_be_a_setting() {
    for (setting, header) in [
        (None, "x-signature"),
        (Some(""), "x-signature"),
        (Some("X-Signature-256"), "x-signature-256"),
    ] {
        let settings: Vec<_> = setting.map(|name| ("SIGNATURE_HEADER", name)).into_iter().collect();
        let served = served(&settings).expect("configured");
        let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"a-secret"}]}"#).expect("usable");
        let body = r#"{"id":"1"}"#;
        let mut request = served.contract().sign(0, "", body, keys.first()).expect("signed");
        let name: HeaderName = header.parse().expect("a name");
        let signature = request.headers.remove(&name).expect("the header of the setting");
        assert!(served.signed_content(0, &request).is_err());
        request.headers.insert(name, signature);
        assert!(keys.prove(served.signed_content(0, &request).expect("a claim")).is_ok());
    }
    let error = served(&[("SIGNATURE_HEADER", "x signature")]).expect_err("no name");
    let told = "the environment variable SIGNATURE_HEADER must be the name of an HTTP header";
    assert_eq!(error.to_string(), told);
}

#[test]
fn the_kinds_that_pay_may_be_a_setting() {
    for (setting, paying) in [
        (None, ["deed", "gift"].as_slice()),
        (Some(""), &["deed", "gift"]),
        (Some("deed"), &["deed", "gift"]),
        (Some("visit"), &["visit", "gift"]),
        (Some("visit, deed"), &["deed", "visit", "gift"]),
    ] {
        let settings: Vec<_> = setting.map(|list| ("PAYING", list)).into_iter().collect();
        for kind in ["deed", "visit", "gift", "refund"] {
            let body =
                |amount| format!(r#"{{"id":"1","about":"{kind}","user":"u","amount":{amount}}}"#);
            let made = receive(&settings, &body("5")).expect(kind);
            let pays = paying.contains(&kind);
            assert_eq!(made.effect.reward().is_some(), pays, "{setting:?}: {kind}");
            // It is the same callback, whatever is paid for it.
            assert_eq!(made.fingerprint, receive(&[], &body("5")).expect(kind).fingerprint);
            // What pays has to have an amount; what does not is not looked at.
            let is_refused = receive(&settings, &body(r#""many""#)).is_err();
            let is_held_to_it = pays || kind == "refund";
            assert_eq!(is_refused, is_held_to_it, "{setting:?}: {kind}");
        }
    }
    for setting in ["gift", "refund", "deed,", "Deed", "deed;visit", " "] {
        let error = served(&[("PAYING", setting)]).expect_err(setting);
        let told = "the environment variable PAYING must be some of deed and visit, with commas between them";
        assert_eq!(error.to_string(), told, "{setting}");
    }
}

#[test]
fn a_setting_that_changes_nothing_is_an_error() {
    for (old, new) in [
        ("SIGNATURE_HEADER", "signature-header"),
        ("\"PAYING\"", "\"\""),
        ("header.x-signature", "body.signature"),
        ("amount = \"amount\"\nunit = \"points\"\n", ""),
    ] {
        let toml = CONTRACT.replace(old, new);
        assert_ne!(toml, CONTRACT, "{old}");
        let findings = check("provider", &toml).expect("TOML").findings;
        assert!(findings.iter().any(|it| it.rule == Rule::BadSettings), "{new}: {findings:?}");
    }
}
