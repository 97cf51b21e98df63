//! What is said of requests that are broken in known ways. Signatures are made here, by the crates of the hashes alone.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use md5::{Digest as _, Md5};
use serde_json::json;
use sha2::Sha256;

use super::*;
use crate::samples::{as_http, called_at, host_of};
use crate::sign;

const SECRET: &str = "the-secret-of-this-test";
const OTHERS: &str = "the-secret-of-another-provider";

fn diagnosis() -> Diagnosis {
    let keys = |id: &str, secret: &str| json!({"keys": [{"id": id, "secret": secret}]}).to_string();
    let own = |secret| json!({"KEYS": keys("main", secret)});
    let env = json!({
        "InbrainFunction": own(SECRET), "ClaimrFunction": own(SECRET), "CpxFunction": own(SECRET),
        "DevtodevFunction": own(SECRET), "AppviralityFunction": own(SECRET),
        "GiveawayFunction": {"KEYS": keys("site", OTHERS)},
    });
    Diagnosis::new(serde_json::from_value(env).expect("variables"), Folder::default())
}

fn request(route: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
    let (method, url) = route.split_once(' ').expect("a route");
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let headers = headers.iter().map(|(name, value)| {
        (
            name.parse::<HeaderName>().expect("a name"),
            HeaderValue::from_str(value).expect("a value"),
        )
    });
    HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect::<HeaderMap>(),
        body: body.as_bytes().to_vec(),
    }
}

#[track_caller]
fn assert_why(request: &HttpRequest, expected: &str) {
    let why = diagnosis().why(request).expect("a provider's route");
    assert_eq!(why, expected);
    for secret in [SECRET, OTHERS] {
        assert!(!why.contains(secret), "{why}");
    }
}

const PANELIST: &str = "user-7";
const REWARD: &str = "c55b3483-5755-42f8-9bc5-5c185862e35a";

fn md5_of(text: &str) -> Vec<u8> {
    Md5::digest(text.as_bytes()).to_vec()
}

fn survey(member: &str, signature: &str) -> HttpRequest {
    let body = json!({"PanelistId": PANELIST, "RewardId": REWARD, member: signature});
    request("POST /inbrain/success", &[], &body.to_string())
}

#[test]
fn a_secret_that_was_copied_wrongly_is_named() {
    for (secret, expected) in [
        (
            format!("{SECRET}\n"),
            "signed with the secret of the key main with a line end behind it: have whoever signs take it as it is",
        ),
        (
            format!("{SECRET} "),
            "signed with the secret of the key main with a space behind it: have whoever signs take it as it is",
        ),
        (
            SECRET.to_uppercase(),
            "signed with the secret of the key main in upper case: have whoever signs take it as it is",
        ),
        (
            OTHERS.to_owned(),
            "signed with another key, site of giveaway: sign with this provider's, or send it to that one's URL",
        ),
        (
            "somebody's".to_owned(),
            "signed with none of the keys that are known here (main): compare the key, and what is signed",
        ),
    ] {
        let signature = hex::encode(md5_of(&format!("{PANELIST}{REWARD}{secret}")));
        assert_why(&survey("Sig", &signature), expected);
    }
}

#[test]
fn a_signature_that_is_written_otherwise_or_elsewhere_is_found() {
    let genuine = md5_of(&format!("{PANELIST}{REWARD}{SECRET}"));
    for (member, signature, expected) in [
        ("Sig", STANDARD.encode(&genuine), "the signature is right, but has to be written in hex"),
        (
            "Sig",
            format!("{}\n", hex::encode(&genuine)),
            "the signature is right, but has to be without white space at its ends",
        ),
        (
            "sig",
            hex::encode(&genuine),
            "the credential is right, but in the member sig: it belongs into the member Sig in the body",
        ),
        ("Signature", "none".to_owned(), "there is no member Sig in the body"),
    ] {
        assert_why(&survey(member, &signature), expected);
    }
}

