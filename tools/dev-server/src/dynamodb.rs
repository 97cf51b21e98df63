//! DynamoDB's part: the embedded database, asked in DynamoDB's protocol.
//!
//! The database has a server of its own, which answers web pages of any origin and cannot be told not to.

use std::net::SocketAddr;

use bundle::names;
use bytes::Bytes;
use dynoxide::auth_material::{self, AuthMaterial};
use dynoxide::{Database, DynoxideError};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::event::HttpRequest;
use crate::http_server::{self, Answer};

/// What stands before the operation in `X-Amz-Target`.
const TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// The endpoint.
pub struct DynamoDb(Database);

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynamoDb")
    }
}

/// What comes of an operation as JSON: its output, or the status and what is wrong.
type Outcome = Result<String, (StatusCode, String)>;

impl DynamoDb {
    /// The endpoint of `database`.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    fn respond(&self, request: &HttpRequest) -> Outcome {
        let target = request.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = TARGETS.iter().find_map(|prefix| target?.strip_prefix(prefix));
        let operation = operation.ok_or_else(unknown)?;
        let signed = AuthMaterial {
            authorization: request.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()),
            query: &request.query,
            has_date_header: ["x-amz-date", DATE.as_str()]
                .iter()
                .any(|name| request.headers.contains_key(*name)),
        };
        match auth_material::validate(signed) {
            Some(problem) => Err((StatusCode::BAD_REQUEST, problem)),
            None => self.operate(operation, &request.body),
        }
    }

    fn operate(&self, operation: &str, input: &[u8]) -> Outcome {
        let db = &self.0;
        match operation {
            "BatchGetItem" => run(input, |it| db.batch_get_item(it)),
            "BatchWriteItem" => run(input, |it| db.batch_write_item(it)),
            "CreateTable" => run(input, |it| db.create_table(it)),
            "DeleteItem" => run(input, |it| db.delete_item(it)),
            "DeleteTable" => run(input, |it| db.delete_table(it)),
            "DescribeStream" => run(input, |it| db.describe_stream(it)),
            "DescribeTable" => run(input, |it| db.describe_table(it)),
            "DescribeTimeToLive" => run(input, |it| db.describe_time_to_live(it)),
            "GetItem" => run(input, |it| db.get_item(it)),
            "GetRecords" => run(input, |it| db.get_records(it)),
            "GetShardIterator" => run(input, |it| db.get_shard_iterator(it)),
            "ListStreams" => run(input, |it| db.list_streams(it)),
            "ListTables" => run(input, |it| db.list_tables(it)),
            "PutItem" => run(input, |it| db.put_item(it)),
            "Query" => run(input, |it| db.query(it)),
            "Scan" => run(input, |it| db.scan(it)),
            "TransactGetItems" => run(input, |it| db.transact_get_items(it)),
            "TransactWriteItems" => run(input, |it| db.transact_write_items(it)),
            "UpdateItem" => run(input, |it| db.update_item(it)),
            "UpdateTable" => run(input, |it| db.update_table(it)),
            "UpdateTimeToLive" => run(input, |it| db.update_time_to_live(it)),
            _ => Err(unknown()),
        }
    }
}

/// Does one operation with its input.
fn run<I: DeserializeOwned, O: Serialize>(
    input: &[u8],
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Outcome {
    let input = serde_json::from_slice(input).map_err(|error| {
        of_protocol(StatusCode::BAD_REQUEST, "SerializationException", &error.to_string())
    })?;
    let output = operation(input).map_err(|error| {
        let status = StatusCode::from_u16(error.status_code());
        (status.unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
    })?;
    serde_json::to_string(&output).map_err(|error| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        of_protocol(status, "InternalServerError", &error.to_string())
    })
}

fn unknown() -> (StatusCode, String) {
    of_protocol(StatusCode::BAD_REQUEST, "UnknownOperationException", "")
}

fn of_protocol(status: StatusCode, name: &str, message: &str) -> (StatusCode, String) {
    let kind = format!("com.amazon.coral.service#{name}");
    (status, json!({"__type": kind, "Message": message}).to_string())
}

impl Answer for DynamoDb {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        let mut response = match self.respond(&request) {
            Ok(output) => http_server::json(StatusCode::OK, output),
            Err((status, problem)) => http_server::json(status, problem),
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        if let Ok(id) = HeaderValue::from_str(&names::uuid()) {
            headers.insert("x-amzn-requestid", id);
        }
        Some(response)
    }
}
