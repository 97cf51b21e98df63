//! Tables behind something that counts the write units of what is asked of them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request};
use serde_json::{Value, json};
use test_support::server::{self, Server};
use test_support::{Answer, Tables};

/// Write units of the callbacks table, and of its indexes `by_day`, `by_attention` and `by_due`.
pub(crate) type Units = [u64; 4];

const INDEXES: [&str; 3] = ["by_day", "by_attention", "by_due"];

pub(crate) struct Counted {
    pub(crate) url: String,
    /// Units of the callbacks table and its indexes, and of the ledger.
    units: Arc<Mutex<(Units, u64)>>,
}

impl Counted {
    pub(crate) async fn serve() -> Self {
        let tables = Arc::new(Tables::serve().await);
        let units = Arc::new(Mutex::new((Units::default(), 0)));
        let shared = (Arc::clone(&tables), Arc::clone(&units));
        let server = Server::start(move |request| {
            let (tables, units) = shared.clone();
            async move {
                let response = server::forward(tables.url(), asking(request)).await;
                add(&mut units.lock().expect("no panic"), response.body());
                Answer::Reply(response)
            }
        });
        Self { url: server.await.url(), units }
    }

    /// How many units were written since this was last asked, to the callbacks table and to the ledger.
    pub(crate) fn units(&self) -> (Units, u64) {
        std::mem::take(&mut *self.units.lock().expect("no panic"))
    }
}

/// The request, with the question what it costs where it writes.
fn asking(request: Request<Bytes>) -> Request<Bytes> {
    let writes = ["PutItem", "UpdateItem", "TransactWriteItems"];
    if !writes.contains(&server::operation(&request)) {
        return request;
    }
    let (mut parts, body) = request.into_parts();
    let mut input: Value = serde_json::from_slice(&body).expect("JSON");
    input["ReturnConsumedCapacity"] = json!("INDEXES");
    let body = input.to_string();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Request::from_parts(parts, body.into())
}

/// Adds what a write says that it consumed.
fn add((callbacks, ledger): &mut (Units, u64), body: &[u8]) {
    let output: Value = serde_json::from_slice(body).unwrap_or_default();
    let tables = match &output["ConsumedCapacity"] {
        Value::Array(tables) => tables.clone(),
        table => vec![table.clone()],
    };
    for table in tables {
        if table["TableName"] == "ledger" {
            *ledger += units(&table["CapacityUnits"]);
        }
        if table["TableName"] == "callbacks" {
            callbacks[0] += units(&table["Table"]["CapacityUnits"]);
            for (sum, index) in callbacks[1..].iter_mut().zip(INDEXES) {
                *sum += units(&table["GlobalSecondaryIndexes"][index]["CapacityUnits"]);
            }
        }
    }
}

/// Whole units: writes are rounded up.
fn units(number: &Value) -> u64 {
    let text = number.to_string();
    text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or_default()
}
