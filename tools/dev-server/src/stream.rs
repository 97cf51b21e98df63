//! DynamoDB Streams' part: the records of an embedded table's stream, in their order.

use bundle::names::{REGION, arn};
use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::streams::{shard_id, stream_arn};
use serde_json::Value;

/// Reads the stream of one table, each record once.
pub struct Reader {
    database: Database,
    iterator: String,
    arn: String,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("arn", &self.arn).finish_non_exhaustive()
    }
}

/// Where to begin.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// With the first record that there is.
    First,
    /// With the next record that comes.
    Next,
}

impl Start {
    /// The type of its shard iterator (`GetShardIterator` in the API reference).
    fn as_str(self) -> &'static str {
        match self {
            Self::First => "TRIM_HORIZON",
            Self::Next => "LATEST",
        }
    }
}

/// A record of a stream: one change of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub sequence_number: String,
    /// The record as AWS hands it to a consumer, its images in DynamoDB JSON.
    pub value: Value,
}

/// The stream cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the stream of {table} cannot be read: {problem}")]
pub struct StreamError {
    table: String,
    problem: String,
}

impl StreamError {
    fn of<T: ToString>(table: &str) -> impl Fn(T) -> Self {
        move |problem| Self { table: table.to_owned(), problem: problem.to_string() }
    }
}

impl Reader {
    /// A reader of the stream of `table`.
    pub fn open(database: Database, table: &str, start: Start) -> Result<Self, StreamError> {
        let error = |problem: &str| StreamError::of(table)(problem);
        let metadata = database.get_table_metadata(table).map_err(StreamError::of(table))?;
        let label = metadata.and_then(|table| table.stream_label);
        let label = label.ok_or_else(|| error("the table has none"))?;
        let request = GetShardIteratorRequest {
            stream_arn: stream_arn(table, &label),
            shard_id: shard_id(table),
            shard_iterator_type: start.as_str().to_owned(),
            sequence_number: None,
        };
        let response = database.get_shard_iterator(request).map_err(StreamError::of(table))?;
        let iterator = response.shard_iterator.ok_or_else(|| error("there is no iterator"))?;
        let arn = arn("dynamodb", &format!("table/{table}/stream/{label}"));
        Ok(Self { database, iterator, arn })
    }

    /// The next records, at most `limit`; none where the stream has no more at the moment.
    ///
    /// # Errors
    ///
    /// [`StreamError`]; the records are then not skipped.
    pub fn next(&mut self, limit: usize) -> Result<Vec<StreamRecord>, StreamError> {
        let request =
            GetRecordsRequest { shard_iterator: self.iterator.clone(), limit: Some(limit) };
        let response = self.database.get_records(request).map_err(StreamError::of(&self.arn))?;
        let records = response
            .records
            .into_iter()
            .map(|record| {
                let sequence_number = record.dynamodb.sequence_number.clone();
                let mut value = serde_json::to_value(record).map_err(StreamError::of(&self.arn))?;
                value["awsRegion"] = Value::from(REGION);
                value["eventSourceARN"] = Value::from(self.arn.as_str());
                Ok(StreamRecord { sequence_number, value })
            })
            .collect::<Result<_, _>>()?;
        if let Some(next) = response.next_shard_iterator {
            self.iterator = next;
        }
        Ok(records)
    }

    /// The stream's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }
}
