//! A body for a provider that is written by hand and described by a contract as well.

use std::sync::LazyLock;

use claimr::Claimr;
use http::HeaderValue;
use inbrain::Inbrain;
use serde_json::Value;
use settings::Settings;
use sha2::{Digest as _, Sha256};
use verify::{Keys, Provider, Request, Sender};

use super::body::SECRET;
use crate::both::{Agreed, Both, Fingerprints};
use crate::variants;

/// The providers that there are twice.
pub const PROVIDERS: [&str; 2] = [Inbrain::NAME, Claimr::NAME];

static INBRAIN: LazyLock<Vec<Both<Inbrain>>> =
    LazyLock::new(|| vec![both(&[]), both(&[("MAX_REWARD", "")]), both(&[("MAX_REWARD", "99.5")])]);

static CLAIMR: LazyLock<Vec<Both<Claimr>>> = LazyLock::new(|| {
    let all = "user_activity,user_login,user_reward,referral";
    vec![
        both(&[]),
        both(&[("PAYING_SCOPES", "referral, user_reward"), ("SIGNATURE_HEADER", "X-Other")]),
        both(&[("PAYING_SCOPES", all)]),
    ]
});

fn both<P: Provider>(settings: &[(&str, &str)]) -> Both<P> {
    let settings: Settings = settings.iter().copied().collect();
    Both::configure(&settings).unwrap_or_else(|error| unreachable!("{error}"))
}

/// The key list that requests are signed with the first key of.
pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let json = serde_json::json!({"keys": [{"id": "fuzz", "secret": SECRET}]});
    Keys::from_json(&json.to_string()).unwrap_or_else(|_| unreachable!("it is a key list"))
});

/// So many variants of a payload are sent, each of them signed.
const VARIANTS: usize = 6;

/// A body for `provider`: as it is, signed, and with one member of it in some other forms. The input itself chooses
/// the settings, the member and the forms.
pub fn contract(provider: &str, input: &[u8]) {
    let chosen = Sha256::digest(input).map(usize::from);
    if provider == Inbrain::NAME {
        compare(&INBRAIN[chosen[0] % INBRAIN.len()], input, &chosen[1..]);
    } else {
        compare(&CLAIMR[chosen[0] % CLAIMR.len()], input, &chosen[1..]);
    }
}

fn compare<P: Sender>(both: &Both<P>, input: &[u8], chosen: &[usize]) {
    for (route, hook) in P::ROUTES {
        let receive = |request: &Request| -> Option<Agreed> {
            let agreed = both.receive(&KEYS, (route.method, route.path), request);
            agreed.unwrap_or_else(|difference| panic!("{}: {difference}", shown(request)))
        };
        receive(&Request { body: input.to_vec(), ..Request::default() });
        let Ok(payload) = std::str::from_utf8(input) else { continue };
        let Ok(request) = both.hand().sign(*hook, payload, KEYS.first()) else { continue };
        for request in spelled(&request, payload) {
            receive(&request);
        }
        let mut fingerprints = Fingerprints::default();
        for payload in std::iter::once(payload.to_owned()).chain(variants_of(payload, chosen)) {
            let Ok(request) = both.hand().sign(*hook, &payload, KEYS.first()) else { continue };
            if let Some(agreed) = receive(&request) {
                assert_eq!(fingerprints.add(&agreed), Ok(()), "{}", shown(&request));
            }
        }
    }
}

fn shown(request: &Request) -> String {
    format!("{:?} {}", request.headers, String::from_utf8_lossy(&request.body))
}

/// Some variants of a payload at one of its members.
fn variants_of(payload: &str, chosen: &[usize]) -> Vec<String> {
    let Ok(object) = serde_json::from_str::<Value>(payload) else { return Vec::new() };
    let paths = variants::paths(&object);
    let Some(path) = paths.get(chosen[0] % paths.len().max(1)) else { return Vec::new() };
    let all = variants::at(&object, path);
    chosen[1..=VARIANTS].iter().map(|at| all[at % all.len()].clone()).collect()
}

/// The signature of a request in other spellings, where that is in a header.
fn spelled(request: &Request, payload: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for (name, value) in &request.headers {
        let Ok(text) = value.to_str() else { continue };
        let first = payload.get(..72).unwrap_or(payload);
        for text in [format!("sha256={text}"), text.to_uppercase(), first.to_owned()] {
            let Ok(value) = HeaderValue::try_from(text) else { continue };
            let mut spelled = request.clone();
            spelled.headers.insert(name, value);
            requests.push(spelled);
        }
    }
    requests
}
