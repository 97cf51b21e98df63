//! The provider's keys, from a secret that is read again when a signature does not match.

use platform::aws::timeouts;
use platform::published::Published;
use platform::secret::{CachedSecret, Content, NotRead};
use settings::{ConfigError, Settings};
use verify::{
    Authenticated, Keys, PasteFlaw, PastedWrongly, PublicKeys, Refusal, Secret, SignedContent,
    UnusableKeys,
};

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

/// The setting with the URL of a published list of keys.
const PUBLIC_KEYS_URL: &str = "PUBLIC_KEYS_URL";

/// A key list, as [`Keys::from_json`] takes it.
struct KeyList;

impl Content for KeyList {
    type Value = Keys;
    type Error = KeysUnavailable;

    /// Reads a key list, and logs which keys of it cannot be used and why.
    fn parse(json: String) -> Result<Keys, KeysUnavailable> {
        match Keys::from_json(&json) {
            Ok(keys) => {
                keys.pasted_wrongly().iter().for_each(log_pasted_wrongly);
                Ok(keys)
            }
            Err(UnusableKeys::PastedWrongly(first)) => {
                log_pasted_wrongly(&first);
                Err(KeysUnavailable::PastedWrongly)
            }
            Err(_) => Err(KeysUnavailable::Unusable),
        }
    }

    fn log_outdated(unavailable: KeysUnavailable) {
        tracing::warn!(reason = unavailable.reason(), "keys could not be read again");
    }
}

fn log_pasted_wrongly(wrong: &PastedWrongly) {
    let (key_id, flaw) = (wrong.key_id.as_str(), wrong.flaw);
    tracing::error!(key_id, %flaw, "a key was pasted wrongly and is not used");
}

/// The keys of one provider.
#[derive(Debug)]
pub struct KeyRing {
    keys: CachedSecret<KeyList>,
    flaw: fn(&Secret) -> Option<PasteFlaw>,
}

impl KeyRing {
    /// Takes the key list from the setting `KEYS`, for a local run; without it, from the secret that
    /// `KEYS_SECRET` names; without either there are no keys. Where keys are `public`, they are these; the
    /// setting `PUBLIC_KEYS_URL` says where a list is published in place of the provider's own URL.
    pub fn configure(settings: &Settings, public: Option<PublicKeys>) -> Result<Self, ConfigError> {
        match public {
            Some(PublicKeys::Fixed(list)) => {
                return Ok(Self::of(CachedSecret::given(KeyList::parse(list))));
            }
            Some(PublicKeys::Published { url, oldest }) => {
                let expected = "an absolute URL";
                let other = settings.parsed(PUBLIC_KEYS_URL, expected, |url| url.parse().ok())?;
                let unusable = ConfigError { variable: PUBLIC_KEYS_URL, expected };
                let url = other.or(url.parse().ok()).ok_or(unusable)?;
                let document = Published::new(url, timeouts::KEYS.operation);
                return Ok(Self::of(CachedSecret::published(document, oldest, Keys::published)));
            }
            None => {}
        }
        let keys = match (settings.optional("KEYS"), settings.optional("KEYS_SECRET")) {
            (Some(keys), _) => CachedSecret::given(KeyList::parse(keys.to_owned())),
            (None, Some(secret)) => {
                CachedSecret::in_secrets_manager(settings, secret, timeouts::KEYS)?
            }
            (None, None) => CachedSecret::given(Err(KeysUnavailable::Missing)),
        };
        Ok(Self::of(keys))
    }

    fn of(keys: CachedSecret<KeyList>) -> Self {
        Self { keys, flaw: |_| None }
    }

    /// Holds secrets to what `flaw` says is wrong with them: a provider's [`Provider::secret_flaw`].
    ///
    /// [`Provider::secret_flaw`]: verify::Provider::secret_flaw
    #[must_use]
    pub fn held_to(self, flaw: fn(&Secret) -> Option<PasteFlaw>) -> Self {
        Self { flaw, ..self }
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
        let claim = match self.keys.get().await?.value.prove(claim) {
            Ok(authenticated) => return Ok(Ok(authenticated)),
            Err(claim) => claim,
        };
        let keys = self.keys.get_fresh().await?;
        match keys.value.prove(claim) {
            Ok(authenticated) => Ok(Ok(authenticated)),
            // It may be made with a key that was added since.
            Err(_) if !keys.is_current => Err(KeysUnavailable::Unreachable.into()),
            // It may be made with the key as it was issued.
            Err(_) if !keys.value.pasted_wrongly().is_empty() => {
                Err(KeysUnavailable::PastedWrongly.into())
            }
            Err(_) if self.is_flawed(&keys.value) => Err(KeysUnavailable::PastedWrongly.into()),
            Err(_) => Ok(Err(Refusal::Unauthenticated)),
        }
    }

    /// Whether a key cannot be one of the provider's; logs which, and why.
    fn is_flawed(&self, keys: &Keys) -> bool {
        keys.flawed(self.flaw).inspect(log_pasted_wrongly).count() > 0
    }

    /// Reads the keys ahead of the first callback.
    pub async fn warm(&self) -> Result<(), KeysUnavailable> {
        self.keys.get().await.map(drop)
    }
}

#[cfg(test)]
mod tests;
