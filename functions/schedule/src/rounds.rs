//! Goes through the index `by_due`, round by round: some of each shard at a time, so that no partition of the index gets
//! all that is written.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use tables::callbacks::overdue::Next;
use tables::callbacks::{Overdue, keys};

use crate::send::{Wanted, later};
use crate::{Failed, Limits, Run, Schedule};

/// How many records are sent together, the oldest of each shard.
pub const ROUND: u16 = 1_000;

/// How many shards are read at once.
pub(crate) const SHARDS_AT_ONCE: usize = 8;

/// What is gone through: what is due, or what is parked for one settler.
#[derive(Debug)]
pub(crate) struct Lane<'a> {
    /// For whom it is parked; none for what is due.
    pub(crate) settler: Option<&'a str>,
    /// The keys of its shards, and where the next page of each begins.
    pub(crate) left: Vec<(String, Option<Next>)>,
    /// Whether the settler did not take what it was sent lately; none where that was not asked yet.
    pub(crate) is_down: Option<bool>,
}

impl Schedule {
    /// What is due.
    pub(crate) fn due(&self) -> Lane<'_> {
        let left = self.shards.wide().all().map(|shard| (keys::due(shard), None)).collect();
        Lane { settler: None, left, is_down: Some(false) }
    }

    /// What is parked, by settlers.
    pub(crate) fn parked(&self) -> Vec<Lane<'_>> {
        let shards = self.shards.wide();
        let lane = |settler| {
            let left = shards.all().map(|shard| (keys::parked(settler, shard), None)).collect();
            Lane { settler: Some(settler), left, is_down: None }
        };
        self.sender.queues().settlers().map(lane).collect()
    }

    /// Sends the next round of `lane`, of what is due `within_s` seconds from now.
    pub(crate) async fn send_round(
        &self,
        lane: &mut Lane<'_>,
        within_s: u32,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let left = std::mem::take(&mut lane.left);
        if lane.settler.is_some_and(|settler| limits.closed.has(settler)) {
            return Ok(());
        }
        let until = later(limits.now, SignedDuration::from_secs(within_s.into()));
        let pages = left.into_iter().map(|(key, from)| async move {
            let page = self.store.due(&key, until, self.of_a_shard(), from).await;
            page.map(|(due, next)| (key, due, next))
        });
        let pages: Vec<_> = pages.collect();
        let pages = stream::iter(pages).buffer_unordered(SHARDS_AT_ONCE);
        let pages: Vec<_> = pages.try_collect().await?;
        let mut wanted = Vec::new();
        for (key, due, next) in pages {
            if lane.settler.is_none() {
                run.oldest_due_s = run.oldest_due_s.max(oldest(&due, limits.now));
            }
            wanted.extend(due.into_iter().map(Wanted::from));
            if next.is_some() {
                lane.left.push((key, next));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        if let (Some(settler), None) = (lane.settler, lane.is_down) {
            let is_down = self.is_down(settler, limits).await?;
            run.down += u64::from(is_down);
            lane.is_down = Some(is_down);
        }
        if lane.is_down == Some(true) {
            lane.left.clear();
        }
        run.due += self.send(&wanted, limits, run).await?;
        Ok(())
    }

    /// How many records of one shard are in a round.
    pub(crate) fn of_a_shard(&self) -> i32 {
        i32::from((ROUND / self.shards.wide().count()).max(1))
    }
}

/// For how many seconds the first of `overdue` has been due.
fn oldest(overdue: &[Overdue], now: Timestamp) -> i64 {
    let due_at = overdue.first().and_then(|due| due.due_at.parse::<Timestamp>().ok());
    due_at.map_or(0, |due_at| now.duration_since(due_at).as_secs().max(0))
}
