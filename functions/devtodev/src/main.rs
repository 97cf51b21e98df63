//! The Lambda function that receives devtodev installs.

use devtodev::Devtodev;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<Devtodev>().await
}
