//! What the operator's commands say, as JSON: the page does nothing that they cannot.

use clap::Parser;
use operator::cli::Command;
use operator::error::Error;
use serde::de::DeserializeOwned;

use crate::source::Source;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// Why a command did not do it.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing is served yet that it could be about.
    #[error("The bundle is not ready yet.")]
    NotReady,
    /// It is no command: an option's value is none.
    #[error("{0}")]
    Usage(#[from] clap::Error),
    /// The stack was not looked at, or it was, and nothing was done.
    #[error(transparent)]
    Operator(#[from] Error),
    /// Not all was done; what it says of that.
    #[error("{0}")]
    Left(String),
    /// What it says is not of its form.
    #[error("what the command says cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// What the command of `words` says of the stack of `source`, and of `about`: an id, a user, or nothing. It has no key in
/// it.
///
/// # Errors
///
/// [`CommandError`].
pub async fn run<T: DeserializeOwned>(
    source: &Source,
    words: &[&str],
    about: Option<&str>,
) -> Result<T, CommandError> {
    let words = ["callbacks"].iter().chain(words).chain(&["--json"]).copied();
    // Behind `--` nothing is an option, whatever it begins with.
    let about = about.into_iter().flat_map(|about| ["--", about]);
    let line = Line::try_parse_from(words.chain(about))?;
    let (said, done) = line.command.on(source.stack().await?).await?;
    if !done {
        return Err(CommandError::Left(said));
    }
    Ok(serde_json::from_str(&source.without_keys(&said))?)
}
