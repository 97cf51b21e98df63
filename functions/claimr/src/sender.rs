//! The provider's side: signing a message.

use http::HeaderValue;
use verify::signed_content::hmac_sha256;
use verify::{Request, Secret, Sender, Unsignable};

use crate::Claimr;

impl Sender for Claimr {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, (): (), payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let signature = hmac_sha256(payload.as_bytes(), secret).to_hex();
        let signature = HeaderValue::try_from(signature)
            .unwrap_or_else(|_| unreachable!("hex digits make a header value"));
        let mut request = Request::json(payload.to_owned());
        request.headers.insert(&self.signature_header, signature);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use settings::Settings;
    use verify::{Object, Provider as _};

    use super::*;
    use crate::message;
    use crate::scope::PayingScopes;

    #[test]
    fn a_message_is_signed_as_it_is() {
        let claimr = Claimr::configure(&Settings::default()).expect("configured");
        let secret = Secret::new("test-claimr-secret".to_owned()).expect("not empty");
        let payload = r#"{"id":"m-2","scope":"referral","user":"u-2"}"#;
        let request = claimr.sign((), payload, &secret).expect("signed");
        assert_eq!(request.body, payload.as_bytes());
        // By Python's hmac.
        let signature = "847996fda47009c26b129144907df7e971498b8d697cdda99bf2f99923eaabca";
        assert_eq!(request.headers["x-claimr-signature"], signature);
    }
    #[test]
    fn the_samples_are_what_they_are_called() {
        let samples = format!(r#"{{"samples":{}}}"#, Claimr::SAMPLES);
        let samples = Object::parse(samples.as_bytes()).expect("JSON");
        let samples = samples.required("samples").expect("there").objects().expect("objects");
        let kinds = samples.iter().map(|sample| {
            let text = |name| sample.required(name).expect(name).text(64).expect(name);
            assert_eq!(text("route"), Claimr::ROUTES[0].0.to_string());
            let payload = sample.required("payload").expect("there").object().expect("an object");
            let read = message::read(payload.without(&[]).as_bytes(), &PayingScopes::default());
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
}
