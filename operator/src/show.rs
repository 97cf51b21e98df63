//! `show`: one record with its settlement history.

use std::fmt::Write as _;

use clap::Args;
use ledger::statement::Line;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::explain::{self, Explained};
use crate::failure::Failure;
use crate::letters;
use crate::listing::ATTENTION;
use crate::record::{self, Item, Row, number, plain, text};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::table::{shown, table};

/// Which record.
#[derive(Debug, Args)]
pub struct Show {
    /// Its id
    id: String,
}

/// A record with all that is known of it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    key_id: String,
    attempts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// What one step of several came to, by its name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    steps: Map<String, Value>,
    history: Vec<Happened>,
    entries: Vec<Line>,
    /// The queues that it goes to.
    queues: Vec<String>,
    /// The dead-letter queue that its message is in, and why.
    dead_letter: Option<Found>,
    payload: Box<RawValue>,
    #[serde(flatten)]
    explained: Explained,
}

/// Something that happened to a record.
#[derive(Debug, Serialize)]
struct Happened {
    at: String,
    what: String,
}

/// A dead letter of a record.
#[derive(Debug, Clone, Serialize)]
struct Found {
    queue: String,
    reason: String,
}

impl Show {
    /// What is to be printed.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Failure> {
        let item = record::get(stack, &self.id).await?;
        let shown = Shown::of(stack, &item).await?;
        if json { Ok(serde_json::to_string_pretty(&shown)?) } else { Ok(shown.to_text()) }
    }
}

impl Shown {
    async fn of(stack: &Stack, item: &Item) -> Result<Self, Failure> {
        let row = Row::of(item);
        let routing = Routing::of(&stack.template)?;
        let queues = routing.queues(item);
        let entries = stack.ledger()?.entries_of(&row.id, &row.user, &row.received_at).await?;
        let open = row.state == "recorded" || ATTENTION.contains(&row.state.as_str());
        let dead_letter = if open { find(stack, &queues, &row.id).await? } else { None };
        let letter = dead_letter.as_ref().map(|found| found.reason.as_str());
        let mut explained = explain::record(&row, &queues, letter);
        let named = dead_letter.as_ref().map(|found| found.queue.as_str());
        let queue = named.or_else(|| letters::of_queue(stack, queues.first()?)).unwrap_or("QUEUE");
        explained.next = explained.next.replace("QUEUE", queue).replace("ID", &row.id);
        let payload = text(item, "payload").unwrap_or_default();
        let steps = item.iter().filter_map(|(name, value)| {
            Some((name.strip_prefix("step_")?.to_owned(), plain(value)))
        });
        Ok(Self {
            key_id: text(item, "key_id").unwrap_or_default().to_owned(),
            attempts: number(item, "attempts").and_then(|n| n.parse().ok()).unwrap_or_default(),
            last_status: number(item, "last_status").and_then(|n| n.parse().ok()),
            reply: text(item, "reply").map(str::to_owned),
            steps: steps.collect(),
            history: history(item),
            entries,
            queues: queues.into_iter().map(str::to_owned).collect(),
            dead_letter,
            payload: raw(payload)?,
            explained,
            row,
        })
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}\n\n", shown(&self.row.id));
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "{name:<15}{}", shown(value));
            }
        };
        line("state", &self.row.state);
        line("reason", self.row.reason.as_deref().unwrap_or_default());
        line("means", &self.explained.means);
        line("next", &self.explained.next);
        line("provider", &self.row.provider);
        line("kind", &self.row.kind);
        line("user", &self.row.user);
        line("reward", &self.row.reward());
        line("test", if self.row.test { "yes" } else { "no" });
        line("key", &self.key_id);
        line("conflicts with", self.row.conflicts_with.as_deref().unwrap_or_default());
        line("queues", &self.queues.join(", "));
        if let Some(found) = &self.dead_letter {
            line("dead letter", &format!("in {}: {}", found.queue, found.reason));
        }
        line("attempts", &self.attempts.to_string());
        line("last status", &self.last_status.map_or_else(String::new, |it| it.to_string()));
        line("reply", self.reply.as_deref().unwrap_or_default());
        for (name, value) in &self.steps {
            line(name, value.as_str().unwrap_or_default());
        }
        let history: Vec<_> =
            self.history.iter().map(|it| [it.at.clone(), it.what.clone()]).collect();
        let _ = write!(text, "\nHistory\n{}", table(["At", "What"], &history));
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|it| [it.amount.clone(), it.unit.clone(), it.kind.clone(), it.at.clone()])
            .collect();
        let entries = if entries.is_empty() {
            "There is no entry of it.\n".to_owned()
        } else {
            table(["Amount", "Unit", "Kind", "Received"], &entries)
        };
        let _ = write!(text, "\nLedger\n{entries}");
        // As it stands there: a number that is parsed may lose digits.
        let payload: Vec<_> = self.payload.get().lines().map(shown).collect();
        let _ = write!(text, "\nPayload\n{}", payload.join("\n"));
        text
    }
}

/// A payload as it is kept; one that is no JSON as a text.
fn raw(payload: &str) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(payload.to_owned()).or_else(|_| serde_json::value::to_raw_value(payload))
}

/// What the record's attributes tell of its past, in its order.
fn history(item: &Item) -> Vec<Happened> {
    let mut history = Vec::new();
    let mut add = |at: Option<&str>, what: String| {
        history.extend(at.map(|at| Happened { at: at.to_owned(), what }));
    };
    let state = text(item, "state").unwrap_or_default();
    let key = text(item, "key_id").unwrap_or_default();
    let held = text(item, "held").map(|held| format!(", held: {held}")).unwrap_or_default();
    let aside =
        text(item, "conflicts_with").map(|_| ", put aside as a conflict").unwrap_or_default();
    add(text(item, "received_at"), format!("received, proved by key {key}{held}{aside}"));
    let decisions = item.get("decisions").and_then(|decisions| decisions.as_l().ok());
    for decision in decisions.into_iter().flatten().filter_map(|it| it.as_m().ok()) {
        let part = |name: &str| text(decision, name).unwrap_or_default();
        let what = format!("{} by {}: {}", part("decision"), part("by"), part("reason"));
        add(text(decision, "at"), what);
    }
    if let Some(attempts) = number(item, "attempts") {
        add(text(item, "last_attempt_at"), format!("attempt {attempts} began"));
    }
    let because = text(item, "reason").map(|reason| format!(": {reason}")).unwrap_or_default();
    // What a person closed is among the decisions.
    if state != "closed" {
        add(text(item, "settled_at"), format!("{state}{because}"));
    }
    history.sort_by(|a, b| a.at.cmp(&b.at));
    history
}

/// The dead letter that tells of the record `id`, among the first of each of its queues.
async fn find(stack: &Stack, queues: &[&str], id: &str) -> Result<Option<Found>, Failure> {
    for queue in queues.iter().filter_map(|queue| letters::of_queue(stack, queue)) {
        let letters = letters::look(stack, queue).await?;
        let letter = letters.into_iter().find(|letter| letter.record.as_deref() == Some(id));
        if let Some(letter) = letter {
            let reason = letter.reason().to_owned();
            return Ok(Some(Found { queue: queue.to_owned(), reason }));
        }
    }
    Ok(None)
}
