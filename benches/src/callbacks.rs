//! Signed callbacks, each with an identity of its own.

use bundle::numbered::Numbered;
use bundle::provider::ProviderEntry;
use bytes::Bytes;
use dev_server::event::{self, Context};
use dev_server::samples;
use dev_server::settings::EnvVars;
use jiff::Timestamp;
use settings::Settings;
use verify::Keys;

use crate::error::Error;

/// Makes callbacks of one provider.
pub struct Callbacks {
    provider: &'static ProviderEntry,
    settings: Settings,
    keys: Keys,
    numbered: Numbered,
    made: usize,
}

impl Callbacks {
    /// Callbacks of `provider`.
    ///
    /// # Errors
    ///
    /// When there is no such sample.
    pub fn of(provider: &str) -> Result<Self, Error> {
        let none = |why: &str| Error::NoCallback { provider: provider.into(), why: why.into() };
        let entry = ProviderEntry::named(provider).ok_or_else(|| none("no such provider"))?;
        let settings = EnvVars::read(&bundle::project_file("events/env.json"))
            .map_err(|error| none(&error.to_string()))?
            .of(&entry.function);
        let keys = settings.optional("KEYS").and_then(|keys| Keys::from_json(keys).ok());
        let keys = keys.ok_or_else(|| none("no keys"))?;
        let numbered = Numbered::of(entry).ok_or_else(|| none("no sample says its identity"))?;
        Ok(Self { provider: entry, settings, keys, numbered, made: 0 })
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
        let payload = self.numbered.payload(self.made);
        self.provider
            .sign(&self.settings, &self.numbered.route, &payload, self.keys.first())
            .map_err(|error| self.none(&error.to_string()))
    }

    /// The event of the next callback.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub fn next_event(&mut self) -> Result<Bytes, Error> {
        let request = self.next_request()?;
        let request = samples::as_http(&self.numbered.route, request, "callbacks.example.com");
        let context = Context {
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
            source_ip: "192.0.2.1".to_owned(),
            at: Timestamp::now(),
        };
        Ok(event::from_http(&request, &context).to_string().into())
    }

    fn none(&self, why: &str) -> Error {
        Error::NoCallback { provider: self.provider.name.to_owned(), why: why.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use dev_server::functions::RECEIVERS;
    use dev_server::settle::on_this_machine;

    use super::*;
    use crate::store::TABLES;

    #[tokio::test]
    async fn every_callback_has_its_own_identity() {
        let tables = test_support::Tables::serve_keyed(&TABLES).await;
        let aws = on_this_machine(tables.url());
        for function in RECEIVERS.iter() {
            let provider = function.provider.name;
            let mut callbacks = Callbacks::of(provider).expect(provider);
            let mut settings = callbacks.settings().clone();
            settings.extend(aws.clone());
            let receive = function.start(&settings, Timestamp::now).expect("configured");
            for _ in 0..3 {
                let event = callbacks.next_event().expect("signed");
                let event = serde_json::from_slice(&event).expect("JSON");
                let answer = receive(lambda_runtime::Context::default(), event).await;
                let answer = serde_json::to_string(&answer).expect("JSON");
                let recorded = r#"{\"status\":\"recorded\","#;
                assert!(answer.contains(recorded), "{provider}: {answer}");
            }
        }
    }
}
