//! The least that a function can be.

use lambda_http::{Body, Error, Request, Response, run, service_fn};

async fn handler(_: Request) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(200).body("{}".into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}
