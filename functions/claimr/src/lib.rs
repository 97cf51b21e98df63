//! claimr webhooks: user activity, user login, user reward and referral.
//!
//! What is signed, what is allowed and what it means stands in `contracts/claimr.toml`, with its sources.

use contracts::{Catalogue, Contract, Served};
use settings::Settings;

#[cfg(test)]
mod tests;

/// claimr.
pub type Claimr = Served<Described>;

/// `contracts/claimr.toml`.
#[derive(Debug)]
pub enum Described {}

impl Catalogue for Described {
    const NAME: &'static str = "claimr";
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn contract(_: &Settings) -> Option<Contract> {
        Contract::built_in(Self::NAME, &catalogue::files::CLAIMR).ok()
    }
}
