//! `contract try FILE`: the samples of a contract, signed and sent to the running bundle, beside what the file makes of
//! them. Both read the file anew each time, so that an edit counts at once.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bundle::folder::{Folder, safe};
use bundle::provider::ProviderEntry;
use bundle::samples::Sample;
use contracts::{Contract, NoCatalogue, Served};
use jiff::Timestamp;
use settings::Settings;
use terminal::{visible, word};
use verify::{Keys, ParsedCallback, Provider as _, Refusal};

use super::payload::{Field, changed};
use super::{ContractFailure, HERE, check, find, read};
use crate::event::HttpRequest;
use crate::samples::{called_at, host_of, signed};
use crate::send;
use crate::settings::EnvVars;

/// What to try.
#[derive(Debug, clap::Args)]
pub struct Try {
    /// The contract's file, or its name
    file: PathBuf,
    /// The sample to send; without it all of them, in the order of the file
    #[arg(long)]
    sample: Option<String>,
    /// Give a field another value: of the form that the sample has there, and text where it has none
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = Field::parse)]
    set: Vec<Field>,
    /// The API to send it to
    #[arg(long, default_value = HERE)]
    url: String,
}

impl Try {
    /// What was sent, what it means and what was answered; and whether that is the answer that the file asks for.
    pub(super) async fn run(
        &self,
        env: &EnvVars,
        folder: &Folder,
    ) -> Result<(String, bool), ContractFailure> {
        let (path, name) = find(&self.file, folder);
        let text = read(&path)?;
        if !is_in(&path, folder.path()) {
            let folder = folder.path().to_owned();
            return Err(ContractFailure::Elsewhere { file: path, folder });
        }
        let Ok(contract) = safe(&name, &text) else {
            return Ok(check::report(&path.display().to_string(), &name, &text));
        };
        if contract.proof().scheme.is_public() {
            return Err(ContractFailure::OnlyTheProvider(contract.name()));
        }
        let trial = Trial::of(contract, env, &self.url)?;
        let mut said = String::new();
        if ProviderEntry::named(&name).is_some() {
            let _ = writeln!(said, "functions/{name} answers on these routes, and not the file.\n");
        }
        let (mut all_as_due, mut user) = (true, None);
        for sample in trial.chosen(self.sample.as_deref())? {
            let request = trial.request(&sample, &self.set)?;
            let made = trial.made_of(&request, &sample);
            let (status, body) = send::send(&self.url, request).await?;
            let due = trial.due(&made);
            let _ = writeln!(said, "{}: {status} {}", visible(&sample.name), visible(&body));
            let _ = writeln!(said, "  {}", visible(&meaning(&made)));
            if !due.contains(&status) {
                let _ = writeln!(said, "  NOT as the file says: {} was due", due[0]);
                all_as_due = false;
            }
            user = user.or(made.ok().map(|parsed| parsed.user));
        }
        if let Some(user) = user {
            let _ = write!(said, "\ncargo run -- statement {}", word(&user));
        }
        Ok((said.trim_end().to_owned(), all_as_due))
    }
}

/// Whether the file at `path` is in `folder`.
fn is_in(path: &Path, folder: &Path) -> bool {
    let (path, folder) = (path.canonicalize(), folder.canonicalize());
    path.ok().zip(folder.ok()).is_some_and(|(path, folder)| path.parent() == Some(&folder))
}

/// A contract as it is served here.
struct Trial {
    served: Served<NoCatalogue>,
    provider: ProviderEntry,
    settings: Settings,
    keys: Keys,
}

impl Trial {
    fn of(contract: Contract, env: &EnvVars, url: &str) -> Result<Self, ContractFailure> {
        let provider = ProviderEntry::described(contract.clone());
        let settings = called_at(env.of(&provider.function), host_of(url));
        let no_keys = || ContractFailure::NoKeys(provider.function.clone());
        let keys = provider.keys(&settings).ok_or_else(no_keys)?;
        let served = Served::new(contract, &settings)?;
        Ok(Self { served, provider, settings, keys })
    }

    /// The sample called `name`, or all of them.
    fn chosen(&self, name: Option<&str>) -> Result<Vec<Sample>, ContractFailure> {
        let mut samples = self.provider.samples().map_err(crate::samples::SampleError::from)?;
        let all: Vec<_> = samples.iter().map(|sample| sample.name.clone()).collect();
        samples.retain(|sample| name.is_none_or(|name| sample.name == name));
        if samples.is_empty() {
            let name = name.unwrap_or("at all").to_owned();
            return Err(ContractFailure::NoSample(
                name,
                format!("the file has {}", all.join(", ")),
            ));
        }
        Ok(samples)
    }

    /// The request that the provider would send for `sample` with the fields `set`.
    fn request(&self, sample: &Sample, set: &[Field]) -> Result<HttpRequest, ContractFailure> {
        let payload = changed(&self.provider.payload(sample, Timestamp::now()), set)?;
        Ok(signed(&self.provider, &self.settings, &self.keys, sample, &payload, "")?)
    }

    /// What the file makes of the request that `sample` became.
    fn made_of(&self, request: &HttpRequest, sample: &Sample) -> Result<ParsedCallback, Refusal> {
        let HttpRequest { query, headers, body, .. } = request.clone();
        let request = verify::Request { query, headers, body };
        let routes = self.served.routes().iter();
        let hook = routes.clone().find(|(route, _)| route.to_string() == sample.route);
        let (_, hook) = hook.ok_or(Refusal::NoSuchRoute)?;
        let claim = self.served.signed_content(*hook, &request)?;
        let proved = self.keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let now = Timestamp::now();
        let read = |content| self.served.read(*hook, content, now);
        Ok(proved.into_callback(self.served.name(), now, read)?.parsed().clone())
    }

    /// The statuses that are right for what was made of a request, the likeliest first.
    fn due(&self, made: &Result<ParsedCallback, Refusal>) -> Vec<u16> {
        let answers = self.served.contract().file().answers.clone().unwrap_or_default();
        let own = |answer: &Option<contracts::file::AnswerSpec>, usual: u16| {
            answer.as_ref().and_then(|answer| answer.status).unwrap_or(usual)
        };
        match made {
            Ok(_) => vec![own(&answers.recorded, 200), own(&answers.duplicate, 200)],
            Err(refusal) => {
                let usual = receiver::Answer::Refused(refusal.clone()).status();
                vec![own(&answers.refused, usual)]
            }
        }
    }
}

/// What was made of a request, in words.
fn meaning(made: &Result<ParsedCallback, Refusal>) -> String {
    let parsed = match made {
        Ok(parsed) => parsed,
        Err(refusal) => return format!("is refused: {refusal}"),
    };
    let mut text = format!("{} of {}: {}", parsed.kind, parsed.user, parsed.effect.as_str());
    if let Some(reward) = parsed.effect.reward() {
        let _ = write!(text, " {} {}", reward.amount.normalized(), reward.unit);
    }
    if !parsed.effect.of().is_empty() {
        let _ = write!(text, ", by the id {}", parsed.effect.of());
    }
    if let Some(held) = parsed.held {
        let _ = write!(text, ", held as {}", held.as_str());
    }
    if parsed.test {
        text.push_str(", a test, which pays nothing");
    }
    let _ = write!(text, "; recorded as {}", parsed.key.as_str());
    text
}
