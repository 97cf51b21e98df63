//! The commands and their options.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::conflicts::Conflicts;
use crate::decide::{Accept, Decide};
use crate::doctor::Doctor;
use crate::emit::ReEmit;
use crate::error::Error;
use crate::list::List;
use crate::redrive::Redrive;
use crate::show::Show;
use crate::stack::{Stack, Target};
use crate::url::Url;

/// Lists, explains and mends what the bundle keeps. Say which one: --stack NAME or --local.
///
/// Exit codes: 0 done, and nothing found; 1 something found, or not done; 2 wrong usage; 3 the stack
/// could not be looked at.
#[derive(Debug, Parser)]
#[command(name = "operator", arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    place: Target,
    /// Print JSON, in the forms of docs/operator.md
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List records, newest first
    List(List),
    /// Show one record with its settlement history
    Show(Show),
    /// Show conflicting records side by side with the records that they differ from
    Conflicts(Conflicts),
    /// Let a held record or a conflict have its effect
    Accept(Accept),
    /// Close a record that waits for a person: it never has its effect
    Close(Decide),
    /// Put a record's event onto the bus once more
    ReEmit(ReEmit),
    /// Put a dead-letter queue's messages back
    Redrive(Redrive),
    /// Print the URLs that are put into the providers' dashboards
    Url(Url),
    /// Check the stack
    Doctor(Doctor),
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if cli.place.stack.is_none() && !cli.place.local {
        let problem = "say which stack: --stack NAME, or --local for the one of `cargo run`";
        Cli::command().error(ErrorKind::MissingRequiredArgument, problem).exit();
    }
    let done = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(cli.execute()),
        Err(error) => Err(Error::Refused(error.to_string())),
    };
    match done {
        Ok((text, fine)) => match terminal::print(text.trim_end()) {
            Ok(()) if fine => ExitCode::SUCCESS,
            Ok(()) => ExitCode::from(1),
            Err(error) => {
                terminal::tell(format_args!("error: {error}"));
                ExitCode::from(1)
            }
        },
        Err(failure) => {
            terminal::tell(format_args!("error: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

impl Cli {
    /// What is to be printed, and whether all is done or in order.
    async fn execute(&self) -> Result<(String, bool), Error> {
        let stack = Stack::find(&self.place).await?;
        let json = self.json;
        let text = match &self.command {
            Command::List(list) => list.run(&stack, json).await?,
            Command::Show(show) => show.run(&stack, json).await?,
            Command::Conflicts(conflicts) => conflicts.run(&stack, json).await?,
            Command::Url(url) => url.run(&stack, json)?,
            Command::Accept(accept) => accept.run(&stack, json).await?,
            Command::Close(close) => close.close(&stack, json).await?,
            Command::ReEmit(emit) => return emit.run(&stack, json).await,
            Command::Redrive(redrive) => return redrive.run(&stack, json).await,
            Command::Doctor(doctor) => return doctor.run(&stack, json).await,
        };
        Ok((text, true))
    }
}
