//! The sample events: one per callback kind, signed with the sample keys.

use std::collections::BTreeMap;

use bundle::provider::{PROVIDERS, ProviderEntry, SignError};
use bundle::samples::{Sample, SamplesError};
use contracts::PUBLIC_URL;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue, USER_AGENT};
use jiff::Timestamp;
use serde_json::Value;
use settings::Settings;
use verify::{Keys, Route};

use crate::event::{self, Context, HttpRequest};
use crate::settings::EnvVars;

/// Why a sample cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The provider's sample file is not of its form.
    #[error(transparent)]
    Malformed(#[from] SamplesError),
    /// There is no key to sign with.
    #[error("{0} has no usable KEYS")]
    NoKeys(String),
    /// It cannot be signed.
    #[error("sample {name}: {error}")]
    Sign {
        /// The sample's name.
        name: String,
        /// Why it cannot be signed.
        error: SignError,
    },
}

/// The samples of `provider`, each as the request that it would send to `host`.
pub fn requests(
    provider: &ProviderEntry,
    env: &EnvVars,
    host: &str,
) -> Result<Vec<(Sample, HttpRequest)>, SampleError> {
    let samples = provider.samples()?;
    let settings = called_at(env.of(&provider.function), host);
    let no_keys = || SampleError::NoKeys(provider.function.clone());
    let keys = provider.keys(&settings).ok_or_else(no_keys)?;
    samples
        .into_iter()
        .map(|sample| {
            let payload = provider.payload(&sample, Timestamp::now());
            match signed(provider, &settings, &keys, &sample, &payload, host) {
                Ok(request) => Ok((sample, request)),
                Err(error) => Err(SampleError::Sign { name: sample.name, error }),
            }
        })
        .collect()
}

/// The request that `provider` would send to `host` for `sample`, with `payload` in the place of the sample's own.
pub fn signed(
    provider: &ProviderEntry,
    settings: &Settings,
    keys: &Keys,
    sample: &Sample,
    payload: &str,
    host: &str,
) -> Result<HttpRequest, SignError> {
    let route = provider.route(&sample.route)?;
    let forged = provider.forged_key().filter(|_| sample.forged);
    let secret = forged.as_ref().unwrap_or(keys.first());
    Ok(as_http(&route, provider.sign(settings, &route, payload, secret)?, host))
}

/// `settings` with the URL that the provider calls, where they name none: that of `host`, as functions have it.
#[must_use]
pub fn called_at(settings: Settings, host: &str) -> Settings {
    match settings.optional(PUBLIC_URL) {
        Some(_) => settings,
        None => settings.with(PUBLIC_URL, format!("https://{host}")),
    }
}

/// The host of an API's URL, with its port where it has one.
#[must_use]
pub fn host_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind.split('/').next().unwrap_or_default()
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
    for provider in PROVIDERS.iter() {
        for (sample, request) in requests(provider, env, "callbacks.example.com")? {
            events.insert(sample.name, event::from_http(&request, &context()));
        }
    }
    Ok(events)
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
