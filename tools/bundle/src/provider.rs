//! What is known of a provider without running its function.

use std::path::PathBuf;
use std::sync::LazyLock;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{Caller, Keys, Request, Route, Secret, Sender, Unsignable};

use crate::probe::{Probe, probe};
use crate::project_file;
use crate::registry;
use crate::samples::{Sample, SamplesError};

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

/// A provider, whatever its type.
#[derive(Debug, Clone)]
pub struct ProviderEntry {
    /// Its name, which its folder below `functions/` and its function's binary have too.
    pub name: &'static str,
    /// The logical id of its function in the template: `CpxResearchFunction` for `cpx-research`.
    pub function: String,
    /// Who sends its requests.
    pub caller: Caller,
    samples: &'static str,
    routes: fn() -> Vec<Route>,
    sign: fn(&Settings, &Route, &str, &Secret) -> Result<Request, SignError>,
    probe: fn(&Settings, &Route, &Keys, Timestamp) -> Result<Probe, SignError>,
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
}

impl ProviderEntry {
    /// The entry of `P`.
    #[must_use]
    pub fn new<P: Sender>() -> Self {
        Self {
            name: P::NAME,
            function: function_id(P::NAME),
            caller: P::CALLER,
            samples: P::SAMPLES,
            routes: routes::<P>,
            sign: sign::<P>,
            probe: probe::<P>,
        }
    }

    /// The provider called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// A file of its folder.
    #[must_use]
    pub fn file(&self, path: &str) -> PathBuf {
        project_file("functions").join(self.name).join(path)
    }

    /// The routes of the HTTP API that it calls.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        (self.routes)()
    }

    /// Its route that `text` names, as `POST /path`.
    pub fn route(&self, text: &str) -> Result<Route, SignError> {
        let route = self.routes().into_iter().find(|route| route.to_string() == text);
        route.ok_or_else(|| SignError::NoSuchRoute(text.to_owned()))
    }

    /// Its sample callbacks.
    pub fn samples(&self) -> Result<Vec<Sample<'static>>, SamplesError> {
        Sample::parse_all(self.samples).map_err(|error| SamplesError { provider: self.name, error })
    }

    /// The request that it would send to `route`.
    pub fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        (self.sign)(settings, route, payload, secret)
    }

    /// The request that `route` refuses only once it has authenticated it, at the time `now`.
    pub fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        (self.probe)(settings, route, keys, now)
    }
}

struct Entries(Vec<ProviderEntry>);

impl Visitor for Entries {
    fn visit<P: Sender>(&mut self) {
        self.0.push(ProviderEntry::new::<P>());
    }
}

/// The logical id of the function of the provider called `name`: each word of it with a capital.
fn function_id(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<String>() + "Function"
}

fn routes<P: Sender>() -> Vec<Route> {
    P::ROUTES.iter().map(|(route, _)| *route).collect()
}

/// What the provider's code calls `route`.
pub(crate) fn hook<P: Sender>(route: &Route) -> Result<P::Hook, SignError> {
    let known = P::ROUTES.iter().find(|(known, _)| known == route);
    known.map(|(_, hook)| *hook).ok_or_else(|| SignError::NoSuchRoute(route.to_string()))
}

fn sign<P: Sender>(
    settings: &Settings,
    route: &Route,
    payload: &str,
    secret: &Secret,
) -> Result<Request, SignError> {
    Ok(P::configure(settings)?.sign(hook::<P>(route)?, payload, secret)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::template::Template;

    #[test]
    fn a_function_is_named_after_its_provider() {
        assert_eq!(function_id("giveaway"), "GiveawayFunction");
        assert_eq!(function_id("cpx-research"), "CpxResearchFunction");
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

    #[test]
    fn the_template_sets_what_a_provider_asks_for() {
        let template = Template::read(&project_file("template.yaml")).expect("the template");
        let mut asked = 0;
        for provider in PROVIDERS.iter() {
            let text = fs::read_to_string(provider.file("variables.json"));
            let text = text.unwrap_or_else(|_| "{}".to_owned());
            let names: BTreeMap<String, String> = serde_json::from_str(&text).expect("an object");
            let looked_up = lookups(&provider.file("src"));
            assert_eq!(
                looked_up,
                names.len(),
                "{}: variables.json names what its code asks for",
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
