//! The two calls of AppVirality's API that a redemption makes.
//!
//! Source: the provider's pages "Check Reward Status" and "Redeem Rewards". Both calls take the API's
//! two keys in their body.

use std::time::Duration;

use appvirality::{RewardHook, Role};
use bytes::Bytes;
use http::Uri;
use http::header::{CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;
use serde::Serialize;
use settings::{ConfigError, Settings};
use settlement::outbound::{Client, Disposition, Reply, Url, excerpt};
use settlement::{Credentials, CredentialsUnavailable};
use tables::callbacks::Reason;
use verify::Secret;

use crate::reply::{self, RewardStatus, Unclear};

/// How long a call may take. The provider is asked once per detail and told once per reward, and all of
/// that has to fit, together with what is written down in between, into the 25 s of a batch.
const TIMEOUTS: Duration = Duration::from_secs(5);

/// The API.
#[derive(Debug)]
pub struct Api {
    client: Client,
    check: Uri,
    redeem: Uri,
    credentials: Credentials,
}

/// What the API answered, as it may be kept: without its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body.
    pub text: String,
}

/// A call that did not go through, or nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// Why.
    pub reason: Reason,
    /// How long the API asks to wait.
    pub wait: Option<Duration>,
    /// What it answered, where it did.
    pub answer: Option<Answer>,
}

/// The API's keys.
struct Keys {
    apikey: Secret,
    privatekey: Secret,
}

/// What a check sends.
#[derive(Serialize)]
struct Check<'a> {
    apikey: &'a str,
    privatekey: &'a str,
    rewarddtlid: &'a str,
}

/// What a redemption sends: always the ids, never an amount, because only ids are safe to repeat. What
/// is not known of the user is empty.
#[derive(Serialize)]
struct Redeem<'a> {
    apikey: &'a str,
    privatekey: &'a str,
    #[serde(rename = "userKey")]
    user_key: &'a str,
    #[serde(rename = "Emailid")]
    email: &'a str,
    #[serde(rename = "UserIdInstore")]
    store_user_id: &'a str,
    rewarddtlids: &'a [&'a str],
    #[serde(rename = "campaignId")]
    campaign_id: &'a str,
    #[serde(rename = "growthHack")]
    growth_hack: &'a str,
}

impl Api {
    /// Takes the settings `UPSTREAM_URL`, which is the API without the name of a call, and the
    /// credentials `apikey` and `privatekey`.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "UPSTREAM_URL";
        let expected = "an absolute http or https URL without a query";
        let base = Url::configure(settings, VARIABLE)?;
        let call = |name| under(&base, name).ok_or(ConfigError { variable: VARIABLE, expected });
        let client = Client::new(TIMEOUTS).map_err(|_| ConfigError {
            variable: "SSL_CERT_FILE",
            expected: "absent, or a file with certificates",
        })?;
        Ok(Self {
            client,
            check: call("checkrewardstatus")?,
            redeem: call("redeemrewards")?,
            credentials: Credentials::configure(settings)?,
        })
    }

    /// Asks how far the reward `rewarddtlid` is.
    pub async fn check(
        &self,
        rewarddtlid: &str,
        now: Timestamp,
    ) -> Result<(RewardStatus, Answer), ApiError> {
        let keys = self.keys().await?;
        let form = Check {
            apikey: keys.apikey.expose_text(),
            privatekey: keys.privatekey.expose_text(),
            rewarddtlid,
        };
        let reply = self.call(&self.check, &form, &keys, now).await?;
        let answer = keys.answer(&reply);
        match RewardStatus::read(rewarddtlid, &reply.body) {
            Ok(said) => Ok((said, answer)),
            Err(Unclear::Unreadable) => Err(ApiError::after(Reason::CheckUnreadable, answer)),
            Err(Unclear::Unsuccessful) => Err(ApiError::after(Reason::CheckUnsuccessful, answer)),
        }
    }

    /// Tells the API that the rewards `rewarddtlids` of `hook` are redeemed.
    ///
    /// # Errors
    ///
    /// [`ApiError`]. Whether the API took it is not known then, but for what a check says afterwards.
    pub async fn redeem(
        &self,
        hook: &RewardHook,
        rewarddtlids: &[&str],
        now: Timestamp,
    ) -> Result<Answer, ApiError> {
        let keys = self.keys().await?;
        let recipient = &hook.recipient;
        let form = Redeem {
            apikey: keys.apikey.expose_text(),
            privatekey: keys.privatekey.expose_text(),
            user_key: recipient.user_key.as_deref().unwrap_or_default(),
            email: recipient.email.as_deref().unwrap_or_default(),
            store_user_id: recipient.store_user_id.as_deref().unwrap_or_default(),
            rewarddtlids,
            campaign_id: &hook.campaign_id,
            growth_hack: growth_hack(hook),
        };
        let reply = self.call(&self.redeem, &form, &keys, now).await?;
        let answer = keys.answer(&reply);
        match reply::read_redeemed(&reply.body) {
            Ok(()) => Ok(answer),
            Err(Unclear::Unreadable) => Err(ApiError::after(Reason::RedeemUnreadable, answer)),
            Err(Unclear::Unsuccessful) => Err(ApiError::after(Reason::RedeemUnsuccessful, answer)),
        }
    }

    async fn keys(&self) -> Result<Keys, ApiError> {
        let unavailable = |error: CredentialsUnavailable| ApiError {
            reason: error.reason(),
            wait: None,
            answer: None,
        };
        Ok(Keys {
            apikey: self.credentials.get("apikey").await.map_err(unavailable)?,
            privatekey: self.credentials.get("privatekey").await.map_err(unavailable)?,
        })
    }

    /// The reply, if it is 2xx.
    async fn call(
        &self,
        uri: &Uri,
        form: &impl Serialize,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Reply, ApiError> {
        let impossible = ApiError { reason: Reason::RequestImpossible, wait: None, answer: None };
        let body = serde_json::to_vec(form).map_err(|_| impossible)?;
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = uri.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let reply = self.client.send(request).await;
        let answer = reply.as_ref().ok().map(|reply| keys.answer(reply));
        match (Disposition::of(&reply, now), reply) {
            (Disposition::Taken, Ok(reply)) => Ok(reply),
            (Disposition::Later { wait, reason }, _) => Err(ApiError { reason, wait, answer }),
            _ => {
                // The keys may be old ones.
                self.credentials.refused();
                Err(ApiError { reason: Reason::UpstreamRefused, wait: None, answer })
            }
        }
    }
}

