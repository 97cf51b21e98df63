//! What is asked of a provider, whatever says what it is: a crate or a contract.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use jiff::Timestamp;
use settings::Settings;
use verify::{Keys, Provider, Request, Route, Secret, Sender};

use crate::paste::Paste;
use crate::probe::{Probe, probe};
use crate::prover::{Prover, SignedText};
use crate::provider::SignError;
use crate::samples::Sample;

/// A provider's own side, and what is known of it here.
pub(crate) trait Side: Debug + Send + Sync {
    /// The routes of the HTTP API that it calls.
    fn routes(&self) -> Vec<Route>;

    /// Its sample callbacks.
    fn samples(&self) -> serde_json::Result<Vec<Sample>>;

    /// The payload of a sample as it is sent at `now`.
    fn payload(&self, sample: &Sample, _now: Timestamp) -> String {
        sample.payload()
    }

    /// The keys that its function has on this machine where its settings name none.
    fn sample_keys(&self) -> Option<String> {
        None
    }

    /// A key that is not the provider's.
    fn forged_key(&self) -> Option<Secret> {
        Secret::new("a key that is nobody's".to_owned())
    }

    /// What stands behind the path of `route` in the provider's dashboard.
    fn paste(&self, _route: &Route) -> Paste {
        Paste::default()
    }

    /// The request that it would send to `route`.
    fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError>;

    /// The request that `route` refuses only once it has authenticated it.
    fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError>;

    /// What proves requests to `route`.
    fn prover(&self, settings: &Settings, route: &Route) -> Result<Prover, SignError>;
}

/// A provider whose crate is in [`registry`](crate::registry).
pub(crate) struct Written<P> {
    /// Its routes, which no setting changes.
    routes: Vec<Route>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Sender> Default for Written<P> {
    fn default() -> Self {
        let provider = P::configure(&Settings::default());
        let routes = provider.as_ref().map(Provider::routes).unwrap_or_default();
        let routes = routes.iter().map(|(route, _)| *route).collect();
        Self { routes, provider: PhantomData }
    }
}

impl<P: Sender> Debug for Written<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Written").field(&P::NAME).finish()
    }
}

impl<P: Sender> Side for Written<P> {
    fn routes(&self) -> Vec<Route> {
        self.routes.clone()
    }

    fn samples(&self) -> serde_json::Result<Vec<Sample>> {
        Sample::parse_all(P::SAMPLES)
    }

    fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        let provider = P::configure(settings)?;
        Ok(provider.sign(hook(provider.routes(), route)?, payload, secret)?)
    }

    fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        let provider = P::configure(settings)?;
        let hook = hook(provider.routes(), route)?;
        let sign = |payload: &str| provider.sign(hook, payload, keys.first());
        let samples = self.samples().unwrap_or_default();
        let payloads = payloads_of(&samples, route).map(Sample::payload);
        probe(&provider, hook, payloads, sign, keys, now)
            .ok_or_else(|| SignError::NoProbe(route.to_string()))
    }

    fn prover(&self, settings: &Settings, route: &Route) -> Result<Prover, SignError> {
        let provider = P::configure(settings)?;
        let hook = hook(provider.routes(), route)?;
        Ok(Prover::new(provider, hook, move |provider, request| {
            SignedText::of(&provider.signed_content(hook, request).ok()?.credential)
        }))
    }
}

/// What the provider's code calls `route`, one of `routes`.
pub(crate) fn hook<H: Copy>(routes: &[(Route, H)], route: &Route) -> Result<H, SignError> {
    let known = routes.iter().find(|(known, _)| known == route);
    known.map(|(_, hook)| *hook).ok_or_else(|| SignError::NoSuchRoute(route.to_string()))
}

/// The samples that its own key signs for `route`.
pub(crate) fn payloads_of<'a>(
    samples: &'a [Sample],
    route: &Route,
) -> impl Iterator<Item = &'a Sample> {
    let route = route.to_string();
    samples.iter().filter(move |sample| sample.route == route && !sample.forged)
}
