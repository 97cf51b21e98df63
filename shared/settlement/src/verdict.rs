//! What came of one attempt, and when the next one is.

use std::time::Duration;

use jiff::Timestamp;
use tables::callbacks::{Reason, Store};

use crate::record::Record;

/// What a settlement function does with a record. Called again for the same record at any time, also
/// while or after another call for it did or did not get through: it must be safe to repeat.
pub trait Settle: Send + Sync + 'static {
    /// Where the records are, to say of one that it is attempted for the last time; none where nobody
    /// keeps any.
    fn store(&self) -> Option<&Store>;

    /// Makes one attempt.
    fn settle(&self, attempt: &Attempt) -> impl Future<Output = Verdict> + Send;
}

/// One attempt to settle a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The record that is settled.
    pub record: Record,
    /// Which attempt it is, counted from 1 by the queue.
    pub number: u32,
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
    /// It is to be tried again, not before this long.
    Again {
        /// How long to wait; at most 12 hours, which is what SQS allows.
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
