//! API Gateway events.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bundle::numbered::Numbered;
use bundle::provider::ProviderEntry;
use dev_server::event::{Context, HttpRequest};
use dev_server::samples;
use dev_server::settings::EnvVars;
use jiff::Timestamp;
use serde_json::Value;
use verify::Secret;

/// An event. Printed, it is what Lambda hands over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event(pub(crate) Value);

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Event {
    /// The event in `events/NAME.json`.
    pub(crate) fn sample(name: &str) -> Self {
        let path = folder().join(name).with_extension("json");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(
            serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        )
    }

    /// The event for `payload`, which `provider` signs with its sample key and sends to `route`.
    pub(crate) fn signed(provider: &str, route: &str, payload: &str) -> Self {
        Self::signed_with(&sample_secret(provider), provider, route, payload)
    }

    /// The same, signed with `secret`.
    pub(crate) fn signed_with(secret: &str, provider: &str, route: &str, payload: &str) -> Self {
        let provider = entry(provider);
        let route = provider.route(route).expect("a route");
        let secret = Secret::new(secret.to_owned()).expect("not empty");
        let request = provider
            .sign(&settings::Settings::default(), &route, payload, &secret)
            .expect("signable");
        Self::of(&samples::as_http(&route, request, "callbacks.example.com"))
    }

    /// `provider`'s callback number `number`, signed with `secret`.
    pub(crate) fn numbered(provider: &str, number: usize, secret: &str) -> Self {
        let numbered = Numbered::of(entry(provider)).expect("a sample with an identity");
        let route = numbered.route.to_string();
        Self::signed_with(secret, provider, &route, &numbered.payload(number))
    }

    /// The sample that `provider`'s numbered callbacks are made of.
    pub(crate) fn genuine(provider: &str) -> Self {
        let numbered = Numbered::of(entry(provider)).expect("a sample with an identity");
        Self::sample(&numbered.sample)
    }

    /// The event for `request`.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let context = Context {
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
            source_ip: "192.0.2.1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        };
        Self(dev_server::event::from_http(request, &context))
    }

    /// The event with the member at `path`, names with `/` between them, replaced or added.
    pub(crate) fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let pointer = if parent.is_empty() { String::new() } else { format!("/{parent}") };
        self.0.pointer_mut(&pointer).expect("a parent")[name] = value.into();
        self
    }

    /// The event without the member at `path`.
    pub(crate) fn without(mut self, path: &str) -> Self {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let pointer = if parent.is_empty() { String::new() } else { format!("/{parent}") };
        let parent = self.0.pointer_mut(&pointer).and_then(Value::as_object_mut);
        parent.expect("a parent").remove(name).expect("the member");
        self
    }

    /// The event as API Gateway sends it for a content type that it does not take for text.
    pub(crate) fn into_binary(self) -> Self {
        let body = STANDARD.encode(self.body());
        self.with("body", body).with("isBase64Encoded", true)
    }

    /// What is sent under names: the query string's pairs, the headers, and the texts in a JSON body.
    pub(crate) fn members(&self) -> Vec<(String, String)> {
        let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let query = self.0["rawQueryString"].as_str().unwrap_or_default();
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or_default());
        let mut members: Vec<_> = pairs.map(|(name, value)| owned(name, value)).collect();
        for (name, value) in self.0["headers"].as_object().into_iter().flatten() {
            members.push(owned(name, value.as_str().unwrap_or_default()));
        }
        let mut objects: Vec<Value> = vec![serde_json::from_str(self.body()).unwrap_or_default()];
        while let Some(object) = objects.pop() {
            for (name, value) in object.as_object().into_iter().flatten() {
                match value {
                    Value::String(text) => members.push(owned(name, text)),
                    _ => objects.push(value.clone()),
                }
            }
        }
        members
    }

    /// The body; empty where there is none.
    pub(crate) fn body(&self) -> &str {
        self.0["body"].as_str().unwrap_or_default()
    }
}

/// The registry's entry of `provider`.
pub(crate) fn entry(provider: &str) -> &'static ProviderEntry {
    ProviderEntry::named(provider).expect("a provider")
}

/// The provider that a sample's name begins with.
pub(crate) fn provider(sample: &str) -> &'static str {
    entry(sample.split('-').next().expect("a provider")).name
}

/// The key that `provider`'s samples are signed with.
pub(crate) fn sample_secret(provider: &str) -> String {
    let env = EnvVars::read(&bundle::project_file("events/env.json")).expect("sample settings");
    let settings = env.of(&entry(provider).function);
    let keys: Value =
        serde_json::from_str(settings.optional("KEYS").expect("keys")).expect("a key list");
    keys["keys"][0]["secret"].as_str().expect("text").to_owned()
}

/// The names of `provider`'s sample events, in order: those of its files.
pub(crate) fn sample_names(provider: &str) -> Vec<String> {
    let names = all_sample_names().into_iter();
    names.filter(|name| self::provider(name) == provider).collect()
}

/// The names of all sample requests, in order.
pub(crate) fn all_sample_names() -> Vec<String> {
    let mut names = all_file_names();
    names.retain(|name| Event::sample(name).0["requestContext"].is_object());
    names
}

/// The names of all files in `events/` but the settings, in order.
pub(crate) fn all_file_names() -> Vec<String> {
    let files = fs::read_dir(folder()).expect("sample events");
    let paths = files.map(|file| file.expect("a file").path());
    let mut names: Vec<_> = paths
        .map(|path| path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned())
        .filter(|name| name != "env")
        .collect();
    names.sort_unstable();
    names
}

fn folder() -> PathBuf {
    bundle::project_file("events")
}
