//! Entries with their balances, in one transaction.

use crate::callbacks::{Reason, TableError};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::TransactWriteItem;
use verify::Amount;

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

/// How many entries one transaction books at most. It takes 100 items ("`TransactWriteItems`" in the API reference), and
/// each entry may be of another balance.
const MOST: usize = 50;

impl Ledger {
    /// Books `entry`, and changes the balance by its amount, if it is not booked yet.
    pub async fn book(&self, entry: &Entry) -> Result<BookingOutcome, BookingError> {
        let parts = vec![self.put_new(item::to_item(entry)), self.add(entry, entry.amount, 1)];
        Ok(match self.transact(parts).await? {
            Outcome::Done => BookingOutcome::New,
            Outcome::Unmet(_) => BookingOutcome::Before,
        })
    }

    /// Books those of `entries` that are not booked yet, all of one user and no two the same, and changes each
    /// balance once, by the sum of its entries: one transaction, where nothing is in the way. What became of
    /// each, in their order.
    pub async fn book_all(&self, entries: &[Entry]) -> Vec<Result<BookingOutcome, BookingError>> {
        let mut outcomes = Vec::with_capacity(entries.len());
        for entries in entries.chunks(MOST) {
            outcomes.extend(self.book_together(entries).await);
        }
        outcomes
    }

    async fn book_together(&self, entries: &[Entry]) -> Vec<Result<BookingOutcome, BookingError>> {
        let mut outcomes = vec![Ok(BookingOutcome::Before); entries.len()];
        // By their places in `entries`.
        let mut open: Vec<usize> = (0..entries.len()).collect();
        while !open.is_empty() {
            let booking = self.parts_of(open.iter().filter_map(|place| entries.get(*place)));
            let result = match booking {
                Some(parts) => self.transact(parts).await,
                None => Err(BookingError::Impossible),
            };
            match result {
                Ok(Outcome::Done) => {
                    open.drain(..).for_each(|place| outcomes[place] = Ok(BookingOutcome::New));
                }
                // Those are booked already; the others are booked without them.
                Ok(Outcome::Unmet(unmet)) => {
                    let mut number = 0;
                    let before = open.len();
                    open.retain(|_| {
                        number += 1;
                        unmet.at(number - 1).is_none()
                    });
                    if open.len() == before {
                        let failed = Err(TableError::Failed.into());
                        open.drain(..).for_each(|place| outcomes[place] = failed);
                    }
                }
                // One of them cannot be booked, and it is not said which.
                Err(BookingError::Impossible) if open.len() > 1 => {
                    for place in open.drain(..) {
                        outcomes[place] = self.book(&entries[place]).await;
                    }
                }
                Err(error) => open.drain(..).for_each(|place| outcomes[place] = Err(error)),
            }
        }
        outcomes
    }

    /// The parts of a transaction: first the entries, then each balance; `None` where a sum has more digits than an
    /// amount can have.
    fn parts_of<'a>(
        &self,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Option<Vec<TransactWriteItem>> {
        let mut parts = Vec::new();
        let mut sums: Vec<(&Entry, Amount, usize)> = Vec::new();
        for entry in entries {
            parts.push(self.put_new(item::to_item(entry)));
            let same = |of: &&mut (&Entry, Amount, usize)| {
                (&of.0.provider, &of.0.unit) == (&entry.provider, &entry.unit)
            };
            match sums.iter_mut().find(same) {
                Some((_, sum, count)) => {
                    *sum = sum.plus(entry.amount)?;
                    *count += 1;
                }
                None => sums.push((entry, entry.amount, 1)),
            }
        }
        parts.extend(sums.into_iter().map(|(entry, sum, count)| self.add(entry, sum, count)));
        Some(parts)
    }
}
