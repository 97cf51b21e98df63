//! `AppVirality` reward webhooks: a referral or loyalty campaign reports conversions and rewards.
//!
//! Source: the provider's page "Web-hook Configuration". Every body carries the secure key that was
//! set for its campaign, and that is all that proves it. A body does not say which webhook it is, so
//! each has its own route.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`hook`] | the five webhooks |
//! | [`recipient`] | whom a reward is for |
//! | [`terms`] | what a reward is: type, amount, unit |
//! | [`reward`] | the three reward webhooks, also for whoever settles what they say |
//! | `conversion` | the two conversion webhooks |
//! | [`formats`] | the forms in which the provider writes ids, amounts, flags and dates |
//! | `sender` | the provider's side |

mod conversion;
pub mod formats;
pub mod hook;
#[cfg(test)]
mod published;
pub mod recipient;
pub mod reward;
mod sender;
pub mod terms;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, Credential, ParsedCallback, Provider, Refusal, Request, Route, SignedContent,
    UnprovedObject,
};

pub use hook::{Hook, Program, Role};
pub use recipient::{Recipient, RecipientKind};
pub use reward::{Detail, RewardHook};
pub use terms::RewardType;

/// The body's field that authenticates it.
const KEY: &str = "securekey";

/// AppVirality, which sends conversions and rewards.
#[derive(Debug, Clone, Copy)]
pub struct AppVirality;

impl Provider for AppVirality {
    const NAME: &'static str = "appvirality";
    const CALLER: Caller = Caller::Provider;
    type Hook = Hook;
    type Content<'a> = UnprovedObject<'a>;

    fn routes(&self) -> &'static [(Route, Hook)] {
        const {
            &[
                (
                    Route::post("/appvirality/referral/conversion"),
                    Hook::Conversion(Program::Referral),
                ),
                (Route::post("/appvirality/referral/friend-reward"), Hook::Reward(Role::Friend)),
                (
                    Route::post("/appvirality/referral/referrer-reward"),
                    Hook::Reward(Role::Referrer),
                ),
                (
                    Route::post("/appvirality/loyalty/conversion"),
                    Hook::Conversion(Program::Loyalty),
                ),
                (Route::post("/appvirality/loyalty/user-reward"), Hook::Reward(Role::User)),
            ]
        }
    }

    fn configure(_: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn signed_content<'a>(
        &self,
        _: Hook,
        request: &'a Request,
    ) -> Result<SignedContent<'a, UnprovedObject<'a>>, Refusal> {
        let content = UnprovedObject::parse(&request.body)?;
        let key = content.get(KEY)?;
        let key = key.as_ref().and_then(|key| key.as_text()).filter(|key| !key.is_empty());
        let key = key.ok_or(Refusal::Unauthenticated)?.to_owned();
        Ok(SignedContent { credential: Credential::SharedKey(key.into()), content })
    }

    fn read(
        &self,
        hook: Hook,
        content: UnprovedObject<'_>,
        _: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        let content = content.strict()?;
        let payload = content.without(&[KEY]);
        match hook {
            Hook::Conversion(program) => conversion::read(program, &content, payload),
            Hook::Reward(role) => Ok(RewardHook::parse(role, &content)?.into_parsed(payload)),
        }
    }
}

#[cfg(test)]
mod tests {
    use verify::{Keys, Sender as _};

    use super::*;
    use crate::published::{PUBLISHED, edited, facts};

    /// The status of authentication alone: which key proved the body.
    fn proved(body: &str) -> Result<String, Refusal> {
        let keys = r#"{"keys":[{"id":"old","secret":"one"},{"id":"new","secret":"two"}]}"#;
        let keys = Keys::from_json(keys).expect("usable");
        let request = Request::json(body.to_owned());
        let claim = AppVirality.signed_content(Hook::Reward(Role::User), &request)?;
        let proved = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        Ok(proved.key_id().to_string())
    }

