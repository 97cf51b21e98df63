//! An endpoint that remembers its requests and answers them by a function.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};

use serde_json::json;
use settings::Settings;

use crate::server::{Answer, Server};
use crate::tables::Tables;

/// The credential that [`delivery_settings`] give, as its member `api_key`.
pub const API_KEY: &str = "test-api-key-0000";

/// What a third party received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query, as they were on the wire.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// A third party, which answers until the test's runtime ends.
#[derive(Debug)]
pub struct ThirdParty {
    /// Where it is, without a path.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl ThirdParty {
    /// Starts one that answers as `answer` says.
    pub async fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let remembered = Arc::clone(&calls);
        let server = Server::start(move |request| {
            let call = Call::from(request);
            let answer = answer(&call);
            remembered.lock().expect("no panic").push(call);
            std::future::ready(answer)
        });
        Self { url: server.await.url(), calls }
    }

    /// Starts one that answers every call with `status`.
    pub async fn answering(status: u16) -> Self {
        Self::start(move |_| Answer::new(status, "{}")).await
    }

    /// What it received so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no panic").clone()
    }
}

impl From<Request<Bytes>> for Call {
    fn from(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: parts.method,
            target: parts.uri.to_string(),
            headers: parts.headers,
            body: String::from_utf8(body.into()).expect("UTF-8"),
        }
    }
}

/// The settings of a function that keeps its records in `tables` and delivers them to `upstream`.
#[must_use]
pub fn delivery_settings(tables: &Tables, upstream: &str) -> Settings {
    crate::settings("DYNAMODB", tables.url())
        .with("UPSTREAM_URL", upstream)
        .with("API_KEYS", json!({"api_key": API_KEY}).to_string())
}
