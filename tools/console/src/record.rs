//! What is shown of records and users: what the operator's commands say of them.

use jiff::Timestamp;
use operator::log;
use operator::stack::Stack;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command;
use crate::source::Source;
use crate::trial::Call;

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
    /// What happened to it.
    pub history: Vec<Happened>,
    /// What to do next, a sentence or a command on each line.
    #[serde(default)]
    pub next: String,
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

/// The most records that a list here has.
pub const MOST: usize = 100;

/// The records with the outcome `outcome`, [`MOST`] of them.
///
/// # Errors
///
/// What the command says.
pub async fn of_outcome(stack: &Stack, outcome: &str) -> Result<Vec<Row>, String> {
    let outcome = format!("--outcome={outcome}");
    let limit = format!("--limit={MOST}");
    let said: Listed = command::run(stack, &["list", &outcome, &limit], None).await?;
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

/// How many records wait.
///
/// # Errors
///
/// What the command says.
pub async fn standing(stack: &Stack) -> Result<Standing, String> {
    let attention = of_outcome(stack, "attention").await?.len();
    Ok(Standing { attention, retrying: of_outcome(stack, "retrying").await?.len() })
}

/// An attempt to settle a record, as its function logged it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: String,
    /// Why it did not settle the record.
    pub reason: String,
    /// How long it took, in milliseconds.
    pub took_ms: String,
}

/// What happened behind the store, as far as it can be seen from here.
#[derive(Debug, Default)]
pub struct Way {
    /// The attempts in the log, the last one first.
    pub attempts: Vec<Attempt>,
    /// What subscribers of the bus were told, the last event first.
    pub events: Vec<String>,
    /// What the stand-in for its provider was sent.
    pub calls: Vec<Call>,
    /// Why something of it cannot be shown.
    pub problem: Option<String>,
}

/// What happened to `record` behind the store.
pub async fn way(source: &Source, stack: &Stack, record: &Record) -> Way {
    match source {
        Source::Here(bundle) => {
            let attempts = bundle.feed.attempts(&record.id).into_iter().map(|attempt| Attempt {
                at: attempt.at,
                outcome: attempt.outcome.clone(),
                reason: attempt.reason.clone(),
                took_ms: attempt.took_ms.clone(),
            });
            let events = bundle.feed.events(&record.id).into_iter();
            let events = events.map(|event| serde_json::to_string_pretty(&*event));
            let (calls, problem) = match bundle.calls(&record.id).await {
                Ok(calls) => (calls, None),
                Err(error) => (Vec::new(), Some(error.to_string())),
            };
            let (attempts, events) = (attempts.collect(), events.filter_map(Result::ok).collect());
            Way { attempts, events, calls, problem }
        }
        Source::Deployed(_) if ["", "none"].contains(&&*record.settler) => Way::default(),
        Source::Deployed(_) => {
            let from = record.received_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
            match log::attempts(stack, &record.settler, &record.id, from).await {
                Ok(lines) => {
                    let attempts = lines.iter().map(|line| Attempt {
                        at: line.at,
                        outcome: line.said["outcome"].as_str().unwrap_or_default().to_owned(),
                        reason: line.said["reason"].as_str().unwrap_or_default().to_owned(),
                        took_ms: line.said["total_ms"].to_string(),
                    });
                    Way { attempts: attempts.collect(), ..Way::default() }
                }
                Err(error) => Way { problem: Some(error.to_string()), ..Way::default() },
            }
        }
    }
}
