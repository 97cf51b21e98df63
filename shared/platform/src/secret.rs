//! One secret of AWS Secrets Manager, or one list of public keys that a third party publishes: read once per
//! execution environment, and again when what it holds may have changed, so that a rotation needs no deploy.
//!
//! What was read is at most [`OLDEST`] when it is used; at most [`FRESH`] where its user asks for something
//! fresher, because a signature did not match or a third party refused the credentials. A secret is read by
//! one task at a time, and whoever else wants it waits for that one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use settings::{ConfigError, Settings};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::{self, Timeouts};
use crate::published::Published;

/// How old the value must be before [`CachedSecret::get_fresh`] reads it again. A flood of forgeries, or a
/// third party that refuses everything, costs one read in this time.
pub const FRESH: Duration = Duration::from_secs(30);

/// How old the value may get while nobody asks for a fresher one: a key that was taken away stops being
/// accepted after this time.
pub const OLDEST: Duration = Duration::from_mins(5);

/// How long after a read nothing but another one can help, while there is no value at all: the first ones
/// follow at once, so that a moment's trouble loses no callback; then the pauses double up to [`FRESH`], so
/// that a flood does not find a read in every request.
fn pause(failures: u32) -> Duration {
    Duration::from_secs((1 << failures.min(9)) >> 4).min(FRESH)
}

/// Why Secrets Manager gave no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRead {
    /// There is no such secret, or it has no value yet, as after a first deployment.
    Missing,
    /// Secrets Manager refused, or did not answer in time.
    Unreachable,
    /// The secret holds bytes instead of a text.
    Binary,
}

/// What a secret holds.
pub trait Content {
    /// What its text is parsed into. Its Debug, if it has one, must not show the secret.
    type Value;

    /// Why there is no value.
    type Error: Copy + From<NotRead>;

    /// Parses the secret's text.
    fn parse(text: String) -> Result<Self::Value, Self::Error>;

    /// Logs that the secret could not be read again, so that an older value stays in use.
    fn log_outdated(error: Self::Error);
}

/// What was read from a secret.
#[derive(Debug)]
pub struct Reading<V> {
    /// The value.
    pub value: Arc<V>,
    /// When the last read was begun, whether or not it gave this value: what was put into the secret after
    /// that is missing.
    pub asked_at: Instant,
    /// Whether the last read gave this value; otherwise there may be another one meanwhile.
    pub is_current: bool,
}

/// A secret, as it was last read. Debug shows nothing of it.
pub struct CachedSecret<C: Content>(Source<C>);

enum Source<C: Content> {
    /// Given when the function was started; never read again.
    Given(Result<Arc<C::Value>, C::Error>, Instant),
    /// Read from somewhere.
    Read {
        origin: Origin,
        /// How old a value may get while nobody asks for a fresher one.
        oldest: Duration,
        last: Mutex<Option<Read<C>>>,
    },
}

/// Where a value is read.
enum Origin {
    SecretsManager {
        client: Client,
        secret: String,
    },
    /// A published document, and what makes a text such as a secret has of it.
    Published {
        document: Box<Published>,
        translate: fn(&str) -> Option<String>,
    },
}

impl Origin {
    async fn read(&self) -> Result<String, NotRead> {
        match self {
            Self::SecretsManager { client, secret } => fetch(client, secret).await,
            Self::Published { document, translate } => {
                translate(&document.read().await?).ok_or(NotRead::Unreachable)
            }
        }
    }
}

/// What the last read left.
struct Read<C: Content> {
    value: Result<Arc<C::Value>, C::Error>,
    /// When it was begun.
    asked_at: Instant,
    /// How many reads have failed since the last one that gave a value.
    failures: u32,
}

