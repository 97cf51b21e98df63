//! The Lambda function that books rewards in users' balances.

use ledger::LedgerFunction;
use settlement::lambda::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(LedgerFunction::configure).await
}
