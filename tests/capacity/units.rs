//! Write units, counted between the functions and an embedded DynamoDB.
//!
//! The database says for each write what it consumed (`ReturnConsumedCapacity`), indexes included, as DynamoDB does
//! ("Capacity unit consumption for write operations" in the developer guide): a unit for each kilobyte of an item, twice
//! that in a transaction, and one for each index entry that a write adds, changes or removes.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request};
use jiff::Timestamp;
use ledger::LedgerFunction;
use serde_json::{Value, json};
use settlement::Worker;
use tables::callbacks::{Outcome, Store, Writer};
use test_support::server::{self, Server};
use test_support::{Answer, Tables, record, settings, sqs, with};
use verify::{
    Amount, Credential, Effect, Fingerprint, IdempotencyKey, Keys, ParsedCallback, Refusal, Reward,
    SignedContent,
};

/// Tables behind something that counts.
struct Counted {
    url: String,
    units: Arc<Mutex<f64>>,
}

impl Counted {
    async fn serve() -> Self {
        let tables = Arc::new(Tables::serve().await);
        let units = Arc::new(Mutex::new(0.0));
        let shared = (Arc::clone(&tables), Arc::clone(&units));
        let server = Server::start(move |request| {
            let (tables, units) = shared.clone();
            async move {
                let response = server::forward(tables.url(), asking(request)).await;
                *units.lock().expect("no panic") += consumed(response.body());
                Answer::Reply(response)
            }
        });
        Self { url: server.await.url(), units }
    }

    /// How many units were written since this was last asked.
    fn units(&self) -> f64 {
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

/// What a write says that it consumed.
fn consumed(body: &[u8]) -> f64 {
    let output: Value = serde_json::from_slice(body).unwrap_or_default();
    let tables = match &output["ConsumedCapacity"] {
        Value::Array(tables) => tables.clone(),
        table => vec![table.clone()],
    };
    let of = |table: &Value| table["CapacityUnits"].as_f64().unwrap_or_default();
    tables.iter().map(of).sum()
}

/// A function that books, over these tables.
fn ledger(url: &str) -> Worker<LedgerFunction> {
    let settings = settings("DYNAMODB", url);
    let function = LedgerFunction::configure(&settings).expect("configured");
    let now = || "2026-11-21T08:49:07.789Z".parse::<Timestamp>().expect("a time");
    Worker::configure(&settings, function, now).expect("configured")
}

/// The message about the credit `id` of `user`, whose record is in the table as its receiver wrote it.
async fn credited(counted: &Counted, id: &str, user: &str) -> Value {
    let id = received(counted, id, user).await;
    let record = with(
        record(&id, "inbrain", "survey_completed"),
        json!({
            "user": user, "effect": "credit", "settler": "ledger", "amount": "1.50", "unit": "coins",
        }),
    );
    sqs::message(&id, &sqs::body(&record))
}

/// Records a callback of nearly 1 KB as a receiver does; its id.
async fn received(counted: &Counted, id: &str, user: &str) -> String {
    let amount = Amount::parse("1.50").expect("an amount");
    let key = IdempotencyKey::new("inbrain", "reward").part(id);
    let facts = ParsedCallback {
        kind: "survey_completed",
        key: key.clone(),
        fingerprint: Fingerprint::builder().with("id", id).finish(),
        user: user.to_owned(),
        effect: Effect::Credit(Reward { amount, unit: "coins".to_owned() }),
        test: false,
        held: None,
        payload: format!("{{\"payload\":\"{}\"}}", "x".repeat(300)),
    };
    let keys = Keys::from_json(r#"{"keys":[{"id":"main","secret":"s"}]}"#).expect("usable");
    let claim = SignedContent { credential: Credential::SharedKey("s".into()), content: () };
    let Ok(proved) = keys.prove(claim) else { panic!("not proved") };
    let now = "2026-11-21T08:49:06.789Z".parse().expect("a time");
    let callback = proved.into_callback("inbrain", now, |()| Ok::<_, Refusal>(facts));
    let store = Store::connect(&settings("DYNAMODB", &counted.url)).expect("configured");
    let recorded = store.record(&callback.expect("read"), &Writer::new(1)).await;
    assert_eq!(recorded, Ok(Outcome::Recorded));
    key.to_string()
}

#[tokio::test]
async fn a_received_callback_takes_two_units() {
    let counted = Counted::serve().await;
    received(&counted, "1", "user").await;
    assert_eq!(counted.units().to_string(), "2", "the record and its entry in by_day");
}

#[tokio::test]
async fn a_credit_alone_takes_five_units_more() {
    let counted = Counted::serve().await;
    let message = credited(&counted, "1", "user").await;
    counted.units();
    let response = ledger(&counted.url).handle(sqs::event(&[message])).await;
    assert!(sqs::failed(response).is_empty());
    // Twice one for the entry and for the balance, and one for the record.
    assert_eq!(counted.units().to_string(), "5");
    let message = credited(&counted, "2", "user").await;
    counted.units();
    ledger(&counted.url).handle(sqs::event(&[message])).await;
    assert_eq!(counted.units().to_string(), "5", "of a user that has a balance");
}

#[tokio::test]
async fn ten_credits_of_one_user_in_a_batch_take_little_more_than_three_each() {
    let counted = Counted::serve().await;
    let mut messages = Vec::new();
    for number in 0..10 {
        messages.push(credited(&counted, &number.to_string(), "user").await);
    }
    counted.units();
    let response = ledger(&counted.url).handle(sqs::event(&messages)).await;
    assert!(sqs::failed(response).is_empty());
    // Twice ten entries and a balance, and ten records.
    assert_eq!(counted.units().to_string(), "32");
}
