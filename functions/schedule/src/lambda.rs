//! What `main` calls.

use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use settings::Settings;
use tokio::time::Instant;

use crate::metrics;
use crate::{Event, Schedule};

pub use lambda_runtime::Error;

/// The crates whose lines are logged.
const LOGGED: &[&str] = &["schedule"];

/// How long a run goes on. The template lets it run for 60 s; what is not done the next one does.
pub const RUN: Duration = Duration::from_secs(50);

/// Runs whenever Lambda calls, until Lambda stops the function.
///
/// # Errors
///
/// When a setting cannot be used, or Lambda's Runtime API is gone.
pub async fn run() -> Result<(), Error> {
    let settings = Settings::from_environment();
    platform::logging::start(settings.optional("LOG_LEVEL"), LOGGED);
    metrics::start(settings.optional("METRICS_NAMESPACE"));
    let schedule = Schedule::configure(&settings)?;
    let schedule = &schedule;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| async move {
        schedule.run(event.payload, Timestamp::now(), Instant::now() + RUN).await;
        platform::logging::metrics::flush();
        Ok::<_, Infallible>(())
    }))
    .await
}
