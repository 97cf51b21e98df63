//! `url`: what is put into the providers' dashboards.

use bundle::folder::Folder;
use bundle::paste;
use bundle::provider::{PROVIDERS, ProviderEntry};
use clap::Args;
use serde_json::json;

use crate::error::Error;
use crate::stack::Stack;

/// The options of `url`.
#[derive(Debug, Args)]
pub struct Url {
    /// Of this provider only
    name: Option<String>,
}

impl Url {
    /// The URLs, each below its provider and method.
    pub fn run(&self, stack: &Stack, as_json: bool) -> Result<String, Error> {
        let providers = self.providers(stack)?;
        let base = stack.public_url();
        if !as_json {
            let all = providers.iter().map(|provider| paste::urls(provider, &base));
            return Ok(all.collect());
        }
        let urls = providers.iter().flat_map(|provider| {
            let base = &base;
            provider.routes().into_iter().map(move |route| {
                let url = provider.paste(&route).url(base, &route);
                json!({"provider": provider.name, "method": route.method, "url": url})
            })
        });
        Ok(terminal::json(&urls.collect::<Vec<_>>())?)
    }

    /// Those that the stack receives, or the one that is named.
    fn providers(&self, stack: &Stack) -> Result<Vec<ProviderEntry>, Error> {
        let contracts = stack.contracts();
        let described = |name: &str| {
            Folder::default().provider(name).map_err(|error| Error::Refused(error.to_string()))
        };
        match self.name.as_deref() {
            None => {
                let written = PROVIDERS.iter().cloned().map(Ok);
                written.chain(contracts.iter().map(|name| described(name))).collect()
            }
            Some(name) => {
                let provider = described(name)?;
                let is_there = ProviderEntry::named(name).is_some()
                    || contracts.iter().any(|contract| contract == name);
                if is_there {
                    return Ok(vec![provider]);
                }
                let problem = format!(
                    "the stack {} does not receive {name}: its parameter Contracts does not name it",
                    stack.name
                );
                Err(Error::Refused(problem))
            }
        }
    }
}
