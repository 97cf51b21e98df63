//! Giveaway.com's API for actions: the signature is checked with the API key, and every field's form.

use bundle::names;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use verify::{Keys, Provider as _, Refusal, Request};

use crate::event::HttpRequest;
use crate::http_server::is_json;
use crate::providers::{ProviderError, Reply};
use crate::settings::EnvVars;

/// The function that has the API key.
const FUNCTION: &str = "GiveawayDeliveryFunction";

/// The stand-in.
#[derive(Debug)]
pub struct Giveaway {
    keys: Keys,
}

impl Giveaway {
    pub(crate) fn configure(env: &EnvVars) -> Result<Self, ProviderError> {
        // Where none is set, no call has the right one.
        let key = env.credential(FUNCTION, "api_key").unwrap_or_else(names::opaque);
        let keys = keys_of(&key).ok_or(ProviderError::NoKeys(FUNCTION))?;
        Ok(Self { keys })
    }

    /// Answers a call. What it says in the body is not documented.
    pub(crate) fn answer(&self, request: &HttpRequest) -> Reply {
        if request.path != "/public/v1/giveaway/task/callback" {
            return Reply::refused(StatusCode::NOT_FOUND, "no such path");
        }
        if request.method != "POST" {
            return Reply::refused(StatusCode::METHOD_NOT_ALLOWED, "the method is not POST");
        }
        if !is_json(request) {
            return Reply::refused(StatusCode::BAD_REQUEST, "the content type is not JSON");
        }
        match self.check(request) {
            Ok(()) => Reply { status: StatusCode::OK, body: json!({"success": true}) },
            Err(refusal) => refused(&refusal),
        }
    }

    /// A site reports an action to us as we report it to the provider, so that it is proved and read in
    /// the same way.
    fn check(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let request = as_received(request);
        let claim = giveaway::Giveaway.signed_content((), &request)?;
        let proved = self.keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let now = Timestamp::now();
        let read = |content| giveaway::Giveaway.read((), content, now);
        proved.into_callback("giveaway", now, read).map(drop)
    }
}

/// `key` as the only key.
pub(crate) fn keys_of(key: &str) -> Option<Keys> {
    let keys = json!({"keys": [{"id": "api", "secret": key}]});
    Keys::from_json(&keys.to_string()).ok()
}

/// The request as a function would have received it.
pub(crate) fn as_received(request: &HttpRequest) -> Request {
    let HttpRequest { query, headers, body, .. } = request.clone();
    Request { query, headers, body }
}

/// `401` for a wrong credential, `400` for anything else.
pub(crate) fn refused(refusal: &Refusal) -> Reply {
    let status = match refusal {
        Refusal::Unauthenticated => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    Reply::refused(status, refusal.to_string())
}
