//! Books credits, completions and reversals, as their records say them, in users' balances.
//!
//! The messages of a batch are settled by user: their records are read at once, unless one has ended or was closed
//! by a person its effect is booked, and then it says so on the record. Users do not wait for each other. Booking is
//! a transaction that counts once however often it is repeated, so that an attempt may break off anywhere.
//!
//! A record whose effect is not known here is a dead letter, so that nobody's reward is forgotten.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | `effect` | what a record does to its user's balance |
//! | `booking` | books what the records of one user do |
//! | `conclusion` | what comes of each: what its record says, and when it is tried again |

mod booking;
mod conclusion;
mod effect;

use std::collections::HashSet;

use futures_util::future::join_all;
use settings::{ConfigError, Settings};
use settlement::{Attempt, Record, Settle, Verdict};
use tables::callbacks::{AttemptNumber, Seen, Store};
use tables::ledger::Ledger;

pub use conclusion::{FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT, MOST_ATTEMPTS};

/// Books credits, completions and reversals.
#[derive(Debug)]
pub struct LedgerFunction {
    ledger: Ledger,
    store: Store,
}

/// A record that may be settled.
struct Open<'a> {
    attempt: &'a Attempt,
    /// How it stands; none where it was kept for less long than its message. What is booked once, the ledger knows.
    seen: Option<&'a Seen>,
}

impl Open<'_> {
    /// Which attempt this one is, counted from 1.
    fn number(&self) -> u32 {
        self.seen.map_or(self.attempt.receives, |seen| seen.attempts.saturating_add(1))
    }

    /// What the record says of this attempt, where there is a record.
    fn recorded_number(&self) -> Option<AttemptNumber> {
        self.seen.map(|_| AttemptNumber::Uncounted(self.number()))
    }

    /// Whether it was held or a conflict, and a person accepted it.
    fn is_accepted(&self) -> bool {
        self.seen.is_some_and(|seen| seen.accepted)
    }
}

impl LedgerFunction {
    /// Connects to the tables that the settings `LEDGER_TABLE` and `CALLBACKS_TABLE` name.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { ledger: Ledger::connect(settings)?, store: Store::connect(settings)? })
    }
}

impl Settle for LedgerFunction {
    fn group<'a>(&self, record: &'a Record) -> &'a str {
        &record.user
    }

    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let mut ids = HashSet::new();
        let firsts: Vec<_> =
            attempts.iter().filter(|attempt| ids.insert(attempt.record.id.as_str())).collect();
        let ids: Vec<_> = firsts.iter().map(|attempt| attempt.record.id.as_str()).collect();
        // As late as can be: what a person closes before this is not booked.
        let seen = match self.store.look(&ids).await {
            Ok(seen) => seen,
            Err(unavailable) => {
                let again = |attempt| conclusion::again(attempt, unavailable.reason());
                return attempts.iter().map(again).collect();
            }
        };
        let seen = |attempt: &Attempt| seen.get(&attempt.record.id);
        let open = firsts.into_iter().map(|attempt| Open { attempt, seen: seen(attempt) });
        let open: Vec<_> = open.filter(|open| open.seen.is_none_or(Seen::is_open)).collect();
        let booked = self.book(&open).await;
        let conclusions = open.iter().zip(booked).map(|(open, booked)| self.conclude(open, booked));
        let concluded = join_all(conclusions).await;
        // What tells of a record a second time comes to the same; what has ended is done.
        let verdict = |attempt: &Attempt| {
            let place = open.iter().position(|open| open.attempt.record.id == attempt.record.id);
            place.and_then(|place| concluded.get(place).cloned()).unwrap_or(Verdict::Done)
        };
        attempts.iter().map(verdict).collect()
    }
}
