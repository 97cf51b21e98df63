//! What a button does: the command of the operator's that it shows, and nothing else.

use operator::stack::Stack;
use serde::Deserialize;
use serde_json::Value;

use crate::command;

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
}

/// What is to be done, and why.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// What the page's forms have, and no other page knows.
    pub token: String,
    /// What.
    pub act: Act,
    /// About which record.
    pub id: String,
    /// Why; it is kept on the record.
    pub reason: String,
    /// Whether a conflict is meant to count beside the record that came first.
    #[serde(default)]
    pub yes: bool,
}

impl Act {
    /// Those that are possible in `state`.
    #[must_use]
    pub const fn of(state: &str) -> &'static [Self] {
        match state.as_bytes() {
            b"held" | b"conflict" => &[Self::Accept, Self::Close],
            b"dead" | b"refused" => &[Self::ReEmit, Self::Close],
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
        }
    }
}

impl Order {
    /// Does it.
    ///
    /// # Errors
    ///
    /// What the command says where it is not done.
    pub async fn carry_out(&self, stack: &Stack) -> Result<(), String> {
        let reason = format!("--reason={}", self.reason);
        let mut words = vec![self.act.command(), &reason];
        if self.yes && self.act == Act::Accept {
            words.push("--yes");
        }
        command::run::<Value>(stack, &words, Some(&self.id)).await.map(drop)
    }
}
