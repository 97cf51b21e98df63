//! Why nothing proved a request: what would have.
//!
//! A request that was answered 401 is tried again in other forms, and with other keys that are at hand: whatever fits
//! says what is wrong. Nothing is told but which of them it was: no secret, and no signature that is right.

mod place;
mod seen;
mod variants;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bundle::folder::Folder;
use bundle::prover::Prover;
use bundle::provider::{PROVIDERS, ProviderEntry};
use serde::Deserialize;
use settings::Settings;
use verify::{Request, Route, Secret};

use crate::diagnosis::place::{Place, Signed};
use crate::event::HttpRequest;
use crate::redacted::Redactor;
use crate::settings::EnvVars;

pub use crate::diagnosis::seen::Seen;

/// The largest body and query together that are looked into, in bytes: each attempt reads them anew.
const LARGEST: usize = 64 * 1024;

/// The longest sentence, in bytes: a name that somebody sent may be any length.
const LONGEST_WHY: usize = 300;

fn is_large(request: &HttpRequest) -> bool {
    request.body.len() + request.query.len() > LARGEST
}

/// What is at hand to find out why.
#[derive(Debug)]
pub struct Diagnosis {
    env: EnvVars,
    contracts: Folder,
    redactor: Redactor,
    /// What is known of each route that was asked about: a contract that is read anew takes memory for good.
    known: Mutex<HashMap<String, Known>>,
}

/// What is known of a route.
#[derive(Clone)]
struct Known {
    /// The file that says it, of a contract.
    text: Option<String>,
    case: Arc<Case>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Known").field(&self.case.signed).finish()
    }
}

/// What a request to a route is looked into with.
struct Case {
    signed: Option<Signed>,
    own: Vec<Key>,
    others: Vec<Key>,
    /// What proves a request, as its function does.
    prover: Prover,
    /// What says what is signed, of a contract that the function has built in.
    contract: Option<Prover>,
}

/// A key, by what it is called here.
struct Key {
    name: String,
    secret: Secret,
}

/// A list of keys, those with a secret that was pasted wrongly included.
#[derive(Deserialize)]
struct KeyList {
    keys: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    secret: String,
}

impl Diagnosis {
    /// With the keys of `env`, and the providers that `contracts` describe.
    #[must_use]
    pub fn new(env: EnvVars, contracts: Folder) -> Self {
        let redactor = Redactor::new(&env.secrets());
        Self { env, contracts, redactor, known: Mutex::default() }
    }

    /// What takes the keys out of what is shown.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Why `request` is not proved, in a sentence without a full stop; none where it is for no provider's route.
    #[must_use]
    pub fn why(&self, request: &HttpRequest) -> Option<String> {
        let case = self.case(request)?;
        if is_large(request) {
            return Some("it is too large to be looked into".to_owned());
        }
        let request = as_received(request);
        Some(match &case.signed {
            // It may name what somebody sent.
            Some(signed) => self.redactor.first(&case.why(&signed.place, &request), LONGEST_WHY),
            None => "only the provider itself can sign for this route".to_owned(),
        })
    }

    /// How `request` is proved, or was meant to be; none where it is for no provider's route, only the provider can sign
    /// for it, or it is too large to be looked into.
    #[must_use]
    pub fn seen(&self, request: &HttpRequest) -> Option<Seen> {
        if is_large(request) {
            return None;
        }
        self.case(request)?.seen(&as_received(request))
    }

