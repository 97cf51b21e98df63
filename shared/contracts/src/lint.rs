//! Says what is wrong with a contract, and what is worth knowing about it.
//!
//! | module | what it looks at |
//! | --- | --- |
//! | `splitting`, `automaton` | whether a signed text can be split in two ways |
//! | `signed` | what the credential does not cover |
//! | `secret` | where the secret stands, and what that is worth |
//! | `parts` | answers, networks, reversals, sources |
//! | `examples` | published vectors, and samples |

mod automaton;
mod examples;
mod parts;
mod secret;
mod signed;
mod splitting;

use crate::contract::Contract;
use crate::file::ContractFile;
use crate::finding::{Finding, Rule};

pub use examples::{forged_key, sample_key, sample_secret};

/// Reads the text of `contracts/NAME.toml` and checks all of it.
///
/// # Errors
///
/// What is no TOML, or not of the form of a contract, in the words of the parser with line and column.
pub fn check(name: &str, toml: &str) -> Result<Checked, toml::de::Error> {
    let file: ContractFile = toml::from_str(toml)?;
    Ok(match Contract::load(name, file) {
        Ok(contract) => {
            let findings = lint(&contract);
            Checked { contract: Some(contract), findings }
        }
        Err(findings) => Checked { contract: None, findings },
    })
}

/// A contract with what was found.
#[derive(Debug)]
pub struct Checked {
    /// The contract, as far as it could be read.
    pub contract: Option<Contract>,
    /// What was found, errors and warnings.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// The contract, where nothing stands against serving it.
    #[must_use]
    pub fn safe(&self) -> Option<&Contract> {
        let is_error = |finding: &Finding| finding.rule.is_error();
        self.contract.as_ref().filter(|_| !self.findings.iter().any(is_error))
    }
}

/// What is wrong with a contract, but for the weaknesses that its file accepts.
#[must_use]
pub fn lint(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    splitting::check(contract, &mut findings);
    signed::check(contract, &mut findings);
    secret::check(contract, &mut findings);
    parts::check(contract, &mut findings);
    examples::check(contract, &mut findings);
    accepted(contract, findings)
}

/// The findings that the file does not name, and the names for which there is no finding.
fn accepted(contract: &Contract, findings: Vec<Finding>) -> Vec<Finding> {
    let accept = &contract.file().accept;
    let is_accepted = |finding: &Finding| {
        finding.rule.is_acceptable() && accept.contains_key(finding.rule.name())
    };
    let unused = accept.iter().filter(|(name, why)| {
        let rule = Rule::named(name).filter(|rule| rule.is_acceptable());
        let found = rule.is_some_and(|rule| findings.iter().any(|it| it.rule == rule));
        // A flow of the provider's that no rule can know of.
        let told = *name == Rule::SecretShown.name();
        !(found || told) || why.trim().is_empty()
    });
    let unused: Vec<_> = unused.map(|(name, _)| Finding::new(Rule::UnusedAccept, name)).collect();
    findings.into_iter().filter(|finding| !is_accepted(finding)).chain(unused).collect()
}
