//! What is kept beside the tables: what the stand-ins for the providers' APIs were sent, as the providers would
//! know it after this machine was started anew; and which contracts were served.
//!
//! One `SQLite` file.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::data_dir::DataDir;

/// The tables, each made where it is missing.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS calls (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        provider TEXT NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        query TEXT NOT NULL,
        body BLOB NOT NULL,
        status INTEGER
    );
    CREATE TABLE IF NOT EXISTS rewards (
        rewarddtlid TEXT PRIMARY KEY,
        reward_status TEXT,
        amount TEXT,
        unit TEXT
    );
    CREATE TABLE IF NOT EXISTS redemptions (
        rewarddtlid TEXT NOT NULL,
        recipient TEXT NOT NULL,
        PRIMARY KEY (rewarddtlid, recipient)
    );
    CREATE TABLE IF NOT EXISTS contracts (
        name TEXT PRIMARY KEY
    );
";

/// The kept state. Every access is short.
#[derive(Debug)]
pub struct State(Mutex<Connection>);

/// The state cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the state beside the tables cannot be used: {0}")]
pub struct StateError(#[from] rusqlite::Error);

impl State {
    /// Opens the state in `directory`, or in memory.
    pub fn open(directory: Option<&DataDir>) -> Result<Self, StateError> {
        let connection = match directory {
            None => Connection::open_in_memory()?,
            Some(directory) => Connection::open(directory.state())?,
        };
        // With these, what is written survives the end of the process, and the end of the machine never
        // leaves half a transaction.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}
