//! Another attempt: when, and where that stands.

use std::time::Duration;

use tables::callbacks::due::LONGEST_IN_QUEUE;
use tables::callbacks::{Due, Progress, Reason, State, Store};

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
    let due = Due::after(after, attempt.now, attempt.record.received());
    let progress = Progress { due: Some(due), reason: Some(reason), ..progress };
    said(store, attempt, progress, after, reason).await
}

/// Says on its record that it is not attempted now, because of `reason`, and waits until its settler takes records
/// again. Where that cannot be said, its message waits `after` that long.
pub(crate) async fn park(
    store: &Store,
    attempt: &Attempt,
    after: Duration,
    reason: Reason,
) -> Verdict {
    let Attempt { record, now, .. } = attempt;
    let progress = Progress::to(State::Retrying);
    // Nobody would look there.
    if record.settler.is_empty() {
        return later(store, attempt, progress, after, reason).await;
    }
    let due = Due::Parked { settler: record.settler.clone(), since: *now };
    let progress = Progress { due: Some(due), reason: Some(reason), ..progress };
    said(store, attempt, progress, after, reason).await
}

async fn said(
    store: &Store,
    attempt: &Attempt,
    progress: Progress,
    after: Duration,
    reason: Reason,
) -> Verdict {
    match store.finish(&attempt.record.id, attempt.now, &progress).await {
        Ok(true) if after > LONGEST_IN_QUEUE => Verdict::Due { after, reason },
        Ok(_) => Verdict::Again { after, reason },
        Err(unavailable) => Verdict::Again { after, reason: unavailable.reason() },
    }
}
