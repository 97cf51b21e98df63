//! What is known of a provider without running its function.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{Caller, Keys, Request, Route, Secret, Sender, Unsignable};

use crate::paste::Paste;
use crate::probe::Probe;
use crate::project_file;
use crate::prover::Prover;
use crate::registry;
use crate::samples::{Sample, SamplesError};
use crate::side::{Side, Written};

/// The providers of [`registry`], in its order.
pub static PROVIDERS: LazyLock<Vec<ProviderEntry>> = LazyLock::new(|| {
    let mut entries = Entries(Vec::new());
    registry::visit(&mut entries);
    entries.0
});

/// What is done with every provider, each a type of its own; see [`registry::visit`].
pub trait Visitor {
    /// Does it with the provider `P`.
    fn visit<P: Sender>(&mut self);
}

/// A provider, with a function of its own or described by a contract.
#[derive(Debug, Clone)]
pub struct ProviderEntry {
    /// Its name, the first segment of its routes.
    pub name: &'static str,
    /// The logical id of its function in the template: `CpxResearchFunction` for `cpx-research`.
    pub function: String,
    /// Who sends its requests.
    pub caller: Caller,
    side: Arc<dyn Side>,
}

/// Why a payload cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A setting of the provider cannot be used.
    #[error(transparent)]
    ConfigError(#[from] ConfigError),
    /// The payload lacks what the signature covers.
    #[error(transparent)]
    Unsignable(#[from] Unsignable),
    /// The provider has no such route.
    #[error("the provider has no route {0}")]
    NoSuchRoute(String),
    /// No sample becomes a request that is refused only once it is authenticated.
    #[error("there is no sample of {0} to ask it with")]
    NoProbe(String),
}

impl ProviderEntry {
    /// The entry of `P`.
    #[must_use]
    pub fn new<P: Sender>() -> Self {
        Self::of(P::NAME, P::CALLER, Arc::new(Written::<P>::default()))
    }

    /// The entry of the provider called `name`.
    pub(crate) fn of(name: &'static str, caller: Caller, side: Arc<dyn Side>) -> Self {
        Self { name, function: function_id(name), caller, side }
    }

    /// The provider of [`PROVIDERS`] called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// A file of its folder, of a provider with a function of its own.
    #[must_use]
    pub fn file(&self, path: &str) -> PathBuf {
        project_file("functions").join(self.name).join(path)
    }

    /// The routes of the HTTP API that it calls.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        self.side.routes()
    }

    /// Its route that `text` names, as `POST /path`.
    pub fn route(&self, text: &str) -> Result<Route, SignError> {
        let route = self.routes().into_iter().find(|route| route.to_string() == text);
        route.ok_or_else(|| SignError::NoSuchRoute(text.to_owned()))
    }

    /// Its sample callbacks.
    pub fn samples(&self) -> Result<Vec<Sample>, SamplesError> {
        self.side.samples().map_err(|error| SamplesError { provider: self.name, error })
    }

    /// The payload of `sample` as it is sent at `now`: with that time in it, where a contract says how old a request
    /// may be.
    #[must_use]
    pub fn payload(&self, sample: &Sample, now: Timestamp) -> String {
        self.side.payload(sample, now)
    }

    /// The keys of its function on this machine: those of its `settings`, or else its [`Self::sample_keys`].
    #[must_use]
    pub fn keys(&self, settings: &Settings) -> Option<Keys> {
        let named = settings.optional("KEYS").map(str::to_owned);
        Keys::from_json(&named.or_else(|| self.sample_keys())?).ok()
    }

    /// The keys that its function has on this machine where its settings name none: of a contract, a list with the
    /// key that its samples are signed with.
    #[must_use]
    pub fn sample_keys(&self) -> Option<String> {
        self.side.sample_keys()
    }

    /// A key that is not the provider's, of the form that its keys have.
    #[must_use]
    pub fn forged_key(&self) -> Option<Secret> {
        self.side.forged_key()
    }

    /// What stands behind the path of `route` in the provider's dashboard.
    #[must_use]
    pub fn paste(&self, route: &Route) -> Paste {
        self.side.paste(route)
    }

    /// The request that it would send to `route`.
    pub fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        self.side.sign(settings, route, payload, secret)
    }

    /// The request that `route` refuses only once it has authenticated it, at the time `now`.
    pub fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        self.side.probe(settings, route, keys, now)
    }

    /// What proves requests to `route`.
    pub fn prover(&self, settings: &Settings, route: &Route) -> Result<Prover, SignError> {
        self.side.prover(settings, route)
    }
}

