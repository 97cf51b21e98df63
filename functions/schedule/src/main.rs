//! The Lambda function that sends records again.

use schedule::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run().await
}
