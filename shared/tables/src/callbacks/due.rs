//! When a record is to be looked at again.
//!
//! A queue is no place to wait in: it holds 120,000 messages that somebody has received ("Amazon SQS quotas"),
//! and what is in it is forgotten with it. So a pause of more than a minute stands on the record, and the schedule
//! finds it there. A shorter one is left to the queue, and costs no write to the index; that such a message is lost
//! is found out as well, later: the schedule looks at every record [`UNSETTLED_AFTER`] it was received, and after
//! that the record itself says when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::callbacks::keys::{self, Shards};

/// The longest pause for which a message waits in its queue. The schedule runs once a minute.
pub const LONGEST_IN_QUEUE: Duration = Duration::from_mins(1);

/// How old a record is when the schedule looks whether it is settled.
pub const UNSETTLED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// How long after a message should have been received the schedule takes it for lost.
pub const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// How far apart two clocks may be, and a record may take to come into an index.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// When a record is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Its message comes back by then, and the schedule has not looked at it yet: no index holds it.
    Soon(Timestamp),
    /// The schedule looks at it then.
    At(Timestamp),
    /// Its settler does not take it now: a third party is down, a queue has enough to do or refuses it. The schedule
    /// does not look at each such record, which may be millions: it tries a few, and sends the others once those are
    /// taken.
    Parked {
        /// Whose it is to settle.
        settler: String,
        /// Since when.
        since: Timestamp,
    },
}

impl Due {
    /// For a pause of `after` from `now` on, on a record that was received at `received_at`. Its message waits in
    /// the queue for no more than [`LONGEST_IN_QUEUE`].
    #[must_use]
    pub fn after(after: Duration, now: Timestamp, received_at: Timestamp) -> Self {
        let later = |pause: SignedDuration| now.checked_add(pause).unwrap_or(Timestamp::MAX);
        let pause = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        if after > LONGEST_IN_QUEUE {
            Self::At(later(pause))
        } else if now.duration_since(received_at) < UNSETTLED_AFTER - SKEW {
            Self::Soon(later(pause))
        } else {
            Self::At(later(pause + GRACE))
        }
    }

    /// The time that stands on the record.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Soon(at) | Self::At(at) | Self::Parked { since: at, .. } => *at,
        }
    }

    /// The key under which the index `by_due` has the record `id`; none where it does not have it.
    pub(crate) fn key(&self, shards: Shards, id: &str) -> Option<String> {
        let shard = shards.wide().of(id);
        match self {
            Self::Soon(_) => None,
            Self::At(_) => Some(keys::due(shard)),
            Self::Parked { settler, .. } => Some(keys::parked(settler, shard)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_may_be_lost_is_looked_for_by_somebody() {
        let received_at = Timestamp::UNIX_EPOCH;
        let seconds = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        for (age, pause, due) in [
            (0, 2, Due::Soon(seconds(2))),
            (839, 60, Due::Soon(seconds(899))),
            // From a minute before the schedule looks at it on.
            (840, 60, Due::At(seconds(840 + 60 + 900))),
            (86_400, 2, Due::At(seconds(86_400 + 2 + 900))),
            (0, 61, Due::At(seconds(61))),
            (86_400, 3_600, Due::At(seconds(90_000))),
        ] {
            let is = Due::after(Duration::from_secs(pause), seconds(age), received_at);
            assert_eq!(is, due, "{age} {pause}");
        }
        assert_eq!(Due::after(Duration::MAX, seconds(0), received_at), Due::At(Timestamp::MAX));
    }
}
