//! Users' balances, and the entries that they are made of, each booked exactly once.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`book`] | entries with their balances, in one transaction |
//! | [`balance`] | a balance as it is |
//! | [`offer`] | the completion of an offer and its reversal, in either order |
//! | [`claims`] | whose something is that only one may be paid for |
//! | [`statement`](mod@statement) | what a user has, and how it came |
//! | [`watermark`](mod@watermark) | up to when the schedule has looked for unsettled records |
//!
//! # The table
//!
//! All that is a user's is in one partition: `user` (S) is the partition key, `entry` (S) the sort key.
//! Claims are nobody's: the partition of theirs is named after what is claimed.
//!
//! | item | `entry` | attributes |
//! | --- | --- | --- |
//! | an entry | `TIME#PROVIDER#IDENTITY` | `provider`, `kind`, `unit`, `callback` (S), `amount` (N) |
//! | a balance | `balance#PROVIDER#UNIT` | `provider`, `unit` (S), `amount`, `entries` (N): of how many it is made |
//! | an offer | `offer#PROVIDER#ID` | see [`offer`](mod@crate::ledger::offer) |
//! | claims | `~claims` | see [`claims`](mod@crate::ledger::claims) |
//! | the watermark | `~watermark` | see [`watermark`](mod@crate::ledger::watermark) |
//!
//! In `PROVIDER`, `%` and `#` are escaped; the last part stands as it is, so that no two items share a
//! key. `TIME` is when the callback was received, which never changes, so that an entry has one key for ever.
//! It begins with a digit, and `balance` comes after every digit: one descending query has the balances first and
//! then the entries, newest first, without an index. A local index would double what an entry costs, and keep a
//! user's partition from being split ("Burst and adaptive capacity" in the `DynamoDB` developer guide).
//!
//! Amounts are DynamoDB's numbers: exact decimals of up to 38 digits, without trailing zeros. The digits
//! as they were sent, `1.50` for instance, are in the callback's record.

pub mod balance;
pub mod book;
pub mod claims;
mod decimal;
mod item;
pub mod offer;
mod stage;
pub mod statement;
mod transaction;
pub mod watermark;

use platform::aws::timeouts;
use settings::{ConfigError, Settings};
use verify::Amount;

pub use crate::callbacks::TableError;
pub use book::{BookingError, BookingOutcome};
pub use claims::{Claiming, Claims};
pub use offer::{Completed, Debit, Reversal, Reversed};
pub use statement::Statement;

/// The `ledger` table.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

/// What is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose balance it changes, in the provider's own terms; not empty, at most 2,048 bytes.
    pub user: String,
    /// What makes it this entry and no other of the user's, the provider's and the time's; not empty, and with
    /// time and provider at most 1,022 bytes. Booked twice, it counts once.
    pub identity: String,
    /// The provider; not empty, without `#`.
    pub provider: String,
    /// The callback's kind.
    pub kind: String,
    /// Of what the amount is; not empty, at most 1,000 bytes.
    pub unit: String,
    /// How much: above zero is a credit, below zero a debit.
    pub amount: Amount,
    /// The id of the callback's record.
    pub callback: String,
    /// When the callback was received, RFC 3339 in UTC with milliseconds; the same each time for one identity.
    pub at: String,
}

impl Ledger {
    /// Connects to the table that the setting `LEDGER_TABLE` names.
    pub fn connect(settings: &Settings) -> Result<Self, ConfigError> {
        let table = settings.required("LEDGER_TABLE", "a table's name")?.to_owned();
        let config = platform::aws::config(settings, "DYNAMODB", timeouts::SETTLEMENT)?;
        Ok(Self { client: aws_sdk_dynamodb::Client::new(&config), table })
    }

    /// The table `table` behind `client`.
    #[must_use]
    pub const fn with_client(client: aws_sdk_dynamodb::Client, table: String) -> Self {
        Self { client, table }
    }
}
