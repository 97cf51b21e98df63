//! Sends records to their settlers again: those that are due, and those that nobody has settled.
//!
//! The table is the truth, and everything behind it may lose a message: a stream that nobody reads for a day forgets,
//! a queue can be purged, an attempt can be cut off before it says when the next one is. So every minute
//!
//! 1. what is *due* is sent: reviews, long pauses, and what was sent before and has not been settled since;
//! 2. what is *parked*, because its settler did not take it, is sent once it does;
//! 3. what was received a quarter of an hour ago and is not settled is *reconciled*: it gets a time at which it is due,
//!    and is sent at once where nobody has attempted it. A watermark says how far that has come.
//!
//! After that every record is settled, waits for a person, or is in the index `by_due`. A record is sent before
//! its time is moved, so that a run that ends in between sends it twice, and never not at all; that it has its effect
//! once is its settler's matter. What is sent is put off by more each time, and a queue that has enough to do is not
//! sent more, so that a backlog does not feed itself.
//!
//! What one settler does not take, because its queue is full or refuses messages or its third party is down, stays
//! parked without being looked at: a day of that is millions of records. Once a minute a thousand of them are tried.
//! No other settler's records wait for it.
//!
//! A sparse index and one function instead of a schedule for each record in EventBridge Scheduler: a due record costs
//! two write units of the index and a fraction of a read, $1.3 a million; a schedule for each would cost $1 a
//! million and two calls to make and to delete it, is limited in number ("Quotas for Amazon EventBridge Scheduler"), and
//! could itself be lost, so that a reconciliation would be needed all the same.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`parked`] | what waits until its settler takes it |
//! | [`rounds`] | what is in the index `by_due`, some of each shard at a time |
//! | [`reconcile`] | what nobody has settled |
//! | [`send`] | sends records, and says when they are looked at next |
//! | [`lambda`] | what `main` calls |

pub mod lambda;
pub mod metrics;
pub mod parked;
pub mod reconcile;
pub mod rounds;
pub mod send;

use std::collections::BTreeSet;
use std::time::Instant as Started;

use dispatch::Sender;
use dispatch::queues::Queues;
use jiff::Timestamp;
use platform::aws::timeouts::DISPATCH;
use platform::logging::milliseconds;
use serde::Deserialize;
use settings::{ConfigError, Settings};
use tables::callbacks::{Shards, Store, TableError};
use tables::ledger::Ledger;
use tokio::time::Instant;

use crate::send::Closed;

/// How many calls that look for what nobody has settled are under way at once.
pub const AT_ONCE: usize = 32;

/// The function.
#[derive(Debug)]
pub struct Schedule {
    store: Store,
    ledger: Ledger,
    sender: Sender,
    shards: Shards,
    /// Each once: DynamoDB refuses to read what is asked for twice in one `BatchGetItem`.
    providers: BTreeSet<String>,
}

/// What a run is asked for; what calls it every minute asks for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// What is reconciled.
    #[serde(default)]
    pub reconcile: Reconcile,
    /// How much earlier than it says a record is due, in seconds: for a machine that waits for less long than AWS.
    #[serde(default)]
    pub due_within_s: u32,
}

/// What is reconciled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconcile {
    /// What was received a quarter of an hour ago and is not settled.
    #[default]
    Old,
    /// All that is not settled, however new: for when it is known that nothing is on its way, as after a restart
    /// of a machine whose queues are in its memory.
    Everything,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// How many records were due and are sent.
    pub due: u64,
    /// How many records were sent that nobody had attempted.
    pub reconciled: u64,
    /// How many records were parked, because their queue has enough to do or refused them.
    pub put_off: u64,
    /// How many settlers took nothing lately, so that only a few of what is parked for them were sent.
    pub down: u64,
    /// For how many seconds the oldest record had been due when it was looked at.
    pub oldest_due_s: i64,
    /// Why not everything was done.
    pub failed: Option<Failed>,
}

