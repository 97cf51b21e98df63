//! The provider's keys: read once per execution environment, and again when a signature does not
//! match, so that a rotation needs no deploy.

use std::sync::Arc;
use std::time::Duration;

use platform::aws::timeouts;
use settings::{ConfigError, Settings};
use tokio::sync::Mutex;
use tokio::time::Instant;
use verify::{Authenticated, Keys, PastedWrongly, Refusal, SignedContent, UnusableKeys};

use crate::answer::Outage;

/// How old the keys must be before a signature that does not match makes them be read again. A flood
/// of forgeries costs one read in this time.
const FRESH: Duration = Duration::from_secs(30);

/// How old the keys may get while every signature matches: a key that was taken away stops being
/// accepted after this time.
const STALE: Duration = Duration::from_mins(5);

/// How long after a read nothing but another one can help, while there are no keys at all: the first
/// ones follow at once, so that a moment's trouble loses no callback; then the pauses double up to
/// [`FRESH`], so that a flood does not find a read in every request.
fn pause(failures: u32) -> Duration {
    Duration::from_secs((1 << failures.min(9)) >> 4).min(FRESH)
}

/// The keys are not to be had. Never shows any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysUnavailable {
    /// Nobody has said where the keys are, or the secret is there and nobody has put a value into it, as
    /// after a first deployment.
    #[error("the provider has no keys")]
    Missing,
    /// Secrets Manager did not hand the secret over.
    #[error("the provider's secret could not be read")]
    Unreachable,
    /// The secret is no usable key list.
    #[error("the provider's secret is no usable key list")]
    Unusable,
    /// A key of the list was pasted wrongly, so that what matches no other key may be made with it.
    #[error("a key of the provider was pasted wrongly")]
    PastedWrongly,
}

impl KeysUnavailable {
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "keys_missing",
            Self::Unreachable => "keys_unreachable",
            Self::Unusable => "keys_unusable",
            Self::PastedWrongly => "keys_pasted_wrongly",
        }
    }
}

/// Where the keys are.
#[derive(Debug)]
enum Source {
    /// Given when the function was started; never read again.
    Given(Result<Arc<Keys>, KeysUnavailable>),
    /// A secret of AWS Secrets Manager.
    SecretsManager { client: aws_sdk_secretsmanager::Client, secret: String },
}

/// The keys of one provider.
#[derive(Debug)]
pub struct KeyRing {
    source: Source,
    read: Mutex<Option<Read>>,
}

/// What the last read left.
#[derive(Debug)]
struct Read {
    keys: Result<Arc<Keys>, KeysUnavailable>,
    /// When it was begun: what was put into the secret after that may be missing.
    asked_at: Instant,
    /// How many reads have failed since the last one that gave keys.
    failures: u32,
}

impl Read {
    /// The keys that are left when the read after `before` gave `keys`. Where Secrets Manager is out of
    /// reach or finds nothing, older ones are better than none; where it hands over what is no key list,
    /// there are no keys any more.
    fn after(before: Option<Self>, keys: Result<Keys, KeysUnavailable>, asked_at: Instant) -> Self {
        let (had, failures) = before.map_or((None, 0), |read| (read.keys.ok(), read.failures));
        match (keys, had) {
            (Ok(keys), _) => Self { keys: Ok(Arc::new(keys)), asked_at, failures: 0 },
            (
                Err(unavailable @ (KeysUnavailable::Unreachable | KeysUnavailable::Missing)),
                Some(had),
            ) => {
                tracing::warn!(reason = unavailable.reason(), "keys could not be read again");
                Self { keys: Ok(had), asked_at, failures: failures.saturating_add(1) }
            }
            (Err(unavailable), _) => {
                Self { keys: Err(unavailable), asked_at, failures: failures.saturating_add(1) }
            }
        }
    }

    /// Whether it will not do, where keys may be `oldest` or older.
    fn is_due(&self, oldest: Duration) -> bool {
        let lasts = if self.keys.is_ok() { oldest } else { pause(self.failures) };
        self.asked_at.elapsed() >= lasts
    }
}

