//! The commands that look after a stack, on AWS or on this machine.

use clap::{Args, Subcommand};

use crate::conflicts::Conflicts;
use crate::decide::{Accept, Decide};
use crate::doctor::Doctor;
use crate::emit::ReEmit;
use crate::error::Error;
use crate::list::List;
use crate::redrive::Redrive;
use crate::show::Show;
use crate::stack::{Stack, Target};
use crate::statement::Statement;
use crate::url::Url;

/// A command about a stack.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List records, newest first
    List(On<List>),
    /// Show one record with its settlement history
    Show(On<Show>),
    /// Show conflicting records side by side with the records that they differ from
    Conflicts(On<Conflicts>),
    /// Let a held record or a conflict have its effect
    Accept(On<Accept>),
    /// Close a record that waits for a person: it never has its effect
    Close(On<Decide>),
    /// Put a record's event onto the bus once more
    ReEmit(On<ReEmit>),
    /// Put a dead-letter queue's messages back
    Redrive(On<Redrive>),
    /// Print a user's balances and entries
    Statement(On<Statement>),
    /// Print the URLs that are put into the providers' dashboards
    Url(On<Url>),
    /// Check the stack
    Doctor(On<Doctor>),
}

/// A command with the stack that it is about.
#[derive(Debug, Args)]
pub struct On<C: Args> {
    #[command(flatten)]
    command: C,
    #[command(flatten)]
    place: Target,
    /// Print JSON, in the forms of docs/operator.md
    #[arg(long)]
    json: bool,
}

impl Command {
    /// What is to be printed, and whether all is done or in order.
    pub async fn run(&self) -> Result<(String, bool), Error> {
        let (place, _) = self.place();
        self.on(&Stack::find(place).await?).await
    }

    /// The same about `stack`, wherever the options say that one is.
    pub async fn on(&self, stack: &Stack) -> Result<(String, bool), Error> {
        let (_, json) = self.place();
        let text = match self {
            Self::List(on) => on.command.run(stack, json).await?,
            Self::Show(on) => on.command.run(stack, json).await?,
            Self::Conflicts(on) => on.command.run(stack, json).await?,
            Self::Statement(on) => on.command.run(stack, json).await?,
            Self::Url(on) => on.command.run(stack, json)?,
            Self::Accept(on) => on.command.run(stack, json).await?,
            Self::Close(on) => on.command.close(stack, json).await?,
            Self::ReEmit(on) => return on.command.run(stack, json).await,
            Self::Redrive(on) => return on.command.run(stack, json).await,
            Self::Doctor(on) => return on.command.run(stack, json).await,
        };
        Ok((text, true))
    }

    /// The stack that it is about, and whether it prints JSON.
    const fn place(&self) -> (&Target, bool) {
        match self {
            Self::List(On { place, json, .. })
            | Self::Show(On { place, json, .. })
            | Self::Conflicts(On { place, json, .. })
            | Self::Accept(On { place, json, .. })
            | Self::Close(On { place, json, .. })
            | Self::ReEmit(On { place, json, .. })
            | Self::Redrive(On { place, json, .. })
            | Self::Statement(On { place, json, .. })
            | Self::Url(On { place, json, .. })
            | Self::Doctor(On { place, json, .. }) => (place, *json),
        }
    }
}
