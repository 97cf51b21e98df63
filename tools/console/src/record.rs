//! What is shown of records and users: what the operator's commands say of them.

use operator::stack::Stack;
use serde::Deserialize;
use serde_json::Value;

use crate::command;

/// A record, as far as the page shows it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Record {
    /// Its id.
    pub id: String,
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
    /// The record that it differs from.
    #[serde(default)]
    pub conflicts_with: String,
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
    /// When its callback was received.
    #[serde(default)]
    pub at: String,
    /// How much.
    pub amount: String,
    /// Of what.
    pub unit: String,
    /// For which kind of callback.
    pub kind: String,
    /// The id of the callback's record.
    #[serde(default)]
    pub callback: String,
}

/// A field in which a conflict differs from the record that came first.
#[derive(Debug, Clone, Deserialize)]
pub struct Difference {
    /// Which.
    pub field: String,
    /// What came first.
    pub genuine: Value,
    /// What the conflict has.
    pub conflict: Value,
}

/// What a user has.
#[derive(Debug, Clone, Deserialize)]
pub struct Statement {
    /// A balance for each provider and unit.
    pub balances: Vec<Balance>,
    /// What it is made of, the last entry first.
    pub entries: Vec<Entry>,
}

/// A balance.
#[derive(Debug, Clone, Deserialize)]
pub struct Balance {
    /// Whose rewards.
    pub provider: String,
    /// How much.
    pub amount: String,
    /// Of what.
    pub unit: String,
}

/// A record as a list has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: String,
    /// Why it is in it.
    #[serde(default)]
    pub reason: String,
    /// Whom it is about.
    pub user: String,
    /// When it was received.
    pub received_at: String,
}

#[derive(Debug, Deserialize)]
struct Listed {
    records: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Conflicts {
    conflicts: Vec<Pair>,
}

#[derive(Debug, Deserialize)]
struct Pair {
    differs: Vec<Difference>,
}

/// The record `id`.
///
/// # Errors
///
/// What the command says.
pub async fn find(stack: &Stack, id: &str) -> Result<Record, String> {
    command::run(stack, &["show"], Some(id)).await
}

/// In what the conflict `id` differs from the record that came first.
///
/// # Errors
///
/// What the command says.
pub async fn differences(stack: &Stack, id: &str) -> Result<Vec<Difference>, String> {
    let said: Conflicts = command::run(stack, &["conflicts"], Some(id)).await?;
    Ok(said.conflicts.into_iter().flat_map(|pair| pair.differs).collect())
}

/// What the user `user` has.
///
/// # Errors
///
/// What the command says.
pub async fn statement(stack: &Stack, user: &str) -> Result<Statement, String> {
    command::run(stack, &["statement"], Some(user)).await
}

/// The records with the outcome `outcome`, a hundred at most.
///
/// # Errors
///
/// What the command says.
pub async fn of_outcome(stack: &Stack, outcome: &str) -> Result<Vec<Row>, String> {
    let outcome = format!("--outcome={outcome}");
    let said: Listed = command::run(stack, &["list", &outcome, "--limit=100"], None).await?;
    Ok(said.records)
}
