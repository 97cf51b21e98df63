//! What came of one attempt, and when the next one is.

use std::time::Duration;

use jiff::Timestamp;
use tables::callbacks::Reason;

use crate::record::Record;

/// What a settlement function does with a record. Called again for the same record at any time, also
/// while or after another call for it did or did not get through: it must be safe to repeat.
pub trait Settle: Send + Sync + 'static {
    /// What is settled together with `record`: all records of a batch for which this is the same text. By itself
    /// a record alone, with all messages that tell of it.
    fn group<'a>(&self, record: &'a Record) -> &'a str {
        &record.id
    }

    /// Makes one attempt at each of a group, in the order in which they came; a verdict for each, in that order.
    fn settle(&self, attempts: &[Attempt]) -> impl Future<Output = Vec<Verdict>> + Send;
}

/// One attempt to settle a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The record that is settled.
    pub record: Record,
    /// How often its message was received, this time counted: for pauses, where nothing else counts.
    pub receives: u32,
    /// When this attempt began.
    pub now: Timestamp,
    /// A random number for jitter.
    pub random: u64,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is done, or was done before, or has no effect; the message may go.
    Done,
    /// The third party refused it for good, which the record says; the message may go.
    Refused {
        /// Why, as its record says it too.
        reason: Reason,
    },
    /// Its message is to come back, not before this long.
    Again {
        /// How long to wait; the queue holds it back for [`LONGEST_PAUSE`](crate::queue::LONGEST_PAUSE) at most.
        after: Duration,
        /// Why, as its record says it too.
        reason: Reason,
    },
    /// It is to be tried again after this long, which stands on its record, where the schedule finds it; the
    /// message may go.
    Due {
        /// How long from now.
        after: Duration,
        /// Why, as its record says it too.
        reason: Reason,
    },
    /// Trying again does not help: to the dead-letter queue, for a person.
    DeadLetter {
        /// Why, which the dead letter carries.
        reason: Reason,
    },
}
