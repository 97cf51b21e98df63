//! Writes this project's own log lines and metrics, as JSON on standard output.

mod lines;
pub mod metrics;

use std::time::Duration;

use tracing::{Event, Level};

use crate::logging::lines::Lines;

pub use crate::logging::lines::print;

/// Starts logging at `level` (`error`, `warn`, `info`, `debug`, `trace`; anything else is `info`) what the
/// crates `targets` log.
///
/// Nothing else: what the libraries log at the lower levels has requests and replies in it.
pub fn start(level: Option<&str>, targets: &'static [&'static str]) {
    start_with(level, targets, print);
}

/// The same in another form: `write` gets what is logged.
pub fn start_with(
    level: Option<&str>,
    targets: &'static [&'static str],
    write: impl Fn(&Event<'_>) + Send + Sync + 'static,
) {
    let level = level.and_then(|level| level.parse::<Level>().ok()).unwrap_or(Level::INFO);
    // A second call, as tests make it, changes nothing.
    let _ = tracing::subscriber::set_global_default(Lines { level, targets, write });
}

/// `took` in milliseconds, to the microsecond: more digits would only be more to store.
#[must_use]
pub fn milliseconds(took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 microseconds")]
    let microseconds = took.as_micros() as f64;
    microseconds / 1000.0
}

/// `took` in seconds, to the millisecond.
#[must_use]
pub fn seconds(took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 milliseconds")]
    let milliseconds = took.as_millis() as f64;
    milliseconds / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals() {
        for (nanoseconds, in_milliseconds, in_seconds) in [
            (0, "0.0", "0.0"),
            (999, "0.0", "0.0"),
            (1_234_567, "1.234", "0.001"),
            (2_700_000_000, "2700.0", "2.7"),
        ] {
            let took = Duration::from_nanos(nanoseconds);
            assert_eq!(format!("{:?}", milliseconds(took)), in_milliseconds, "{nanoseconds}");
            assert_eq!(format!("{:?}", seconds(took)), in_seconds, "{nanoseconds}");
        }
    }
}
