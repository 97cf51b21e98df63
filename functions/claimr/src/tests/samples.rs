//! The provider's side.

use verify::{Object, Provider as _, Secret, Sender as _};

use super::{WEBHOOK, claimr, read};
use crate::Claimr;

#[test]
fn a_message_is_signed_as_it_is() {
    let claimr = claimr(None).expect("configured");
    let secret = Secret::new("test-claimr-secret".to_owned()).expect("not empty");
    let payload = r#"{"id":"m-2","scope":"referral","user":"u-2"}"#;
    let request = claimr.sign(WEBHOOK, payload, &secret).expect("signed");
    assert_eq!(request.body, payload.as_bytes());
    // By Python's hmac.
    let signature = "847996fda47009c26b129144907df7e971498b8d697cdda99bf2f99923eaabca";
    assert_eq!(request.headers["x-claimr-signature"], signature);
}

#[test]
fn the_samples_are_what_they_are_called() {
    let claimr = claimr(None).expect("configured");
    let samples = format!(r#"{{"samples":{}}}"#, Claimr::SAMPLES);
    let samples = Object::parse(samples.as_bytes()).expect("JSON");
    let samples = samples.required("samples").expect("there").objects().expect("objects");
    let kinds = samples.iter().map(|sample| {
        let text = |name| sample.required(name).expect(name).text(64).expect(name);
        assert_eq!(text("route"), claimr.routes()[0].0.to_string());
        let payload = sample.required("payload").expect("there").object().expect("an object");
        let read = read(&claimr, &payload.without(&[]));
        (text("name"), read.map(|facts| facts.kind).map_err(|refusal| refusal.reason()))
    });
    let expected = [
        ("claimr-user-activity", Ok("user_activity")),
        ("claimr-user-login", Ok("user_login")),
        ("claimr-user-reward", Ok("user_reward")),
        ("claimr-referral", Ok("referral")),
        ("claimr-forged", Ok("user_activity")),
        ("claimr-malformed", Err("malformed")),
    ];
    assert!(kinds.eq(expected.map(|(name, kind)| (name.to_owned(), kind))));
}
