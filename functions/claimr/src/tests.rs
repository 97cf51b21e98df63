//! claimr's contract, held to the provider's pages: what is signed is here, what it means in [`message`].

mod message;
mod samples;

use http::HeaderValue;
use jiff::Timestamp;
use settings::ConfigError;
use verify::{
    Callback, Keys, ParsedCallback, Provider as _, Refusal, Request, Secret, Sender as _,
};

use crate::Claimr;

/// The only hook.
const WEBHOOK: usize = 0;

const BODY: &[u8] = b"{\"id\" : \"m-1\",\n \"user_id\":\"u-1\", \"scope\":\"user_login\"}\n";
// `openssl dgst -sha256 -hmac test-claimr-secret`, with and without `-binary | base64`.
const HEX: &str = "28dccc9e6d7578fc45c29f4af66f342a0c0f2b0f3368431977704b6c273d9b50";
const BASE64: &str = "KNzMnm11ePxFwp9K9m80KgwPKw8zaEMZd3BLbCc9m1A=";

fn claimr(header: Option<&str>) -> Result<Claimr, ConfigError> {
    configured(header, None)
}

fn configured(header: Option<&str>, paying: Option<&str>) -> Result<Claimr, ConfigError> {
    let settings = [("SIGNATURE_HEADER", header), ("PAYING_SCOPES", paying)];
    let settings = settings.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Claimr::configure(&settings.collect())
}

