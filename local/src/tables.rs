//! DynamoDB's part: an embedded server that speaks the real protocol.

use std::path::Path;

use dynoxide::Database;
use rusqlite::Connection;
use tokio::net::TcpListener;

use crate::names;
use crate::template::{Template, TemplateError};

/// The tables of the bundle: logical id, and name on this machine.
pub const TABLES: [(&str, &str); 2] = [("CallbacksTable", CALLBACKS), ("LedgerTable", "ledger")];

/// The name on this machine of the table that callbacks are recorded in.
pub const CALLBACKS: &str = "callbacks";

/// The name on this machine of the table with the logical id `id`.
#[must_use]
pub fn name(id: &str) -> Option<&'static str> {
    TABLES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// An index for the streams. Without it the database looks at every record of a stream for each write
/// and each read, and a few thousand records make every callback wait.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS local_stream_records
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The data directory cannot be used.
    #[error("the data directory cannot be used: {0}")]
    Directory(#[from] std::io::Error),
    /// The template does not define a table.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The database refuses.
    #[error("the embedded DynamoDB refuses: {0}")]
    Database(String),
}

/// Opens the database, in `directory` or in memory, and makes the tables that are not there yet.
///
/// # Errors
///
/// [`TablesError`].
pub fn open(template: &Template, directory: Option<&Path>) -> Result<Database, TablesError> {
    let refuses = |error: &dyn std::fmt::Display| TablesError::Database(error.to_string());
    let path = match directory {
        // In memory, under a name, so that it can be opened twice.
        None => format!("file:/{}?vfs=memdb", names::uuid()),
        Some(directory) => {
            std::fs::create_dir_all(directory)?;
            directory.join("dynamodb.sqlite").to_string_lossy().into_owned()
        }
    };
    let database = Database::new(&path).map_err(|error| refuses(&error))?;
    let indexed = Connection::open(&path).and_then(|db| db.execute_batch(STREAM_INDEX));
    indexed.map_err(|error| refuses(&error))?;
    for (id, name) in TABLES {
        if database.get_table_metadata(name).map_err(|error| refuses(&error))?.is_some() {
            continue;
        }
        let request = serde_json::from_value(template.create_table(id, name)?)
            .map_err(|error| refuses(&error))?;
        database.create_table(request).map_err(|error| refuses(&error))?;
    }
    Ok(database)
}

/// Serves `database` on `listener` until the process ends.
pub async fn serve(database: Database, listener: TcpListener) {
    dynoxide::server::serve_on(listener, database).await;
}
