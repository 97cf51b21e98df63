//! `cargo run -- sign`: a signed request for a payload of one's own.

use std::path::PathBuf;
use std::{env, fs, io};

use bundle::folder::{ContractError, Folder};
use bundle::provider::{ProviderEntry, SignError};
use settings::Settings;
use verify::{Keys, Request, Route};

use crate::curl;
use crate::event::HttpRequest;
use crate::samples::{as_http, called_at, host_of};
use crate::settings::EnvVars;

/// What to sign.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The provider: the name of its folder below functions/, or of its file in contracts/
    provider: String,
    /// A file with the payload, a JSON object without its credential
    file: PathBuf,
    /// The route, for a provider that has several: /inbrain/failure, or "GET /devtodev/installs"
    #[arg(long)]
    route: Option<String>,
    /// The API that the request is for
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignFailure {
    /// No such provider.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The provider has several routes and none was named.
    #[error("choose a route with --route: {0}")]
    ChooseRoute(String),
    /// The payload cannot be read.
    #[error("the payload cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// There is no key.
    #[error("no usable keys: set KEYS, or put them into the environment file")]
    NoKeys,
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// The request with `payload` for the route of `request`, signed with the key that its provider's function has in
/// `env`, for the API at `url`.
pub fn anew(
    request: &HttpRequest,
    payload: &str,
    url: &str,
    env: &EnvVars,
    contracts: &Folder,
) -> Result<HttpRequest, SignFailure> {
    let name = request.path.split('/').nth(1).unwrap_or_default();
    let provider = contracts.provider(name)?;
    let route = provider.route(&format!("{} {}", request.method, request.path))?;
    let settings = called_at(env.of(&provider.function), host_of(url));
    let signed = signed(&provider, &settings, &route, payload, provider.keys(&settings))?;
    Ok(as_http(&route, signed, host_of(url)))
}

/// What `provider` sends for `payload`, signed with the first of `keys`.
fn signed(
    provider: &ProviderEntry,
    settings: &Settings,
    route: &Route,
    payload: &str,
    keys: Option<Keys>,
) -> Result<Request, SignFailure> {
    let keys = keys.ok_or(SignFailure::NoKeys)?;
    Ok(provider.sign(settings, route, payload.trim(), keys.first())?)
}

impl Sign {
    /// The `curl` command for the signed request. The keys come from the environment variable `KEYS`,
    /// in the form of the provider's secret, or else from `env`.
    pub fn run(&self, env: &EnvVars, contracts: &Folder) -> Result<String, SignFailure> {
        let provider = contracts.provider(&self.provider)?;
        let route = self.choose_route(&provider)?;
        let payload = fs::read_to_string(&self.file)?;
        let settings = called_at(env.of(&provider.function), host_of(&self.url));
        let keys = match env::var("KEYS") {
            Ok(keys) => Keys::from_json(&keys).ok(),
            Err(_) => provider.keys(&settings),
        };
        let request = signed(&provider, &settings, &route, &payload, keys)?;
        Ok(curl::command(&self.url, &as_http(&route, request, "")))
    }

    fn choose_route(&self, provider: &ProviderEntry) -> Result<Route, SignFailure> {
        let routes = provider.routes();
        let named = |route: &&Route| match &self.route {
            Some(name) => route.path == name || route.to_string() == *name,
            None => routes.len() == 1,
        };
        let mut matching = routes.iter().filter(named);
        if let (Some(route), None) = (matching.next(), matching.next()) {
            return Ok(*route);
        }
        let all: Vec<_> = routes.iter().map(ToString::to_string).collect();
        Err(SignFailure::ChooseRoute(all.join(", ")))
    }
}
