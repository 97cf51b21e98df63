//! The Lambda function that receives Giveaway.com actions.

use giveaway::Giveaway;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<Giveaway>().await
}
