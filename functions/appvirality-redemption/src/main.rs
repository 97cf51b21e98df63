//! The Lambda function that redeems `AppVirality`'s rewards.

use appvirality_redemption::Redemption;
use settlement::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(Redemption::configure).await
}
