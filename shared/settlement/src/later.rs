//! Another attempt: when, and where that stands.

use std::time::Duration;

use tables::callbacks::due::LONGEST_IN_QUEUE;
use tables::callbacks::{Due, Progress, Reason, Store};

use crate::verdict::{Attempt, Verdict};

/// Says on its record that there has to be another attempt `after` that long, because of `reason`, and what this one
/// came to. A pause of more than [`LONGEST_IN_QUEUE`] stands on the record alone. Where it cannot be said, or there
/// is no record (any more), the message waits: there has to be another attempt all the same, and no sooner.
pub async fn later(
    store: &Store,
    attempt: &Attempt,
    progress: Progress,
    after: Duration,
    reason: Reason,
) -> Verdict {
    let Attempt { record, now, .. } = attempt;
    let due = Due::after(after, *now, record.received());
    let progress = Progress { due: Some(due), reason: Some(reason), ..progress };
    match store.finish(&record.id, *now, &progress).await {
        Ok(true) if after > LONGEST_IN_QUEUE => Verdict::Due { after, reason },
        Ok(_) => Verdict::Again { after, reason },
        Err(unavailable) => Verdict::Again { after, reason: unavailable.reason() },
    }
}
