//! What a function's `main` calls.

use std::convert::Infallible;

use aws_lambda_events::sqs::SqsEvent;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use settings::{ConfigError, Settings};

use crate::metrics;
use crate::verdict::Settle;
use crate::worker::Worker;

pub use lambda_runtime::Error;

/// The crates whose lines are logged.
const LOGGED: &[&str] = &["settlement", "tables"];

/// Works off a queue until Lambda stops the function; `configure` takes the function's settings from
/// its environment variables.
///
/// An event that is none of SQS is refused, and Lambda takes the whole batch as failed.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run<S: Settle>(
    configure: impl FnOnce(&Settings) -> Result<S, ConfigError>,
) -> Result<(), Error> {
    let settings = Settings::from_environment();
    platform::logging::start(settings.optional("LOG_LEVEL"), LOGGED);
    metrics::start(settings.optional("METRICS_NAMESPACE"));
    let worker = Worker::configure(&settings, configure(&settings)?, Timestamp::now)?;
    let worker = &worker;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let response = worker.handle(event.payload).await;
        platform::logging::metrics::flush();
        Ok::<_, Infallible>(response)
    }))
    .await
}
