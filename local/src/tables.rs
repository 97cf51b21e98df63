//! DynamoDB's part: an embedded server that speaks the real protocol.

use std::path::Path;

use dynoxide::Database;
use tokio::net::TcpListener;

use crate::template::{Template, TemplateError};

/// The tables of the bundle: logical id, and name on this machine.
const TABLES: [(&str, &str); 1] = [("CallbacksTable", "callbacks")];

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
    let database = match directory {
        None => Database::memory(),
        Some(directory) => {
            std::fs::create_dir_all(directory)?;
            Database::new(&directory.join("dynamodb.sqlite").to_string_lossy())
        }
    }
    .map_err(|error| refuses(&error))?;
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
