//! What a function's `main` calls.

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use settings::Settings;
use verify::Provider;

use crate::metrics;
use crate::receiver::Receiver;

pub use lambda_runtime::Error;

/// The crates whose lines are logged.
const LOGGED: &[&str] = &["receiver", "tables"];

/// Receives the callbacks of one provider until Lambda stops the function.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run<P: Provider>() -> Result<(), Error> {
    let settings = Settings::from_environment();
    platform::logging::start(settings.optional("LOG_LEVEL"), LOGGED);
    metrics::start(settings.optional("METRICS_NAMESPACE"));
    let receiver = Receiver::<P>::configure(&settings, Timestamp::now)?;
    receiver.warm().await;
    let receiver = &receiver;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let answer = receiver.answer(event).await;
        platform::logging::metrics::flush();
        Ok::<_, Infallible>(answer)
    }))
    .await
}
