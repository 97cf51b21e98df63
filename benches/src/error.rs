//! Why there is no result.

use std::path::PathBuf;
use std::process::ExitStatus;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program cannot be run.
    #[error("{program} cannot be run: {error}")]
    Program {
        /// The program that could not be started.
        program: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// A program failed.
    #[error("{program} ended with {status}")]
    Failed {
        /// The program with its arguments.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file that could not be read or written.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A function did something else than answer a callback with 200.
    #[error("{subject}: {what}")]
    Function {
        /// The function that was measured.
        subject: String,
        /// What it did.
        what: String,
    },
    /// No callback can be made.
    #[error("{provider}: no callback: {why}")]
    NoCallback {
        /// The provider's name.
        provider: String,
        /// What is missing or cannot be signed.
        why: String,
    },
    /// This machine lacks something.
    #[error("{0}")]
    Machine(String),
}

impl Error {
    /// For what goes wrong on this machine.
    pub fn machine(what: &str) -> impl FnOnce(&dyn std::fmt::Display) -> Self + '_ {
        move |error| Self::Machine(format!("{what}: {error}"))
    }
}
