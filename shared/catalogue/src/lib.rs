//! The contracts of `contracts/`: those that a team has, each checked when this crate is built.
//!
//! A contract that the linter has an error for is not built in, and nothing else is: `cargo build` says what is
//! wrong with it. So whatever is served from here was found safe.

extern crate alloc;

use contracts::{CONTRACT, Catalogue, Contract};
use settings::Settings;

// `files`, with a static for each contract as a function needs it, such as `CPX`; `SERVED`, all of them; and `TEXTS`, their
// files: by name, in order. Apart, so that a function carries what it serves and no file.
include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The catalogue that was built in.
#[derive(Debug)]
pub struct BuiltIn;

/// The provider that the setting `CONTRACT` names.
pub type Served = contracts::Served<BuiltIn>;

impl Catalogue for BuiltIn {
    fn contract(settings: &Settings) -> Option<Contract> {
        let name = settings.optional(CONTRACT)?;
        let (name, file) = SERVED.iter().find(|(known, _)| *known == name)?;
        Contract::built_in(name, file).ok()
    }
}

/// The names of all contracts, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}

/// The file of the contract called `name`.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The contract called `name`, with its samples and sources.
#[must_use]
pub fn find(name: &str) -> Option<Contract> {
    contracts::check(name, text(name)?).ok()?.contract
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_serves_is_what_the_file_says() {
        assert!(names().count() > 20, "the catalogue");
        for name in names() {
            let served = BuiltIn::contract(&Settings::from([(CONTRACT, name)])).expect(name);
            let whole = find(name).expect(name);
            let kinds = |contract: &Contract| format!("{:?}", contract.kinds());
            assert_eq!(kinds(&served), kinds(&whole), "{name}");
            let proof = |contract: &Contract| format!("{:?}", contract.proof());
            assert_eq!(proof(&served), proof(&whole), "{name}");
            let routes = |contract: &Contract| format!("{:?}", contract.entrances());
            assert_eq!(routes(&served), routes(&whole), "{name}");
        }
        for settings in [Settings::from([(CONTRACT, "no-such-provider")]), Settings::default()] {
            assert!(BuiltIn::contract(&settings).is_none());
        }
    }
}
