//! `cargo run -- contract`: contracts listed, checked, tried out.
//!
//! | module | command |
//! | --- | --- |
//! | `list` | `list`: all of a folder |
//! | `check` | `check FILE`: what is wrong with one, what it protects and what not |
//! | `trial`, `payload` | `try FILE`: its samples, signed and sent to the running bundle |
//! | `samples` | `samples NAME`, `event SAMPLE`: the same for another sender |
//!
//! None of them needs the contract to be built in, so that one that is not safe can be looked at.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bundle::folder::{ContractError, Folder};
use bundle::paste;
use bundle::provider::SignError;
use clap::Subcommand;
use contracts::proof::url_token;
use settings::ConfigError;

use crate::samples::SampleError;
use crate::send::SendFailure;
use crate::settings::EnvVars;

mod check;
mod list;
mod payload;
mod samples;
mod trial;

/// The API of this machine.
const HERE: &str = "http://127.0.0.1:3000";

/// What to do with a contract.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// List the contracts
    List,
    /// Say what is wrong with a contract, what it protects and what not; exit code 1 where it is not safe
    Check {
        /// Its file, or its name
        file: PathBuf,
    },
    /// Send the samples of a contract, signed, to the running `cargo run`; it serves the file as it is edited
    Try(trial::Try),
    /// Print the URLs that are put into a provider's dashboard
    Url {
        /// The provider
        name: String,
        /// The API that is called; without it, that of this machine
        #[arg(long)]
        base: Option<String>,
    },
    /// Print the samples of a contract as command lines, signed with its sample key
    Samples {
        /// The provider
        name: String,
        /// The API that they are for
        #[arg(long, default_value = HERE)]
        url: String,
    },
    /// Print a sample of a contract as the event that its function gets
    Event {
        /// The sample's name
        sample: String,
        /// The API that it is for
        #[arg(long, default_value = HERE)]
        url: String,
    },
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum ContractFailure {
    /// There is no such contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, io::Error),
    /// The running bundle serves the contracts of one folder.
    #[error("{} is not in {}, where `cargo run` serves contracts from; put it there, or name its folder with --contracts to both", .file.display(), .folder.display())]
    Elsewhere {
        /// The file that was named.
        file: PathBuf,
        /// Where it has to be.
        folder: PathBuf,
    },
    /// Nobody but the provider has the keys.
    #[error(
        "only {0} can sign: its keys are public ones, of which the private halves are its own. `contract check` holds the file to published examples"
    )]
    OnlyTheProvider(&'static str),
    /// There is nothing to send.
    #[error("there is no sample {0}: {1}")]
    NoSample(String, String),
    /// There is no key to sign with.
    #[error("the environment file has no usable KEYS for {0}")]
    NoKeys(String),
    /// A sample cannot be made.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// A request cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It cannot be sent.
    #[error(transparent)]
    Send(#[from] SendFailure),
    /// It cannot be printed.
    #[error("it cannot be printed: {0}")]
    Unprintable(#[from] serde_json::Error),
}

impl ContractCommand {
    /// What is to be printed, and whether all is in order.
    pub async fn run(
        &self,
        env: &EnvVars,
        folder: &Folder,
    ) -> Result<(String, bool), ContractFailure> {
        let text = match self {
            Self::List => list::table(folder)?,
            Self::Check { file } => {
                let (path, name) = find(file, folder);
                let text = read(&path)?;
                return Ok(check::report(&path.display().to_string(), &name, &text));
            }
            Self::Try(attempt) => return attempt.run(env, folder).await,
            Self::Url { name, base } => urls(name, base.as_deref(), env, folder)?,
            Self::Samples { name, url } => samples::commands(name, url, env, folder)?,
            Self::Event { sample, url } => samples::event(sample, url, env, folder)?,
        };
        Ok((text, true))
    }
}

/// The path and the name of the contract that `file` is the path or the name of.
fn find(file: &Path, folder: &Folder) -> (PathBuf, String) {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_name = file.extension().is_none() && file.components().count() == 1;
    let path = if is_name { folder.file(&name) } else { file.to_owned() };
    (path, name)
}

fn read(path: &Path) -> Result<String, ContractFailure> {
    let shown = path.display().to_string();
    fs::read_to_string(path).map_err(|error| ContractFailure::Unreadable(shown, error))
}

/// The URLs of the provider called `name`. On this machine the token is known: it is that of the sample key.
fn urls(
    name: &str,
    base: Option<&str>,
    env: &EnvVars,
    folder: &Folder,
) -> Result<String, ContractFailure> {
    let provider = folder.provider(name)?;
    let mut text = paste::urls(&provider, base.unwrap_or(HERE));
    let has_token = provider.routes().iter().any(|route| provider.paste(route).token);
    let keys = provider.keys(&env.of(&provider.function));
    if let (true, Some(keys)) = (has_token, keys) {
        let _ = write!(text, "# on this machine it is {}", url_token(keys.first()));
    }
    Ok(text.trim_end().to_owned())
}
