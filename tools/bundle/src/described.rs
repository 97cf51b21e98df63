//! What is known of a provider that a contract describes.

use std::fmt;
use std::sync::Arc;

use contracts::proof::Scheme;
use contracts::{Contract, NoCatalogue, Served, lint};
use jiff::Timestamp;
use serde_json::{Map, Value};
use settings::Settings;
use verify::{Keys, Request, Route, Secret};

use crate::paste::Paste;
use crate::probe::{Probe, probe};
use crate::prover::{Prover, SignedText};
use crate::provider::{ProviderEntry, SignError};
use crate::samples::Sample;
use crate::side::{Side, hook, payloads_of};

impl ProviderEntry {
    /// The provider that `contract` describes.
    #[must_use]
    pub fn described(contract: Contract) -> Self {
        Self::of(contract.name(), contract.caller(), Arc::new(Described(contract)))
    }
}

/// A provider that a contract describes.
struct Described(Contract);

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Described").field(&self.0.name()).finish()
    }
}

impl Described {
    /// The place of `route` among its own.
    fn entrance(&self, route: &Route) -> Result<usize, SignError> {
        let entrances = self.0.entrances().iter().enumerate();
        let routes: Vec<_> = entrances.map(|(at, entrance)| (entrance.route, at)).collect();
        hook(&routes, route)
    }
}

impl Side for Described {
    fn routes(&self) -> Vec<Route> {
        self.0.entrances().iter().map(|entrance| entrance.route).collect()
    }

    fn samples(&self) -> serde_json::Result<Vec<Sample>> {
        let samples = self.0.file().samples.iter().map(|spec| {
            Ok(Sample {
                name: spec.name.to_string(),
                route: spec.route.to_string(),
                identity: None,
                forged: spec.forged,
                payload: serde_json::value::to_raw_value(&spec.payload)?,
            })
        });
        samples.collect()
    }

    fn payload(&self, sample: &Sample, now: Timestamp) -> String {
        let payload: Map<String, Value> =
            serde_json::from_str(&sample.payload()).unwrap_or_default();
        Value::Object(self.0.sent_at(now, &payload)).to_string()
    }

    fn sample_keys(&self) -> Option<String> {
        let secret = lint::sample_key(&self.0);
        let key = serde_json::json!({ "id": "sample", "secret": secret.expose_text() });
        Some(serde_json::json!({ "keys": [key] }).to_string())
    }

    fn forged_key(&self) -> Option<Secret> {
        Some(lint::forged_key(&self.0))
    }

    fn paste(&self, route: &Route) -> Paste {
        let specs = self.0.entrances().iter().zip(&*self.0.file().routes);
        let spec = specs.into_iter().find(|(entrance, _)| entrance.route == *route);
        let macros =
            spec.and_then(|(_, spec)| spec.paste.as_deref()).unwrap_or_default().to_owned();
        Paste { macros, token: self.0.file().token }
    }

    fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        let entrance = self.entrance(route)?;
        let contract = self.0.clone().configured(settings)?;
        Ok(contract.sign(entrance, &contract.url(entrance), payload, secret)?)
    }

    fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        let entrance = self.entrance(route)?;
        let served = Served::<NoCatalogue>::new(self.0.clone(), settings)?;
        let url = served.contract().url(entrance);
        let sign = |payload: &str| served.contract().sign(entrance, &url, payload, keys.first());
        let samples = self.samples().unwrap_or_default();
        let payloads = payloads_of(&samples, route).map(|sample| self.payload(sample, now));
        probe(&served, entrance, payloads, sign, keys, now)
            .ok_or_else(|| SignError::NoProbe(route.to_string()))
    }

    fn prover(&self, settings: &Settings, route: &Route) -> Result<Prover, SignError> {
        let entrance = self.entrance(route)?;
        let served = Served::<NoCatalogue>::new(self.0.clone(), settings)?;
        Ok(Prover::new(served, entrance, move |served, request| {
            let contract = served.contract();
            let message = contract.signed(entrance, &served.url(entrance, request), request)?;
            let scheme = &contract.file().credential.is;
            Some(match contract.proof().scheme {
                Scheme::Digest(_) => SignedText::digest(scheme, &message.before, &message.behind),
                _ => SignedText::keyed(scheme, &message.before),
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn every_contract_is_a_provider_with_signed_samples_and_probes() {
        let folder = Folder::default();
        let names = folder.names().expect("the contracts");
        assert!(names.len() > 20, "{names:?}");
        let (mut signed, mut probed) = (0, 0);
        let now = Timestamp::now();
        // What is called is signed by some.
        let settings = Settings::from([(contracts::PUBLIC_URL, "https://callbacks.example.com")]);
        for name in &names {
            let provider = ProviderEntry::described(folder.contract(name).expect(name));
            assert_eq!(provider.name, name);
            let keys = provider.keys(&settings).expect("a key");
            for sample in provider.samples().expect("samples") {
                let route = provider.route(&sample.route).expect("a route");
                let payload = provider.payload(&sample, now);
                let request = provider.sign(&settings, &route, &payload, keys.first());
                request.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
                signed += 1;
            }
            for route in provider.routes() {
                probed += usize::from(provider.probe(&settings, &route, &keys, now).is_ok());
            }
        }
        assert!(signed > 60 && probed > 20, "{signed} samples, {probed} probes");
    }
}
