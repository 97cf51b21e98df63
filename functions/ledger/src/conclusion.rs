//! What comes of an attempt: what its record says, and when it is tried again.

use std::time::Duration;

use jiff::SignedDuration;
use settlement::{Attempt, Verdict, backoff, later};
use tables::callbacks::{Progress, Reason, State};

use crate::booking::{Booking, Failure};
use crate::{LedgerFunction, Open};

/// The pause after the first failed attempt.
pub const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause. [`MOST_ATTEMPTS`] then take between 29 and 60 hours: longer than an outage of a day, and
/// nobody waits for more than an hour once it is over.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How many attempts there are before a person has to look at it.
pub const MOST_ATTEMPTS: u32 = 70;

/// How long a reversal waits for its completion before a person has to look at it.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The first pause of such a reversal, and the longest. A completion that comes finds it at once; this is for
/// one that was lost.
const FIRST_WAIT: Duration = Duration::from_hours(1);
const LONGEST_WAIT_AT_ONCE: Duration = Duration::from_hours(24);

impl LedgerFunction {
    /// Says on the record what came of the attempt.
    pub(crate) async fn conclude(&self, open: &Open<'_>, booking: Booking) -> Verdict {
        let number = open.number();
        let attempt = open.recorded_number();
        match booking {
            Ok(None) => Verdict::Done,
            // There is no record to come back to; the completion finds what is noted in the ledger.
            Ok(Some(_)) if open.seen.is_none() => Verdict::Done,
            Ok(Some(progress)) if progress.state == State::Waiting => {
                let age = open.attempt.now.duration_since(open.attempt.record.received());
                let reason = progress.reason.unwrap_or(Reason::NoCompletion);
                if age >= LONGEST_WAIT {
                    return self.give_up(open, reason).await;
                }
                let random = open.attempt.random;
                let after = backoff(number, FIRST_WAIT, LONGEST_WAIT_AT_ONCE, random);
                later(&self.store, open.attempt, Progress { attempt, ..progress }, after, reason)
                    .await
            }
            Ok(Some(progress)) => {
                let progress = Progress { attempt, ..progress };
                let (id, now) = (&open.attempt.record.id, open.attempt.now);
                match self.store.finish(id, now, &progress).await {
                    Ok(_) => Verdict::Done,
                    Err(unavailable) => again(open.attempt, unavailable.reason()),
                }
            }
            Err(Failure::Poison(reason)) => self.give_up(open, reason).await,
            Err(Failure::Outage(unavailable)) if open.seen.is_none() => {
                again(open.attempt, unavailable.reason())
            }
            // What a person has put back is tried as often again.
            Err(Failure::Outage(unavailable)) if number.is_multiple_of(MOST_ATTEMPTS) => {
                self.give_up(open, unavailable.reason()).await
            }
            Err(Failure::Outage(unavailable)) => {
                let after = backoff(number, FIRST_PAUSE, LONGEST_PAUSE, open.attempt.random);
                let progress = Progress { attempt, ..Progress::to(State::Retrying) };
                later(&self.store, open.attempt, progress, after, unavailable.reason()).await
            }
        }
    }

    async fn give_up(&self, open: &Open<'_>, reason: Reason) -> Verdict {
        let dead =
            Progress { attempt: open.recorded_number(), ..Progress::because(State::Dead, reason) };
        match self.store.finish(&open.attempt.record.id, open.attempt.now, &dead).await {
            Ok(_) => Verdict::DeadLetter { reason },
            Err(unavailable) => again(open.attempt, unavailable.reason()),
        }
    }
}

/// The verdict where nothing can be said on the record.
pub(crate) fn again(attempt: &Attempt, reason: Reason) -> Verdict {
    let after = backoff(attempt.receives, FIRST_PAUSE, LONGEST_PAUSE, attempt.random);
    Verdict::Again { after, reason }
}
