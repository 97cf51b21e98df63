//! The Lambda function that receives inBrain callbacks.

use inbrain::Inbrain;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<Inbrain>().await
}
