//! devtodev's custom postback API: the key in the query is checked, and every field's form.

use bundle::names;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use verify::{Keys, Provider as _, Refusal};

use crate::event::HttpRequest;
use crate::http_server::is_json;
use crate::providers::giveaway::{as_received, keys_of, refused};
use crate::providers::{ProviderError, Reply};
use crate::settings::EnvVars;

/// The function that has the API key.
const FUNCTION: &str = "DevtodevDeliveryFunction";

/// The stand-in.
#[derive(Debug)]
pub struct Devtodev {
    keys: Keys,
}

impl Devtodev {
    pub(crate) fn configure(env: &EnvVars) -> Result<Self, ProviderError> {
        // Where none is set, no call has the right one.
        let key = env.credential(FUNCTION, "api_key").unwrap_or_else(names::opaque);
        let keys = keys_of(&key).ok_or(ProviderError::NoKeys(FUNCTION))?;
        Ok(Self { keys })
    }

    /// Answers a call. What it says in the body is not documented.
    pub(crate) fn answer(&self, request: &HttpRequest) -> Reply {
        if request.path.trim_end_matches('/') != "/track/install/v1/custom" {
            return Reply::refused(StatusCode::NOT_FOUND, "no such path");
        }
        let hook = match request.method.as_str() {
            "GET" => devtodev::Hook::Get,
            "POST" if is_json(request) => devtodev::Hook::Post,
            "POST" => {
                return Reply::refused(StatusCode::BAD_REQUEST, "the content type is not JSON");
            }
            _ => {
                let message = "the method is neither GET nor POST";
                return Reply::refused(StatusCode::METHOD_NOT_ALLOWED, message);
            }
        };
        match self.check(hook, request) {
            Ok(()) => Reply { status: StatusCode::OK, body: json!({"success": true}) },
            Err(refusal) => refused(&refusal),
        }
    }

    /// A tracker reports an install to us as we report it to the provider, so that it is proved and
    /// read in the same way.
    fn check(&self, hook: devtodev::Hook, request: &HttpRequest) -> Result<(), Refusal> {
        let request = as_received(request);
        let claim = devtodev::Devtodev.signed_content(hook, &request)?;
        let proved = self.keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let now = Timestamp::now();
        let read = |content| devtodev::Devtodev.read(hook, content, now);
        proved.into_callback("devtodev", now, read).map(drop)
    }
}
