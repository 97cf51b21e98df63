//! Delivers a recorded callback to a third party: one request, and its answer on the record.
//!
//! What is sent says the same however often it is sent, and the third party sees at least one of it. It
//! sees a second one where the answer to the first was lost, and where the record could not be told of it. Of two
//! messages that tell of one record at the same time one is attempted: see [`tables::callbacks::lease`].

use std::marker::PhantomData;
use std::time::Duration;

use crate::{Attempt, Credentials, Record, Settle, Verdict, backoff, later};
use settings::{ConfigError, Settings};
use tables::callbacks::{AttemptNumber, BeginOutcome, Progress, Reason, State, Store, TableError};
use verify::Secret;

use crate::outbound::breaker::Breaker;
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

/// How many attempts there are before a person has to look at it.
pub const MOST_ATTEMPTS: u32 = 50;

/// The longest pause that no `Retry-After` asks for. [`MOST_ATTEMPTS`] then take
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
    breaker: Breaker,
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
            breaker: Breaker::default(),
            credentials: Credentials::configure(settings)?,
            store: Store::connect(settings)?,
            upstream: PhantomData,
        })
    }

    /// Makes one attempt.
    async fn attempt(&self, attempt: &Attempt) -> Result<Verdict, TableError> {
        let (record, now) = (&attempt.record, attempt.now);
        if record.provider != U::PROVIDER {
            return Ok(Verdict::DeadLetter { reason: Reason::Misrouted });
        }
        if let Some(verdict) = self.breaker.leaves_alone(&self.store, attempt).await {
            return Ok(verdict);
        }
        let key = self.credentials.get(U::CREDENTIAL).await;
        // As late as can be: a person may close the record until then.
        let number = match self.store.begin(&record.id, now, attempt.random).await? {
            // Its function was killed whenever it came to this record, or it would have been given up before.
            BeginOutcome::Go { attempts, state, .. }
                if is_last(attempts.saturating_sub(1)) && state != State::Dead =>
            {
                let progress = of_attempt(attempts, Progress::to(State::Dead));
                return self.give_up(attempt, progress, Reason::LastAttempt).await;
            }
            BeginOutcome::Go { attempts, .. } => attempts,
            BeginOutcome::Leased(after) => {
                return Ok(Verdict::Again { after, reason: Reason::Leased });
            }
            BeginOutcome::Ended(_) => return Ok(Verdict::Done),
            BeginOutcome::NoRecord => return Ok(Verdict::DeadLetter { reason: Reason::NoRecord }),
        };
        let key = match key {
            Ok(key) => key,
            Err(unavailable) => {
                let progress = of_attempt(number, Progress::to(State::Retrying));
                return self.again(attempt, number, progress, unavailable.reason(), None).await;
            }
        };
        let Some(message) = U::message(&self.url, record, &key) else {
            let reason = Reason::Undeliverable;
            let progress = of_attempt(number, Progress::because(State::Dead, reason));
            self.store.finish(&record.id, now, &progress).await?;
            return Ok(Verdict::DeadLetter { reason });
        };
        let Message { request, secrets } = message;
        let answer = self.client.send(request).await;
        let progress =
            |state, reason| of_attempt(number, progress(state, reason, &answer, &secrets));
        let disposition = Disposition::of(&answer, now);
        match disposition {
            Disposition::Later { wait, .. } => self.breaker.failed(now, wait),
            Disposition::Taken | Disposition::Refused => self.breaker.succeeded(),
        }
        let ended = match disposition {
            Disposition::Taken if declines(&answer) => {
                progress(State::Refused, Some(Reason::UpstreamDeclined))
            }
            Disposition::Taken => progress(State::Delivered, None),
            Disposition::Later { wait, reason } => {
                let progress = progress(State::Retrying, None);
                return self.again(attempt, number, progress, reason, wait).await;
            }
            Disposition::Refused if self.key_changed(&answer, &key).await => {
                let progress = progress(State::Retrying, None);
                return self.again(attempt, number, progress, Reason::KeyChanged, None).await;
            }
            Disposition::Refused => progress(State::Refused, Some(Reason::UpstreamRefused)),
        };
        self.store.finish(&record.id, now, &ended).await?;
        Ok(match ended.reason {
            Some(reason) => Verdict::Refused { reason },
            None => Verdict::Done,
        })
    }

    /// Sees to it that there is another attempt, which the third party asks to be no sooner than after `wait`; after
    /// the last one, that a person looks at it.
    async fn again(
        &self,
        attempt: &Attempt,
        number: u32,
        progress: Progress,
        reason: Reason,
        wait: Option<Duration>,
    ) -> Result<Verdict, TableError> {
        if is_last(number) {
            return self.give_up(attempt, progress, reason).await;
        }
        let pause = backoff(number, FIRST_PAUSE, LONGEST_PAUSE, attempt.random);
        let after = pause.max(wait.unwrap_or_default());
        Ok(later(&self.store, attempt, progress, after, reason).await)
    }

    async fn give_up(
        &self,
        attempt: &Attempt,
        progress: Progress,
        reason: Reason,
    ) -> Result<Verdict, TableError> {
        let dead = Progress { state: State::Dead, reason: Some(reason), ..progress };
        self.store.finish(&attempt.record.id, attempt.now, &dead).await?;
        Ok(Verdict::DeadLetter { reason })
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
    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            verdicts.push(self.attempt(attempt).await.unwrap_or_else(|unavailable| {
                let (receives, random) = (attempt.receives, attempt.random);
                let after = backoff(receives, FIRST_PAUSE, LONGEST_PAUSE, random);
                Verdict::Again { after, reason: unavailable.reason() }
            }));
        }
        verdicts
    }
}

/// Whether no attempt follows the attempt `number` by itself. What a person has put back is tried as often again.
const fn is_last(number: u32) -> bool {
    number > 0 && number.is_multiple_of(MOST_ATTEMPTS)
}

/// Whether the body of `answer` says that nothing was taken.
fn declines(answer: &Result<Reply, SendError>) -> bool {
    answer.as_ref().is_ok_and(|reply| declined(&reply.body))
}

/// What the record is told of the attempt `number`, which it has counted.
fn of_attempt(number: u32, progress: Progress) -> Progress {
    Progress { attempt: Some(AttemptNumber::Counted(number)), ..progress }
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
        last_status: reply.map(|reply| reply.status),
        reply: reply.map(|reply| excerpt(&reply.body, &secrets)),
        reason,
        ..Progress::to(state)
    }
}

#[cfg(test)]
mod tests;
