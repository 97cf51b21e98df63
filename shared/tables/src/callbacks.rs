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
//! | [`state`] | how far a callback has come, and what needs attention |
//! | [`reason`] | why a record is in its state, or a message among the dead letters |
//! | [`keys`] | the partition keys of the indexes |
//! | [`lease`] | who attempts a record |
//! | [`standing`] | how records stand, of many at once |
//! | [`progress`] | how far the settlement of a callback has come, on its record |
//! | [`mod@tried`] | the attempts that did not settle a record, as it keeps them |
//! | [`due`] | when a record is to be looked at again |
//! | [`overdue`] | records that the schedule looks at |
//! | `ended` | the end of a settlement, where no attempt of one's own makes it |
//! | [`mod@decision`] | what a person decides about a record |

mod acknowledged;

pub mod conflict;
pub mod decision;
pub mod due;
mod ended;
pub mod keys;
pub mod lease;
pub mod overdue;
pub mod progress;
pub mod reason;
pub mod record;
pub mod standing;
pub mod state;
pub mod tried;
pub mod write;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{self, SharedInterceptor};
use platform::aws::{Service, UserAgent, timeouts};
use settings::{ConfigError, Settings};

use crate::callbacks::acknowledged::Acknowledged;

pub use crate::error::TableError;
pub use decision::{Choice, Decision, DecisionOutcome};
pub use due::Due;
pub use keys::Shards;
pub use lease::BeginOutcome;
pub use overdue::{Overdue, Unsettled};
pub use progress::{Booked, Notes, Progress};
pub use reason::Reason;
pub use standing::Seen;
pub use state::{Standing, State, Stored};
pub use tried::{AttemptNumber, Tried};
pub use write::{Outcome, Writer};

/// The `callbacks` table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    /// What the client was made from, where it was made here.
    service: Option<Service>,
    table: String,
    shards: Shards,
    retention: Option<Duration>,
}

impl Store {
    /// Connects to the table that the settings name: `CALLBACKS_TABLE`; `INDEX_SHARDS`, see [`Shards`]; and
    /// `RETENTION_DAYS`, which is how many days a record is kept (absent or `0`: for ever).
    pub fn connect(settings: &Settings) -> Result<Self, ConfigError> {
        let table = settings.required("CALLBACKS_TABLE", "a table's name")?.to_owned();
        let days = |text: &str| text.parse::<u32>().ok();
        let days = settings.parsed("RETENTION_DAYS", "a whole number of days", days)?.unwrap_or(0);
        let service = Service::configure(settings, "DYNAMODB", timeouts::CALLBACKS)?;
        // Of the client, and not of each write, for which the SDK would configure everything once more.
        let mut config = config::Builder::from(service.config());
        config.push_interceptor(SharedInterceptor::permanent(Acknowledged));
        config.push_interceptor(UserAgent.into());
        Ok(Self {
            client: Client::from_conf(config.build()),
            service: Some(service),
            table,
            shards: Shards::configure(settings)?,
            retention: (days > 0).then(|| Duration::from_hours(24 * u64::from(days))),
        })
    }

    /// The table `table` behind `client`, for whoever records nothing.
    #[must_use]
    pub const fn with_client(client: Client, table: String, shards: Shards) -> Self {
        Self { client, service: None, table, shards, retention: None }
    }

    /// Opens the connection to DynamoDB ahead of the first write; without it that one opens it.
    pub async fn warm(&self) {
        if let Some(service) = &self.service {
            service.preconnect().await;
        }
    }
}