    #[test]
    fn a_body_is_proved_by_its_secure_key() {
        assert_eq!(proved(r#"{"securekey":"one"}"#), Ok("old".to_owned()));
        assert_eq!(
            proved(r#"{"campaignid":{},"\u0073ecurekey":"tw\u006f"}"#),
            Ok("new".to_owned())
        );
        for body in [
            r"{}",
            r#"{"securekey":null}"#,
            r#"{"securekey":""}"#,
            r#"{"securekey":1}"#,
            r#"{"securekey":["one"]}"#,
            r#"{"securekey":"One"}"#,
            r#"{"securekey":"one "}"#,
            r#"{"Securekey":"one"}"#,
            r#"{"friend":{"securekey":"one"}}"#,
            // Nobody can say which one counts.
            r#"{"securekey":"one","securekey":"one"}"#,
            r#"{"securekey":"one","\u0073ecurekey":"two"}"#,
            r#"{"securekey":"\ud800"}"#,
        ] {
            assert_eq!(proved(body), Err(Refusal::Unauthenticated), "{body}");
        }
        assert_eq!(proved("[]"), Err(Refusal::malformed("body", "a JSON object")));
    }

    #[test]
    fn nothing_is_read_before_a_body_is_proved() {
        let body = r#"{"securekey":"one","campaignid":1,"campaignid":2,"amount":"-1"}"#;
        assert_eq!(proved(body), Ok("old".to_owned()));
        let read = facts(Hook::Reward(Role::User), body);
        assert_eq!(read, Err(Refusal::repeated("campaignid")));
    }

    #[test]
    fn keys_repeated_below_the_top_are_refused() {
        for (hook, body) in PUBLISHED {
            let body = edited(body, r#""name""#, r#""location":null,"name""#);
            assert_eq!(facts(hook, &body), Err(Refusal::repeated("location")), "{hook:?}");
        }
    }

    #[test]
    fn the_secure_key_is_not_kept_and_everything_else_is() {
        for (hook, body) in PUBLISHED {
            let payload = facts(hook, body).expect(body).payload;
            assert!(!payload.contains("securekey"), "{payload}");
            assert!(payload.contains(r#""location":"Hyderabad, Telangana, India""#), "{payload}");
        }
        let body = r#"{"more":[1.50],"securekey":"k","campaignid":7,"eventname":"e",
            "friend":{"storeuserid":"s"}}"#;
        let kept = r#"{"more":[1.50],"campaignid":7,"eventname":"e","friend":{"storeuserid":"s"}}"#;
        let hook = Hook::Conversion(Program::Referral);
        assert_eq!(facts(hook, body).expect(body).payload, kept);
    }

    #[test]
    fn what_the_sender_signs_is_proved() {
        let secret = verify::Secret::new("two".to_owned()).expect("not empty");
        let payload = r#"{"securekey":"another","campaignid":"7"}"#;
        let request =
            AppVirality.sign(Hook::Reward(Role::User), payload, &secret).expect("an object");
        let body = String::from_utf8(request.body).expect("text");
        assert_eq!(body, r#"{"campaignid":"7","securekey":"two"}"#);
        assert_eq!(proved(&body), Ok("new".to_owned()));
    }

    #[test]
    fn every_hook_has_one_route_and_one_kind() {
        let routes: Vec<_> = AppVirality
            .routes()
            .iter()
            .map(|(route, hook)| (route.to_string(), hook.kind()))
            .collect();
        let expected = [
            ("POST /appvirality/referral/conversion", "referral_conversion"),
            ("POST /appvirality/referral/friend-reward", "referral_friend_reward"),
            ("POST /appvirality/referral/referrer-reward", "referral_referrer_reward"),
            ("POST /appvirality/loyalty/conversion", "loyalty_conversion"),
            ("POST /appvirality/loyalty/user-reward", "loyalty_user_reward"),
        ];
        assert_eq!(routes, expected.map(|(route, kind)| (route.to_owned(), kind)));
    }
}
