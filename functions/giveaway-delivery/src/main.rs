//! The Lambda function that delivers recorded actions to Giveaway.com.

use giveaway_delivery::GiveawayDelivery;
use settlement::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(GiveawayDelivery::configure).await
}
