//! `AppVirality`'s API for rewards: `checkrewardstatus` and `redeemrewards`.
//!
//! Source: the provider's pages "Check Reward Status" and "Redeem Rewards". What they do not say is
//! this stand-in's own: a refusal for what is asked is a `200` with `"success":false`; one redemption is
//! of all its ids or of none; and redeeming again what is redeemed is a success that changes nothing.
//! Coupons are handed out by the provider, and redeeming one is refused; where the function redeems them
//! (`REDEEM_COUPONS`), their users choose.

use appvirality::Recipient;
use bundle::names;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::event::HttpRequest;
use crate::http_server::is_json;
use crate::providers::rewards::{Reward, Rewards};
use crate::providers::{ProviderError, Reply};
use crate::settings::EnvVars;

/// The function that has the API's keys.
const FUNCTION: &str = "AppviralityRedemptionFunction";

/// `statuscode`: nothing that fits.
const NO_DATA: u8 = 0;
/// `statuscode`: success.
const SUCCESS: u8 = 1;
/// `statuscode`: an id that is not known.
const UNKNOWN_ID: u8 = 11;

/// The stand-in.
#[derive(Debug)]
pub struct AppVirality {
    keys: [String; 2],
    rewards: Rewards,
    /// Whether coupons are redeemed by their users' choice, as the function is told.
    users_choose: bool,
}

/// What every call has to have.
#[derive(Deserialize)]
struct Keys {
    apikey: String,
    privatekey: String,
}

/// A `checkrewardstatus` call.
#[derive(Deserialize)]
struct Check {
    rewarddtlid: String,
}

/// A `redeemrewards` call by ids.
#[derive(Debug, Deserialize)]
struct Redeem {
    rewarddtlids: Vec<String>,
    #[serde(rename = "userKey")]
    user_key: Option<String>,
    #[serde(rename = "UserIdInstore")]
    store_user_id: Option<String>,
    #[serde(rename = "Emailid")]
    email: Option<String>,
    /// Named, so that they are of their form.
    #[serde(rename = "campaignId")]
    _campaign_id: Option<String>,
    #[serde(rename = "growthHack")]
    _growth_hack: Option<String>,
}

impl AppVirality {
    pub(crate) fn configure(env: &EnvVars, rewards: Rewards) -> Self {
        // Where none is set, no call has the right one.
        let key = |name| env.credential(FUNCTION, name).unwrap_or_else(names::opaque);
        let users_choose = env.of(FUNCTION).optional("REDEEM_COUPONS") == Some("true");
        Self { keys: ["apikey", "privatekey"].map(key), rewards, users_choose }
    }

    pub(crate) const fn rewards(&self) -> &Rewards {
        &self.rewards
    }

    pub(crate) fn answer(&self, request: &HttpRequest) -> Result<Reply, ProviderError> {
        let refused = |status, message| Ok(Reply::refused(status, message));
        let check = match request.path.as_str() {
            "/v2_0/checkrewardstatus" => true,
            "/v2_0/redeemrewards" => false,
            _ => return refused(StatusCode::NOT_FOUND, "no such path"),
        };
        if request.method != "POST" {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "the method is not POST");
        }
        if !is_json(request) {
            return refused(StatusCode::BAD_REQUEST, "the content type is not JSON");
        }
        let Ok(Keys { apikey, privatekey }) = serde_json::from_slice(&request.body) else {
            return refused(StatusCode::UNAUTHORIZED, "Invalid apikey or privatekey");
        };
        if [apikey, privatekey] != self.keys {
            return refused(StatusCode::UNAUTHORIZED, "Invalid apikey or privatekey");
        }
        if check { self.check(&request.body) } else { self.redeem(&request.body) }
    }

    fn check(&self, body: &[u8]) -> Result<Reply, ProviderError> {
        let Check { rewarddtlid: id } = match serde_json::from_slice(body) {
            Ok(check) => check,
            Err(error) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, error.to_string())),
        };
        let reply = match self.rewards.check(&id)? {
            Some(Reward { status, amount, unit, .. }) => json!({
                "success": true,
                "rewarddtlid": id,
                "reward_status": status,
                "comment": "",
                "amount": amount,
                "rewardunit": unit,
                "statuscode": SUCCESS,
                "message": "Success",
            }),
            None => failed(UNKNOWN_ID, "Invalid RewardDetailID"),
        };
        Ok(ok(reply))
    }

    fn redeem(&self, body: &[u8]) -> Result<Reply, ProviderError> {
        let redeem: Redeem = match serde_json::from_slice(body) {
            Ok(redeem) => redeem,
            Err(error) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, error.to_string())),
        };
        if redeem.rewarddtlids.is_empty() {
            return Ok(Reply::refused(StatusCode::BAD_REQUEST, "rewarddtlids is empty"));
        }
        let mut redeemed = Vec::new();
        for id in &redeem.rewarddtlids {
            let rewards = self.rewards.get(id)?;
            if rewards.is_empty() {
                return Ok(ok(failed(UNKNOWN_ID, "Invalid RewardDetailID")));
            }
            let own = rewards.into_iter().filter(|reward| redeem.is_by(reward.recipient.as_ref()));
            let own: Vec<_> = own.collect();
            if own.is_empty() {
                let message = format!("Reward {id} is not a reward of this user");
                return Ok(ok(failed(NO_DATA, &message)));
            }
            if !self.users_choose && own.iter().any(|reward| reward.is_coupon) {
                let message = format!("Reward {id} is a coupon, which AppVirality hands out");
                return Ok(ok(failed(NO_DATA, &message)));
            }
            let open = |reward: &&Reward| matches!(reward.status.as_str(), "Approved" | "Rewarded");
            if let Some(reward) = own.iter().find(|reward| !open(reward)) {
                let message = format!("Reward {id} is {}", reward.status);
                return Ok(ok(failed(NO_DATA, &message)));
            }
            redeemed.extend(own.into_iter().map(|reward| (id.as_str(), reward)));
        }
        self.rewards.redeem(&redeemed)?;
        Ok(ok(json!({"success": true, "statuscode": SUCCESS, "message": "Success"})))
    }
}

impl Redeem {
    /// Whether the user of the call is `recipient`. The first name that is given counts, in the order in
    /// which the provider looks for users. A reward that no hook has told of is anybody's.
    fn is_by(&self, recipient: Option<&Recipient>) -> bool {
        let Some(recipient) = recipient else { return true };
        let names = [&recipient.user_key, &recipient.store_user_id, &recipient.email];
        let given = [&self.user_key, &self.store_user_id, &self.email]
            .map(|name| name.as_ref().filter(|name| !name.is_empty()));
        match given.iter().position(Option::is_some) {
            Some(first) => names[first].as_ref() == given[first],
            None => names.iter().all(|name| name.is_none()),
        }
    }
}

fn failed(statuscode: u8, message: &str) -> Value {
    json!({"success": false, "statuscode": statuscode, "message": message})
}

const fn ok(body: Value) -> Reply {
    Reply { status: StatusCode::OK, body }
}
