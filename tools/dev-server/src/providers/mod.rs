//! Stand-ins for the providers' APIs: they check what they are sent, answer as the providers' pages say,
//! and can be looked into and steered.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`giveaway`], [`devtodev`], [`appvirality`] | the three APIs |
//! | [`rewards`], [`reward_state`] | what `AppVirality` knows of rewards: `GET /rewards`, `PUT /rewards/REWARDDTLID` |
//! | [`calls`] | what was received: `GET /calls`, `DELETE /calls` |
//! | [`faults`] | failures on demand: `POST /faults`, `GET /faults`, `DELETE /faults` |
//!
//! Calls, and what was set for rewards, are kept with the data directory; faults end with the process.

pub mod appvirality;
pub mod calls;
pub mod devtodev;
pub mod faults;
pub mod giveaway;
pub mod reward_state;
pub mod rewards;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dynoxide::Database;
use http::header::{HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::event::HttpRequest;
use crate::http_server::{self, Answer};
use crate::providers::appvirality::AppVirality;
use crate::providers::calls::Calls;
use crate::providers::devtodev::Devtodev;
use crate::providers::faults::{Fault, Faults};
use crate::providers::giveaway::Giveaway;
use crate::providers::rewards::Rewards;
use crate::settings::EnvVars;
use crate::state::{State, StateError};
use crate::stream::StreamError;

/// The providers that have an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Giveaway.com.
    Giveaway,
    /// devtodev.
    Devtodev,
    /// `AppVirality`.
    Appvirality,
}

/// What a provider answers: a status and a JSON body.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

/// Why a stand-in cannot do its part.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The credentials in the environment file cannot be checked.
    #[error("{0} has no usable API_KEYS")]
    NoKeys(&'static str),
    /// The stream of hooks cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// What is kept cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The stand-ins.
#[derive(Debug)]
pub struct Providers {
    giveaway: Giveaway,
    devtodev: Devtodev,
    appvirality: AppVirality,
    calls: Calls,
    faults: Faults,
}

impl Provider {
    /// Its name, as in the routes that it calls.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Giveaway => "giveaway",
            Self::Devtodev => "devtodev",
            Self::Appvirality => "appvirality",
        }
    }

    /// Whose API `path` is on.
    fn of(path: &str) -> Option<Self> {
        match path.split('/').nth(1)? {
            "public" => Some(Self::Giveaway),
            "track" => Some(Self::Devtodev),
            "v2_0" => Some(Self::Appvirality),
            _ => None,
        }
    }
}

impl Reply {
    /// A refusal in the form that the providers have in common.
    #[must_use]
    pub fn refused(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, body: json!({"success": false, "message": message}) }
    }
}

impl Providers {
    /// The stand-ins, with the credentials that the settlement functions have in `env`, and with the
    /// hooks of the `callbacks` table in `database`.
    pub fn open(
        env: &EnvVars,
        database: &Database,
        state: Arc<State>,
    ) -> Result<Self, ProviderError> {
        let rewards = Rewards::open(database, Arc::clone(&state))?;
        Ok(Self {
            giveaway: Giveaway::configure(env)?,
            devtodev: Devtodev::configure(env)?,
            appvirality: AppVirality::configure(env, rewards),
            calls: Calls::new(state),
            faults: Faults::default(),
        })
    }

    /// Takes a call of a provider's API: does its work, or fails as was asked for.
    async fn take(
        &self,
        provider: Provider,
        request: &HttpRequest,
    ) -> Result<Option<Response<Bytes>>, ProviderError> {
        let fault = self.faults.take(provider, &request.path);
        let worked = match &fault {
            Some(fault) if !fault.applied => None,
            _ => Some(self.work(provider, request)?),
        };
        let Some(fault) = fault else {
            let status = worked.as_ref().map(|reply| reply.status.as_u16());
            self.calls.record(provider, request, status)?;
            return Ok(worked.map(|reply| http_server::json(reply.status, reply.body.to_string())));
        };
        // Before the wait, so that the call is there also when the process ends meanwhile.
        self.calls.record(provider, request, fault.status)?;
        if let Some(milliseconds) = fault.timeout_ms {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Ok(failure(&fault))
    }

    fn work(&self, provider: Provider, request: &HttpRequest) -> Result<Reply, ProviderError> {
        match provider {
            Provider::Giveaway => Ok(self.giveaway.answer(request)),
            Provider::Devtodev => Ok(self.devtodev.answer(request)),
            Provider::Appvirality => self.appvirality.answer(request),
        }
    }

    /// Looks into the stand-ins, or steers them; `None` for a path that is not there for it.
    fn steer(&self, request: &HttpRequest) -> Result<Option<Reply>, ProviderError> {
        let path: Vec<_> = request.path.split('/').skip(1).collect();
        // A form of a web page cannot say so.
        if matches!(request.method.as_str(), "POST" | "PUT") && !http_server::is_json(request) {
            let message = "the content type is not application/json";
            return Ok(Some(Reply::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)));
        }
        let ok = |body: Value| Ok(Some(Reply { status: StatusCode::OK, body }));
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["faults"]) => ok(self.faults.list()),
            ("POST", ["faults"]) => Ok(Some(self.faults.add(&request.body))),
            ("DELETE", ["faults"]) => ok(self.faults.clear()),
            ("DELETE", ["calls"]) => ok(self.calls.clear()?),
            ("GET", ["rewards"]) => ok(self.appvirality.rewards().list()?),
            ("PUT", ["rewards", id]) => self.appvirality.rewards().set(id, &request.body).map(Some),
            _ => Ok(None),
        }
    }

    async fn respond(
        &self,
        request: &HttpRequest,
    ) -> Result<Option<Response<Bytes>>, ProviderError> {
        if let Some(provider) = Provider::of(&request.path) {
            return self.take(provider, request).await;
        }
        // Its bodies are shown as they came, which a JSON value would not do.
        if (request.method.as_str(), request.path.as_str()) == ("GET", "/calls") {
            return Ok(Some(http_server::json(StatusCode::OK, self.calls.list()?)));
        }
        let reply = self.steer(request)?.unwrap_or_else(|| {
            let message = "no such path: /calls, /faults, /rewards, or a path of a provider's API";
            Reply::refused(StatusCode::NOT_FOUND, message)
        });
        Ok(Some(http_server::json(reply.status, reply.body.to_string())))
    }
}

impl Answer for Providers {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        self.respond(&request).await.unwrap_or_else(|error| {
            let reply = Reply::refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
            Some(http_server::json(reply.status, reply.body.to_string()))
        })
    }
}

/// The answer that a fault makes; none where it is silence.
fn failure(fault: &Fault) -> Option<Response<Bytes>> {
    let status = StatusCode::from_u16(fault.status?).ok()?;
    let usual = || Reply::refused(status, "a fault that was asked for").body.to_string();
    let mut response = http_server::json(status, fault.body().unwrap_or_else(usual));
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Some(response)
}

#[cfg(test)]
mod tests;
