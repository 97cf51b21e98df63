//! A request that a route refuses only once it has authenticated it: what shows that the route, its
//! function and its keys work, and leaves nothing behind.

use jiff::Timestamp;
use serde_json::{Map, Value};
use settings::Settings;
use verify::{Keys, Refusal, Request, Route, Sender};

use crate::provider::{SignError, hook};
use crate::samples::Sample;

/// The request, and what it is refused with.
#[derive(Debug)]
pub struct Probe {
    /// The request, signed with the first of the keys.
    pub request: Request,
    /// What the function's own code says of it.
    pub refusal: Refusal,
}

/// The probe of `route`: a sample of the provider's that one required field is taken away from.
///
/// Some of the providers call nothing a test, and none does on every route; so it is a callback that no
/// version of the contract lets through. What it is refused with is worked out here by the very code that
/// the function has.
///
/// # Errors
///
/// [`SignError`], also where no sample becomes such a request.
pub(crate) fn probe<P: Sender>(
    settings: &Settings,
    route: &Route,
    keys: &Keys,
    now: Timestamp,
) -> Result<Probe, SignError> {
    let hook = hook::<P>(route)?;
    let provider = P::configure(settings)?;
    let samples = Sample::parse_all(P::SAMPLES).unwrap_or_default();
    for sample in samples.iter().filter(|it| it.route == route.to_string() && !it.forged) {
        let members: Map<String, Value> =
            serde_json::from_str(&sample.payload()).unwrap_or_default();
        for name in members.keys() {
            let mut payload = members.clone();
            payload.remove(name);
            let payload = Value::Object(payload).to_string();
            let Ok(request) = provider.sign(hook, &payload, keys.first()) else { continue };
            let read = |request| {
                let authenticated =
                    keys.prove(provider.signed_content(hook, request).ok()?).ok()?;
                let read = |content| provider.read(hook, content, now);
                authenticated.into_callback(P::NAME, now, read).err()
            };
            if let Some(refusal @ Refusal::Missing { .. }) = read(&request) {
                return Ok(Probe { request, refusal });
            }
        }
    }
    Err(SignError::NoSuchRoute(route.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::PROVIDERS;

    #[test]
    fn every_route_has_a_probe_that_only_the_right_key_gets_through() {
        let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"s"}]}"#).expect("usable");
        let mut routes = 0;
        for provider in PROVIDERS.iter() {
            for route in provider.routes() {
                let settings = Settings::default();
                let probe = provider.probe(&settings, &route, &keys, Timestamp::UNIX_EPOCH);
                let probe = probe.unwrap_or_else(|error| panic!("{route}: {error}"));
                assert!(probe.refusal.field().is_some(), "{route}");
                routes += 1;
            }
        }
        assert!(routes >= 11, "{routes} routes");
    }
}
