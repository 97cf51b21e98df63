//! An entry with its balance, in one transaction.

use crate::callbacks::{Reason, TableError};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::ledger::item;
use crate::ledger::transaction::Outcome;
use crate::ledger::{Entry, Ledger};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingOutcome {
    /// It is booked, for the first time.
    New,
    /// It was booked before, by an earlier attempt or by this one's own try whose reply was lost.
    Before,
}

/// The entry is not booked, or nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookingError {
    /// DynamoDB is not to be had; to be tried again.
    #[error(transparent)]
    Unavailable(#[from] TableError),
    /// DynamoDB does not take it and never will: the balance would have more than 38 digits, or a text
    /// is empty or too long. For a person.
    #[error("the ledger cannot hold it")]
    Impossible,
    /// Another callback has completed the offer. For a person, who has accepted a conflict.
    #[error("another callback has completed the offer")]
    CompletedByAnother,
}

impl BookingError {
    /// Why it is not booked, for logs, metrics and records.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unavailable(unavailable) => unavailable.reason(),
            Self::Impossible => Reason::LedgerImpossible,
            Self::CompletedByAnother => Reason::CompletedByAnother,
        }
    }

    /// What an error that DynamoDB answered with means.
    pub(crate) fn of(error: &impl ProvideErrorMetadata) -> Self {
        if error.code() == Some("ValidationException") {
            Self::Impossible
        } else {
            Self::Unavailable(TableError::of_error(error))
        }
    }
}

impl Ledger {
    /// Books `entry`, and changes the balance by its amount, if it is not booked yet.
    pub async fn book(&self, entry: &Entry) -> Result<BookingOutcome, BookingError> {
        let parts = vec![self.put_new(item::to_item(entry)), self.add(entry, entry.amount)];
        Ok(match self.transact(parts).await? {
            Outcome::Done => BookingOutcome::New,
            Outcome::Unmet(_) => BookingOutcome::Before,
        })
    }
}
