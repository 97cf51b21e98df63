//! A contract as a function serves it.

use contracts::{Contract, NoCatalogue, Served};
use jiff::Timestamp;
use settings::Settings;
use verify::{Keys, ParsedCallback, Provider as _, Refusal, Request};

/// The contract of a file, served with a secret.
pub(crate) struct Function {
    pub(crate) served: Served<NoCatalogue>,
    pub(crate) keys: Keys,
}

impl Function {
    /// Serves the contract `name` of the file `toml`, which may be unsafe.
    pub(crate) fn of(name: &str, toml: &str, secret: &str) -> Self {
        let checked = contracts::check(name, toml).unwrap_or_else(|error| panic!("{error}"));
        let contract = checked.contract.unwrap_or_else(|| panic!("{:?}", checked.findings));
        Self::serving(contract, secret)
    }

    /// Serves `contract`.
    pub(crate) fn serving(contract: Contract, secret: &str) -> Self {
        let settings = Settings::from([("PUBLIC_URL", "https://callbacks.example.com")]);
        let served = Served::new(contract, &settings).expect("configured");
        let list = serde_json::json!({ "keys": [{ "id": "k", "secret": secret }] });
        Self { served, keys: Keys::from_json(&list.to_string()).expect("usable") }
    }

    /// What becomes of a request to the route number `entrance`, now.
    pub(crate) fn receive(
        &self,
        entrance: usize,
        request: &Request,
        now: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        let claim = self.served.signed_content(entrance, request)?;
        let proved = self.keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let read = |content| self.served.read(entrance, content, now);
        Ok(proved.into_callback(self.served.name(), now, read)?.parsed().clone())
    }
}
