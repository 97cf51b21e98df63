//! What waits until its settler takes it: see [`Due::Parked`](tables::callbacks::Due).
//!
//! Whether a settler takes records is seen by the parked ones themselves: each has the time at which it was parked, or
//! was sent and came back. While many came lately, one round of the oldest is sent in a run: enough to find out, and
//! little enough for a third party that has trouble. Nothing else has to be kept, or can be wrong.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use tables::callbacks::keys;
use tokio::time::Instant;

use crate::rounds::{Lane, ROUND, SHARDS_AT_ONCE};
use crate::send::{earlier, later};
use crate::{Failed, Limits, Run, Schedule};

/// How long it counts that a settler parked records. What it was sent in a run has come back by the next run, or by the
/// one after that.
pub const LATELY: SignedDuration = SignedDuration::from_mins(2);

/// How far a settler's clock may be ahead.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

impl Schedule {
    /// Sends what is parked to settlers that take it, and a few to those that do not; a round of each settler in turn,
    /// until `deadline`. What is left the next run sends.
    pub(crate) async fn release(
        &self,
        lanes: &mut Vec<Lane<'_>>,
        within_s: u32,
        deadline: Instant,
        limits: &Limits,
        run: &mut Run,
    ) -> Result<(), Failed> {
        while !lanes.is_empty() && Instant::now() < deadline {
            for lane in &mut *lanes {
                self.send_round(lane, within_s, limits, run).await?;
            }
            lanes.retain(|lane| !lane.left.is_empty());
        }
        Ok(())
    }

    /// Whether the settler has parked as many records lately as half of a round.
    pub(crate) async fn is_down(&self, settler: &str, limits: &Limits) -> Result<bool, Failed> {
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
}
