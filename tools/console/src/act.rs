//! What a button does: the command of the operator's that it shows, and nothing else.

use clap::Parser;
use dev_server::feed::Here;
use operator::cli::Command;
use serde::Deserialize;

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

impl Act {
    /// Those that are possible in `state`.
    #[must_use]
    pub const fn of(state: &str) -> &'static [Self] {
        match state.as_bytes() {
            b"held" => &[Self::Accept, Self::Close],
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

    /// Does it: what the command says.
    ///
    /// # Errors
    ///
    /// What the command says where it is not done.
    pub async fn run(self, here: Here, id: &str, reason: &str) -> Result<String, String> {
        let (reason, ports) = (format!("--reason={reason}"), options(here));
        let words = ["callbacks", self.command(), &reason].map(str::to_owned).into_iter();
        // Behind `--` nothing is an option, whatever an id begins with.
        let words = words.chain(ports).chain(["--".to_owned(), id.to_owned()]);
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        let (said, done) = line.command.run().await.map_err(|error| error.to_string())?;
        if done { Ok(said) } else { Err(said) }
    }
}

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

fn options(here: Here) -> [String; 3] {
    [
        format!("--port={}", here.api),
        format!("--dynamodb-port={}", here.dynamodb),
        format!("--sqs-port={}", here.sqs),
    ]
}
