//! The Lambda function that delivers recorded installs to devtodev.

use devtodev_delivery::DevtodevDelivery;
use settlement::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(DevtodevDelivery::configure).await
}
