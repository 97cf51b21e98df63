//! The Lambda function that reads the stream of the callbacks table.

use dispatch::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run().await
}