impl KeyRing {
    /// Takes the key list from the setting `KEYS`, for a local run; without it, from the secret that
    /// `KEYS_SECRET` names; without either there are no keys.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when Secrets Manager cannot be asked.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let source = if let Some(keys) = settings.optional("KEYS") {
            Source::Given(read(keys).map(Arc::new))
        } else if let Some(secret) = settings.optional("KEYS_SECRET") {
            let config = platform::aws::config(settings, "SECRETS_MANAGER", timeouts::KEYS)?;
            let client = aws_sdk_secretsmanager::Client::new(&config);
            Source::SecretsManager { client, secret: secret.to_owned() }
        } else {
            Source::Given(Err(KeysUnavailable::Missing))
        };
        Ok(Self { source, read: Mutex::new(None) })
    }

    /// Proves `signed_content`, with fresher keys than the ones at hand where that may help.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] inside the first result when no key matches; an [`Outage`] when
    /// there are no keys to try, or they are not fresh enough or not whole enough to refuse anybody.
    pub async fn prove<T>(
        &self,
        claim: SignedContent<'_, T>,
    ) -> Result<Result<Authenticated<T>, Refusal>, Outage> {
        let (keys, _) = self.keys(STALE).await?;
        let claim = match keys.prove(claim) {
            Ok(authenticated) => return Ok(Ok(authenticated)),
            Err(claim) => claim,
        };
        let (keys, age) = self.keys(FRESH).await?;
        match keys.prove(claim) {
            Ok(authenticated) => Ok(Ok(authenticated)),
            // It may be made with a key that was added since.
            Err(_) if age == Age::Outdated => Err(KeysUnavailable::Unreachable.into()),
            // It may be made with the key as it was issued.
            Err(_) if !keys.pasted_wrongly().is_empty() => {
                Err(KeysUnavailable::PastedWrongly.into())
            }
            Err(_) => Ok(Err(Refusal::Unauthenticated)),
        }
    }

    /// Reads the keys ahead of the first callback.
    pub async fn warm(&self) -> Result<(), KeysUnavailable> {
        self.keys(STALE).await.map(drop)
    }

    /// The keys, read again if they are `oldest` or older.
    async fn keys(&self, oldest: Duration) -> Result<(Arc<Keys>, Age), KeysUnavailable> {
        let (client, secret) = match &self.source {
            Source::Given(keys) => return keys.clone().map(|keys| (keys, Age::Current)),
            Source::SecretsManager { client, secret } => (client, secret),
        };
        let mut last = self.read.lock().await;
        let read = if let Some(read) = last.take_if(|read| !read.is_due(oldest)) {
            read
        } else {
            let asked_at = Instant::now();
            let keys = fetch(client, secret).await;
            Read::after(last.take(), keys, asked_at)
        };
        let read = last.insert(read);
        let age = if read.failures == 0 { Age::Current } else { Age::Outdated };
        read.keys.clone().map(|keys| (keys, age))
    }
}

/// Whether keys are what a read within the time allowed gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Current,
    /// Reading them again failed.
    Outdated,
}

async fn fetch(
    client: &aws_sdk_secretsmanager::Client,
    secret: &str,
) -> Result<Keys, KeysUnavailable> {
    let value = client.get_secret_value().secret_id(secret).send().await.map_err(|error| {
        match error.as_service_error() {
            // No version of the secret is AWSCURRENT, because none was ever put in; or no such secret.
            Some(error) if error.is_resource_not_found_exception() => KeysUnavailable::Missing,
            _ => KeysUnavailable::Unreachable,
        }
    })?;
    read(value.secret_string().ok_or(KeysUnavailable::Unusable)?)
}

/// Reads a key list, and logs which keys of it cannot be used and why.
fn read(json: &str) -> Result<Keys, KeysUnavailable> {
    let log = |wrong: &PastedWrongly| {
        let (key_id, flaw) = (wrong.key_id.as_str(), wrong.flaw);
        tracing::error!(key_id, %flaw, "a key was pasted wrongly and is not used");
    };
    match Keys::from_json(json) {
        Ok(keys) => {
            keys.pasted_wrongly().iter().for_each(log);
            Ok(keys)
        }
        Err(UnusableKeys::PastedWrongly(first)) => {
            log(&first);
            Err(KeysUnavailable::PastedWrongly)
        }
        Err(_) => Err(KeysUnavailable::Unusable),
    }
}

#[cfg(test)]
mod tests;
