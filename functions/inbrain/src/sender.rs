//! The provider's side: signing a callback.

use verify::signed_content::md5;
use verify::{Request, Secret, Sender, UnprovedObject, Unsignable};

use crate::{Hook, Inbrain, outcome};

impl Sender for Inbrain {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, _: Hook, payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let callback = UnprovedObject::parse(payload.as_bytes())?;
        let sig = md5(outcome::signed_text(&callback)?.as_bytes(), secret);
        Ok(Request::json(callback.with("Sig", &sig.to_hex())))
    }
}

#[cfg(test)]
mod tests {
    use settings::Settings;
    use verify::{Object, Provider as _};

    use super::*;

    #[test]
    fn a_callback_is_signed_over_its_two_fields() {
        let inbrain = Inbrain::configure(&Settings::default()).expect("configured");
        let secret = Secret::new("test-callback-secret".to_owned()).expect("not empty");
        let payload = r#"{"RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a","PanelistId":"6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0","Reward":1.00}"#;
        let request = inbrain.sign(Hook::Success, payload, &secret).expect("signed");
        let body = String::from_utf8(request.body).expect("text");
        let expected = payload.replace('}', r#","Sig":"3b1efa474a83845091a8fcdaf52094a0"}"#);
        assert_eq!(body, expected);
    }

    #[test]
    fn the_samples_are_what_they_are_called() {
        let samples = format!(r#"{{"samples":{}}}"#, Inbrain::SAMPLES);
        let samples = Object::parse(samples.as_bytes()).expect("JSON");
        let samples = samples.required("samples").expect("there").objects().expect("objects");
        let kinds = samples.iter().map(|sample| {
            let text = |name| sample.required(name).expect(name).text(64).expect(name);
            let route = text("route");
            let mut routes = Inbrain::ROUTES.iter();
            let (_, hook) = routes.find(|(known, _)| known.to_string() == route).expect("a route");
            let payload = sample.required("payload").expect("there").object().expect("an object");
            let read = outcome::read(*hook, &payload, None);
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
}
