//! What is shown of a record: what `callbacks show` says of it.

use operator::error::Error;
use operator::show::Show;
use operator::stack::{Stack, Target};
use serde::Deserialize;

/// A record, as far as the page shows it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Record {
    /// Its state.
    pub state: String,
    /// Why it is in it.
    #[serde(default)]
    pub reason: String,
    /// What that means, in a sentence.
    pub means: String,
    /// Whom it is about.
    pub user: String,
    /// How much, where something is paid.
    #[serde(default)]
    pub amount: String,
    /// The unit.
    #[serde(default)]
    pub unit: String,
    /// How often it was tried to settle it.
    pub attempts: u64,
    /// When it is looked at again.
    #[serde(default)]
    pub due_at: String,
    /// What happened to it.
    pub history: Vec<Happened>,
    /// What to do next, a sentence or a command on each line.
    #[serde(default)]
    pub next: String,
    /// What was booked for it.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// Something that happened to a record.
#[derive(Debug, Clone, Deserialize)]
pub struct Happened {
    /// When.
    pub at: String,
    /// What.
    pub what: String,
}

/// An entry of the ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// How much.
    pub amount: String,
    /// Of what.
    pub unit: String,
    /// For which kind of callback.
    pub kind: String,
}

impl Record {
    /// The record `id` of the bundle at `here`.
    ///
    /// # Errors
    ///
    /// What the operator's command says.
    pub async fn find(here: dev_server::feed::Here, id: &str) -> Result<Self, Error> {
        let stack = Stack::find(&Target::here(here.api, here.dynamodb, here.sqs)).await?;
        let shown = Show::of(id.to_owned()).run(&stack, true).await?;
        Ok(serde_json::from_str(&shown)?)
    }
}
