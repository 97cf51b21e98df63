//! What a button does: the command of the operator's that it shows, and nothing else.

use serde::Deserialize;
use serde_json::Value;

use crate::command::{self, CommandError};
use crate::record::Record;
use crate::source::Source;

/// What a person decides about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Let it have its effect.
    Accept,
    /// It never has its effect.
    Close,
    /// Send it to its queue and the bus once more.
    ReEmit,
    /// Put the dead letters of its queue back.
    Redrive,
}

/// What is to be done, and why.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// What.
    pub act: Act,
    /// About which record.
    pub id: String,
    /// Why; it is kept on the record.
    #[serde(default)]
    pub reason: String,
    /// The queue with the dead letter, where letters are put back.
    #[serde(default)]
    pub queue: String,
    /// The stack that is meant, where it is one on AWS.
    #[serde(default)]
    pub stack: Option<String>,
    /// Whether a conflict is meant to count beside the record that came first.
    #[serde(default)]
    pub yes: bool,
}

impl Act {
    /// Those that are possible for `record`.
    #[must_use]
    pub fn of(record: &Record) -> &'static [Self] {
        match record.state.as_str() {
            "held" | "conflict" => &[Self::Accept, Self::Close],
            _ if record.dead_letter.is_some() => &[Self::Redrive, Self::ReEmit, Self::Close],
            "dead" | "refused" => &[Self::ReEmit, Self::Close],
            _ => &[],
        }
    }

    /// The command.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Close => "close",
            Self::ReEmit => "re-emit",
            Self::Redrive => "redrive",
        }
    }

    /// Whether it is kept on the record, and so asks for a reason.
    #[must_use]
    pub const fn has_reason(self) -> bool {
        !matches!(self, Self::Redrive)
    }
}

impl Order {
    /// Does it.
    ///
    /// # Errors
    ///
    /// [`CommandError`].
    pub async fn carry_out(&self, source: &Source) -> Result<(), CommandError> {
        let reason = format!("--reason={}", self.reason);
        let mut words = vec![self.act.command()];
        if self.act.has_reason() {
            words.push(&reason);
        }
        if self.yes && self.act == Act::Accept {
            words.push("--yes");
        }
        let about = if self.act == Act::Redrive { &self.queue } else { &self.id };
        command::run::<Value>(source, &words, Some(about)).await.map(drop)
    }
}