fn request(body: &[u8], headers: &[(&'static str, &str)]) -> Request {
    let mut request = Request { body: body.to_vec(), ..Request::default() };
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a header value");
        request.headers.append(*name, value);
    }
    request
}

fn receive(claimr: &Claimr, request: &Request) -> Result<Callback, Refusal> {
    let keys = r#"{"keys":[{"id":"main","secret":"test-claimr-secret"}]}"#;
    let keys = Keys::from_json(keys).expect("usable");
    let claim = claimr.signed_content(WEBHOOK, request)?;
    let genuine = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    let now = Timestamp::UNIX_EPOCH;
    genuine.into_callback(Claimr::NAME, now, |content| claimr.read(WEBHOOK, content, now))
}

/// What is read in a message of the provider's.
fn read(claimr: &Claimr, payload: &str) -> Result<ParsedCallback, Refusal> {
    let secret = Secret::new("test-claimr-secret".to_owned()).expect("not empty");
    let request = claimr.sign(WEBHOOK, payload, &secret).expect("signable");
    receive(claimr, &request).map(|callback| callback.parsed().clone())
}

fn received(body: &[u8], signature: &str) -> Result<Callback, Refusal> {
    let claimr = claimr(None).expect("configured");
    receive(&claimr, &request(body, &[("x-claimr-signature", signature)]))
}

#[test]
fn a_signature_is_taken_in_every_encoding() {
    for signature in [
        HEX,
        &HEX.to_uppercase(),
        BASE64,
        &format!("sha256={HEX}"),
        &format!("sha256={}", HEX.to_uppercase()),
        &format!("sha256={BASE64}"),
    ] {
        let callback = received(BODY, signature).expect(signature);
        assert_eq!(callback.parsed().kind, "user_login");
        assert_eq!(callback.key_id().as_str(), "main");
    }
}

#[test]
fn anything_else_is_not_a_signature() {
    for signature in [
        "",
        "sha256=",
        "28dccc9e",
        &HEX.replace("28dc", "28dd"),
        &BASE64.replace("KNzM", "KNzN"),
        BASE64.trim_end_matches('='),
        &format!("sha256=sha256={HEX}"),
        &format!("SHA256={HEX}"),
        &format!("sha1={HEX}"),
        &format!("sha256= {HEX}"),
        &format!("{HEX},{HEX}"),
        &format!("{BASE64}, {BASE64}"),
    ] {
        assert_eq!(received(BODY, signature).err(), Some(Refusal::Unauthenticated), "{signature}");
    }
}

#[test]
fn a_signature_that_is_missing_or_repeated_is_none() {
    let claimr = claimr(None).expect("configured");
    let name = "x-claimr-signature";
    for headers in [&[][..], &[("x-other", HEX)], &[(name, HEX), (name, HEX)]] {
        let refused = receive(&claimr, &request(BODY, headers)).err();
        assert_eq!(refused, Some(Refusal::Unauthenticated), "{headers:?}");
    }
    let mut not_text = request(BODY, &[]);
    not_text.headers.insert(name, HeaderValue::from_bytes(b"\xff").expect("a header value"));
    assert_eq!(receive(&claimr, &not_text).err(), Some(Refusal::Unauthenticated));
}

#[test]
fn the_bytes_signed_are_the_bytes_received() {
    for body in [
        &b"{\"id\":\"m-1\",\"user_id\":\"u-1\",\"scope\":\"user_login\"}"[..],
        b"{\"id\" : \"m-1\",\n \"user_id\":\"u-1\", \"scope\":\"user_login\"}",
        b"{\"id\" : \"m-2\",\n \"user_id\":\"u-1\", \"scope\":\"user_login\"}\n",
        b"",
    ] {
        assert_eq!(received(body, HEX).err(), Some(Refusal::Unauthenticated));
    }
}

#[test]
fn only_a_signed_body_is_read() {
    // Signatures by Python's hmac, as above.
    let truncated = b"{\"id\":\"m-1\"";
    let repeated = br#"{"id":"m-1","id":"m-2","scope":"user_login","user_id":"u-1"}"#;
    for (body, signature, refusal) in [
        (
            &truncated[..],
            "cb8f75e57f93fb9e867711c19be42abc9b6bf40ed8d43daf324cee795170d9bc",
            Refusal::malformed("body", "a JSON object"),
        ),
        (
            repeated,
            "3df7238c9a0925180abd3feb089f570db68a1a85ee71e9529b16a97c5021da1c",
            Refusal::repeated("id"),
        ),
        (
            b"",
            "7cf8c8a622d6a6ed5d9e9a834078e933ad397f36a2a63b5970d0172414d58115",
            Refusal::malformed("body", "a JSON object"),
        ),
    ] {
        assert_eq!(received(body, HEX).err(), Some(Refusal::Unauthenticated));
        assert_eq!(received(body, signature).err(), Some(refusal));
    }
}

#[test]
fn the_header_is_a_setting() {
    for (setting, header) in [
        (None, "x-claimr-signature"),
        (Some(""), "x-claimr-signature"),
        (Some("X-Signature-256"), "x-signature-256"),
    ] {
        let claimr = claimr(setting).expect("configured");
        assert!(receive(&claimr, &request(BODY, &[(header, HEX)])).is_ok(), "{setting:?}");
    }
    let other = claimr(Some("x-signature")).expect("configured");
    let refused = receive(&other, &request(BODY, &[("x-claimr-signature", HEX)])).err();
    assert_eq!(refused, Some(Refusal::Unauthenticated));
    for name in ["x claimr", "x-claimr:", "sígnature", "\n"] {
        let error = claimr(Some(name)).expect_err(name);
        assert_eq!(error.variable, "SIGNATURE_HEADER", "{name}");
    }
}

#[test]
fn the_paying_scopes_are_a_setting() {
    for (setting, pays) in [
        (None, ["user_activity"].as_slice()),
        (Some(""), &["user_activity"]),
        (Some("user_activity"), &["user_activity"]),
        (Some("user_reward,referral"), &["user_reward", "referral"]),
        (Some("referral, user_activity"), &["user_activity", "referral"]),
        (
            Some("user_activity,user_login,user_reward,referral"),
            &["user_activity", "user_login", "user_reward", "referral"],
        ),
    ] {
        let claimr = configured(None, setting).expect("configured");
        for scope in ["user_activity", "user_login", "user_reward", "referral"] {
            let body = format!(
                r#"{{"id":"m-1","scope":"{scope}","user":"u","event":{{"data":{{"xp":5}}}}}}"#
            );
            let effect = read(&claimr, &body).expect(scope).effect;
            assert_eq!(effect.reward().is_some(), pays.contains(&scope), "{setting:?}: {scope}");
        }
    }
    for setting in [
        "user_logout",
        "user_activity,",
        ",",
        " ",
        "User_Activity",
        "user_activity;referral",
        "user_activity,user_activity,all",
        "*",
    ] {
        let error = configured(None, Some(setting)).expect_err(setting);
        assert_eq!(error.variable, "PAYING_SCOPES", "{setting}");
    }
}
