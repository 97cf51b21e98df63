//! `show`: one record with its settlement history.

mod history;

use std::borrow::Cow;
use std::fmt::Write as _;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tables::callbacks::Stored;
use tables::callbacks::due::GRACE;
use tables::callbacks::progress::UNSETTLED;
use tables::ledger::statement::Line;
use terminal::{table, visible};

use crate::dead_letters;
use crate::dead_records::{self, Found};
use crate::error::Error;
use crate::explain::{self, Explained, Known, Message};
use crate::part;
use crate::record::{self, Item, Row, number, plain, text};
use crate::routing::Routing;
use crate::show::history::{Happened, history};
use crate::stack::Stack;

/// The options of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Its id, or a part of it that no other has of the last 30 days: `…` stands for its middle
    id: String,
}

/// A record with all that is known of it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    key_id: String,
    /// The settler that is to take records again before it is attempted.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked: Option<String>,
    attempts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// What was booked for it, with its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<String>,
    /// The user's balance in that unit after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<String>,
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

impl Show {
    /// What is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let item = part::get(stack, &self.id).await?;
        let shown = Shown::of(stack, &item).await?;
        if json { Ok(terminal::json(&shown)?) } else { Ok(shown.to_text()) }
    }
}

impl Shown {
    async fn of(stack: &Stack, item: &Item) -> Result<Self, Error> {
        let routing = Routing::of(&stack.template)?;
        let queues = routing.queues(item);
        let mut row = Row::of(item);
        let mut item = Cow::Borrowed(item);
        let open = matches!(row.state, Stored::Known(state) if UNSETTLED.contains(&state) || state.needs_attention());
        let dead_letter =
            if open { dead_records::find(stack, &queues, &row.id).await? } else { None };
        if dead_letter.is_some()
            && let Some(marked) = dead_records::mark_one(stack, &row.id).await?
        {
            row = Row::of(&marked);
            item = Cow::Owned(marked);
        }
        let item = item.as_ref();
        let entries = stack.ledger()?.entries_of(&row.id, &row.user, &row.received_at).await?;
        let message = match &dead_letter {
            Some(found) => Message::Dead(&found.reason),
            None if is_overdue(item, Timestamp::now()) => Message::Overdue,
            None => Message::OnItsWay,
        };
        let named = dead_letter.as_ref().map(|found| found.queue.as_str());
        let dead_letters = named.or_else(|| dead_letters::of_queue(stack, queues.first()?));
        let known = Known { queues: &queues, dead_letters, message };
        let explained = explain::record(&row, known, &stack.commands);
        let payload = text(item, "payload").unwrap_or_default();
        let steps = item.iter().filter_map(|(name, value)| {
            Some((name.strip_prefix("step_")?.to_owned(), plain(value)))
        });
        Ok(Self {
            key_id: text(item, "key_id").unwrap_or_default().to_owned(),
            parked: record::parked(item).map(str::to_owned),
            attempts: number(item, "attempts").and_then(|n| n.parse().ok()).unwrap_or_default(),
            last_status: number(item, "last_status").and_then(|n| n.parse().ok()),
            reply: text(item, "reply").map(str::to_owned),
            booked: text(item, "booked_amount")
                .zip(text(item, "booked_unit"))
                .map(|(amount, unit)| format!("{amount} {unit}")),
            balance: number(item, "balance").map(str::to_owned),
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
        let mut text = format!("{}\n\n", visible(&self.row.id));
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "{name:<15}{}", visible(value));
            }
        };
        line("state", &self.row.standing());
        line("reason", &self.row.reason.as_ref().map_or_else(String::new, ToString::to_string));
        line("means", &self.explained.means);
        for (number, step) in self.explained.next_lines().enumerate() {
            line(if number == 0 { "next" } else { "" }, &step);
        }
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
        match &self.parked {
            Some(settler) => line("due", &format!("once {settler} takes records again")),
            None => line("due", self.row.due_at.as_deref().unwrap_or_default()),
        }
        line("booked", self.booked.as_deref().unwrap_or_default());
        line("balance", self.balance.as_deref().unwrap_or_default());
        line("last status", &self.last_status.map_or_else(String::new, |it| it.to_string()));
        line("reply", self.reply.as_deref().unwrap_or_default());
        for (name, value) in &self.steps {
            line(name, value.as_str().unwrap_or_default());
        }
        let history: Vec<_> =
            self.history.iter().map(|it| [it.at.clone(), it.what.clone()]).collect();
        let _ = write!(text, "\nHistory\n{}", table(["At", "What"], None, &history));
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|it| [it.amount.clone(), it.unit.clone(), it.kind.clone(), it.at.clone()])
            .collect();
        let entries = if entries.is_empty() {
            "There is no entry of it.\n".to_owned()
        } else {
            table(["Amount", "Unit", "Kind", "Received"], None, &entries)
        };
        let _ = write!(text, "\nLedger\n{entries}");
        // As it stands there: a number that is parsed may lose digits.
        let payload: Vec<_> = self.payload.get().lines().map(visible).collect();
        let _ = write!(text, "\nPayload\n{}", payload.join("\n"));
        text
    }
}

/// A payload as it is kept; one that is no JSON as a text.
fn raw(payload: &str) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(payload.to_owned()).or_else(|_| serde_json::value::to_raw_value(payload))
}

/// Whether the schedule should long have looked at it.
fn is_overdue(item: &Item, now: Timestamp) -> bool {
    // Of what is parked, the time says since when.
    if record::parked(item).is_some() {
        return false;
    }
    let due_at = text(item, "due_at").and_then(|at| at.parse::<Timestamp>().ok());
    due_at.is_some_and(|due_at| now.duration_since(due_at) > GRACE)
}
