//! A body, from a stranger and from the provider.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use bundle::provider::Visitor;
use bundle::registry::visit;
use jiff::Timestamp;
use settings::Settings;
use verify::{Amount, Keys, Object, ParsedCallback, Provider, Refusal, Request, Secret, Sender};

/// The only key. No input has it by accident.
pub(crate) const SECRET: &str = "1f0c7d9e-fuzz-4b7a";

/// A body for `provider`; where a route takes it in the query string, its members as that.
pub fn body(provider: &str, input: &[u8]) {
    if !has_secret(input) {
        visit(&mut Body { provider, input });
    }
}

struct Body<'a> {
    provider: &'a str,
    input: &'a [u8],
}

impl Visitor for Body<'_> {
    fn visit<P: Sender>(&mut self) {
        if P::NAME != self.provider {
            return;
        }
        let provider = provider::<P>();
        for (route, hook) in provider.routes() {
            let stranger = Request { body: self.input.to_vec(), ..Request::default() };
            assert!(!is_let_in(provider, *hook, &stranger), "{route} without the key");

            let Ok(payload) = std::str::from_utf8(self.input) else { continue };
            let Ok(request) = provider.sign(*hook, payload, &secret()) else { continue };
            if let Ok(facts) = received(provider, *hook, &request) {
                check::<P>(&facts);
                arrives_again(provider, *hook, &facts);
            }
        }
    }
}

/// The secret as it is signed with.
pub(crate) fn secret() -> Secret {
    Secret::new(SECRET.to_owned()).unwrap_or_else(|| unreachable!("it is not empty"))
}

/// Whether an input has the secret in it: then it proves nothing that it is kept or let in.
pub(crate) fn has_secret(input: &[u8]) -> bool {
    input.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let json = serde_json::json!({"keys": [{"id": "fuzz", "secret": SECRET}]});
    Keys::from_json(&json.to_string()).unwrap_or_else(|_| unreachable!("it is a key list"))
});

/// A provider without settings. It is made once: what a contract is compiled to is never freed.
pub(crate) fn provider<P: Provider>() -> &'static P {
    static MADE: Mutex<BTreeMap<TypeId, &'static (dyn Any + Send + Sync)>> =
        Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let provider = *made.entry(TypeId::of::<P>()).or_insert_with(|| {
        let provider = P::configure(&Settings::default());
        Box::leak(Box::new(
            provider.unwrap_or_else(|_| unreachable!("every setting may be absent")),
        ))
    });
    provider.downcast_ref().unwrap_or_else(|| unreachable!("it is kept by its type"))
}

/// Whether `request` is authenticated.
pub(crate) fn is_let_in<P: Provider>(provider: &P, hook: P::Hook, request: &Request) -> bool {
    provider.signed_content(hook, request).is_ok_and(|claim| KEYS.prove(claim).is_ok())
}

/// What is read in `request`, which is signed.
pub(crate) fn received<P: Provider>(
    provider: &P,
    hook: P::Hook,
    request: &Request,
) -> Result<ParsedCallback, Refusal> {
    let claim = provider.signed_content(hook, request)?;
    let proved = KEYS.prove(claim);
    assert!(proved.is_ok(), "what is signed is genuine");
    let now = Timestamp::UNIX_EPOCH;
    let proved = proved.map_err(|_| Refusal::Unauthenticated)?;
    let read = |content| provider.read(hook, content, now);
    Ok(proved.into_callback(P::NAME, now, read)?.parsed().clone())
}

/// What everything behind the receiver relies on.
pub(crate) fn check<P: Provider>(facts: &ParsedCallback) {
    let key = facts.key.as_str();
    assert!(key.starts_with(&format!("{}#", P::NAME)), "{key}");
    assert!(key.len() <= 2048 && key.bytes().all(|b| (b' '..=b'~').contains(&b)), "{key}");
    assert!(!key.contains('@'), "an address in {key}");
    let fingerprint = facts.fingerprint.as_str();
    assert!(fingerprint.len() == 64 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(!facts.user.is_empty() && !facts.user.contains(char::is_control), "{:?}", facts.user);
    if let Some(reward) = facts.effect.reward() {
        assert!(!reward.amount.is_zero() && !reward.unit.is_empty());
        assert_eq!(Amount::parse(&reward.amount.to_string()), Some(reward.amount));
    }
    // By its grammar: a number may be past what a float can hold.
    let payload = Object::parse(facts.payload.as_bytes());
    assert_eq!(payload.map(drop), Ok(()), "{}", facts.payload);
    assert!(!has_secret(facts.payload.as_bytes()), "the key is kept");
}

/// What is kept of a callback is the same callback when it arrives again.
pub(crate) fn arrives_again<P: Sender>(provider: &P, hook: P::Hook, facts: &ParsedCallback) {
    let request = provider.sign(hook, &facts.payload, &secret());
    let again = request.ok().map(|request| received(provider, hook, &request));
    assert_eq!(again, Some(Ok(facts.clone())));
}
