//! What is shown of records and users: what the operator's commands say of them.

pub mod way;

use operator::conflicts;
use operator::list::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::command::{self, CommandError};
use crate::source::Source;

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
    /// Whose callback it is.
    pub provider: String,
    /// Which of its kinds.
    pub kind: String,
    /// Whom it is about.
    pub user: String,
    /// When it was received, RFC 3339.
    pub received_at: String,
    /// How much, where something is paid.
    #[serde(default)]
    pub amount: String,
    /// The unit.
    #[serde(default)]
    pub unit: String,
    /// The record that it differs from.
    #[serde(default)]
    pub conflicts_with: String,
    /// What settles it, `none` for nothing; empty on a record from before there were settlers.
    #[serde(default)]
    pub settler: String,
    /// The queues that it goes to, by their logical ids.
    #[serde(default)]
    pub queues: Vec<String>,
    /// Its dead letter.
    #[serde(default)]
    pub dead_letter: Option<DeadLetter>,
    /// The status of the third party's last answer.
    #[serde(default)]
    pub last_status: Option<u16>,
    /// That answer.
    #[serde(default)]
    pub reply: String,
    /// How often it was tried to settle it.
    pub attempts: u64,
    /// When it is looked at again.
    #[serde(default)]
    pub due_at: String,
    /// The settler that is to take records again before it is attempted.
    #[serde(default)]
    pub parked: Option<String>,
    /// What happened to it.
    pub history: Vec<Happened>,
    /// What to do next, a sentence or a command on each line.
    #[serde(default)]
    pub next: String,
    /// What the callback said, as it is kept.
    #[serde(default)]
    pub payload: Option<Box<RawValue>>,
    /// What was booked for it.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// The message of a record that was given up.
#[derive(Debug, Clone, Deserialize)]
pub struct DeadLetter {
    /// The queue that it is in, by its logical id.
    pub queue: String,
    /// Why.
    pub reason: String,
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
/// [`CommandError`].
pub async fn find(source: &Source, id: &str) -> Result<Record, CommandError> {
    command::run(source, &["show"], Some(id)).await
}

/// In what the conflict `id` differs from the record that came first.
///
/// # Errors
///
/// [`CommandError`].
pub async fn differences(source: &Source, id: &str) -> Result<Vec<Difference>, CommandError> {
    let said: Conflicts = command::run(source, &["conflicts"], Some(id)).await?;
    Ok(said.conflicts.into_iter().flat_map(|pair| pair.differs).collect())
}

/// What the user `user` has.
///
/// # Errors
///
/// [`CommandError`].
pub async fn statement(source: &Source, user: &str) -> Result<Statement, CommandError> {
    command::run(source, &["statement"], Some(user)).await
}

/// The conflict that came after the record `id` with another content, the last one of several.
///
/// # Errors
///
/// [`CommandError`].
pub async fn conflict_with(source: &Source, id: &str) -> Result<Option<String>, CommandError> {
    Ok(conflicts::with(source.stack().await?, id).await?)
}

/// The most records that a list here has.
pub const MOST: usize = 100;

/// The records with the outcome `outcome`, [`MOST`] of them.
///
/// # Errors
///
/// [`CommandError`].
pub async fn of_outcome(source: &Source, outcome: &str) -> Result<Vec<Row>, CommandError> {
    let outcome = format!("--outcome={outcome}");
    let limit = format!("--limit={MOST}");
    let said: Listed = command::run(source, &["list", &outcome, &limit], None).await?;
    Ok(said.records)
}

/// How many records wait for a person, and how many are tried again by themselves; [`MOST`] is that many or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Those that need a person.
    pub attention: usize,
    /// Those that are tried again.
    pub retrying: usize,
}

/// How many records wait, by the indexes alone.
///
/// # Errors
///
/// What DynamoDB says.
pub async fn standing(source: &Source) -> Result<Standing, CommandError> {
    let stack = source.stack().await?;
    let attention = Outcome::Attention.count(stack, MOST).await?;
    Ok(Standing { attention, retrying: Outcome::Retrying.count(stack, MOST).await? })
}
