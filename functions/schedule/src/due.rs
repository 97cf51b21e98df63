//! What is due.

use jiff::{SignedDuration, Timestamp};
use tables::callbacks::overdue::PAGE;
use tables::callbacks::{Overdue, keys};

use crate::send::{Wanted, later};
use crate::{Failed, Limits, Run, Schedule};

impl Schedule {
    /// Sends what is due `within_s` seconds from now, shard by shard, the oldest first.
    pub(crate) async fn send_due(
        &self,
        within_s: u32,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let until = later(limits.now, SignedDuration::from_secs(within_s.into()));
        for shard in self.shards.wide().all() {
            let mut next = None;
            loop {
                limits.check()?;
                let (overdue, more) = self.store.due(&keys::due(shard), until, PAGE, next).await?;
                run.oldest_due_s = run.oldest_due_s.max(oldest(&overdue, limits.now));
                let wanted: Vec<_> = overdue.into_iter().map(Wanted::from).collect();
                run.due += self.send(&wanted, limits, run).await?;
                next = more;
                if next.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// For how many seconds the first of `overdue` has been due.
fn oldest(overdue: &[Overdue], now: Timestamp) -> i64 {
    let due_at = overdue.first().and_then(|due| due.due_at.parse::<Timestamp>().ok());
    due_at.map_or(0, |due_at| now.duration_since(due_at).as_secs().max(0))
}
