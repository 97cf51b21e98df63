//! What is counted and measured of each run, for the whole stack.
//!
//! | metric | what it is |
//! | --- | --- |
//! | `Due` | records that were due and are sent again |
//! | `Reconciled` | records that nobody had attempted when they should long have been settled |
//! | `PutOff` | records that were parked, because their queue has enough to do or refused them |
//! | `OldestDueAge` | for how many seconds the record has been due that has been so the longest; 0 where none is |
//! | `ScheduleFailed` | runs that could not do all that they should have done |

use metrics::{Unit, counter, histogram};
use platform::logging::metrics::{Counters, Distributions};

use crate::Run;

/// What is counted.
pub const COUNTERS: Counters = &["Due", "Reconciled", "PutOff", "ScheduleFailed"];

const DISTRIBUTIONS: Distributions = &[("OldestDueAge", Unit::Seconds)];

/// Starts measuring, into CloudWatch's namespace `namespace`; see [`platform::logging::metrics::start`].
pub(crate) fn start(namespace: Option<&str>) {
    platform::logging::metrics::start(namespace, COUNTERS, DISTRIBUTIONS);
}

/// Counts a run. A counter has no value where nothing was counted, which no alarm takes for trouble; that the schedule
/// runs at all is known by its invocations.
pub(crate) fn count(run: &Run) {
    counter!("Due").increment(run.due);
    counter!("Reconciled").increment(run.reconciled);
    counter!("PutOff").increment(run.put_off);
    counter!("ScheduleFailed").increment(u64::from(run.failed.is_some()));
    // The seconds of centuries are exact.
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    histogram!("OldestDueAge").record(run.oldest_due_s as f64);
}
