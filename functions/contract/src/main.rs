//! The Lambda function that receives the callbacks of a provider whose contract is in `contracts/`: of the one
//! that `CONTRACT` names. It is deployed once for each provider.

use catalogue::Served;
use receiver::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run::<Served>().await
}
