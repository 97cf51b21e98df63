//! What `main` calls.

use lambda_runtime::{LambdaEvent, service_fn};

use crate::Dispatch;
use crate::metrics;
use crate::stream::StreamEvent;

pub use lambda_runtime::Error;

/// Reads the stream until Lambda stops the function.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run() -> Result<(), Error> {
    let setting = |name: &str| std::env::var(name).ok();
    platform::logging::start(setting("LOG_LEVEL").as_deref());
    metrics::start(setting("METRICS_NAMESPACE").as_deref());
    let dispatch = Dispatch::configure(&setting)?;
    let dispatch = &dispatch;
    lambda_runtime::run(service_fn(|event: LambdaEvent<StreamEvent>| async move {
        let response = dispatch.handle(event.payload).await;
        platform::logging::metrics::flush();
        response.map_err(Error::from)
    }))
    .await
}
