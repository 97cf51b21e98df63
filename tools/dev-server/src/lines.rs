//! What is printed of each request and each attempt where a person reads it: one short line, made of what the function
//! logs and of the record that this is about.

mod line;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, IsTerminal as _};

use bundle::names;
use clap::ValueEnum;
use dynoxide::Database;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

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

    /// Prints in this form from now on; records are looked up in `database`.
    pub fn start(self, database: &Database) {
        match self {
            Self::Json => {
                platform::logging::start(std::env::var(LOG_LEVEL).ok().as_deref(), LOGGED);
            }
            Self::Short => {
                let lines = Lines { database: database.clone(), coloured: terminal::is_coloured() };
                // A second call changes nothing.
                let _ = tracing::subscriber::set_global_default(lines);
            }
        }
    }
}

/// Prints a line for each event of the functions.
struct Lines {
    database: Database,
    coloured: bool,
}

impl Lines {
    /// The record `id` as DynamoDB's JSON has it; null where there is none.
    fn record(&self, id: &str) -> Value {
        let key = json!({"TableName": names::CALLBACKS, "Key": {"id": {"S": id}}});
        let got = serde_json::from_value(key).ok().and_then(|key| self.database.get_item(key).ok());
        let mut got = got.and_then(|got| serde_json::to_value(got).ok()).unwrap_or_default();
        got["Item"].take()
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_own = |target: &&str| metadata.target().starts_with(target);
        metadata.is_event() && *metadata.level() <= Level::INFO && LOGGED.iter().any(is_own)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(why) = fields.get("why") {
            let _ = terminal::print(line::note(why));
            return;
        }
        let record = fields.get("id").map_or(Value::Null, |id| self.record(id));
        let line = Line::of(&fields, &record);
        // Where nobody reads any more, the functions work all the same.
        let _ = terminal::print(line.shown(Timestamp::now(), self.coloured));
    }

    // No span is ever enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of an event, as text.
#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
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
