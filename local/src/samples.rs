//! The sample events: one per callback kind, signed with the sample keys.

use std::collections::BTreeMap;

use http::header::{CONTENT_LENGTH, HOST, HeaderValue, USER_AGENT};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use verify::{Keys, Route, Secret};

use crate::bundle::{RECEIVERS, ReceivingFunction, SignError};
use crate::event::{self, Context, HttpRequest};
use crate::settings::EnvVars;

/// One sample, as the provider's crate has it.
#[derive(Debug, Deserialize)]
pub struct Sample<'a> {
    /// The name of its event file, without the ending.
    pub name: String,
    /// Its route, `POST /path`.
    route: String,
    /// Whether it is signed with a key that is not the provider's.
    #[serde(default)]
    pub forged: bool,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// Why a sample cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The provider's sample file is not of its form.
    #[error("{provider}'s samples are malformed: {error}")]
    Malformed {
        /// The provider.
        provider: &'static str,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// There is no key to sign with.
    #[error("{0} has no usable KEYS")]
    NoKeys(&'static str),
    /// It cannot be signed.
    #[error("sample {name}: {error}")]
    Sign {
        /// The sample.
        name: String,
        /// Why not.
        error: SignError,
    },
}

/// The samples of `function`, each as the request that the provider would send to `host`.
pub fn requests(
    function: &ReceivingFunction,
    env: &EnvVars,
    host: &str,
) -> Result<Vec<(Sample<'static>, HttpRequest)>, SampleError> {
    let provider = function.provider;
    let samples: Vec<Sample<'static>> = serde_json::from_str(function.samples)
        .map_err(|error| SampleError::Malformed { provider, error })?;
    let settings = env.of(function.id);
    let keys = settings.optional("KEYS").and_then(|keys| Keys::from_json(keys).ok());
    let keys = keys.ok_or(SampleError::NoKeys(function.id))?;
    samples
        .into_iter()
        .map(|sample| {
            let sign = |error| SampleError::Sign { name: sample.name.clone(), error };
            let route = route(function, &sample.route).map_err(sign)?;
            let forged = Secret::new("a key that is nobody's".to_owned());
            let secret = forged.as_ref().filter(|_| sample.forged).unwrap_or(keys.first());
            let payload = compact(sample.payload.get());
            let request = function.sign(&settings, &route, &payload, secret).map_err(sign)?;
            let request = as_http(&route, request, host);
            Ok((sample, request))
        })
        .collect()
}

/// Where and when the sample requests arrive.
#[must_use]
pub fn context() -> Context {
    Context {
        request_id: "JKJaXmPLvHcESHA=".to_owned(),
        source_ip: "192.0.2.1".to_owned(),
        at: Timestamp::constant(1_785_585_600, 0),
    }
}

/// Every sample event, by its name.
pub fn events(env: &EnvVars) -> Result<BTreeMap<String, Value>, SampleError> {
    let mut events = BTreeMap::new();
    for function in &RECEIVERS {
        for (sample, request) in requests(function, env, "callbacks.example.com")? {
            events.insert(sample.name, event::from_http(&request, &context()));
        }
    }
    Ok(events)
}

/// The route of `function` that `text` names.
pub fn route(function: &ReceivingFunction, text: &str) -> Result<Route, SignError> {
    let routes = function.routes();
    let route = routes.into_iter().find(|route| route.to_string() == text);
    route.ok_or_else(|| SignError::NoSuchRoute(text.to_owned()))
}

/// A signed request as HTTP, with the headers that a client adds.
#[must_use]
pub fn as_http(route: &Route, request: verify::Request, host: &str) -> HttpRequest {
    let verify::Request { query, mut headers, body } = request;
    if let Ok(host) = HeaderValue::from_str(host) {
        headers.insert(HOST, host);
    }
    headers.insert(USER_AGENT, HeaderValue::from_static("sample"));
    if !body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    let (method, path) = (route.method.to_owned(), route.path.to_owned());
    HttpRequest { method, path, query, headers, body }
}

/// JSON without the white space between its tokens.
#[must_use]
pub fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    json.chars()
        .filter(|&c| {
            if in_string {
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
                return true;
            }
            in_string = c == '"';
            !c.is_ascii_whitespace()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_json_keeps_its_digits_and_strings() {
        let json = "{ \"a b\" : [ 1.50 , \"x \\\" y\\\\\" , null ] }\n";
        assert_eq!(compact(json), r#"{"a b":[1.50,"x \" y\\",null]}"#);
    }
}
