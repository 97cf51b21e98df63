//! What the operator's commands say, as JSON: the page does nothing that they cannot.

use clap::Parser;
use operator::cli::Command;
use operator::stack::Stack;
use serde::de::DeserializeOwned;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// What the command of `words` says of `stack`, and of `about`: an id, a user, or nothing.
///
/// # Errors
///
/// What the command says where it does not do it.
pub async fn run<T: DeserializeOwned>(
    stack: &Stack,
    words: &[&str],
    about: Option<&str>,
) -> Result<T, String> {
    let words = ["callbacks"].iter().chain(words).chain(&["--json"]).copied();
    // Behind `--` nothing is an option, whatever it begins with.
    let about = about.into_iter().flat_map(|about| ["--", about]);
    let line = Line::try_parse_from(words.chain(about)).map_err(|error| error.to_string())?;
    let (said, done) = line.command.on(stack).await.map_err(|error| error.to_string())?;
    if !done {
        return Err(said);
    }
    serde_json::from_str(&said)
        .map_err(|error| format!("what the command says cannot be read: {error}"))
}