impl Keys {
    fn answer(&self, reply: &Reply) -> Answer {
        let secrets = [self.apikey.expose_text(), self.privatekey.expose_text()];
        Answer { status: reply.status, text: excerpt(&reply.body, &secrets) }
    }
}

impl ApiError {
    /// There is no time left in this attempt.
    pub const OUT_OF_TIME: Self = Self { reason: Reason::OutOfTime, wait: None, answer: None };

    /// Whether it is not about the one reward: nobody answers, or there are too many calls.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.status == 429)
    }

    /// Whether the API is not there, or has too much to do.
    #[must_use]
    pub fn is_down(&self) -> bool {
        matches!(
            self.reason,
            Reason::UpstreamFailed
                | Reason::UpstreamThrottled
                | Reason::UpstreamTimedOut
                | Reason::UpstreamUnreachable
        )
    }

    const fn after(reason: Reason, answer: Answer) -> Self {
        Self { reason, wait: None, answer: Some(answer) }
    }
}

/// The call `name` of the API at `base`.
fn under(base: &Url, name: &str) -> Option<Uri> {
    let base = base.as_uri();
    if base.query().is_some() {
        return None;
    }
    let mut parts = base.clone().into_parts();
    let path = base.path().trim_end_matches('/');
    parts.path_and_query = Some(format!("{path}/{name}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The kind of campaign, which most hooks do not name, but which follows from who is rewarded.
fn growth_hack(hook: &RewardHook) -> &str {
    match (&hook.growth_hack, hook.role) {
        (Some(named), _) => named,
        (None, Role::Friend | Role::Referrer) => "Word_of_Mouth",
        (None, Role::User) => "Loyalty_Program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_below_the_setting() {
        for (base, uri) in [
            ("https://api.example/v2_0", "https://api.example/v2_0/checkrewardstatus"),
            ("https://api.example/v2_0/", "https://api.example/v2_0/checkrewardstatus"),
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001/checkrewardstatus"),
        ] {
            let keys = r#"{"apikey":"a","privatekey":"p"}"#;
            let settings = Settings::from([("UPSTREAM_URL", base), ("API_KEYS", keys)]);
            assert_eq!(Api::configure(&settings).expect(base).check, uri);
        }
        for base in ["", "api.example", "https://api.example/v2_0?x=y"] {
            let settings = Settings::from([("UPSTREAM_URL", base), ("API_KEYS", "{}")]);
            let error = Api::configure(&settings).expect_err(base);
            assert_eq!(error.variable, "UPSTREAM_URL");
        }
    }
}
