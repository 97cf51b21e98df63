//! Metrics in CloudWatch's embedded metric format: log lines that CloudWatch makes metrics of.
//!
//! What is measured goes through the `metrics` facade, which drops it where nobody has called [`start`].

use std::io::{self, Write as _};
use std::sync::OnceLock;

use metrics::Unit;
use metrics_cloudwatch_embedded::{Builder, Collector};

/// What is measured since the last [`flush`].
static COLLECTOR: OnceLock<&Collector> = OnceLock::new();

/// What a metric counts: one is added each time.
pub type Counters = &'static [&'static str];

/// What a metric is a distribution of, each value in its unit.
pub type Distributions = &'static [(&'static str, Unit)];

/// Starts measuring, into CloudWatch's namespace `namespace`; without one nothing is measured.
pub fn start(namespace: Option<&str>, counters: Counters, distributions: Distributions) {
    let Some(namespace) = namespace else { return };
    // It fails where there is a recorder already, from an earlier call.
    let Ok(collector) = Builder::new().cloudwatch_namespace(namespace.to_owned()).init() else {
        return;
    };
    for counter in counters {
        metrics::describe_counter!(*counter, Unit::Count, "");
    }
    for (distribution, unit) in distributions {
        metrics::describe_histogram!(*distribution, *unit, "");
    }
    // Nobody else sets it.
    let _ = COLLECTOR.set(collector);
}

/// Writes what was measured since the last time: one line for each set of dimensions. To be called
/// before an invocation's answer is given, because Lambda may freeze the process after that.
pub fn flush() {
    let Some(collector) = COLLECTOR.get() else { return };
    let mut lines = Vec::with_capacity(1024);
    // In one piece, so that no other line gets in between. Where it cannot be written, nothing can be.
    let _ = collector.flush(&mut lines).and_then(|()| io::stdout().lock().write_all(&lines));
}
