//! What an attempt comes to, and when the next one is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use settings::{ConfigError, Settings};
use settlement::{Verdict, backoff};
use tables::callbacks::{AttemptNumber, Progress, Reason, State};

use crate::api::{Answer, ApiError};
use crate::decision::Wait;

/// The longest pause: a review that has ended is found within half a day.
const LONGEST_PAUSE: Duration = Duration::from_hours(12);

/// The first pause for a review, which takes the provider minutes or days.
const FIRST_FOR_REVIEW: Duration = Duration::from_mins(1);

/// The first pause for data that the provider ought to have by now.
const FIRST_FOR_DATA: Duration = Duration::from_secs(10);

/// The first pause and the longest after trouble.
const FIRST_AFTER_TROUBLE: Duration = Duration::from_secs(2);
const LONGEST_AFTER_TROUBLE: Duration = Duration::from_hours(6);

/// How many attempts trouble gets at least: a dead letter that is put back into the queue after the time
/// was up is not given up at the first hitch.
const FEWEST_ATTEMPTS: u32 = 10;

/// How long a reward is asked for, from when its hook was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recheck(SignedDuration);

impl Recheck {
    /// Takes the setting `RECHECK_DAYS`; 10 where it is absent.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "RECHECK_DAYS";
        let expected = "a whole number of days from 1 to 90";
        let days = |text: &str| text.parse::<i64>().ok().filter(|days| (1..=90).contains(days));
        let days = settings.parsed(VARIABLE, expected, days)?.unwrap_or(10);
        Ok(Self(SignedDuration::from_hours(24 * days)))
    }

    /// Whether the time is up.
    #[must_use]
    pub fn is_over(self, received_at: Timestamp, now: Timestamp) -> bool {
        now.duration_since(received_at) >= self.0
    }
}

/// What came of a detail in an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is credited, and the provider knows.
    Redeemed,
    /// It is credited, and the provider need not be told.
    Paid,
    /// It is a coupon, which the provider hands out.
    Delivered,
    /// The provider rejected it.
    Rejected,
    /// A person has to look at it.
    Refused(Reason),
    /// It is tried again after a pause.
    Waiting(Wait),
    /// A call failed; which, and how long to wait at least.
    Troubled {
        /// Why.
        reason: Reason,
        /// How long the API asks to wait.
        wait: Option<Duration>,
    },
}

impl From<ApiError> for Outcome {
    fn from(ApiError { reason, wait, .. }: ApiError) -> Self {
        Self::Troubled { reason, wait }
    }
}

/// Which attempt it is, and what spreads its pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Counted on the record from 1.
    pub number: u32,
    /// A random number for jitter.
    pub random: u64,
}

impl Count {
    /// The number as the record is told of it, which has counted it. One that is not there (any more) is told nothing.
    #[must_use]
    pub const fn counted(self) -> AttemptNumber {
        AttemptNumber::Counted(self.number)
    }
}

/// What an attempt with these outcomes comes to: what the record says of it, and the verdict. As long as
/// one detail may still be settled, those that a person has to look at wait for it.
#[must_use]
pub fn conclude(
    outcomes: &[Outcome],
    answer: Option<Answer>,
    count: Count,
    time_is_up: bool,
) -> (Progress, Verdict) {
    let refused = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Refused(reason) => Some(*reason),
        _ => None,
    });
    let waiting = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Waiting(wait) => Some(*wait),
        _ => None,
    });
    let waiting = waiting.map(|wait| (pause_for(wait, count), wait.reason()));
    let waiting = waiting.min_by_key(|(pause, _)| *pause);
    let troubled = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Troubled { reason, wait } => Some((pause_after_trouble(*wait, count), *reason)),
        _ => None,
    });
    let troubled = troubled.max_by_key(|(pause, _)| *pause);

    let hopeless = time_is_up && (troubled.is_none() || count.number >= FEWEST_ATTEMPTS);
    let (state, reason, verdict) = match (troubled, waiting) {
        (Some((after, reason)), _) if !hopeless => {
            (State::Retrying, Some(reason), Verdict::Again { after, reason })
        }
        (None, Some((after, reason))) if !hopeless => {
            (State::Waiting, Some(reason), Verdict::Again { after, reason })
        }
        (troubled, waiting) => {
            let open = waiting.or(troubled).map(|(_, reason)| reason);
            match refused.or(open) {
                Some(reason) => (State::Dead, Some(reason), Verdict::DeadLetter { reason }),
                None => (closed(outcomes), None, Verdict::Done),
            }
        }
    };
    let (last_status, reply) = answer.map(|answer| (answer.status, answer.text)).unzip();
    let attempt = Some(count.counted());
    (Progress { last_status, reply, reason, attempt, ..Progress::to(state) }, verdict)
}

/// The end that all details have come to, one of them at least.
fn closed(outcomes: &[Outcome]) -> State {
    if outcomes.contains(&Outcome::Redeemed) {
        State::Redeemed
    } else if outcomes.contains(&Outcome::Paid) {
        State::Credited
    } else if outcomes.contains(&Outcome::Delivered) {
        State::Delivered
    } else {
        State::Rejected
    }
}

