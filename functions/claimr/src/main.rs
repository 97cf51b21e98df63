//! The Lambda function that receives claimr webhooks.

use claimr::Claimr;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<Claimr>().await
}
