//! The provider's side: signing a callback.

use http::HeaderValue;
use verify::signed_content::hmac_sha256;
use verify::{Request, Secret, Sender, Unsignable};

use crate::{SIGNATURE_HEADER, Sixth};

impl Sender for Sixth {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, (): (), payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let signature = hmac_sha256(payload.as_bytes(), secret).to_hex();
        let signature = HeaderValue::try_from(signature)
            .unwrap_or_else(|_| unreachable!("hex digits make a header value"));
        let mut request = Request::json(payload.to_owned());
        request.headers.insert(SIGNATURE_HEADER, signature);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_signed_as_it_is() {
        let secret = Secret::new("test-secret".to_owned()).expect("not empty");
        let payload = r#"{"id":"i-1","user":"u-1","amount":"2.50"}"#;
        let request = Sixth.sign((), payload, &secret).expect("signed");
        assert_eq!(request.body, payload.as_bytes());
        // By Python's hmac.
        let signature = "dc44314342530ae9dfe360ff7fc31c380645e4af06d75cccadd171a59f8ab3e1";
        assert_eq!(request.headers[SIGNATURE_HEADER], signature);
    }
}
