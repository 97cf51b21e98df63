//! Delivers a recorded callback to a third party: one request, and its answer on the record.
//!
//! What is sent says the same however often it is sent, and the third party sees at least one of it. It
//! sees a second one where the answer to the first was lost, where the record could not be told of the
//! answer, and where two messages tell of one record at the same time.

use std::marker::PhantomData;
use std::time::Duration;

use crate::{Attempt, Credentials, Record, Settle, Verdict, backoff};
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use tables::callbacks::{BeginOutcome, Progress, Reason, State, Store, TableError};
use verify::Secret;

use crate::outbound::client::{Client, Reply, SendError};
use crate::outbound::declined::declined;
use crate::outbound::disposition::Disposition;
use crate::outbound::excerpt::excerpt;
use crate::outbound::message::Message;
use crate::outbound::url::Url;

/// How long one exchange may take: less than what [`platform::aws::timeouts`] leaves of a batch's time.
const TIMEOUTS: Duration = Duration::from_secs(8);

/// The pause after the first attempt.
pub const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause that no `Retry-After` asks for. The 50 attempts that the queues allow then take
/// between a day and a half and a little over three days: longer than an outage of a day, and short enough
/// for a person to hear of it.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(2);

/// A third party that recorded callbacks are delivered to.
pub trait Upstream: 'static {
    /// Whose callbacks they are.
    const PROVIDER: &'static str;

    /// Which member of the credentials it wants.
    const CREDENTIAL: &'static str;

    /// The message that delivers `record` to `url` under `key`: always the same one for the same three.
    /// None for a record that no such message can be made of.
    fn message(url: &Url, record: &Record, key: &Secret) -> Option<Message>;
}

/// Delivers the callbacks of [`Upstream::PROVIDER`].
#[derive(Debug)]
pub struct Delivery<U> {
    url: Url,
    client: Client,
    credentials: Credentials,
    store: Store,
    upstream: PhantomData<fn() -> U>,
}

impl<U: Upstream> Delivery<U> {
    /// Takes its settings: `UPSTREAM_URL`, and those of [`Store::connect`] and
    /// [`Credentials::configure`].
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        Self::with_patience(settings, TIMEOUTS)
    }

    fn with_patience(settings: &Settings, patience: Duration) -> Result<Self, ConfigError> {
        let url = Url::configure(settings, "UPSTREAM_URL")?;
        // The only other thing that could be wrong is the machine.
        let client = Client::to(&url, patience).map_err(|_| ConfigError {
            variable: "SSL_CERT_FILE",
            expected: "a file of certificates, where the machine itself has none",
        })?;
        Ok(Self {
            url,
            client,
            credentials: Credentials::configure(settings)?,
            store: Store::connect(settings)?,
            upstream: PhantomData,
        })
    }

    /// Makes one attempt; how it ended, or why there has to be another one.
    async fn attempt(&self, record: &Record, now: Timestamp) -> Result<Verdict, Later> {
        if record.provider != U::PROVIDER {
            return Ok(Verdict::DeadLetter { reason: Reason::Misrouted });
        }
        let key = self.credentials.get(U::CREDENTIAL).await;
        // As late as can be: a person may close the record until then.
        match self.store.begin(&record.id, now).await? {
            BeginOutcome::Go { .. } => {}
            BeginOutcome::Ended(_) => return Ok(Verdict::Done),
            BeginOutcome::NoRecord => return Ok(Verdict::DeadLetter { reason: Reason::NoRecord }),
        }
        let key = match key {
            Ok(key) => key,
            Err(unavailable) => {
                let reason = unavailable.reason();
                let progress = Progress::because(State::Retrying, reason);
                return self.later(record, now, &progress, reason, None).await;
            }
        };
        let Some(message) = U::message(&self.url, record, &key) else {
            let reason = Reason::Undeliverable;
            let progress = Progress::because(State::Dead, reason);
            self.store.finish(&record.id, now, &progress).await?;
            return Ok(Verdict::DeadLetter { reason });
        };
        let Message { request, secrets } = message;
        let answer = self.client.send(request).await;
        let progress = |state, reason| progress(state, reason, &answer, &secrets);
        let ended = match Disposition::of(&answer, now) {
            Disposition::Taken if declines(&answer) => {
                progress(State::Refused, Some(Reason::UpstreamDeclined))
            }
            Disposition::Taken => progress(State::Delivered, None),
            Disposition::Later { wait, reason } => {
                let progress = progress(State::Retrying, Some(reason));
                return self.later(record, now, &progress, reason, wait).await;
            }
            Disposition::Refused if self.key_changed(&answer, &key).await => {
                let reason = Reason::KeyChanged;
                let progress = progress(State::Retrying, Some(reason));
                return self.later(record, now, &progress, reason, None).await;
            }
            Disposition::Refused => progress(State::Refused, Some(Reason::UpstreamRefused)),
        };
        self.store.finish(&record.id, now, &ended).await?;
        Ok(match ended.reason {
            Some(reason) => Verdict::Refused { reason },
            None => Verdict::Done,
        })
    }

    /// Says on the record that there has to be another attempt, for this `reason`. Where that fails there has to be one all
    /// the same, and no sooner.
    async fn later(
        &self,
        record: &Record,
        now: Timestamp,
        progress: &Progress,
        reason: Reason,
        wait: Option<Duration>,
    ) -> Result<Verdict, Later> {
        let told = self.store.finish(&record.id, now, progress).await;
        let reason = told.map_or_else(TableError::reason, |()| reason);
        Err(Later { wait: wait.unwrap_or_default(), reason })
    }

    /// Whether `answer` says that the key is wrong, and there is another one by now.
    async fn key_changed(&self, answer: &Result<Reply, SendError>, key: &Secret) -> bool {
        if !matches!(answer, Ok(Reply { status: 401 | 403, .. })) {
            return false;
        }
        self.credentials.refused();
        self.credentials.get(U::CREDENTIAL).await.is_ok_and(|known| !known.matches(key))
    }
}

impl<U: Upstream> Settle for Delivery<U> {
    fn store(&self) -> Option<&Store> {
        Some(&self.store)
    }

    async fn settle(&self, attempt: &Attempt) -> Verdict {
        match self.attempt(&attempt.record, attempt.now).await {
            Ok(verdict) => verdict,
            Err(Later { wait, reason }) => {
                let (number, random) = (attempt.number, attempt.random);
                let pause = backoff(number, FIRST_PAUSE, LONGEST_PAUSE, random);
                Verdict::Again { after: pause.max(wait), reason }
            }
        }
    }
}

/// Why there has to be another attempt.
struct Later {
    /// How long the third party asks to wait.
    wait: Duration,
    reason: Reason,
}

impl From<TableError> for Later {
    fn from(unavailable: TableError) -> Self {
        Self { wait: Duration::ZERO, reason: unavailable.reason() }
    }
}

/// Whether the body of `answer` says that nothing was taken.
fn declines(answer: &Result<Reply, SendError>) -> bool {
    answer.as_ref().is_ok_and(|reply| declined(&reply.body))
}

/// What the record is told of `answer`, without the `secrets` that it may repeat.
fn progress(
    state: State,
    reason: Option<Reason>,
    answer: &Result<Reply, SendError>,
    secrets: &[String],
) -> Progress {
    let reply = answer.as_ref().ok();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    Progress {
        state,
        last_status: reply.map(|reply| reply.status),
        reply: reply.map(|reply| excerpt(&reply.body, &secrets)),
        reason,
    }
}

#[cfg(test)]
mod tests;
