//! What the operator's commands say, as JSON: the page does nothing that they cannot.

use clap::Parser;
use dev_server::feed::Here;
use operator::cli::Command;
use serde::de::DeserializeOwned;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// What the command of `words` says of the bundle at `here`, and of `about`: an id, a user, or nothing.
///
/// # Errors
///
/// What the command says where it does not do it.
pub async fn run<T: DeserializeOwned>(
    here: Here,
    words: &[&str],
    about: Option<&str>,
) -> Result<T, String> {
    let ports = [
        format!("--port={}", here.api),
        format!("--dynamodb-port={}", here.dynamodb),
        format!("--sqs-port={}", here.sqs),
        "--json".to_owned(),
    ];
    let words = ["callbacks"].iter().chain(words).map(|word| (*word).to_owned()).chain(ports);
    // Behind `--` nothing is an option, whatever it begins with.
    let about = about.into_iter().flat_map(|about| ["--".to_owned(), about.to_owned()]);
    let line = Line::try_parse_from(words.chain(about)).map_err(|error| error.to_string())?;
    let (said, done) = line.command.run().await.map_err(|error| error.to_string())?;
    if !done {
        return Err(said);
    }
    serde_json::from_str(&said)
        .map_err(|error| format!("what the command says cannot be read: {error}"))
}
