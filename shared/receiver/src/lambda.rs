//! What a function's `main` calls.

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use verify::Provider;

use crate::receiver::Receiver;
use crate::{log, metrics};

pub use lambda_runtime::Error;

/// Receives the callbacks of one provider until Lambda stops the function.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run<P: Provider>() -> Result<(), Error> {
    let setting = |name: &str| std::env::var(name).ok();
    log::start(setting("LOG_LEVEL").as_deref());
    metrics::start(setting("METRICS_NAMESPACE").as_deref());
    let receiver = Receiver::<P>::configure(&setting, Timestamp::now)?;
    receiver.warm().await;
    let receiver = &receiver;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let answer = receiver.answer(event).await;
        platform::logging::metrics::flush();
        Ok::<_, Infallible>(answer)
    }))
    .await
}
