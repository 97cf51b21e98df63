//! claimr webhooks: user activity, user login, user reward and referral.
//!
//! Source: the provider's help pages "Assign webhooks" and "Webhook scopes". They say that a secret set
//! in the dashboard makes claimr send a signature with each message, but not how. This project reads
//! it as HMAC-SHA256 of the body, byte for byte as received, in hex or base64, in a header whose name
//! is a setting.
//!
//! One finished task may be told under several scopes, each time with an id of its own, so that points
//! are a reward only in the scopes that a setting lists.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | `message` | what a message says, and what makes it this one |
//! | `scope` | the four hooks, and which of them pay |
//! | `sender` | claimr's side |

mod message;
mod scope;
mod sender;

use http::HeaderName;
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, Credential, Digest, ParsedCallback, Provider, Refusal, Request, Route, SignedContent,
};

use crate::scope::PayingScopes;

/// The setting with the name of the header that carries the signature.
const SIGNATURE_HEADER: &str = "SIGNATURE_HEADER";

/// That header where the setting is absent.
const DEFAULT_HEADER: &str = "x-claimr-signature";

/// The setting with the scopes whose points are a reward, with commas between them.
const PAYING_SCOPES: &str = "PAYING_SCOPES";

/// claimr, with the settings of the team's account.
#[derive(Debug, Clone)]
pub struct Claimr {
    signature_header: HeaderName,
    paying: PayingScopes,
}

impl Provider for Claimr {
    const NAME: &'static str = "claimr";
    const CALLER: Caller = Caller::Provider;
    type Hook = ();
    const ROUTES: &'static [(Route, ())] = &[(Route::post("/claimr/webhooks"), ())];
    type Content<'a> = &'a [u8];

    fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let header = settings.parsed(SIGNATURE_HEADER, "the name of an HTTP header", |name| {
            HeaderName::try_from(name).ok()
        })?;
        let expected = "some of user_activity, user_login, user_reward and referral, with commas \
                        between them";
        let paying = settings.parsed(PAYING_SCOPES, expected, PayingScopes::parse)?;
        Ok(Self {
            signature_header: header.unwrap_or(HeaderName::from_static(DEFAULT_HEADER)),
            paying: paying.unwrap_or_default(),
        })
    }

    fn signed_content<'a>(
        &self,
        (): (),
        request: &'a Request,
    ) -> Result<SignedContent<'a, &'a [u8]>, Refusal> {
        let mut headers = request.headers.get_all(&self.signature_header).iter();
        // API Gateway joins repeated headers with commas, which no encoding of a signature has; where
        // they arrive apart, nobody can say which one counts.
        let (Some(header), None) = (headers.next(), headers.next()) else {
            return Err(Refusal::Unauthenticated);
        };
        let signature = header.to_str().ok().and_then(read_signature);
        let credential = Credential::HmacSha256 {
            message: request.body.as_slice().into(),
            signature: signature.ok_or(Refusal::Unauthenticated)?,
        };
        Ok(SignedContent { credential, content: &request.body })
    }

    fn read(&self, (): (), content: &[u8], _: Timestamp) -> Result<ParsedCallback, Refusal> {
        message::read(content, &self.paying)
    }
}

/// A signature in hex of either case or in base64, after `sha256=` or nothing.
fn read_signature(text: &str) -> Option<Digest<32>> {
    let text = text.strip_prefix("sha256=").unwrap_or(text);
    Digest::from_hex(text).or_else(|| Digest::from_base64(text))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use verify::{Callback, Keys};

    use super::*;

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
        let claim = claimr.signed_content((), request)?;
        let genuine = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let now = Timestamp::UNIX_EPOCH;
        genuine.into_callback(Claimr::NAME, now, |content| claimr.read((), content, now))
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
            assert_eq!(
                received(BODY, signature).err(),
                Some(Refusal::Unauthenticated),
                "{signature}"
            );
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
                let read = claimr.read((), body.as_bytes(), Timestamp::UNIX_EPOCH);
                let effect = read.expect(scope).effect;
                assert_eq!(
                    effect.reward().is_some(),
                    pays.contains(&scope),
                    "{setting:?}: {scope}"
                );
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
}
