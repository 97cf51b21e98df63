//! What nobody has settled.

use std::ops::Range;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use tables::callbacks::due::{GRACE, UNSETTLED_AFTER};
use tables::callbacks::overdue::Part;
use tables::callbacks::{Due, Unsettled, keys};
use tokio::time::Instant;

use crate::send::{Wanted, earlier, later};
use crate::{AT_ONCE, Failed, Limits, Reconcile, Run, Schedule};

/// From when on is looked where nobody has looked before: a stack that is new has nothing older.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(2 * 24);

/// How much time the first step of a run covers, and how much a step covers at most. Each takes as long as there are
/// records in it, so that the next one is twice as long while they are quickly done. A step is done as a whole: the
/// first one is so short that 10,000 records a second of which all are lost are sent before Lambda ends the run.
pub const FIRST_STEP: SignedDuration = SignedDuration::from_secs(5);
const LONGEST_STEP: SignedDuration = SignedDuration::from_hours(12);
const QUICK: std::time::Duration = std::time::Duration::from_secs(1);

impl Schedule {
    /// Looks at the records since the watermark, step by step, and moves it.
    pub(crate) async fn reconcile(
        &self,
        what: Reconcile,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let oldest = earlier(limits.now, FIRST_LOOK);
        let mut since = self.ledger.watermark().await?.unwrap_or(oldest);
        let old = earlier(limits.now, UNSETTLED_AFTER);
        let mut step = FIRST_STEP;
        while since < old {
            limits.check()?;
            let (begun, until) = (Instant::now(), later(since, step).min(old));
            self.look_at(since..until, what, limits, run).await?;
            // What could not be sent is parked: the index has it from now on.
            self.ledger.set_watermark(until).await?;
            since = until;
            if begun.elapsed() < QUICK {
                step = (step * 2).min(LONGEST_STEP);
            }
        }
        if what == Reconcile::Everything {
            let soon = later(limits.now, SignedDuration::from_secs(1));
            self.look_at(since..soon, what, limits, run).await?;
        }
        Ok(())
    }

    /// Looks at the records that were received in `time`.
    async fn look_at(
        &self,
        time: Range<Timestamp>,
        what: Reconcile,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let days = keys::days(time.start, time.end);
        let mut parts = Vec::new();
        for day in &days {
            for provider in &self.providers {
                parts.extend(self.shards.all().map(|shard| Part { provider, day, shard }));
            }
        }
        let found: Vec<_> = parts.iter().map(|part| self.unsettled(part, &time, limits)).collect();
        let found = stream::iter(found).buffer_unordered(AT_ONCE);
        let found: Vec<Vec<Unsettled>> = found.try_collect().await?;
        let lost = |record: &Unsettled| record.attempts == 0 || what == Reconcile::Everything;
        let (lost, waiting): (Vec<_>, Vec<_>) =
            found.into_iter().flatten().filter(|record| !record.is_in_index).partition(lost);
        let waiting = waiting.iter().map(|record| {
            let at = later(record.due_at.unwrap_or(limits.now).max(limits.now), GRACE);
            async move { self.store.put_off(&record.id, None, &Due::At(at)).await }
        });
        let waiting: Vec<_> = waiting.collect();
        let waiting: Vec<_> = stream::iter(waiting).buffer_unordered(AT_ONCE).collect().await;
        waiting.into_iter().collect::<Result<(), _>>()?;
        let lost: Vec<_> =
            lost.into_iter().map(|record| Wanted { id: record.id, due_at: None }).collect();
        run.reconciled += self.send(&lost, limits, run).await?;
        Ok(())
    }

    /// The records of `part` that were received in that time and are not settled.
    async fn unsettled(
        &self,
        part: &Part<'_>,
        time: &Range<Timestamp>,
        limits: &Limits,
    ) -> Result<Vec<Unsettled>, Failed> {
        let (mut unsettled, mut next) = (Vec::new(), None);
        loop {
            limits.check()?;
            let (ids, more) = self.store.to_settle(part, time.start, time.end, next).await?;
            unsettled.extend(self.store.unsettled(&ids).await?);
            next = more;
            if next.is_none() {
                return Ok(unsettled);
            }
        }
    }
}
