//! One conditional `PutItem` of an item of `ITEM_BYTES`, by a function that is tuned as far as its build goes.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, RequestExt as _, Response, run, service_fn};

async fn handler(
    client: &Client,
    table: &str,
    size: usize,
    started: u128,
    request: Request,
) -> Result<Response<Body>, Error> {
    // Requests are numbered anew at each start.
    let id = format!("{started}-{}", request.lambda_context().request_id);
    let mut payload = String::from_utf8_lossy(request.body()).into_owned();
    // An item is as large as the names and values of its attributes ("DynamoDB item sizes and formats").
    let names = "id".len() + "payload".len();
    let more = size.saturating_sub(names + id.len() + payload.len());
    payload.extend(std::iter::repeat_n(' ', more));
    client
        .put_item()
        .table_name(table)
        .item("id", AttributeValue::S(id))
        .item("payload", AttributeValue::S(payload))
        .condition_expression("attribute_not_exists(id)")
        .send()
        .await?;
    Ok(Response::builder().status(200).body("{}".into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_from_env().await;
    let client = Client::new(&config);
    let table = std::env::var("CALLBACKS_TABLE")?;
    let size = std::env::var("ITEM_BYTES")?.parse()?;
    let started = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    run(service_fn(|request| handler(&client, &table, size, started, request))).await
}