/// Why a run did not do everything. The next one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// DynamoDB.
    Table(TableError),
    /// SQS took not all that was sent.
    Queues,
    /// Its time was over.
    OutOfTime,
}

impl Failed {
    const fn reason(self) -> &'static str {
        match self {
            Self::Table(error) => error.reason().as_str(),
            Self::Queues => "queues_failed",
            Self::OutOfTime => "out_of_time",
        }
    }
}

/// What a run keeps to.
struct Limits {
    now: Timestamp,
    deadline: Instant,
    /// The queues that are not sent more.
    closed: Closed,
}

impl Limits {
    /// That there is time for more.
    fn check(&self) -> Result<(), Failed> {
        if Instant::now() < self.deadline { Ok(()) } else { Err(Failed::OutOfTime) }
    }
}

impl From<TableError> for Failed {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

impl Schedule {
    /// Takes the settings of [`Store::connect`] and [`Ledger::connect`]; `QUEUES`, as `dispatch` does; `PROVIDERS`, the
    /// names of those whose records are looked through, with commas between them; and `CONTRACTS`, more of them as the
    /// template's parameter has them: `AyetStudios` for `ayet-studios`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the setting that is missing or unusable.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let providers =
            settings.required("PROVIDERS", "providers' names with commas between them")?;
        let contracts = settings.optional("CONTRACTS").unwrap_or_default();
        let contracts = contracts.split(',').filter(|name| !name.is_empty()).map(hyphenated);
        let sqs = aws_sdk_sqs::Client::new(&platform::aws::config(settings, "SQS", DISPATCH)?);
        Ok(Self {
            store: Store::connect(settings)?,
            ledger: Ledger::connect(settings)?,
            sender: Sender::new(Queues::configure(sqs, settings)?, None),
            shards: Shards::configure(settings)?,
            providers: providers.split(',').map(str::to_owned).chain(contracts).collect(),
        })
    }

    /// Does what is to be done `now`, and begins nothing after `deadline`; writes one line.
    pub async fn run(&self, event: Event, now: Timestamp, deadline: Instant) -> Run {
        let started = Started::now();
        let limits = Limits { now, deadline, closed: Closed::of(&self.sender).await };
        let mut run = Run::default();
        let done = async {
            let within_s = event.due_within_s;
            let mut due = self.due();
            while !due.left.is_empty() {
                limits.check()?;
                self.send_round(&mut due, within_s, &limits, &mut run).await?;
            }
            // Half of the time that is left, so that a backlog does not keep from finding what was lost.
            let begun = Instant::now();
            let half = begun + deadline.saturating_duration_since(begun) / 2;
            let mut parked = self.parked();
            self.release(&mut parked, within_s, half, &limits, &mut run).await?;
            self.reconcile(event.reconcile, &limits, &mut run).await?;
            self.release(&mut parked, within_s, deadline, &limits, &mut run).await
        };
        let failed = done.await.err();
        run.failed = run.failed.or(failed);
        let Run { due, reconciled, put_off, down, oldest_due_s, failed } = run;
        tracing::info!(
            target: "schedule",
            due,
            reconciled,
            put_off,
            down,
            oldest_due_s,
            reason = failed.map(Failed::reason),
            total_ms = milliseconds(started.elapsed()),
            "run"
        );
        metrics::count(&run);
        run
    }
}

/// The name of a provider, of the logical name that begins with a capital for each word of it.
fn hyphenated(logical: &str) -> String {
    let mut name = String::with_capacity(logical.len() + 4);
    for letter in logical.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::hyphenated;

    #[test]
    fn a_logical_name_is_that_of_a_provider() {
        for (logical, name) in
            [("Cpx", "cpx"), ("AyetStudios", "ayet-studios"), ("AdgemV3", "adgem-v3")]
        {
            assert_eq!(hyphenated(logical), name);
        }
    }
}
