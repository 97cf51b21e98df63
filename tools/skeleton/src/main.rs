//! The Lambda function that receives sixth callbacks.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), receiver::lambda::Error> {
    receiver::lambda::run::<sixth::Sixth>().await
}