struct Entries(Vec<ProviderEntry>);

impl Visitor for Entries {
    fn visit<P: Sender>(&mut self) {
        self.0.push(ProviderEntry::new::<P>());
    }
}

/// The logical id of the function of the provider called `name`: each word of it with a capital.
#[must_use]
pub fn function_id(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<String>() + "Function"
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use contracts::Contract;

    use super::*;
    use crate::folder::Folder;
    use crate::template::Template;

    #[test]
    fn a_function_is_named_after_its_provider() {
        assert_eq!(function_id("giveaway"), "GiveawayFunction");
        assert_eq!(function_id("cpx-research"), "CpxResearchFunction");
        assert_eq!(function_id("été--1"), "été1Function");
    }

    /// How often the code in `folder` looks a setting up, its unit tests apart.
    fn lookups(folder: &Path) -> usize {
        let files =
            fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        let in_file = |path: PathBuf| {
            if path.is_dir() {
                return lookups(&path);
            }
            let text = fs::read_to_string(&path).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let calls = [
                "settings.optional(",
                "settings.required(",
                "settings.parsed(",
                "settings.verbatim(",
                "cap::configure(",
            ];
            calls.into_iter().map(|call| code.matches(call).count()).sum()
        };
        files.map(in_file).sum()
    }

    /// What a contract asks for of its own, by what its file has.
    fn variables(contract: &Contract) -> BTreeSet<&'static str> {
        let file = contract.file();
        let own = file.settings.as_ref();
        [
            file.meaning.cap.as_ref().map(|_| "MAX_REWARD"),
            contract.signs_url().then_some("PUBLIC_URL"),
            own.and_then(|own| own.header.as_deref()),
            own.and_then(|own| own.paying.as_deref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    #[test]
    fn the_template_sets_what_a_provider_asks_for() {
        let template = Template::read(&project_file("template.yaml")).expect("the template");
        let mut asked = 0;
        for provider in PROVIDERS.iter() {
            let text = fs::read_to_string(provider.file("variables.json"));
            let text = text.unwrap_or_else(|_| "{}".to_owned());
            let names: BTreeMap<String, String> = serde_json::from_str(&text).expect("an object");
            let looked_up = match Folder::default().contract(provider.name) {
                Ok(contract) => {
                    let own = variables(&contract);
                    assert!(own.iter().eq(names.keys()), "{}: {own:?}", provider.name);
                    own.len()
                }
                Err(_) => lookups(&provider.file("src")),
            };
            assert_eq!(
                looked_up,
                names.len(),
                "{}: variables.json names what it asks for",
                provider.name
            );
            for name in names.keys() {
                let mut set = template.environment(&provider.function);
                assert!(set.any(|(known, _)| known == name), "{}: {name}", provider.function);
            }
            asked += looked_up;
        }
        assert!(asked > 0);
    }

    #[test]
    fn the_template_routes_every_provider_to_its_function() {
        let template = Template::read(&project_file("template.yaml")).expect("the template");
        let mut routed: Vec<_> = template
            .routes()
            .into_iter()
            .map(|route| (route.function, format!("{} {}", route.method, route.path)))
            .collect();
        routed.sort();
        let mut known: Vec<_> = PROVIDERS
            .iter()
            .flat_map(|it| it.routes().into_iter().map(|route| (&it.function, route)))
            .map(|(function, route)| (function.clone(), route.to_string()))
            .collect();
        known.sort();
        assert_eq!(routed, known);
    }
}
