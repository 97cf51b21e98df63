//! An attempt to settle a record, as its function logs it.

use jiff::Timestamp;

/// An attempt to settle a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// The record's id.
    pub record: String,
    /// What came of it: `settled`, `retried`, `refused`, `dead_letter`.
    pub outcome: String,
    /// Why, where it did not settle the record; empty otherwise.
    pub reason: String,
    /// How long it took, in milliseconds.
    pub took_ms: String,
}
