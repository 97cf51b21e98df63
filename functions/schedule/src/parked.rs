//! What waits until its settler takes it: see [`Due::Parked`](tables::callbacks::Due).

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use tables::callbacks::keys;
use tables::callbacks::overdue::Next;
use tokio::time::Instant;

use crate::send::{Wanted, earlier, later};
use crate::{Failed, Limits, Run, Schedule};

/// How many parked records of a settler are sent together, the oldest of each shard. While they come back, no more are
/// in a run: enough to find out, and little enough for a third party that has trouble.
pub const ROUND: u16 = 1_000;

/// How long it counts that a settler parked records. What it was sent in a run has come back by the next run, or by the
/// one after that.
pub const LATELY: SignedDuration = SignedDuration::from_mins(2);

/// How many shards are read at once.
const SHARDS_AT_ONCE: usize = 8;

/// How far a settler's clock may be ahead.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// The parked records of a settler that are left to be sent.
struct Lane<'a> {
    settler: &'a str,
    /// The keys of its shards, and where the next page of each begins.
    left: Vec<(String, Option<Next>)>,
    /// Whether it did not take what it was sent lately; none where that was not asked yet.
    is_down: Option<bool>,
}

impl Schedule {
    /// Sends what is parked to settlers that take it, and a few to those that do not; a round of each settler in turn,
    /// until `deadline`. What is left the next run sends.
    pub(crate) async fn release(
        &self,
        within_s: u32,
        deadline: Instant,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let shards = self.shards.wide();
        let lane = |settler| {
            let left = shards.all().map(|shard| (keys::parked(settler, shard), None)).collect();
            Lane { settler, left, is_down: None }
        };
        let mut lanes: Vec<_> = self.sender.queues().settlers().map(lane).collect();
        while !lanes.is_empty() && Instant::now() < deadline {
            for lane in &mut lanes {
                self.send_round(lane, within_s, limits, run).await?;
            }
            lanes.retain(|lane| !lane.left.is_empty());
        }
        Ok(())
    }

    /// Whether the settler has parked as many records lately as half of a round.
    async fn is_down(&self, settler: &str, limits: &Limits) -> Result<bool, Failed> {
        let times = &(earlier(limits.now, LATELY)..=later(limits.now, SKEW));
        let counts = self.shards.wide().all().map(|shard| async move {
            let key = keys::parked(settler, shard);
            self.store.count_due(&key, times, self.of_a_shard()).await
        });
        let counts: Vec<_> = counts.collect();
        let counts = stream::iter(counts).buffer_unordered(SHARDS_AT_ONCE);
        let counts: Vec<i32> = counts.try_collect().await?;
        Ok(counts.iter().sum::<i32>() >= i32::from(ROUND / 2))
    }

    async fn send_round(
        &self,
        lane: &mut Lane<'_>,
        within_s: u32,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        let left = std::mem::take(&mut lane.left);
        if limits.closed.has(lane.settler) {
            return Ok(());
        }
        let until = later(limits.now, SignedDuration::from_secs(within_s.into()));
        let pages = left.into_iter().map(|(key, from)| async move {
            let page = self.store.due(&key, until, self.of_a_shard(), from).await;
            page.map(|(parked, next)| (key, parked, next))
        });
        let pages: Vec<_> = pages.collect();
        let pages: Vec<_> =
            stream::iter(pages).buffer_unordered(SHARDS_AT_ONCE).try_collect().await?;
        let mut wanted = Vec::new();
        for (key, parked, next) in pages {
            wanted.extend(parked.into_iter().map(Wanted::from));
            if next.is_some() {
                lane.left.push((key, next));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let is_down = match lane.is_down {
            Some(known) => known,
            None => self.is_down(lane.settler, limits).await?,
        };
        if is_down {
            run.down += 1;
            lane.left.clear();
        }
        lane.is_down = Some(is_down);
        run.due += self.send(&wanted, limits, run).await?;
        Ok(())
    }

    /// How many records of one shard are in a round.
    fn of_a_shard(&self) -> i32 {
        i32::from((ROUND / self.shards.wide().count()).max(1))
    }
}
