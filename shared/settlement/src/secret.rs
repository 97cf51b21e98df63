//! The credentials of a third party's API, from a secret that is read again when they were refused.

use std::sync::{Mutex, PoisonError};

use platform::aws::timeouts;
use platform::secret::{CachedSecret, Content, NotRead};
use settings::{ConfigError, Settings};
use tables::callbacks::Reason;
use tokio::time::Instant;
use verify::{PasteFlaw, Secret, UnprovedObject};

/// The credentials are not to be had. Never shows any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsUnavailable {
    /// Secrets Manager did not hand the secret over.
    #[error("the secret with the API's credentials could not be read")]
    Unreachable,
    /// The secret is no JSON object with this credential as a text, or that text is empty, or nobody has
    /// put a value into it, as after a first deployment.
    #[error("the secret does not have the API's credentials")]
    Unusable,
    /// This credential cannot be the one that was issued.
    #[error("the API's credential {0} was pasted wrongly: {1}")]
    PastedWrongly(&'static str, PasteFlaw),
}

impl CredentialsUnavailable {
    /// Why an attempt could not be made, for logs and records.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unreachable => Reason::CredentialsUnreachable,
            Self::Unusable => Reason::CredentialsUnusable,
            Self::PastedWrongly(..) => Reason::CredentialsPastedWrongly,
        }
    }
}

impl From<NotRead> for CredentialsUnavailable {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Unreachable => Self::Unreachable,
            NotRead::Missing | NotRead::Binary => Self::Unusable,
        }
    }
}

/// A JSON object of texts, such as `{"api_key":"…"}`. Which of them are wanted is not known here.
struct JsonOfTexts;

impl Content for JsonOfTexts {
    type Value = Secret;
    type Error = CredentialsUnavailable;

    fn parse(text: String) -> Result<Secret, CredentialsUnavailable> {
        Secret::new(text).ok_or(CredentialsUnavailable::Unusable)
    }

    fn log_outdated(unavailable: CredentialsUnavailable) {
        tracing::warn!(
            reason = unavailable.reason().as_str(),
            "credentials could not be read again"
        );
    }
}

/// The credentials of one API.
#[derive(Debug)]
pub struct Credentials {
    secret: CachedSecret<JsonOfTexts>,
    /// When they were refused last.
    refused_at: Mutex<Option<Instant>>,
}

impl Credentials {
    /// Takes the credentials from the setting `API_KEYS`, for a local run; without it, from the secret
    /// that `API_SECRET` names.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let secret = if let Some(given) = settings.optional("API_KEYS") {
            CachedSecret::given(JsonOfTexts::parse(given.to_owned()))
        } else {
            let secret = settings.required("API_SECRET", "a secret's ARN")?;
            CachedSecret::in_secrets_manager(settings, secret, timeouts::SETTLEMENT)?
        };
        Ok(Self { secret, refused_at: Mutex::default() })
    }

    /// The credential `member`, never empty.
    pub async fn get(&self, member: &'static str) -> Result<Secret, CredentialsUnavailable> {
        let mut read = self.secret.get().await?;
        if self.refused_since(read.asked_at) {
            read = self.secret.get_fresh().await?;
        }
        let credential = read_member(&read.value, member);
        if let Err(CredentialsUnavailable::PastedWrongly(credential, flaw)) = &credential {
            tracing::error!(credential, %flaw, "a credential was pasted wrongly and is not used");
        }
        if credential.is_err() {
            // It may be that nobody has filled it in yet.
            self.refused();
        }
        credential
    }

    /// Says that the third party refused the credentials: the next [`Credentials::get`] reads them
    /// again, unless they were read less than 30 s ago.
    pub fn refused(&self) {
        *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether what was read at that time was refused.
    fn refused_since(&self, asked_at: Instant) -> bool {
        let refused_at = *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_some_and(|refused_at| refused_at >= asked_at)
    }
}

fn read_member(json: &Secret, member: &'static str) -> Result<Secret, CredentialsUnavailable> {
    let unusable = |_| CredentialsUnavailable::Unusable;
    let credentials = UnprovedObject::parse(json.expose()).and_then(|all| all.only(&[member]));
    let credentials = credentials.map_err(unusable)?;
    let text = credentials.required(member).map_err(unusable)?.text(4096).map_err(unusable)?;
    let secret = Secret::new(text).ok_or(CredentialsUnavailable::Unusable)?;
    match PasteFlaw::of(secret.expose_text()) {
        None => Ok(secret),
        Some(flaw) => Err(CredentialsUnavailable::PastedWrongly(member, flaw)),
    }
}