impl<C: Content> Read<C> {
    /// What is left when the read after `before` gave `text`. Where Secrets Manager is out of reach or finds
    /// nothing, an older value is better than none; where it hands over what is unusable, there is no value
    /// any more.
    fn after(before: Option<Self>, text: Result<String, NotRead>, asked_at: Instant) -> Self {
        let (had, failures) = before.map_or((None, 0), |read| (read.value.ok(), read.failures));
        let failed = failures.saturating_add(1);
        let parsed = match (text, had) {
            (Err(not_read @ (NotRead::Unreachable | NotRead::Missing)), Some(had)) => {
                C::log_outdated(not_read.into());
                return Self { value: Ok(had), asked_at, failures: failed };
            }
            (Err(not_read), _) => Err(not_read.into()),
            (Ok(text), _) => C::parse(text),
        };
        let failures = if parsed.is_ok() { 0 } else { failed };
        Self { value: parsed.map(Arc::new), asked_at, failures }
    }

    /// Whether it will not do, where a value may be `oldest` or older.
    fn is_due(&self, oldest: Duration) -> bool {
        let lasts = if self.value.is_ok() { oldest } else { pause(self.failures) };
        self.asked_at.elapsed() >= lasts
    }

    fn reading(&self) -> Result<Reading<C::Value>, C::Error> {
        let value = Arc::clone(self.value.as_ref().map_err(|error| *error)?);
        Ok(Reading { value, asked_at: self.asked_at, is_current: self.failures == 0 })
    }
}

impl<C: Content> CachedSecret<C> {
    /// What is known without Secrets Manager, as for a local run, and stays as it is.
    #[must_use]
    pub fn given(value: Result<C::Value, C::Error>) -> Self {
        Self(Source::Given(value.map(Arc::new), Instant::now()))
    }

    /// The secret with this name or ARN. It is not read yet.
    pub fn in_secrets_manager(
        settings: &Settings,
        secret: &str,
        timeouts: Timeouts,
    ) -> Result<Self, ConfigError> {
        let client = Client::new(&aws::config(settings, "SECRETS_MANAGER", timeouts)?);
        let origin = Origin::SecretsManager { client, secret: secret.to_owned() };
        Ok(Self(Source::Read { origin, oldest: OLDEST, last: Mutex::default() }))
    }

    /// What `translate` makes of a document that is published, which may be used until it is `oldest`; a
    /// document of which it makes nothing was not read. It is not read yet.
    #[must_use]
    pub fn published(
        document: Published,
        oldest: Duration,
        translate: fn(&str) -> Option<String>,
    ) -> Self {
        let origin = Origin::Published { document: Box::new(document), translate };
        Self(Source::Read { origin, oldest, last: Mutex::default() })
    }

    /// The value, read again if it is [`OLDEST`] or older, or as old as a published document may get.
    pub async fn get(&self) -> Result<Reading<C::Value>, C::Error> {
        self.no_older_than(None).await
    }

    /// The value, read again if it is [`FRESH`] or older.
    pub async fn get_fresh(&self) -> Result<Reading<C::Value>, C::Error> {
        self.no_older_than(Some(FRESH)).await
    }

    async fn no_older_than(&self, age: Option<Duration>) -> Result<Reading<C::Value>, C::Error> {
        let (origin, oldest, last) = match &self.0 {
            Source::Given(value, asked_at) => {
                let value = Arc::clone(value.as_ref().map_err(|error| *error)?);
                return Ok(Reading { value, asked_at: *asked_at, is_current: true });
            }
            Source::Read { origin, oldest, last } => (origin, age.unwrap_or(*oldest), last),
        };
        let mut last = last.lock().await;
        let read = if let Some(read) = last.take_if(|read| !read.is_due(oldest)) {
            read
        } else {
            let asked_at = Instant::now();
            let text = origin.read().await;
            // Not before: the caller may give up meanwhile, and what was there is to stay.
            Read::after(last.take(), text, asked_at)
        };
        last.insert(read).reading()
    }
}

impl<C: Content> fmt::Debug for CachedSecret<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedSecret").finish_non_exhaustive()
    }
}

async fn fetch(client: &Client, secret: &str) -> Result<String, NotRead> {
    let value = client.get_secret_value().secret_id(secret).send().await.map_err(|error| {
        match error.as_service_error() {
            // No version of the secret is AWSCURRENT, because none was ever put in; or no such secret.
            Some(error) if error.is_resource_not_found_exception() => NotRead::Missing,
            _ => NotRead::Unreachable,
        }
    })?;
    value.secret_string.ok_or(NotRead::Binary)
}
