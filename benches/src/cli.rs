//! The options.

use std::path::PathBuf;

use clap::Parser as _;

use crate::store::Kind;
use crate::subject::{EMPTY, PLAIN};

/// Measures the deployed functions, and what a team would use instead.
#[derive(Debug, clap::Parser)]
#[command(name = "cargo bench -p benches --")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Cli {
    /// How often every function is started
    #[arg(long, default_value_t = 20)]
    pub starts: usize,
    /// How many callbacks it answers each time
    #[arg(long, default_value_t = 400)]
    pub callbacks: usize,
    /// Measure only what has this in its name; may be repeated
    #[arg(long)]
    pub only: Vec<String>,
    /// Measure this inBrain binary too: NAME=FILE; may be repeated
    #[arg(long, value_parser = variant)]
    pub variant: Vec<(String, PathBuf)>,
    /// Only in front of this store: stub, tls or dynamodb; may be repeated
    #[arg(long, value_parser = store)]
    pub store: Vec<Kind>,
    /// Leave out the peers and the floors
    #[arg(long)]
    pub no_peers: bool,
    /// A smoke run: three starts, no callgrind, and only the inBrain function and the floors
    #[arg(long)]
    pub quick: bool,
    /// Leave out callgrind
    #[arg(long)]
    pub no_instructions: bool,
    /// The heading, and the name of the files
    #[arg(long, default_value = "Benchmark")]
    pub title: String,
    /// Where the table and the chart are written
    #[arg(long)]
    pub output: Option<PathBuf>,
    /// What `cargo bench` says of itself; without it, as in `cargo test --all-targets`, nothing is done
    #[arg(long, hide = true)]
    pub bench: bool,
}

fn variant(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("not of the form NAME=FILE")?;
    let file = PathBuf::from(file).canonicalize().map_err(|error| format!("{file}: {error}"))?;
    Ok((name.to_owned(), file))
}

fn store(text: &str) -> Result<Kind, String> {
    match text {
        "stub" => Ok(Kind::Stub),
        "tls" => Ok(Kind::StubOverTls),
        "dynamodb" => Ok(Kind::DynamoDb),
        _ => Err("not stub, tls or dynamodb".to_owned()),
    }
}

impl Cli {
    /// The options of the command line.
    #[must_use]
    pub fn of_command_line() -> Self {
        let mut cli = Self::parse();
        if cli.quick {
            cli.starts = 3;
            cli.no_instructions = true;
            cli.only = ["inbrain", PLAIN, EMPTY].map(str::to_owned).into();
        }
        cli
    }

    /// Whether `name` is to be measured.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    /// The stores to measure in front of.
    #[must_use]
    pub fn stores(&self) -> Vec<Kind> {
        if self.store.is_empty() { Kind::ALL.to_vec() } else { self.store.clone() }
    }
}
