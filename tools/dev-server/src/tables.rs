//! DynamoDB's tables, in an embedded database.

use std::sync::Arc;

use bundle::names::{self, TABLES};
use bundle::template::{Template, TemplateError};
use dynoxide::Database;
use rusqlite::Connection;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::data_dir::DataDir;
use crate::dynamodb::DynamoDb;
use crate::http_server;

/// An index for the streams. Without it the database looks at every record of a stream for each write
/// and each read, and a few thousand records make every callback wait.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS local_stream_records
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The template does not define a table.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A table in the data directory was made by an earlier version.
    #[error(
        "the table {table} in the data directory is an earlier version's, without the index {index}; \
         name another directory with --data-dir"
    )]
    Earlier {
        /// The table's name.
        table: &'static str,
        /// The first index that it lacks.
        index: String,
    },
    /// The database refuses.
    #[error("the embedded DynamoDB refuses: {0}")]
    Database(String),
}

/// Opens the database, in `directory` or in memory, and makes the tables that are not there yet.
pub fn open(template: &Template, directory: Option<&DataDir>) -> Result<Database, TablesError> {
    let refuses = |error: &dyn std::fmt::Display| TablesError::Database(error.to_string());
    let path = match directory {
        // In memory, under a name, so that it can be opened twice.
        None => format!("file:/{}?vfs=memdb", names::uuid()),
        Some(directory) => directory.tables().to_string_lossy().into_owned(),
    };
    let database = Database::new(&path).map_err(|error| refuses(&error))?;
    let indexed = Connection::open(&path).and_then(|db| db.execute_batch(STREAM_INDEX));
    indexed.map_err(|error| refuses(&error))?;
    for (id, name) in TABLES {
        let wanted = template.create_table(id, name)?;
        if let Some(there) = database.get_table_metadata(name).map_err(|error| refuses(&error))? {
            let known = there.gsi_definitions.unwrap_or_default();
            if let Some(index) = missing_index(&wanted, &known) {
                return Err(TablesError::Earlier { table: name, index });
            }
            continue;
        }
        let request = serde_json::from_value(wanted).map_err(|error| refuses(&error))?;
        database.create_table(request).map_err(|error| refuses(&error))?;
    }
    Ok(database)
}

/// The first global index of `wanted` that is not among `indexes`, both in the form of `CreateTable`.
fn missing_index(wanted: &Value, indexes: &str) -> Option<String> {
    let indexes: Value = serde_json::from_str(indexes).unwrap_or_default();
    let known = |index: &Value| {
        let mut there = indexes.as_array().into_iter().flatten();
        there.any(|known| known["IndexName"] == index["IndexName"])
    };
    let mut wanted = wanted["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    let missing = wanted.find(|index| !known(index))?;
    missing["IndexName"].as_str().map(str::to_owned)
}

/// Serves `database` to this machine alone on `listener`, until the process ends.
pub async fn serve(database: Database, listener: TcpListener) {
    http_server::serve(Arc::new(DynamoDb::new(database)), listener).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_an_earlier_version_is_refused_by_name() {
        let path = std::env::temp_dir().join(format!("tables-{}", names::uuid()));
        let directory = DataDir::open(&path).expect("a directory");
        let template = |index: &str| {
            let text = format!(
                "
Resources:
  CallbacksTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
{index}
  LedgerTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
"
            );
            Template::parse(&text).expect("YAML")
        };
        let index = "
      GlobalSecondaryIndexes:
        - IndexName: by_id
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}";
        open(&template(""), Some(&directory)).expect("made");
        let refused = open(&template(index), Some(&directory)).map(drop);
        let said = refused.expect_err("without the index").to_string();
        assert!(said.contains("callbacks") && said.contains("by_id"), "{said}");
        std::fs::remove_dir_all(&path).expect("removed");
    }
}
