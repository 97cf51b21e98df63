//! The provider's keys: read once per execution environment, and again when a signature does not
//! match, so that a rotation needs no deploy.

use std::sync::Arc;
use std::time::Duration;

use aws::Patience;
use tokio::sync::Mutex;
use tokio::time::Instant;
use verify::{Authenticated, Claim, Keys, Misconfigured, Refusal, Settings};

use crate::answer::Outage;

/// How old the keys must be before a signature that does not match makes them be read again. A flood
/// of forgeries costs one read in this time.
const FRESH: Duration = Duration::from_secs(30);

/// How old the keys may get while every signature matches: a key that was taken away stops being
/// accepted after this time.
const STALE: Duration = Duration::from_mins(5);

/// Short, because it may come on top of the write in one callback.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(400),
    attempt: Duration::from_millis(600),
    operation: Duration::from_secs(1),
    attempts: 2,
};

/// The keys are not to be had. Never shows any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysUnavailable {
    /// Nobody has said where the keys are.
    #[error("the provider has no keys")]
    Missing,
    /// Secrets Manager did not hand the secret over.
    #[error("the provider's secret could not be read")]
    Unreachable,
    /// The secret is no usable key list.
    #[error("the provider's secret is no usable key list")]
    Unusable,
}

impl KeysUnavailable {
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "keys_missing",
            Self::Unreachable => "keys_unreachable",
            Self::Unusable => "keys_unusable",
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

/// The keys as they were last read.
#[derive(Debug)]
struct Read {
    keys: Arc<Keys>,
    /// When they were last asked for, whether or not that went well.
    asked_at: Instant,
}

impl KeyRing {
    /// Takes the key list from the setting `KEYS`, for a local run; without it, from the secret that
    /// `KEYS_SECRET` names; without either there are no keys.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] when Secrets Manager cannot be asked.
    pub fn configure(setting: Settings<'_>) -> Result<Self, Misconfigured> {
        let setting = |name: &str| setting(name).filter(|value| !value.is_empty());
        let source = if let Some(keys) = setting("KEYS") {
            let keys = Keys::from_json(&keys).map(Arc::new);
            Source::Given(keys.map_err(|_| KeysUnavailable::Unusable))
        } else if let Some(secret) = setting("KEYS_SECRET") {
            let config = aws::config(&setting, "SECRETS_MANAGER", PATIENCE)?;
            Source::SecretsManager { client: aws_sdk_secretsmanager::Client::new(&config), secret }
        } else {
            Source::Given(Err(KeysUnavailable::Missing))
        };
        Ok(Self { source, read: Mutex::new(None) })
    }

    /// Proves `claim`, with fresher keys than the ones at hand where that may help.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] inside the first result when no key matches; an [`Outage`] when
    /// there are no keys to try.
    pub async fn prove<T>(
        &self,
        claim: Claim<'_, T>,
    ) -> Result<Result<Authenticated<T>, Refusal>, Outage> {
        let claim = match self.keys(STALE).await?.prove(claim) {
            Ok(authenticated) => return Ok(Ok(authenticated)),
            Err(claim) => claim,
        };
        let fresh = self.keys(FRESH).await?.prove(claim);
        Ok(fresh.map_err(|_| Refusal::Unauthenticated))
    }

    /// Reads the keys ahead of the first callback.
    ///
    /// # Errors
    ///
    /// [`KeysUnavailable`].
    pub async fn warm(&self) -> Result<(), KeysUnavailable> {
        self.keys(STALE).await.map(drop)
    }

    /// The keys, read again if they are `oldest` or older. Where Secrets Manager is out of reach, older
    /// ones are better than none; where it hands over what is no key list, there are no keys any more.
    async fn keys(&self, oldest: Duration) -> Result<Arc<Keys>, KeysUnavailable> {
        let (client, secret) = match &self.source {
            Source::Given(keys) => return keys.clone(),
            Source::SecretsManager { client, secret } => (client, secret),
        };
        let mut read = self.read.lock().await;
        if let Some(read) = read.as_ref().filter(|read| read.asked_at.elapsed() < oldest) {
            return Ok(Arc::clone(&read.keys));
        }
        let keys = match (fetch(client, secret).await, read.as_ref()) {
            (Ok(keys), _) => Arc::new(keys),
            (Err(unavailable @ KeysUnavailable::Unreachable), Some(read)) => {
                tracing::warn!(reason = unavailable.reason(), "keys could not be read again");
                Arc::clone(&read.keys)
            }
            (Err(unavailable), _) => {
                *read = None;
                return Err(unavailable);
            }
        };
        *read = Some(Read { keys: Arc::clone(&keys), asked_at: Instant::now() });
        Ok(keys)
    }
}

async fn fetch(
    client: &aws_sdk_secretsmanager::Client,
    secret: &str,
) -> Result<Keys, KeysUnavailable> {
    let value = client
        .get_secret_value()
        .secret_id(secret)
        .send()
        .await
        .map_err(|_| KeysUnavailable::Unreachable)?;
    let json = value.secret_string().ok_or(KeysUnavailable::Unusable)?;
    Keys::from_json(json).map_err(|_| KeysUnavailable::Unusable)
}

#[cfg(test)]
mod tests;
