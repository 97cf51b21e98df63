//! A request that a route refuses only once it has authenticated it: what shows that the route, its
//! function and its keys work, and leaves nothing behind.

use jiff::Timestamp;
use serde_json::{Map, Value};
use verify::{Keys, Provider, Refusal, Request, Unsignable};

/// The request, and what it is refused with.
#[derive(Debug)]
pub struct Probe {
    /// The request, signed with the first of the keys.
    pub request: Request,
    /// What the function's own code says of it.
    pub refusal: Refusal,
}

/// The first of `payloads` of which one required field is taken away; none where that makes no such request.
///
/// Some of the providers call nothing a test, and none does on every route; so it is a callback that no
/// version of the contract lets through. What it is refused with is worked out here by the very code that
/// the function has.
pub(crate) fn probe<P: Provider>(
    provider: &P,
    hook: P::Hook,
    payloads: impl Iterator<Item = String>,
    sign: impl Fn(&str) -> Result<Request, Unsignable>,
    keys: &Keys,
    now: Timestamp,
) -> Option<Probe> {
    for payload in payloads {
        let members: Map<String, Value> = serde_json::from_str(&payload).unwrap_or_default();
        for name in members.keys() {
            let mut payload = members.clone();
            payload.remove(name);
            let payload = Value::Object(payload).to_string();
            let Ok(request) = sign(&payload) else { continue };
            let read = |request| {
                let authenticated =
                    keys.prove(provider.signed_content(hook, request).ok()?).ok()?;
                let read = |content| provider.read(hook, content, now);
                authenticated.into_callback(provider.name(), now, read).err()
            };
            if let Some(refusal @ Refusal::Missing { .. }) = read(&request) {
                return Some(Probe { request, refusal });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use settings::Settings;

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
