//! The way from a payload to what is read in it, without API Gateway and the store.

use jiff::Timestamp;
use settings::Settings;
use verify::{Keys, ParsedCallback, Provider, Refusal, Request, Secret, Sender};

/// The only key: no character of it is escaped in a query string.
pub(crate) const SECRET: &str = "a-secret-0000";

/// A provider without settings.
pub(crate) fn provider<P: Provider>() -> P {
    P::configure(&Settings::default()).expect("every setting may be absent")
}

/// What the provider would send for `payload`.
pub(crate) fn signed<P: Sender>(hook: P::Hook, payload: &str) -> Request {
    let secret = Secret::new(SECRET.to_owned()).expect("not empty");
    provider::<P>().sign(hook, payload, &secret).expect("signable")
}

/// Whether `request` is let in.
pub(crate) fn is_let_in<P: Provider>(hook: P::Hook, request: &Request) -> bool {
    provider::<P>().signed_content(hook, request).is_ok_and(|claim| keys().prove(claim).is_ok())
}

/// What is read in `payload` when the provider sends it.
pub(crate) fn facts<P: Sender>(hook: P::Hook, payload: &str) -> Result<ParsedCallback, Refusal> {
    let provider = provider::<P>();
    let request = signed::<P>(hook, payload);
    let claim = provider.signed_content(hook, &request)?;
    let proved = keys().prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    let now: Timestamp = "2026-08-01T12:00:00Z".parse().expect("a time");
    let callback = proved.into_callback(P::NAME, now, |read| provider.read(hook, read, now))?;
    Ok(callback.parsed().clone())
}

fn keys() -> Keys {
    let keys = serde_json::json!({"keys": [{"id": "main", "secret": SECRET}]});
    Keys::from_json(&keys.to_string()).expect("usable")
}
