//! Books credits, completions and reversals, as their records say them, in users' balances.
//!
//! An attempt is counted on the callback's record, unless that has ended or was closed by a person; then
//! it books, and then says so on the record. Booking is one transaction that counts once however often it
//! is repeated, so that an attempt may break off anywhere.
//!
//! A record whose effect is not known here is a dead letter, so that nobody's reward is forgotten.

mod effect;

use std::time::Duration;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use settlement::{Attempt, Record, Settle, Verdict, backoff};
use tables::callbacks::{Progress, Reason, State, Store, TableError};
use tables::ledger::{BookingError, Entry, Ledger, Reversal, Reversed};
use tokio::sync::Mutex;
use verify::Reward;

use crate::effect::{Booking, Unfit};

/// The pause after the first failed attempt.
pub const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause. The 70 attempts that the queue allows then take between 29 and 60 hours: longer than
/// an outage of a day, and nobody waits for more than an hour once it is over.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Books credits, completions and reversals.
#[derive(Debug)]
pub struct LedgerFunction {
    ledger: Ledger,
    store: Store,
    /// Held while something is booked. Two entries of one user change one balance, and DynamoDB cancels
    /// a transaction that meets another; in a batch, and a batch is soon done, they need not meet.
    turn: Mutex<()>,
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// Something of ours is out of order.
    Outage(TableError),
    /// The record or the ledger is such that it never will.
    Poison(Reason),
}

impl LedgerFunction {
    /// Connects to the tables that the settings `LEDGER_TABLE` and `CALLBACKS_TABLE` name.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            ledger: Ledger::connect(settings)?,
            store: Store::connect(settings)?,
            turn: Mutex::new(()),
        })
    }

    async fn attempt(&self, record: &Record, now: Timestamp) -> Result<(), Failure> {
        let booking = Booking::of(record);
        let _turn = self.turn.lock().await;
        // As late as can be: what a person closes before this is not booked.
        let seen = self.store.look(&[&record.id]).await?;
        let accepted = match seen.get(&record.id) {
            Some(seen) if !seen.is_open() => return Ok(()),
            Some(seen) => seen.accepted,
            // It was kept for less long than its message. What is booked once, the ledger knows.
            None => false,
        };
        match booking? {
            Booking::None if accepted => {
                self.note(&record.id, now, Progress::to(State::WithoutEffect)).await?;
            }
            Booking::None => {}
            Booking::Credit(reward) => {
                self.ledger.book(&entry(record, reward)).await?;
                self.note(&record.id, now, Progress::to(State::Credited)).await?;
            }
            Booking::Debit(reward) if accepted => {
                self.ledger.book(&entry(record, reward)).await?;
                self.note(&record.id, now, Progress::to(State::Debited)).await?;
            }
            // The receivers hold it, so that it does not come here by itself.
            Booking::Debit(_) => return Err(effect::NEGATIVE.into()),
            Booking::Completion { offer, reward } => {
                let completed = self.ledger.complete(offer, &entry(record, reward)).await?;
                // Its own end last: no attempt begins after that.
                if let Some(reversal) = completed.reversed_by {
                    self.note(&reversal, now, Progress::to(State::Reversed)).await?;
                }
                self.note(&record.id, now, Progress::to(State::Credited)).await?;
            }
            Booking::Reversal { offer } => {
                let progress = match self.ledger.reverse(offer, &reversal(record)).await? {
                    Reversed::Debited(_) => Progress::to(State::Reversed),
                    Reversed::Pending => Progress::because(State::Waiting, Reason::NoCompletion),
                };
                self.note(&record.id, now, progress).await?;
            }
        }
        Ok(())
    }

    async fn note(&self, id: &str, now: Timestamp, progress: Progress) -> Result<(), Failure> {
        self.store.finish(id, now, &progress).await.map_err(Failure::Outage)
    }
}

impl Settle for LedgerFunction {
    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            verdicts.push(self.settle_one(attempt).await);
        }
        verdicts
    }
}

impl LedgerFunction {
    async fn settle_one(&self, attempt: &Attempt) -> Verdict {
        let failure = match self.attempt(&attempt.record, attempt.now).await {
            Ok(()) => return Verdict::Done,
            Err(failure) => failure,
        };
        let again = |unavailable: TableError| Verdict::Again {
            after: backoff(attempt.receives, FIRST_PAUSE, LONGEST_PAUSE, attempt.random),
            reason: unavailable.reason(),
        };
        match failure {
            Failure::Outage(unavailable) => again(unavailable),
            Failure::Poison(reason) => {
                let dead = Progress::because(State::Dead, reason);
                match self.store.finish(&attempt.record.id, attempt.now, &dead).await {
                    Ok(()) => Verdict::DeadLetter { reason },
                    Err(unavailable) => again(unavailable),
                }
            }
        }
    }
}

fn entry(record: &Record, reward: &Reward) -> Entry {
    Entry {
        user: record.user.clone(),
        identity: record.id.clone(),
        provider: record.provider.clone(),
        kind: record.kind.clone(),
        unit: reward.unit.clone(),
        amount: reward.amount,
        callback: record.id.clone(),
        at: record.received_at.clone(),
    }
}

fn reversal(record: &Record) -> Reversal {
    Reversal {
        user: record.user.clone(),
        identity: record.id.clone(),
        provider: record.provider.clone(),
        kind: record.kind.clone(),
        callback: record.id.clone(),
        at: record.received_at.clone(),
    }
}

impl From<TableError> for Failure {
    fn from(unavailable: TableError) -> Self {
        Self::Outage(unavailable)
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        Self::Poison(unfit.0)
    }
}

impl From<BookingError> for Failure {
    fn from(unbooked: BookingError) -> Self {
        match unbooked {
            BookingError::Unavailable(unavailable) => Self::Outage(unavailable),
            impossible => Self::Poison(impossible.reason()),
        }
    }
}
