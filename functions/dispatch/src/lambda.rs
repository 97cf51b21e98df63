//! What `main` calls.

use lambda_runtime::{LambdaEvent, service_fn};
use settings::Settings;

use crate::Dispatch;
use crate::metrics;
use crate::stream::StreamEvent;

pub use lambda_runtime::Error;

/// The crates whose lines are logged.
const LOGGED: &[&str] = &["dispatch"];

/// Reads the stream until Lambda stops the function.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run() -> Result<(), Error> {
    let settings = Settings::from_environment();
    platform::logging::start(settings.optional("LOG_LEVEL"), LOGGED);
    metrics::start(settings.optional("METRICS_NAMESPACE"));
    let dispatch = Dispatch::configure(&settings)?;
    let dispatch = &dispatch;
    lambda_runtime::run(service_fn(|event: LambdaEvent<StreamEvent>| async move {
        let response = dispatch.handle(event.payload).await;
        platform::logging::metrics::flush();
        response.map_err(Error::from)
    }))
    .await
}
