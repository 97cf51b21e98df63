//! The provider's side.

use verify::{Object, Provider as _, Secret, Sender as _};

use super::{SUCCESS, inbrain, read};
use crate::Inbrain;

#[test]
fn a_callback_is_signed_over_its_two_fields() {
    let inbrain = inbrain(None).expect("configured");
    let secret = Secret::new("test-callback-secret".to_owned()).expect("not empty");
    let payload = r#"{"RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a","PanelistId":"6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0","Reward":1.00}"#;
    let request = inbrain.sign(SUCCESS, payload, &secret).expect("signed");
    let body = String::from_utf8(request.body).expect("text");
    let expected = payload.replace('}', r#","Sig":"3b1efa474a83845091a8fcdaf52094a0"}"#);
    assert_eq!(body, expected);
}

#[test]
fn the_samples_are_what_they_are_called() {
    let inbrain = inbrain(None).expect("configured");
    let samples = format!(r#"{{"samples":{}}}"#, Inbrain::SAMPLES);
    let samples = Object::parse(samples.as_bytes()).expect("JSON");
    let samples = samples.required("samples").expect("there").objects().expect("objects");
    let kinds = samples.iter().map(|sample| {
        let text = |name| sample.required(name).expect(name).text(64).expect(name);
        let route = text("route");
        let mut routes = inbrain.routes().iter();
        let (_, hook) = routes.find(|(known, _)| known.to_string() == route).expect("a route");
        let payload = sample.required("payload").expect("there").object().expect("an object");
        let read = read(&inbrain, *hook, &payload.without(&[]));
        (text("name"), read.map(|facts| facts.kind).map_err(|refusal| refusal.reason()))
    });
    let expected = [
        ("inbrain-survey-completed", Ok("survey_completed")),
        ("inbrain-profiler-completed", Ok("profiler_completed")),
        ("inbrain-survey-disqualified", Ok("survey_disqualified")),
        ("inbrain-ad-hoc", Ok("ad_hoc")),
        ("inbrain-offer-completed", Ok("offer_completed")),
        ("inbrain-offer-completion-reversed", Ok("offer_completion_reversed")),
        ("inbrain-forged", Ok("survey_completed")),
        ("inbrain-malformed", Err("malformed")),
    ];
    assert!(kinds.eq(expected.map(|(name, kind)| (name.to_owned(), kind))));
}
