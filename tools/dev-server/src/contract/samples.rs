//! `contract samples NAME` and `contract event SAMPLE`: signed samples for another sender.

use bundle::folder::Folder;

use super::ContractFailure;
use crate::samples::{self, host_of};
use crate::settings::EnvVars;
use crate::{curl, event};

/// The samples of the provider called `name`, as command lines for the API at `url`.
pub(super) fn commands(
    name: &str,
    url: &str,
    env: &EnvVars,
    folder: &Folder,
) -> Result<String, ContractFailure> {
    let provider = folder.provider(name)?;
    let requests = samples::requests(&provider, env, host_of(url))?;
    if requests.is_empty() {
        return Err(ContractFailure::OnlyTheProvider(provider.name));
    }
    let line = |(sample, request): &(bundle::samples::Sample, _)| {
        format!("# {}\n{}", sample.name, curl::command(url, request))
    };
    Ok(requests.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The sample called `name`, as the event that its function gets from the API at `url`.
pub(super) fn event(
    name: &str,
    url: &str,
    env: &EnvVars,
    folder: &Folder,
) -> Result<String, ContractFailure> {
    let names = folder.names()?;
    let is_of = |provider: &&String| {
        name.strip_prefix(provider.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    // The longest: a sample of `adgem-v3` begins with `adgem` as well.
    let of = names.iter().filter(is_of).max_by_key(|provider| provider.len());
    let none = |why: String| ContractFailure::NoSample(name.to_owned(), why);
    let of = of.ok_or_else(|| none("a sample's name begins with its provider's".to_owned()))?;
    let provider = folder.provider(of)?;
    let requests = samples::requests(&provider, env, host_of(url))?;
    let all: Vec<_> = requests.iter().map(|(sample, _)| sample.name.clone()).collect();
    let found = requests.into_iter().find(|(sample, _)| sample.name == name);
    let (_, request) = found.ok_or_else(|| none(format!("{of} has {}", all.join(", "))))?;
    Ok(serde_json::to_string_pretty(&event::from_http(&request, &samples::context()))?)
}
