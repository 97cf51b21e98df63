//! A recorded callback, as its event tells of it.

use serde::Deserialize;
use verify::Amount;

/// An EventBridge event, as a queue behind a rule receives it.
#[derive(Debug, Deserialize)]
struct Event {
    detail: Detail,
}

/// What the pipe makes of a record.
#[derive(Debug, Deserialize)]
struct Detail {
    id: String,
    provider: String,
    kind: String,
    user: String,
    amount: Option<String>,
    unit: Option<String>,
    test: bool,
    state: String,
    received_at: String,
    payload: String,
}

/// A recorded callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its key, the `id` of its item.
    pub id: String,
    /// Who called.
    pub provider: String,
    /// Which callback it is.
    pub kind: String,
    /// Whom it is about.
    pub user: String,
    /// What the user is to be given, where the callback says so.
    pub reward: Option<Reward>,
    /// Whether the provider calls it a test.
    pub test: bool,
    /// Whether it may have its effect: not where it waits for a person.
    pub held: bool,
    /// When it was received, RFC 3339 in UTC with milliseconds.
    pub received_at: String,
    /// The payload as received, a JSON text without credentials.
    pub payload: String,
}

/// So much of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reward {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub unit: String,
}

/// A message that is no event of a record. Nothing of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is no event of a record")]
pub struct Unreadable;

impl Record {
    /// Reads a message's body.
    ///
    /// # Errors
    ///
    /// [`Unreadable`].
    pub fn parse(body: &str) -> Result<Self, Unreadable> {
        let Event { detail } = serde_json::from_str(body).map_err(|_| Unreadable)?;
        let reward = match (detail.amount, detail.unit) {
            (Some(amount), Some(unit)) => {
                Some(Reward { amount: Amount::parse(&amount).ok_or(Unreadable)?, unit })
            }
            (None, None) => None,
            _ => return Err(Unreadable),
        };
        Ok(Self {
            id: detail.id,
            provider: detail.provider,
            kind: detail.kind,
            user: detail.user,
            reward,
            test: detail.test,
            held: detail.state != "recorded",
            received_at: detail.received_at,
            payload: detail.payload,
        })
    }
}