    /// What is known of the route of `request`.
    fn case(&self, request: &HttpRequest) -> Option<Arc<Case>> {
        let name = request.path.split('/').nth(1)?;
        let is_file = ProviderEntry::named(name).is_none();
        let text = if is_file { Some(self.contracts.text(name).ok()?) } else { None };
        let route = format!("{} {}", request.method, request.path);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&route).filter(|known| known.text == text) {
            return Some(Arc::clone(&known.case));
        }
        let provider = self.contracts.provider(name).ok()?;
        let case = Arc::new(self.looked_up(&provider, &provider.route(&route).ok()?)?);
        known.insert(route, Known { text, case: Arc::clone(&case) });
        Some(case)
    }

    fn looked_up(&self, provider: &ProviderEntry, route: &Route) -> Option<Case> {
        let settings = self.env.of(&provider.function);
        // A contract that a function of its own has built in is in its file as well, which says what is signed.
        let built_in = ProviderEntry::named(provider.name);
        let contract = built_in.and_then(|_| self.contracts.contract(provider.name).ok());
        let contract =
            contract.and_then(|it| ProviderEntry::described(it).prover(&settings, route).ok());
        Some(Case {
            contract,
            signed: Signed::of(provider, &settings, route),
            own: own_keys(provider, &settings),
            others: self.others(provider),
            prover: provider.prover(&settings, route).ok()?,
        })
    }

    /// The keys of all other functions that receive.
    fn others(&self, provider: &ProviderEntry) -> Vec<Key> {
        let others = PROVIDERS.iter().filter(|other| other.name != provider.name);
        let keys = others.flat_map(|other| {
            let keys = own_keys(other, &self.env.of(&other.function)).into_iter();
            keys.map(|key| Key { name: format!("{} of {}", key.name, other.name), ..key })
        });
        keys.collect()
    }
}

/// A request as a function gets it.
fn as_received(request: &HttpRequest) -> Request {
    let HttpRequest { query, headers, body, .. } = request.clone();
    Request { query, headers, body }
}

/// The keys of a provider's function.
fn own_keys(provider: &ProviderEntry, settings: &Settings) -> Vec<Key> {
    let json = settings.optional("KEYS").map(str::to_owned).or_else(|| provider.sample_keys());
    let list = json.and_then(|json| serde_json::from_str::<KeyList>(&json).ok());
    let keys = list.into_iter().flat_map(|list| list.keys);
    keys.filter_map(|key| Some(Key { name: key.id, secret: Secret::new(key.secret)? })).collect()
}

impl Case {
    fn why(&self, place: &Place, request: &Request) -> String {
        if self.own.is_empty() {
            return "its function has no key that can be read".to_owned();
        }
        let Some(came) = place.text(request) else { return self.missing(place, request) };
        // As it came, with another key.
        if let Some(key) = self.own.iter().find(|key| self.fits(request, key)) {
            let name = &key.name;
            return format!(
                "signed with the key {name}, which is not used, because its secret was pasted wrongly: paste it anew"
            );
        }
        for key in &self.own {
            for (what, secret) in variants::secrets(&key.secret) {
                if self.prover.proves(request, &secret) {
                    let name = &key.name;
                    return format!(
                        "signed with the secret of the key {name} {what}: have whoever signs take it as it is"
                    );
                }
            }
        }
        if let Some(key) = self.others.iter().find(|key| self.fits(request, key)) {
            return format!(
                "signed with another key, {}: sign with this provider's, or send it to that one's URL",
                key.name
            );
        }
        // In another form, with the keys that it should be made with.
        let fits = |request: &Request| self.own.iter().any(|key| self.fits(request, key));
        for (what, request) in variants::contents(request, place) {
            if fits(&request) {
                return format!("what was signed is {what}: sign the very bytes that are sent");
            }
        }
        for (what, text) in variants::texts(&came) {
            if place.with(request, &text).is_some_and(|request| fits(&request)) {
                return format!("the {} is right, but has to be {what}", place.kind());
            }
        }
        let own: Vec<_> = self.own.iter().map(|key| key.name.as_str()).collect();
        format!(
            "signed with none of the keys that are known here ({}): compare the key, and what is signed",
            own.join(", ")
        )
    }

    /// What is said where the credential is not there.
    fn missing(&self, place: &Place, request: &Request) -> String {
        for (name, request) in place.elsewhere(request) {
            if self.own.iter().any(|key| self.fits(&request, key)) {
                return format!(
                    "the credential is right, but in the {name}: it belongs into the {place}"
                );
            }
        }
        format!("there is no {place}")
    }

    fn fits(&self, request: &Request, key: &Key) -> bool {
        self.prover.proves(request, &key.secret)
    }
}

#[cfg(test)]
mod tests;
