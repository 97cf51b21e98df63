//! What is counted, as the metric `NotDispatched` of the stack: records that did not reach their queue or the bus, and
//! come again. A batch of which all do writes no line: its receiver and its settler have written theirs.

use metrics::counter;
use platform::logging::metrics::{Counters, Distributions};

const COUNTERS: Counters = &["NotDispatched"];

const DISTRIBUTIONS: Distributions = &[];

/// Starts measuring, into CloudWatch's namespace `namespace`; see [`platform::logging::metrics::start`].
pub(crate) fn start(namespace: Option<&str>) {
    platform::logging::metrics::start(namespace, COUNTERS, DISTRIBUTIONS);
}

/// Counts what did not reach its place.
pub(crate) fn count(not_dispatched: u64) {
    if not_dispatched > 0 {
        counter!("NotDispatched").increment(not_dispatched);
    }
}
