//! The provider's keys, from a secret that is read again when a signature does not match.

use platform::aws::timeouts;
use platform::secret::{CachedSecret, Content, NotRead};
use settings::{ConfigError, Settings};
use verify::{Authenticated, Keys, PastedWrongly, Refusal, SignedContent, UnusableKeys};

use crate::answer::Outage;

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

impl From<NotRead> for KeysUnavailable {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Missing => Self::Missing,
            NotRead::Unreachable => Self::Unreachable,
            NotRead::Binary => Self::Unusable,
        }
    }
}

/// A key list, as [`Keys::from_json`] takes it.
struct KeyList;

impl Content for KeyList {
    type Value = Keys;
    type Error = KeysUnavailable;

    /// Reads a key list, and logs which keys of it cannot be used and why.
    fn parse(json: String) -> Result<Keys, KeysUnavailable> {
        let log = |wrong: &PastedWrongly| {
            let (key_id, flaw) = (wrong.key_id.as_str(), wrong.flaw);
            tracing::error!(key_id, %flaw, "a key was pasted wrongly and is not used");
        };
        match Keys::from_json(&json) {
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

    fn log_outdated(unavailable: KeysUnavailable) {
        tracing::warn!(reason = unavailable.reason(), "keys could not be read again");
    }
}

/// The keys of one provider.
#[derive(Debug)]
pub struct KeyRing(CachedSecret<KeyList>);

impl KeyRing {
    /// Takes the key list from the setting `KEYS`, for a local run; without it, from the secret that
    /// `KEYS_SECRET` names; without either there are no keys.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let keys = match (settings.optional("KEYS"), settings.optional("KEYS_SECRET")) {
            (Some(keys), _) => CachedSecret::given(KeyList::parse(keys.to_owned())),
            (None, Some(secret)) => {
                CachedSecret::in_secrets_manager(settings, secret, timeouts::KEYS)?
            }
            (None, None) => CachedSecret::given(Err(KeysUnavailable::Missing)),
        };
        Ok(Self(keys))
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
        let claim = match self.0.get().await?.value.prove(claim) {
            Ok(authenticated) => return Ok(Ok(authenticated)),
            Err(claim) => claim,
        };
        let keys = self.0.get_fresh().await?;
        match keys.value.prove(claim) {
            Ok(authenticated) => Ok(Ok(authenticated)),
            // It may be made with a key that was added since.
            Err(_) if !keys.is_current => Err(KeysUnavailable::Unreachable.into()),
            // It may be made with the key as it was issued.
            Err(_) if !keys.value.pasted_wrongly().is_empty() => {
                Err(KeysUnavailable::PastedWrongly.into())
            }
            Err(_) => Ok(Err(Refusal::Unauthenticated)),
        }
    }

    /// Reads the keys ahead of the first callback.
    pub async fn warm(&self) -> Result<(), KeysUnavailable> {
        self.0.get().await.map(drop)
    }
}

#[cfg(test)]
mod tests;
