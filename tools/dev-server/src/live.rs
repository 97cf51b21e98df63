//! The providers that contracts describe, each as its file stands there when a request comes: what is edited counts
//! with the next request, and what is not safe is not served.
//!
//! A contract is read when its first request comes, so that a folder of any size costs no start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bundle::folder::{ContractError, Folder, safe};
use bundle::provider::ProviderEntry;
use contracts::{Contract, NoCatalogue, Served};
use jiff::Timestamp;
use settings::{ConfigError, Settings};

use crate::functions::{Invoke, receive};
use crate::settings::EnvVars;
use crate::settle::on_this_machine;
use crate::state::{State, StateError};

/// Who calls on this machine, whatever networks a provider calls from: a tunnel's end is here as well.
const HERE: &str = "127.0.0.0/8";

/// The contracts of a folder.
#[derive(Debug)]
pub struct Live {
    folder: Folder,
    env: EnvVars,
    /// The URL of the embedded DynamoDB.
    dynamodb: String,
    /// Where the names of those are kept that were served.
    state: Arc<State>,
    read: Mutex<HashMap<String, Read>>,
}

/// A contract as it was read last.
struct Read {
    text: String,
    function: Result<Invoke, String>,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Read").field(&self.function.as_ref().err()).finish()
    }
}

/// Why a contract is not served.
#[derive(Debug, thiserror::Error)]
enum NotServed {
    #[error(transparent)]
    Contract(#[from] ContractError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    State(#[from] StateError),
}

impl Live {
    /// Those of `folder`, with the settings that `env` has for their functions.
    #[must_use]
    pub fn new(folder: Folder, env: EnvVars, dynamodb: String, state: Arc<State>) -> Self {
        Self { folder, env, dynamodb, state, read: Mutex::default() }
    }

    /// The function that answers requests to `path`, or why its contract is not served; none where there is no
    /// contract of that name. A provider with a function of its own has its routes for itself.
    #[must_use]
    pub fn function(&self, path: &str) -> Option<Result<Invoke, String>> {
        let name = path.split('/').nth(1)?;
        if ProviderEntry::named(name).is_some() {
            return None;
        }
        let text = match self.folder.text(name) {
            Err(ContractError::Missing { .. }) => return None,
            Err(error) => return Some(Err(error.to_string())),
            Ok(text) => text,
        };
        let mut all = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(name).filter(|known| known.text == text) {
            return Some(known.function.clone());
        }
        let function = self.start(name, &text).map_err(|error| {
            let why = error.to_string();
            terminal::tell(&why);
            why
        });
        let read = Read { text, function: function.clone() };
        if all.insert(name.to_owned(), read).is_some() && function.is_ok() {
            terminal::tell(format_args!("{name} is served as it was edited"));
        }
        Some(function)
    }

    /// The names of those that were served so far, by whichever run has the same data directory: those that records
    /// may be of.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.state.with(|state| {
            let mut names = state.prepare("SELECT name FROM contracts ORDER BY name")?;
            names.query_map([], |row| row.get(0))?.collect()
        });
        names.unwrap_or_default()
    }

    fn start(&self, name: &str, text: &str) -> Result<Invoke, NotServed> {
        let contract = safe(name, text)?;
        let settings = self.settings(&contract);
        let provider = Served::<NoCatalogue>::new(contract, &settings)?;
        let function = receive(provider, &settings, Timestamp::now)?;
        let insert = "INSERT OR IGNORE INTO contracts (name) VALUES (?1)";
        self.state.with(|state| state.execute(insert, [name]))?;
        Ok(function)
    }

    /// The settings of a contract's function: the key of its samples and whoever calls from this machine, or
    /// instead what the environment file says.
    fn settings(&self, contract: &Contract) -> Settings {
        let provider = ProviderEntry::described(contract.clone());
        let mut settings = Settings::default();
        settings.extend(provider.sample_keys().map(|keys| ("KEYS", keys)));
        if contract.file().networks.is_some() {
            settings.extend([("ALLOWED_NETWORKS", HERE)]);
        }
        settings.extend(self.env.of(&provider.function));
        settings.extend(on_this_machine(&self.dynamodb));
        settings
    }
}