fn pause_for(wait: Wait, count: Count) -> Duration {
    let first = match wait {
        Wait::Review | Wait::KnownStatus => FIRST_FOR_REVIEW,
        Wait::Data | Wait::Id => FIRST_FOR_DATA,
    };
    backoff(count.number, first, LONGEST_PAUSE, count.random)
}

/// The pause after trouble, which the API asks to be no shorter than `wait`.
#[must_use]
pub fn pause_after_trouble(wait: Option<Duration>, count: Count) -> Duration {
    let pause = backoff(count.number, FIRST_AFTER_TROUBLE, LONGEST_AFTER_TROUBLE, count.random);
    pause.max(wait.unwrap_or_default()).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITING: Outcome = Outcome::Waiting(Wait::Review);
    const TROUBLED: Outcome = Outcome::Troubled { reason: Reason::UpstreamFailed, wait: None };
    const REFUSED: Outcome = Outcome::Refused(Reason::AmountMismatch);

    const fn count(number: u32) -> Count {
        Count { number, random: u64::MAX }
    }

    fn concluded(outcomes: &[Outcome], number: u32, time_is_up: bool) -> (State, Verdict) {
        let (progress, verdict) = conclude(outcomes, None, count(number), time_is_up);
        let reason = match &verdict {
            Verdict::Done => None,
            Verdict::Refused { reason }
            | Verdict::Again { reason, .. }
            | Verdict::Due { reason, .. }
            | Verdict::DeadLetter { reason } => Some(*reason),
        };
        assert_eq!(progress.reason, reason);
        (progress.state, verdict)
    }

    #[test]
    fn what_is_settled_is_closed() {
        use Outcome::{Delivered, Paid, Redeemed, Rejected};
        for (outcomes, state) in [
            (&[Redeemed][..], State::Redeemed),
            (&[Rejected, Paid, Redeemed], State::Redeemed),
            (&[Rejected, Delivered, Paid], State::Credited),
            (&[Rejected, Delivered], State::Delivered),
            (&[Rejected, Rejected], State::Rejected),
        ] {
            for time_is_up in [false, true] {
                assert_eq!(concluded(outcomes, 1, time_is_up), (state, Verdict::Done));
            }
        }
    }

    #[test]
    fn as_long_as_one_detail_may_be_settled_there_is_another_attempt() {
        for (outcomes, state, why) in [
            (&[Outcome::Redeemed, WAITING][..], State::Waiting, Reason::StillUnderReview),
            (&[REFUSED, WAITING], State::Waiting, Reason::StillUnderReview),
            (&[WAITING, TROUBLED, REFUSED], State::Retrying, Reason::UpstreamFailed),
            (&[Outcome::Waiting(Wait::Data), WAITING], State::Waiting, Reason::NoRewardData),
        ] {
            let (is, verdict) = concluded(outcomes, 99, false);
            assert_eq!(is, state, "{outcomes:?}");
            assert!(matches!(verdict, Verdict::Again { reason, .. } if reason == why));
        }
        let (_, verdict) = concluded(&[REFUSED, Outcome::Redeemed], 1, false);
        assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::AmountMismatch });
    }

    #[test]
    fn once_the_time_is_up_a_person_is_told_the_gravest_reason() {
        for (outcomes, reason) in [
            (&[WAITING][..], Reason::StillUnderReview),
            (&[Outcome::Redeemed, Outcome::Waiting(Wait::Id)], Reason::NoSuchReward),
            (&[WAITING, REFUSED], Reason::AmountMismatch),
            (&[WAITING, TROUBLED], Reason::StillUnderReview),
            (&[TROUBLED], Reason::UpstreamFailed),
        ] {
            let (state, verdict) = concluded(outcomes, FEWEST_ATTEMPTS, true);
            assert_eq!((state, verdict), (State::Dead, Verdict::DeadLetter { reason }));
        }
        let (_, verdict) = concluded(&[WAITING, TROUBLED], FEWEST_ATTEMPTS - 1, true);
        assert!(matches!(verdict, Verdict::Again { reason: Reason::UpstreamFailed, .. }));
    }

    #[test]
    fn pauses_have_their_bounds() {
        let hours = Duration::from_hours;
        assert!(pause_for(Wait::Review, count(u32::MAX)) <= hours(12));
        assert!(pause_after_trouble(None, count(u32::MAX)) <= hours(6));
        assert_eq!(pause_after_trouble(Some(hours(7)), count(99)), hours(7));
        assert_eq!(pause_after_trouble(Some(hours(99)), count(1)), hours(12));
    }

    #[test]
    fn the_time_is_a_whole_number_of_days() {
        let recheck = |days: Option<&str>| {
            let settings: Settings = days.map(|days| ("RECHECK_DAYS", days)).into_iter().collect();
            Recheck::configure(&settings).map_err(|error| error.variable)
        };
        assert_eq!(recheck(None), recheck(Some("10")));
        assert_eq!(recheck(Some("")), recheck(Some("10")));
        for days in ["0", "91", "-1", "1.5", "ten", " 1"] {
            assert_eq!(recheck(Some(days)), Err("RECHECK_DAYS"), "{days}");
        }
        let one = recheck(Some("1")).expect("usable");
        let after = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        assert!(!one.is_over(Timestamp::UNIX_EPOCH, after(86_399)));
        assert!(one.is_over(Timestamp::UNIX_EPOCH, after(86_400)));
        assert!(!one.is_over(after(10), after(0)));
    }
}
