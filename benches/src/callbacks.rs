//! Signed callbacks, each with an identity of its own.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use local::bundle::{RECEIVERS, ReceivingFunction};
use local::event::{self, Context};
use local::samples;
use local::settings::EnvVars;
use serde_json::Value;
use serde_json::value::RawValue;
use settings::Settings;
use verify::{Keys, Route};

use crate::error::Error;

/// Per provider the sample that is sent, and what in it is the identity; `NUMBER` becomes twelve digits.
const SAMPLES: [(&str, &str, &str, &str); 5] = [
    ("giveaway", "giveaway-action", "12345_67890", "12345_NUMBER"),
    ("claimr", "claimr-user-activity", "cm-5f1e0001", "cm-NUMBER"),
    ("devtodev", "devtodev-install-get", "trk-5c0d9a41e7", "trk-NUMBER"),
    ("inbrain", "inbrain-survey-completed", "b2a4c6d80001", "NUMBER"),
    ("appvirality", "appvirality-loyalty-user-reward", "20201", "NUMBER"),
];

/// Makes callbacks of one provider.
pub struct Callbacks {
    function: &'static ReceivingFunction,
    settings: Settings,
    keys: Keys,
    route: Route,
    /// The payload around the identity.
    payload: (String, String),
    made: u64,
}

impl Callbacks {
    /// Callbacks of `provider`.
    ///
    /// # Errors
    ///
    /// When there is no such sample.
    pub fn of(provider: &str) -> Result<Self, Error> {
        let none = |why: &str| Error::NoCallback { provider: provider.into(), why: why.into() };
        let mut functions = RECEIVERS.iter();
        let function = functions
            .find(|function| function.provider == provider)
            .ok_or_else(|| none("no such provider"))?;
        let (_, name, identity, numbered) = *SAMPLES
            .iter()
            .find(|(known, ..)| *known == provider)
            .ok_or_else(|| none("no sample is chosen"))?;
        let settings = EnvVars::read(&local::project_file("events/env.json"))
            .map_err(|error| none(&error.to_string()))?
            .of(function.id);
        let keys = settings.optional("KEYS").and_then(|keys| Keys::from_json(keys).ok());
        let keys = keys.ok_or_else(|| none("no keys"))?;
        let (route, payload) = sample(function, name).ok_or_else(|| none("no such sample"))?;
        let route = samples::route(function, &route).map_err(|error| none(&error.to_string()))?;
        let (before, after) = numbered.split_once("NUMBER").unwrap_or_default();
        let payload = samples::compact(&payload);
        let (head, tail) =
            payload.split_once(identity).ok_or_else(|| none("the sample has another identity"))?;
        let payload = (head.to_owned() + before, after.to_owned() + tail);
        Ok(Self { function, settings, keys, route, payload, made: 0 })
    }

    /// What the function is configured with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The secret that callbacks are signed with.
    #[must_use]
    pub fn secret(&self) -> &verify::Secret {
        self.keys.first()
    }

    /// The request of the next callback.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub fn next_request(&mut self) -> Result<verify::Request, Error> {
        self.made += 1;
        let (head, tail) = &self.payload;
        let payload = format!("{head}{:012}{tail}", self.made);
        self.function
            .sign(&self.settings, &self.route, &payload, self.keys.first())
            .map_err(|error| self.none(&error.to_string()))
    }

    /// The event of the next callback.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub fn next_event(&mut self) -> Result<Bytes, Error> {
        let request = self.next_request()?;
        let request = samples::as_http(&self.route, request, "callbacks.example.com");
        let context = Context {
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
            source_ip: "192.0.2.1".to_owned(),
            at: Timestamp::now(),
        };
        Ok(event::from_http(&request, &context).to_string().into())
    }

    fn none(&self, why: &str) -> Error {
        Error::NoCallback { provider: self.function.provider.to_owned(), why: why.to_owned() }
    }
}

/// The route and the payload of a sample.
fn sample(function: &ReceivingFunction, name: &str) -> Option<(String, String)> {
    let samples: Vec<HashMap<String, &RawValue>> = serde_json::from_str(function.samples).ok()?;
    let text = |sample: &HashMap<_, &RawValue>, member: &str| {
        let value: Value = serde_json::from_str(sample.get(member)?.get()).ok()?;
        value.as_str().map(str::to_owned)
    };
    let sample = samples.iter().find(|sample| text(sample, "name").as_deref() == Some(name))?;
    Some((text(sample, "route")?, sample.get("payload")?.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use local::settle::on_this_machine;

    use super::*;
    use crate::store::start_dynamodb;

    #[tokio::test]
    async fn every_callback_has_its_own_identity() {
        let port = start_dynamodb().await.expect("an embedded DynamoDB");
        let aws = on_this_machine(&format!("http://localhost:{port}"));
        for function in &RECEIVERS {
            let mut callbacks = Callbacks::of(function.provider).expect(function.provider);
            let mut settings = callbacks.settings().clone();
            settings.extend(aws.clone());
            let receive = function.start(&settings, Timestamp::now).expect("configured");
            for _ in 0..3 {
                let event = callbacks.next_event().expect("signed");
                let event = serde_json::from_slice(&event).expect("JSON");
                let answer = receive(lambda_runtime::Context::default(), event).await;
                let answer = serde_json::to_string(&answer).expect("JSON");
                let recorded = r#"{\"status\":\"recorded\","#;
                assert!(answer.contains(recorded), "{}: {answer}", function.provider);
            }
        }
    }
}
