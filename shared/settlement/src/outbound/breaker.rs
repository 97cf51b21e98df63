//! Leaves a third party alone that is down.
//!
//! Each function instance keeps its own: so few calls to find out, once in half a minute, hurt nobody, and there is
//! nothing to share. What is not attempted meanwhile does not wait in the queue, where it would stand in the way of
//! what is new, and where there is room for 120,000 messages. Its record is parked: the schedule tries a few of those
//! every minute, and sends the others once the third party takes these. To look at each of them again and again would
//! be thousands of looks a second after a day (`tests/capacity`).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tables::callbacks::{Reason, Store};

use crate::later::park;
use crate::{Attempt, Verdict};

/// How many failures in a row open it.
const FAILURES: u32 = 5;

/// How long it is open after that, and until the call that tries whether it may be closed has to be back.
const OPEN: Duration = Duration::from_secs(30);

/// How long it is open at most where the third party asks for longer: each record waits as long as it was told anyway.
const LONGEST_OPEN: Duration = Duration::from_mins(5);

/// When the schedule looks at a record that is not attempted, at the soonest: longer than a message waits in its queue.
const LOOKED_AT: Duration = Duration::from_secs(90);

/// What is known of a third party.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How many calls have failed in a row.
    failures: u32,
    /// Until when no call is made.
    open_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether a call may be made at the time `now`. After a while one is let through to see whether the third party is
    /// there again; until that is known, or a while is over once more, no other one is.
    #[must_use]
    pub fn admits(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        match known.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                known.open_until = Some(later_than(now, OPEN));
                true
            }
            None => true,
        }
    }

    /// The third party has answered, whatever it was.
    pub fn succeeded(&self) {
        *self.known() = Known::default();
    }

    /// A call failed, or the third party asks to be called no sooner than after `wait`.
    pub fn failed(&self, now: Timestamp, wait: Option<Duration>) {
        let mut known = self.known();
        known.failures = known.failures.saturating_add(1);
        if known.failures >= FAILURES {
            let open = wait.unwrap_or_default().clamp(OPEN, LONGEST_OPEN);
            known.open_until = Some(later_than(now, open));
        }
    }

    /// What comes of `attempt`, which is not made, because the third party is left alone; none where it may be made.
    pub async fn leaves_alone(&self, store: &Store, attempt: &Attempt) -> Option<Verdict> {
        if self.admits(attempt.now) {
            return None;
        }
        Some(park(store, attempt, LOOKED_AT, Reason::UpstreamDown).await)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later_than(now: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many seconds after everything began.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_an_answer_closes_it() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.failed(at(0), None);
        }
        breaker.succeeded();
        for _ in 0..4 {
            breaker.failed(at(1), None);
            assert!(breaker.admits(at(1)));
        }
        breaker.failed(at(2), None);
        assert!(!breaker.admits(at(2)) && !breaker.admits(at(31)));
        // One is let through.
        assert!(breaker.admits(at(32)));
        assert!(!breaker.admits(at(32)) && !breaker.admits(at(61)));
        // Nothing was heard of it.
        assert!(breaker.admits(at(62)));
        breaker.failed(at(63), None);
        assert!(!breaker.admits(at(92)));
        assert!(breaker.admits(at(93)));
        breaker.succeeded();
        assert!(breaker.admits(at(93)) && breaker.admits(at(93)));
    }

    #[test]
    fn a_third_party_may_ask_to_be_left_alone_for_longer() {
        for (wait, open) in [(1, 30), (90, 90), (300, 300), (86_400, 300)] {
            let breaker = Breaker::default();
            for _ in 0..5 {
                breaker.failed(at(0), Some(Duration::from_secs(wait)));
            }
            assert!(!breaker.admits(at(open - 1)), "{wait}");
            assert!(breaker.admits(at(open)), "{wait}");
        }
    }
}
