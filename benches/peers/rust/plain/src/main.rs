//! One bare `PutItem` with the defaults of the SDK: the client made once, as its guide says.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use serde_json::Value;

async fn handler(client: &Client, table: &str, request: Request) -> Result<Response<Body>, Error> {
    let callback: Value = serde_json::from_slice(request.body())?;
    let id = callback["RewardId"].as_str().unwrap_or_default();
    let payload = String::from_utf8_lossy(request.body()).into_owned();
    client
        .put_item()
        .table_name(table)
        .item("id", AttributeValue::S(id.to_owned()))
        .item("payload", AttributeValue::S(payload))
        .send()
        .await?;
    Ok(Response::builder().status(200).body("{}".into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_from_env().await;
    let client = Client::new(&config);
    let table = std::env::var("CALLBACKS_TABLE")?;
    run(service_fn(|request| handler(&client, &table, request))).await
}
