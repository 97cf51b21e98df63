//! What is counted and measured of the attempts. CloudWatch adds it up per provider.
//!
//! | metric | dimensions | what it is |
//! | --- | --- | --- |
//! | `Settled`, `Retried`, `DeadLetter` | `Provider` | attempts that ended so |
//! | `DeliveryRefused` | `Provider` | attempts that a third party refused for good |
//! | `UnsettledAge` | `Provider` | how old the record was when it was attempted: so long it was unsettled |
//!
//! The provider is the record's, which a rule of the template has let pass by that name; `unknown` where
//! the message is unreadable, or the attempt panicked.

use metrics::{Unit, counter, histogram};
use platform::logging::metrics::{Counters, Distributions};
use platform::logging::seconds;

use crate::line::Line;
use crate::verdict::Verdict;

const COUNTERS: Counters = &["Settled", "DeliveryRefused", "Retried", "DeadLetter"];

const DISTRIBUTIONS: Distributions = &[("UnsettledAge", Unit::Seconds)];

/// In the place of a provider that nobody could read.
const UNKNOWN: &str = "unknown";

/// Starts measuring, into CloudWatch's namespace `namespace`; see [`platform::logging::metrics::start`].
pub(crate) fn start(namespace: Option<&str>) {
    platform::logging::metrics::start(namespace, COUNTERS, DISTRIBUTIONS);
}

/// Counts the attempt of `line`; no verdict is one that did not come in time.
pub(crate) fn count(line: &Line, verdict: Option<&Verdict>) {
    let provider = line.provider().unwrap_or(UNKNOWN).to_owned();
    if let Some(age) = line.age {
        histogram!("UnsettledAge", "Provider" => provider.clone()).record(seconds(age));
    }
    match verdict {
        Some(Verdict::Done) => counter!("Settled", "Provider" => provider).increment(1),
        Some(Verdict::Refused { .. }) => {
            counter!("DeliveryRefused", "Provider" => provider).increment(1);
        }
        Some(Verdict::DeadLetter { .. }) => {
            counter!("DeadLetter", "Provider" => provider).increment(1);
        }
        Some(Verdict::Again { .. } | Verdict::Due { .. }) | None => {
            counter!("Retried", "Provider" => provider).increment(1);
        }
    }
}

/// Counts an attempt that panicked.
pub(crate) fn count_panic() {
    counter!("Retried", "Provider" => UNKNOWN).increment(1);
}
