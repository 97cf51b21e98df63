//! Keeps each callback exactly once, and how far its settlement has come.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`record`] | the attributes of a record, and how a callback becomes one |
//! | [`write`](mod@write) | the conditional write, and what its answer means |
//! | [`conflict`] | what arrives under an identity that is taken |
//! | `acknowledged` | whether a success is DynamoDB's own |
//! | [`progress`] | how far the settlement of a callback has come, on its record |
//! | `ended` | the end of a settlement, where no attempt of one's own makes it |
//! | [`mod@decision`] | what a person decides about a record |
//! | [`unavailable`] | why DynamoDB did not do what it was asked to |

mod acknowledged;

pub mod conflict;
pub mod decision;
mod ended;
pub mod progress;
pub mod record;
pub mod unavailable;
pub mod write;

use std::time::Duration;

use platform::aws::{Patience, Service};
use verify::{Misconfigured, Settings};

pub use decision::{Choice, Decided, Decision};
pub use progress::{Begun, Noted, Progress, State};
pub use unavailable::Unavailable;
pub use write::{Outcome, Writer};

/// Three attempts and the pauses between them fit into the operation, and the operation into the 3 s
/// in which a provider gets its answer.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    attempt: Duration::from_millis(700),
    operation: Duration::from_millis(2_300),
    attempts: 3,
};

/// The `callbacks` table.
#[derive(Debug, Clone)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    /// What the client was made from, where it was made here.
    service: Option<Service>,
    table: String,
    retention: Option<Duration>,
}

impl Store {
    /// Connects to the table that the settings name: `CALLBACKS_TABLE`, and `RETENTION_DAYS`, which is
    /// how many days a record is kept (absent, empty or `0`: for ever).
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] names the setting that is missing or unusable.
    pub fn connect(setting: Settings<'_>) -> Result<Self, Misconfigured> {
        let table = setting("CALLBACKS_TABLE")
            .filter(|table| !table.is_empty())
            .ok_or(Misconfigured { variable: "CALLBACKS_TABLE", expected: "a table's name" })?;
        let days = match setting("RETENTION_DAYS").as_deref() {
            None | Some("") => 0,
            Some(days) => days.parse::<u32>().map_err(|_| Misconfigured {
                variable: "RETENTION_DAYS",
                expected: "a whole number of days",
            })?,
        };
        let service = Service::configure(setting, "DYNAMODB", PATIENCE)?;
        Ok(Self {
            client: aws_sdk_dynamodb::Client::new(service.config()),
            service: Some(service),
            table,
            retention: (days > 0).then(|| Duration::from_hours(24 * u64::from(days))),
        })
    }

    /// The table `table` behind `client`, for whoever records nothing.
    #[must_use]
    pub const fn over(client: aws_sdk_dynamodb::Client, table: String) -> Self {
        Self { client, service: None, table, retention: None }
    }

    /// Opens the connection to DynamoDB ahead of the first write; without it that one opens it.
    pub async fn warm(&self) {
        if let Some(service) = &self.service {
            service.open_ahead().await;
        }
    }
}
