//! The contracts of `contracts/`: those that a team has, each checked when this crate is built.
//!
//! A contract that the linter has an error for is not built in, and nothing else is: `cargo build` says what is
//! wrong with it. So whatever is served from here was found safe.

use contracts::{Catalogue, Contract};

/// A contract.
struct Entry {
    name: &'static str,
    /// What a function needs of it, as JSON, which is read sooner than TOML.
    served: &'static str,
    /// Its file.
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The catalogue that was built in.
#[derive(Debug)]
pub struct BuiltIn;

/// The provider that the setting `CONTRACT` names.
pub type Served = contracts::Served<BuiltIn>;

impl Catalogue for BuiltIn {
    fn contract(name: &str) -> Option<Contract> {
        let entry = entry(name)?;
        Contract::load(entry.name, serde_json::from_str(entry.served).ok()?).ok()
    }
}

/// The names of all contracts, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

/// The file of the contract called `name`.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    entry(name).map(|entry| entry.text)
}

/// The contract called `name`, with its samples and sources.
#[must_use]
pub fn find(name: &str) -> Option<Contract> {
    contracts::check(name, text(name)?).ok()?.contract
}

fn entry(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_serves_is_what_the_file_says() {
        assert!(names().count() > 20, "the catalogue");
        for name in names() {
            let served = BuiltIn::contract(name).expect(name);
            let whole = find(name).expect(name);
            let kinds = |contract: &Contract| format!("{:?}", contract.kinds());
            assert_eq!(kinds(&served), kinds(&whole), "{name}");
            let proof = |contract: &Contract| format!("{:?}", contract.proof());
            assert_eq!(proof(&served), proof(&whole), "{name}");
            let routes = |contract: &Contract| format!("{:?}", contract.entrances());
            assert_eq!(routes(&served), routes(&whole), "{name}");
        }
        assert!(BuiltIn::contract("no-such-provider").is_none());
    }
}
