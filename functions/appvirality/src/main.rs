//! The Lambda function that receives `AppVirality` webhooks.

use appvirality::AppVirality;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<AppVirality>().await
}
