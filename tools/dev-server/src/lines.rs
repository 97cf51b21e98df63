//! What is printed of each request and each attempt where a person reads it: one short line, made of what the function
//! logs and of the record that this is about.

mod line;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use bundle::names;
use clap::ValueEnum;
use dynoxide::Database;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};

use crate::feed::{Attempt, Feed};
use crate::lines::line::Line;

/// The crates whose lines are logged: those of the functions, and the HTTP API's part.
const LOGGED: &[&str] = &["receiver", "settlement", "tables", "dev_server"];

/// The environment variable with the least severe line that is logged in JSON.
const LOG_LEVEL: &str = "LOG_LEVEL";

/// The form of what is printed of requests and attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// A short line for each, for reading
    Short,
    /// The functions' own log lines, as on AWS
    Json,
}

impl Log {
    /// Short ones on a terminal, JSON for whatever else reads them.
    #[must_use]
    pub fn usual() -> Self {
        if io::stdout().is_terminal() { Self::Short } else { Self::Json }
    }

    /// Prints in this form from now on, and shows `feed` each attempt; records are looked up in `database`.
    pub fn start(self, database: &Database, feed: Arc<Feed>) {
        let lines = Lines { database: database.clone(), coloured: terminal::is_coloured() };
        let level = match self {
            Self::Json => std::env::var(LOG_LEVEL).ok(),
            Self::Short => None,
        };
        platform::logging::start_with(level.as_deref(), LOGGED, move |event| {
            let mut fields = Fields::default();
            event.record(&mut fields);
            match self {
                Self::Json => platform::logging::print(event),
                Self::Short => lines.print(&fields),
            }
            if let Some(attempt) = fields.attempt(Timestamp::now()) {
                feed.attempted(attempt);
            }
        });
    }
}

/// Prints a line for each event of the functions.
struct Lines {
    database: Database,
    coloured: bool,
}

impl Lines {
    fn print(&self, fields: &Fields) {
        let line = if let Some(why) = fields.get("why") {
            // What to do about it is on the request's page.
            line::note(why.split(": ").next().unwrap_or_default())
        } else {
            let record = fields.get("id").map_or(Value::Null, |id| self.record(id));
            Line::of(fields, &record).shown(Timestamp::now(), self.coloured)
        };
        // Where nobody reads any more, the functions work all the same.
        let _ = terminal::print(line);
    }

    /// The record `id` as DynamoDB's JSON has it; null where there is none.
    fn record(&self, id: &str) -> Value {
        let key = json!({"TableName": names::CALLBACKS, "Key": {"id": {"S": id}}});
        let got = serde_json::from_value(key).ok().and_then(|key| self.database.get_item(key).ok());
        let mut got = got.and_then(|got| serde_json::to_value(got).ok()).unwrap_or_default();
        got["Item"].take()
    }
}

/// The fields of an event, as text.
#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The attempt that ended at `at`, where the event is that of one.
    fn attempt(&self, at: Timestamp) -> Option<Attempt> {
        let said = |name| self.get(name).unwrap_or_default().to_owned();
        (self.get("message") == Some("attempt")).then(|| Attempt {
            at,
            record: said("id"),
            outcome: said("outcome"),
            reason: said("reason"),
            took_ms: said("total_ms"),
        })
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
