//! What a function says to API Gateway.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use verify::Caller;

use super::event;

/// An answer, and how long it took.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u64,
    /// The headers, their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, a JSON text.
    pub(crate) body: Value,
    /// From the moment when the function had the event.
    pub(crate) took: Duration,
}

impl Answer {
    /// Reads what a function posted to the Runtime API.
    pub(crate) fn read(response: &[u8], took: Duration) -> Self {
        let response: Value = serde_json::from_slice(response).expect("a JSON answer");
        assert_eq!(response["isBase64Encoded"], false, "{response}");
        let body = response["body"].as_str().expect("a text body");
        let headers = response["headers"].as_object().expect("headers").iter();
        let text = |value: &Value| value.as_str().expect("a header's value").to_owned();
        Self {
            status: response["statusCode"].as_u64().expect("a status"),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            body: serde_json::from_str(body).expect("a JSON body"),
            took,
        }
    }

    /// The `id` that the callback was stored under.
    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}"))
    }

    /// Asserts 200 with `outcome`: `recorded`, `duplicate` or `conflict`.
    #[track_caller]
    pub(crate) fn assert_kept(&self, outcome: &str) {
        assert_eq!((self.status, &self.body["status"]), (200, &json!(outcome)), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/json", "{self:?}");
        assert_eq!(self.body.as_object().map(serde_json::Map::len), Some(2), "{self:?}");
        assert!(!self.id().is_empty(), "{self:?}");
    }

    /// Asserts what `provider`'s caller is told of a conflict: a team's own code its error, a provider
    /// that there is nothing to send again.
    #[track_caller]
    pub(crate) fn assert_conflict(&self, provider: &str) {
        match event::entry(provider).caller {
            Caller::OwnCode => self.assert_problem(409),
            Caller::Provider => self.assert_kept("conflict"),
        }
    }

    /// Asserts problem details (RFC 9457) with `status`.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u64) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], json!(status), "{self:?}");
        for member in ["title", "detail"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        }
    }

    /// Asserts that the provider is asked to send again, in time.
    #[track_caller]
    pub(crate) fn assert_unavailable(&self) {
        self.assert_problem(503);
        let wait = self.headers["retry-after"].parse::<u32>().expect("seconds");
        assert!((1..=60).contains(&wait), "{self:?}");
        assert!(self.took < Duration::from_secs(3), "{self:?}");
    }
}
