//! inBrain server callbacks: the outcome of a survey or an offer, and what the user gets for it.
//!
//! What is signed, what is allowed and what it means stands in `contracts/inbrain.toml`, with its sources.

use contracts::{Catalogue, Contract, Served};
use settings::Settings;

#[cfg(test)]
mod tests;

/// inBrain; of its hooks, 0 is the success callback URL and 1 the failure callback URL.
pub type Inbrain = Served<Described>;

/// `contracts/inbrain.toml`.
#[derive(Debug)]
pub enum Described {}

impl Catalogue for Described {
    const NAME: &'static str = "inbrain";
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn contract(_: &Settings) -> Option<Contract> {
        Contract::built_in(Self::NAME, &catalogue::files::INBRAIN).ok()
    }
}
