//! A provider that is written by hand and described by a contract as well: what the two make of one request.
//!
//! They are one provider where nobody can tell them apart: the same requests are let in, the others refused for
//! the same reason and field, and a callback is the same one with the same meaning. Only the digests in which two
//! deliveries have to agree may be others; there, it is the agreement that is the same ([`Fingerprints`]).

use std::collections::HashMap;

use catalogue::Served;
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{Keys, ParsedCallback, Provider, Refusal, Request};

/// Both, with the same settings.
#[derive(Debug)]
pub struct Both<P> {
    hand: P,
    contract: Served,
}

/// What a provider makes of a request: a callback with the name of its key, or a refusal.
type Made = Result<(String, ParsedCallback), Refusal>;

/// A request that both take for the same callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// What is kept of it, with the fingerprint of the one that is written by hand.
    pub parsed: ParsedCallback,
    /// The fingerprint by the contract.
    pub by_contract: String,
}

impl<P: Provider> Both<P> {
    /// Both with `settings`; the error of both, where they have the same one.
    ///
    /// # Panics
    ///
    /// One can be configured and the other cannot, or they say different things about it.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let contract = Served::configure(&settings.clone().with("CONTRACT", P::NAME));
        match (P::configure(settings), contract) {
            (Ok(hand), Ok(contract)) => Ok(Self { hand, contract }),
            (Err(hand), Err(contract)) => {
                assert_eq!(hand, contract);
                Err(hand)
            }
            (hand, contract) => {
                let (hand, contract) = (hand.err(), contract.err());
                panic!("by hand {hand:?}, by the contract {contract:?}")
            }
        }
    }

    /// The one that is written by hand.
    pub const fn hand(&self) -> &P {
        &self.hand
    }

    /// The contract.
    pub const fn contract(&self) -> &Served {
        &self.contract
    }

    /// What both make of a request; `None` where both refuse it for the same reason.
    ///
    /// # Errors
    ///
    /// How they differ.
    pub fn receive(
        &self,
        keys: &Keys,
        (method, path): (&str, &str),
        request: &Request,
    ) -> Result<Option<Agreed>, String> {
        let hand = made(&self.hand, keys, (method, path), request);
        let contract = made(&self.contract, keys, (method, path), request);
        match (hand, contract) {
            (Ok((hand_key, hand)), Ok((contract_key, mut contract)))
                if hand_key == contract_key =>
            {
                let by_contract = contract.fingerprint.as_str().to_owned();
                contract.fingerprint = hand.fingerprint.clone();
                if hand == contract {
                    Ok(Some(Agreed { parsed: hand, by_contract }))
                } else {
                    Err(format!("by hand {hand:?}\nby the contract {contract:?}"))
                }
            }
            (Err(hand), Err(contract)) if says(&hand) == says(&contract) => Ok(None),
            (hand, contract) => Err(format!("by hand {hand:?}\nby the contract {contract:?}")),
        }
    }
}

/// What of a refusal has to be the same: all but the words for the form that was expected.
fn says(refusal: &Refusal) -> (&'static str, Option<&str>) {
    (refusal.reason(), refusal.field())
}

/// What a function does up to the table.
fn made<P: Provider>(
    provider: &P,
    keys: &Keys,
    (method, path): (&str, &str),
    request: &Request,
) -> Made {
    let routes = provider.routes();
    let matches = |route: &verify::Route| route.method == method && route.path == path;
    let hook = routes.iter().find(|(route, _)| matches(route)).map(|(_, hook)| *hook);
    let claim = provider.signed_content(hook.ok_or(Refusal::NoSuchRoute)?, request)?;
    let hook = hook.ok_or(Refusal::NoSuchRoute)?;
    let proved = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    let key_id = proved.key_id().to_string();
    let now = Timestamp::UNIX_EPOCH;
    let read = |content| provider.read(hook, content, now);
    let callback = proved.into_callback(provider.name(), now, read)?;
    Ok((key_id, callback.parsed().clone()))
}

/// Fingerprints of both kinds, of callbacks that were taken one after the other.
#[derive(Debug, Default)]
pub struct Fingerprints {
    by_hand: HashMap<(String, String), String>,
    by_contract: HashMap<(String, String), String>,
}

impl Fingerprints {
    /// Takes one more.
    ///
    /// # Errors
    ///
    /// Another callback of the same key, with which it agrees by one of the two and not by the other.
    pub fn add(&mut self, agreed: &Agreed) -> Result<(), String> {
        let Agreed { parsed, by_contract } = agreed;
        let by_hand = parsed.fingerprint.as_str().to_owned();
        let key = parsed.key.as_str();
        let known = self.by_hand.insert((key.to_owned(), by_hand.clone()), by_contract.clone());
        if known.is_some_and(|known| known != *by_contract) {
            return Err(format!("{key}: the same by hand, another by the contract"));
        }
        let known = self.by_contract.insert((key.to_owned(), by_contract.clone()), by_hand.clone());
        if known.is_some_and(|known| known != by_hand) {
            return Err(format!("{key}: another by hand, the same by the contract"));
        }
        Ok(())
    }
}
