//! The contracts of a folder, read when they are asked for, so that what is edited counts at once and nothing has to be
//! built.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{fs, io};

use contracts::{Checked, Contract, Finding};

use crate::project_file;
use crate::provider::ProviderEntry;

/// What the name of a contract's file ends with.
const ENDING: &str = "toml";

/// A folder with contracts, `NAME.toml` each.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Why there is no such provider.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// No file describes it.
    #[error("there is no provider {name}, and no {}", .path.display())]
    Missing {
        /// The name that was asked for.
        name: String,
        /// The file that it would have.
        path: PathBuf,
    },
    /// Its file, or the folder, cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Its file has not the form of a contract.
    #[error("{name} is no contract: {problem}")]
    Malformed {
        /// Its name.
        name: String,
        /// What the parser says, with line and column, on one line.
        problem: String,
    },
    /// The linter has an error for it.
    #[error("{name} is not safe to be served: {}; `contract check` says more", rules(.errors))]
    Unsafe {
        /// Its name.
        name: String,
        /// The errors.
        errors: Vec<Finding>,
    },
}

/// The names of the rules of `findings`, each with what it is about.
fn rules(findings: &[Finding]) -> String {
    let each = findings.iter().map(|it| format!("{} ({})", it.rule.name(), it.about));
    each.collect::<Vec<_>>().join(", ")
}

impl Default for Folder {
    /// `contracts/` of the project.
    fn default() -> Self {
        let path = project_file("contracts");
        Self(path.canonicalize().unwrap_or(path))
    }
}

impl Folder {
    /// The folder at `path`.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file of the contract called `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.{ENDING}"))
    }

    /// The names of its contracts, in order.
    pub fn names(&self) -> Result<Vec<String>, ContractError> {
        let unreadable = |error| ContractError::Unreadable { path: self.0.clone(), error };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                names.extend(path.file_stem().and_then(|name| Some(name.to_str()?.to_owned())));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The names of those that have no function of their own, in order.
    pub fn described(&self) -> Result<Vec<String>, ContractError> {
        let mut names = self.names()?;
        names.retain(|name| ProviderEntry::named(name).is_none());
        Ok(names)
    }

    /// The text of the contract called `name`.
    pub fn text(&self, name: &str) -> Result<String, ContractError> {
        let path = self.file(name);
        let missing = || ContractError::Missing { name: name.to_owned(), path: path.clone() };
        // Nothing but a file of the folder itself, whatever a request asks for.
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(missing());
        }
        fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => missing(),
            _ => ContractError::Unreadable { path: path.clone(), error },
        })
    }

    /// The contract called `name`.
    pub fn contract(&self, name: &str) -> Result<Contract, ContractError> {
        safe(name, &self.text(name)?)
    }

    /// The provider called `name`: one with a function of its own, or else the one that its contract describes.
    pub fn provider(&self, name: &str) -> Result<ProviderEntry, ContractError> {
        match ProviderEntry::named(name) {
            Some(written) => Ok(written.clone()),
            None => Ok(ProviderEntry::described(self.contract(name)?)),
        }
    }
}

/// The contract called `name` with the text `text`, where nothing stands against serving it.
pub fn safe(name: &str, text: &str) -> Result<Contract, ContractError> {
    let malformed = |problem: &str| {
        // The place, and what is wrong there; between them the parser shows the line.
        let mut lines = problem.lines().map(str::trim).filter(|line| !line.is_empty());
        let ends = lines.next().into_iter().chain(lines.next_back());
        let problem = ends.collect::<Vec<_>>().join(": ");
        ContractError::Malformed { name: name.to_owned(), problem }
    };
    let checked = contracts::check(name, text).map_err(|error| malformed(&error.to_string()))?;
    let refused = |checked: Checked| {
        let errors = checked.findings.into_iter().filter(|finding| finding.rule.is_error());
        ContractError::Unsafe { name: name.to_owned(), errors: errors.collect() }
    };
    checked.safe().cloned().ok_or(checked).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_of_the_folder_and_of_no_other() {
        let folder = Folder::default();
        for name in ["", "..", "../contracts/cpx", "cpx.toml", "no-such-provider", "a/b"] {
            let error = folder.text(name).expect_err(name);
            assert!(matches!(error, ContractError::Missing { .. }), "{error}");
        }
        assert!(folder.text("cpx").is_ok());
        let by_hand = folder.provider("inbrain").expect("a provider");
        assert!(by_hand.sample_keys().is_none(), "its keys are those of the environment file");
    }

    #[test]
    fn what_is_not_safe_is_named_by_its_rules() {
        let text = Folder::default().text("cpx").expect("a contract");
        let weak = text.replace("user-unsigned =", "unit-unsigned =");
        let error = safe("cpx", &weak).expect_err("unsafe").to_string();
        assert!(error.contains("user-unsigned (user_id)"), "{error}");
        let error = safe("cpx", &text.replace("[identity]", "[identities]")).expect_err("no form");
        assert!(error.to_string().contains("TOML parse error at line "), "{error}");
        assert!(error.to_string().lines().count() == 1, "{error}");
    }
}
