//! Books what the records of one user do to the user's balances.

use settlement::Record;
use tables::callbacks::{Booked, Progress, Reason, State, TableError};
use tables::ledger::{BookingError, Completed, Debit, Entry, Reversal, Reversed};
use verify::Reward;

use crate::effect::{self, Effect, Unfit};
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
    /// Books what each of `open`, all of one user, does; what came of it, in their order. Credits and debits are
    /// booked together, completions and reversals one after the other.
    pub(crate) async fn book(&self, open: &[Open<'_>]) -> Vec<Booking> {
        let effects: Vec<_> = open.iter().map(|open| Effect::of(&open.attempt.record)).collect();
        let mut together = Vec::new();
        for (place, (open, effect)) in open.iter().zip(&effects).enumerate() {
            if let Ok(Effect::Credit(reward) | Effect::Debit(reward)) = effect
                && (matches!(effect, Ok(Effect::Credit(_))) || open.is_accepted())
            {
                together.push((place, entry(&open.attempt.record, reward)));
            }
        }
        let mut booked = self.book_together(&together).await;
        let mut bookings = Vec::with_capacity(open.len());
        for (place, (open, effect)) in open.iter().zip(effects).enumerate() {
            let booking = match booked.iter().position(|(booked, _)| *booked == place) {
                Some(index) => booked.swap_remove(index).1,
                None => self.book_alone(open, effect).await,
            };
            bookings.push(booking);
        }
        bookings
    }

    /// Books `entries`, each with its place, and reads each balance once.
    async fn book_together(&self, entries: &[(usize, Entry)]) -> Vec<(usize, Booking)> {
        let all: Vec<_> = entries.iter().map(|(_, entry)| entry.clone()).collect();
        let outcomes = self.ledger.book_all(&all).await;
        let mut balances: Vec<(&Entry, Result<Booked, TableError>)> = Vec::new();
        let mut bookings = Vec::with_capacity(entries.len());
        for ((place, entry), outcome) in entries.iter().zip(outcomes) {
            if let Err(error) = outcome {
                bookings.push((*place, Err(error.into())));
                continue;
            }
            let same =
                |of: &&(&Entry, _)| (&of.0.provider, &of.0.unit) == (&entry.provider, &entry.unit);
            let known = balances.iter().find(same).map(|(_, balance)| balance.clone());
            let balance = if let Some(balance) = known {
                balance
            } else {
                let balance = self.ledger.booked(entry).await;
                balances.push((entry, balance.clone()));
                balance
            };
            let booked = balance.map(|balance| Booked { amount: entry.amount, ..balance });
            let is_debit = entry.amount.is_negative();
            let state = if is_debit { State::Debited } else { State::Credited };
            let booking = booked.map(|booked| Some(with(state, booked)));
            bookings.push((*place, booking.map_err(Failure::Outage)));
        }
        bookings
    }

    async fn book_alone(&self, open: &Open<'_>, effect: Result<Effect<'_>, Unfit>) -> Booking {
        let record = &open.attempt.record;
        match effect? {
            Effect::None if open.is_accepted() => Ok(Some(Progress::to(State::WithoutEffect))),
            Effect::None => Ok(None),
            Effect::Completion { offer, reward } => {
                let entry = entry(record, reward);
                let Completed { reversed_by, .. } = self.ledger.complete(offer, &entry).await?;
                // Its own end last: no attempt begins after that.
                if let Some(debit) = reversed_by {
                    let reversed = self.reversed(record, &debit).await?;
                    let now = open.attempt.now;
                    self.store.finish(&debit.callback, now, &reversed).await?;
                }
                Ok(Some(with(State::Credited, self.ledger.booked(&entry).await?)))
            }
            Effect::Reversal { offer } => {
                match self.ledger.reverse(offer, &reversal(record)).await? {
                    Reversed::Debited(_, debit) => Ok(Some(self.reversed(record, &debit).await?)),
                    Reversed::Pending => {
                        Ok(Some(Progress::because(State::Waiting, Reason::NoCompletion)))
                    }
                }
            }
            // The receivers hold it, so that it does not come here by itself.
            Effect::Debit(_) => Err(effect::NEGATIVE.into()),
            // Booked together with the others.
            Effect::Credit(reward) => {
                let entry = entry(record, reward);
                self.ledger.book(&entry).await?;
                Ok(Some(with(State::Credited, self.ledger.booked(&entry).await?)))
            }
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
