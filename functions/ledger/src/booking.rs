//! Books what the records of one user do to the user's balances.

use std::collections::HashMap;

use settlement::Record;
use tables::callbacks::{Booked, Progress, Reason, State, TableError};
use tables::ledger::{BookingError, Completed, Debit, Entry, Reversal, Reversed};
use verify::Reward;

use crate::effect::{Effect, Unfit};
use crate::{LedgerFunction, Open};

/// Why something is not booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Something of ours is out of order.
    Outage(TableError),
    /// The record or the ledger is such that it never will be.
    Poison(Reason),
}

/// What is to be said on a record: nothing, where there was nothing to do.
pub(crate) type Booking = Result<Option<Progress>, Failure>;

impl LedgerFunction {
    /// Books what each of `open`, all of one user, does; what came of it, in their order. Entries are booked
    /// together, completions and reversals after them, one by one.
    pub(crate) async fn book(&self, open: &[Open<'_>]) -> Vec<Booking> {
        let effects = open.iter().map(|open| Effect::of(&open.attempt.record, open.is_accepted()));
        let effects: Vec<_> = effects.collect();
        let entries = open.iter().zip(&effects).filter_map(|(open, effect)| match effect {
            Ok(Effect::Entry(reward)) => Some(entry(&open.attempt.record, reward)),
            _ => None,
        });
        let entries: Vec<_> = entries.collect();
        let mut booked = self.book_together(&entries).await.into_iter();
        let mut bookings = Vec::with_capacity(open.len());
        for (open, effect) in open.iter().zip(effects) {
            let record = &open.attempt.record;
            bookings.push(match effect {
                Err(unfit) => Err(unfit.into()),
                Ok(Effect::None) if open.is_accepted() => {
                    Ok(Some(Progress::to(State::WithoutEffect)))
                }
                Ok(Effect::None) => Ok(None),
                // There are as many as there are entries.
                Ok(Effect::Entry(_)) => booked.next().unwrap_or(Err(TableError::Failed.into())),
                Ok(Effect::Completion { offer, reward }) => {
                    self.complete(open, offer, reward).await
                }
                Ok(Effect::Reversal { offer }) => self.reverse(record, offer).await,
            });
        }
        bookings
    }

    /// Books `entries` and reads each balance once; what came of each, in their order.
    async fn book_together(&self, entries: &[Entry]) -> Vec<Booking> {
        let outcomes = self.ledger.book_all(entries).await;
        let mut balances: HashMap<_, Result<Booked, TableError>> = HashMap::new();
        let mut bookings = Vec::with_capacity(entries.len());
        for (entry, outcome) in entries.iter().zip(outcomes) {
            if let Err(error) = outcome {
                bookings.push(Err(error.into()));
                continue;
            }
            let of = (&entry.provider, &entry.unit);
            let balance = if let Some(known) = balances.get(&of) {
                known.clone()
            } else {
                let read = self.ledger.booked(entry).await;
                balances.insert(of, read.clone());
                read
            };
            let is_debit = entry.amount.is_negative();
            let state = if is_debit { State::Debited } else { State::Credited };
            let booked = balance.map(|balance| Booked { amount: entry.amount, ..balance });
            bookings.push(booked.map(|booked| Some(with(state, booked))).map_err(Failure::Outage));
        }
        bookings
    }

    async fn complete(&self, open: &Open<'_>, offer: &str, reward: &Reward) -> Booking {
        let record = &open.attempt.record;
        let entry = entry(record, reward);
        let Completed { reversed_by, .. } = self.ledger.complete(offer, &entry).await?;
        // Its own end last: no attempt begins after that.
        if let Some(debit) = reversed_by {
            let reversed = self.reversed(record, &debit).await?;
            self.store.finish(&debit.callback, open.attempt.now, &reversed).await?;
        }
        Ok(Some(with(State::Credited, self.ledger.booked(&entry).await?)))
    }

    async fn reverse(&self, record: &Record, offer: &str) -> Booking {
        match self.ledger.reverse(offer, &reversal(record)).await? {
            Reversed::Debited(_, debit) => Ok(Some(self.reversed(record, &debit).await?)),
            Reversed::Pending => Ok(Some(Progress::because(State::Waiting, Reason::NoCompletion))),
        }
    }

    /// What the record of a reversal says once `debit` is booked for the user of `record`.
    async fn reversed(&self, record: &Record, debit: &Debit) -> Result<Progress, Failure> {
        let reward = Reward { amount: debit.amount, unit: debit.unit.clone() };
        Ok(with(State::Reversed, self.ledger.booked(&entry(record, &reward)).await?))
    }
}

fn with(state: State, booked: Booked) -> Progress {
    Progress { booked: Some(booked), ..Progress::to(state) }
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
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Unavailable(unavailable) => Self::Outage(unavailable),
            impossible => Self::Poison(impossible.reason()),
        }
    }
}