fn hmac_of(body: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[test]
fn a_body_that_was_signed_in_another_form_is_found() {
    let sent = "{ \"scope\": \"user_login\", \"id\": \"m\", \"user_id\": \"u\" }";
    let compact = r#"{"scope":"user_login","id":"m","user_id":"u"}"#;
    let sorted = r#"{"id":"m","scope":"user_login","user_id":"u"}"#;
    for (signed, expected) in [
        (
            format!("{sent}\n"),
            "what was signed is the body with a line end behind it: sign the very bytes that are sent",
        ),
        (
            compact.to_owned(),
            "what was signed is the body as JSON without white space: sign the very bytes that are sent",
        ),
        (
            sorted.to_owned(),
            "what was signed is the body as JSON with its members in order: sign the very bytes that are sent",
        ),
        (String::new(), "what was signed is an empty body: sign the very bytes that are sent"),
    ] {
        let signature = hex::encode(hmac_of(&signed));
        let headers = [("x-claimr-signature", signature.as_str())];
        assert_why(&request("POST /claimr/webhooks", &headers, sent), expected);
    }
}

#[test]
fn a_header_that_has_another_name_or_another_form_is_found() {
    let body = r#"{"id":"m","scope":"user_login","user_id":"u"}"#;
    let genuine = hmac_of(body);
    let (hex, url_safe) = (hex::encode(&genuine), URL_SAFE_NO_PAD.encode(&genuine));
    for (name, value, expected) in [
        (
            "x-signature",
            hex.as_str(),
            "the credential is right, but in the header x-signature: it belongs into the header x-claimr-signature",
        ),
        (
            "x-claimr-signature",
            &format!("v1={hex}"),
            "the header is right, but has to be without v1=",
        ),
        ("x-claimr-signature", &url_safe, "the header is right, but has to be written in hex"),
        ("x-other", "1", "there is no header x-claimr-signature"),
    ] {
        assert_why(&request("POST /claimr/webhooks", &[(name, value)], body), expected);
    }
}

#[test]
fn a_shared_key_and_a_contract_are_looked_into_as_well() {
    let genuine = hex::encode(md5_of(&format!("t-1-{SECRET}")));
    for (route, body, expected) in [
        (
            "GET /devtodev/installs?user_id=u".to_owned(),
            "",
            "there is no parameter apikey in the query",
        ),
        (
            format!("GET /devtodev/installs?api_key={SECRET}&user_id=u"),
            "",
            "the credential is right, but in the parameter api_key: it belongs into the parameter apikey in the query",
        ),
        (
            format!("POST /devtodev/installs?apikey={OTHERS}"),
            "{}",
            "signed with another key, site of giveaway: sign with this provider's, or send it to that one's URL",
        ),
        (
            "POST /appvirality/loyalty/user-reward".to_owned(),
            "{}",
            "there is no member securekey in the body",
        ),
        (
            "POST /appvirality/loyalty/user-reward".to_owned() + &format!("?securekey={SECRET}"),
            "{}",
            "the credential is right, but in the parameter securekey: it belongs into the member securekey in the body",
        ),
        ("GET /cpx?trans_id=t-1".to_owned(), "", "there is no parameter hash in the query"),
        (
            format!("GET /cpx?trans_id=t-1&secure_hash={genuine}"),
            "",
            "the credential is right, but in the parameter secure_hash: it belongs into the parameter hash in the query",
        ),
    ] {
        assert_why(&request(&route, &[], body), expected);
    }
}

#[test]
fn a_key_that_is_not_used_is_named() {
    let keys = json!({"keys": [{"id": "new", "secret": format!("{SECRET}\n")}]}).to_string();
    let env = json!({"InbrainFunction": {"KEYS": keys}});
    let diagnosis =
        Diagnosis::new(serde_json::from_value(env).expect("variables"), Folder::default());
    let signature = hex::encode(md5_of(&format!("{PANELIST}{REWARD}{SECRET}\n")));
    let why = diagnosis.why(&survey("Sig", &signature)).expect("a route");
    assert_eq!(
        why,
        "signed with the key new, which is not used, because its secret was pasted wrongly: paste it anew"
    );
}

#[test]
fn what_is_no_route_is_not_looked_into() {
    for route in ["POST /nowhere", "POST /inbrain/nowhere", "GET /inbrain/success", "GET /"] {
        assert_eq!(diagnosis().why(&request(route, &[], "")), None, "{route}");
    }
    let large = "x".repeat(LARGEST + 1);
    let why = diagnosis().why(&request("POST /claimr/webhooks", &[], &large));
    assert_eq!(why.as_deref(), Some("it is too large to be looked into"));
    let admob = diagnosis().why(&request("GET /admob?signature=x&key_id=1", &[], ""));
    assert_eq!(admob.as_deref(), Some("only the provider itself can sign for this route"));
}

#[test]
fn what_is_signed_is_shown_without_the_secret() {
    let survey = survey("Sig", "no signature at all");
    let seen = diagnosis().seen(&survey).expect("a route");
    assert_eq!(
        (&*seen.place, seen.came.as_deref()),
        ("member Sig in the body", Some("no signature at all"))
    );
    let signed = seen.signed.expect("what is signed");
    assert_eq!((&*signed.scheme, signed.text), ("md5", format!("{PANELIST}{REWARD}{{secret}}")));
    let body = r#"{"id":"m", "scope":"user_login"}"#;
    for (route, headers, body, scheme, text) in [
        ("POST /claimr/webhooks", vec![], body, "hmac-sha256", body),
        ("GET /cpx?trans_id=t-1&hash=x", vec![], "", "md5", "t-1-{secret}"),
    ] {
        let seen = diagnosis().seen(&request(route, &headers, body)).expect("a route");
        let signed = seen.signed.expect("what is signed");
        assert_eq!((&*signed.scheme, &*signed.text), (scheme, text), "{route}");
    }
    // A key is no signature.
    let install = format!("GET /devtodev/installs?apikey={SECRET}&user_id=u");
    let seen = diagnosis().seen(&request(&install, &[], "")).expect("a route");
    assert_eq!((seen.signed, &*seen.payload), (None, "{\n  \"user_id\": \"u\"\n}"));
    assert_eq!(diagnosis().seen(&request("POST /nowhere", &[], "")), None);
    let large = "x".repeat(LARGEST + 1);
    assert_eq!(diagnosis().seen(&request("POST /claimr/webhooks", &[], &large)), None);
}

#[test]
fn what_a_request_says_is_shown_as_it_came() {
    let twice = r#"{ "id": "m", "id": "n", "scope": 1.50 }"#;
    let member = "{\n  \"PanelistId\": \"p\",\n  \"Reward\": 1.50\n}";
    for (route, body, expected) in [
        ("POST /claimr/webhooks", twice, twice),
        ("POST /claimr/webhooks", r#"{"id": "#, r#"{"id": "#),
        ("POST /inbrain/success", r#"{"Sig":"x","Reward":1.50,"PanelistId":"p"}"#, member),
        ("POST /inbrain/success", r#"{"a":1"#, r#"{"a":1"#),
        ("POST /inbrain/success", "a=b&c=d", "a=b&c=d"),
    ] {
        let seen = diagnosis().seen(&request(route, &[], body)).expect("a route");
        assert_eq!(seen.payload, expected, "{route} {body}");
    }
}

#[test]
fn every_sample_can_be_signed_anew_from_what_is_seen_of_it() {
    let (url, folder) = ("https://callbacks.example.com", Folder::default());
    let described = folder.names().expect("names").into_iter();
    let names: Vec<_> = PROVIDERS.iter().map(|it| it.name.to_owned()).chain(described).collect();
    let (env, diagnosis) = (diagnosis().env, diagnosis());
    let mut anew = 0;
    for name in names {
        let provider = folder.provider(&name).expect("a provider");
        let settings = called_at(env.of(&provider.function), host_of(url));
        let Some(forged) = provider.forged_key() else { continue };
        for sample in provider.samples().expect("samples") {
            let route = provider.route(&sample.route).expect("a route");
            // By somebody else's key, so that the new one is told from it.
            let request = provider.sign(&settings, &route, &sample.payload(), &forged);
            let sent = as_http(&route, request.expect(&sample.name), host_of(url));
            let Some(seen) = diagnosis.seen(&sent) else { continue };
            let signed = sign::anew(&sent, &seen.payload, url, &env, &folder).expect(&sample.name);
            let case = diagnosis.case(&signed).expect("a route");
            let key = provider.keys(&settings).expect("keys");
            let again = diagnosis.seen(&signed).expect("a route");
            assert!(case.prover.proves(&as_received(&signed), key.first()), "{}", sample.name);
            assert_eq!(again.payload, seen.payload, "{}", sample.name);
            assert_eq!((seen.key, again.key.is_some()), (None, true), "{}", sample.name);
            assert_ne!(again.came, seen.came, "{}", sample.name);
            anew += 1;
        }
    }
    assert!(anew > 70, "{anew}");
}
