//! The credentials of a third party's API: read once per execution environment, and again when they
//! were refused, so that a rotation needs no deploy.

use std::sync::Arc;
use std::time::Duration;

use platform::aws::timeouts;
use settings::{ConfigError, Settings};
use tokio::sync::Mutex;
use tokio::time::Instant;
use verify::{Object, PasteFlaw, Secret};

/// How old the credentials must be before a refusal makes them be read again. A third party that
/// refuses everything costs one read in this time.
const FRESH: Duration = Duration::from_secs(30);

/// How old the credentials may get while nobody refuses them.
const STALE: Duration = Duration::from_mins(5);

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
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "credentials_unreachable",
            Self::Unusable => "credentials_unusable",
            Self::PastedWrongly(..) => "credentials_pasted_wrongly",
        }
    }
}

/// Where the credentials are.
#[derive(Debug)]
enum Source {
    /// Given when the function was started; never read again.
    Given(Secret),
    /// A secret of AWS Secrets Manager.
    SecretsManager { client: aws_sdk_secretsmanager::Client, secret: String },
}

/// The credentials of one API: a JSON object of texts, such as `{"api_key":"…"}`.
#[derive(Debug)]
pub struct Credentials {
    source: Source,
    read: Mutex<Option<Read>>,
}

/// The credentials as they were last read.
#[derive(Debug)]
struct Read {
    json: Arc<Secret>,
    /// When they were last asked for, whether or not that went well.
    asked_at: Instant,
    refused: bool,
}

impl Credentials {
    /// Takes the credentials from the setting `API_KEYS`, for a local run; without it, from the secret
    /// that `API_SECRET` names.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when neither is set.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let source = if let Some(given) = settings.optional("API_KEYS").and_then(|keys| Secret::new(keys.to_owned())) {
            Source::Given(given)
        } else {
            let secret = settings.required("API_SECRET", "a secret's ARN")?.to_owned();
            let config = platform::aws::config(settings, "SECRETS_MANAGER", timeouts::SETTLEMENT)?;
            Source::SecretsManager { client: aws_sdk_secretsmanager::Client::new(&config), secret }
        };
        Ok(Self { source, read: Mutex::new(None) })
    }

    /// The credential `member`, never empty.
    pub async fn get(&self, member: &'static str) -> Result<Secret, CredentialsUnavailable> {
        match &self.source {
            Source::Given(json) => read_member(json, member),
            Source::SecretsManager { client, secret } => {
                let credential = read_member(&*self.json(client, secret).await?, member);
                if let Err(CredentialsUnavailable::PastedWrongly(credential, flaw)) = &credential {
                    tracing::error!(
                        target: "settlement",
                        credential,
                        %flaw,
                        "a credential was pasted wrongly and is not used"
                    );
                }
                if credential.is_err() {
                    // It may be that nobody has filled it in yet.
                    self.refused().await;
                }
                credential
            }
        }
    }

    /// Says that the third party refused the credentials: the next [`Credentials::get`] reads them
    /// again, unless they were read less than 30 s ago.
    pub async fn refused(&self) {
        if let Some(read) = self.read.lock().await.as_mut() {
            read.refused = true;
        }
    }

    /// The whole secret. An older one is better than none: where reading fails, it stays.
    async fn json(
        &self,
        client: &aws_sdk_secretsmanager::Client,
        secret: &str,
    ) -> Result<Arc<Secret>, CredentialsUnavailable> {
        let mut read = self.read.lock().await;
        let oldest = |read: &Read| if read.refused { FRESH } else { STALE };
        if let Some(read) = read.as_ref().filter(|read| read.asked_at.elapsed() < oldest(read)) {
            return Ok(Arc::clone(&read.json));
        }
        let asked_at = Instant::now();
        let json = match (fetch(client, secret).await, read.as_ref()) {
            (Ok(json), _) => Arc::new(json),
            (Err(unavailable), Some(read)) => {
                tracing::warn!(
                    target: "settlement",
                    reason = unavailable.reason(),
                    "credentials could not be read again"
                );
                Arc::clone(&read.json)
            }
            (Err(unavailable), None) => return Err(unavailable),
        };
        *read = Some(Read { json: Arc::clone(&json), asked_at, refused: false });
        Ok(json)
    }
}

async fn fetch(
    client: &aws_sdk_secretsmanager::Client,
    secret: &str,
) -> Result<Secret, CredentialsUnavailable> {
    let value = client.get_secret_value().secret_id(secret).send().await.map_err(|error| {
        match error.as_service_error() {
            // No version of the secret is AWSCURRENT, because none was ever put in; or no such secret.
            Some(error) if error.is_resource_not_found_exception() => {
                CredentialsUnavailable::Unusable
            }
            _ => CredentialsUnavailable::Unreachable,
        }
    })?;
    value.secret_string.and_then(Secret::new).ok_or(CredentialsUnavailable::Unusable)
}

fn read_member(json: &Secret, member: &'static str) -> Result<Secret, CredentialsUnavailable> {
    let unusable = |_| CredentialsUnavailable::Unusable;
    let credentials = Object::parse(json.expose()).map_err(unusable)?;
    let text = credentials.required(member).map_err(unusable)?.text(4096).map_err(unusable)?;
    let secret = Secret::new(text).ok_or(CredentialsUnavailable::Unusable)?;
    match PasteFlaw::of(secret.expose_text()) {
        None => Ok(secret),
        Some(flaw) => Err(CredentialsUnavailable::PastedWrongly(member, flaw)),
    }
}
