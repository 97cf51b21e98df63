//! Sends records, and says when they are looked at next.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dispatch::{Refusal, Sender};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use settlement::Detail;
use tables::callbacks::due::GRACE;
use tables::callbacks::standing::READ_AT_ONCE;
use tables::callbacks::{Due, Overdue};
use tokio::time::Instant;

use crate::parked::LATELY;
use crate::{Failed, Limits, Run, Schedule};

/// How many messages may wait in a queue that is sent more.
pub const ENOUGH: u64 = 10_000;

/// How many parts of what is to be sent are under way at once. A part's messages go one call after the other.
pub const PARTS_AT_ONCE: usize = 8;

/// How many records of a part are moved at once.
pub const MOVES_AT_ONCE: usize = 8;

/// How many write units of the index `by_due` a second are used at most, for each 32 shards: one for a record that comes
/// into it, two for one that is moved in it. A new index takes 4,000 over four partitions ("DynamoDB on-demand capacity
/// mode"), over which 32 keys are not spread evenly: a backlog is not to throttle the table for those who call.
pub const PACE: u32 = 2_400;

/// The longest pause between two times that a record is sent without an attempt in between.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);

/// The settlers whose queues are sent no more in this run: they have enough to do, or refused a message. Their records
/// are parked.
pub(crate) struct Closed(Mutex<HashSet<String>>);

/// A record that is to be sent.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) id: String,
    /// When it was due; none where it is in no index.
    pub(crate) due_at: Option<String>,
}

/// What became of records that were to be sent.
struct Outcome {
    sent: u64,
    put_off: u64,
    /// Whether the queues took all that was sent.
    is_whole: bool,
}

impl From<Overdue> for Wanted {
    fn from(overdue: Overdue) -> Self {
        Self { id: overdue.id, due_at: Some(overdue.due_at) }
    }
}

impl Closed {
    pub(crate) async fn of(sender: &Sender) -> Self {
        let waiting = sender.queues().waiting().await;
        let full = waiting.into_iter().filter(|(_, count)| *count > ENOUGH);
        Self(Mutex::new(full.map(|(settler, _)| settler.to_owned()).collect()))
    }

    pub(crate) fn has(&self, settler: &str) -> bool {
        self.settlers().contains(settler)
    }

    fn add(&self, settler: &str) {
        self.settlers().insert(settler.to_owned());
    }

    fn settlers(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Schedule {
    /// Sends the records `wanted` that are still not settled, no two of them the same, and has each of them looked at
    /// again later; what cannot be sent now is parked, so that nothing waits for it. How many are sent.
    pub(crate) async fn send(
        &self,
        wanted: &[Wanted],
        limits: &Limits,
        run: &mut Run,
    ) -> Result<u64, Failed> {
        let begun = Instant::now();
        let parts = wanted.chunks(READ_AT_ONCE).map(|part| self.send_part(part, limits));
        let parts: Vec<_> = parts.collect();
        let all = stream::iter(parts).buffer_unordered(PARTS_AT_ONCE);
        let all: Vec<_> = all.try_collect().await?;
        run.put_off += all.iter().map(|part| part.put_off).sum::<u64>();
        if all.iter().any(|part| !part.is_whole) {
            run.failed = Some(Failed::Queues);
        }
        tokio::time::sleep_until(begun + self.paced(wanted)).await;
        Ok(all.iter().map(|part| part.sent).sum())
    }

    /// How long these records take at the pace.
    fn paced(&self, wanted: &[Wanted]) -> Duration {
        let pace = PACE * u32::from(self.shards.wide().count()) / 32;
        let units: u32 = wanted.iter().map(|it| if it.due_at.is_some() { 2 } else { 1 }).sum();
        Duration::from_secs(1) * units / pace
    }

    /// The same for as many as are read at once.
    async fn send_part(&self, wanted: &[Wanted], limits: &Limits) -> Result<Outcome, Failed> {
        let now = limits.now;
        let ids: Vec<_> = wanted.iter().map(|wanted| wanted.id.as_str()).collect();
        let items = self.store.whole(&ids).await?;
        let mut found: HashMap<_, _> = items
            .iter()
            .filter_map(|item| Some((item.get("id")?.as_s().ok()?.as_str(), item)))
            .collect();
        let (mut details, mut sendable, mut moves) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ended, mut without_effect) = (Vec::new(), Vec::new());
        // Not as of now: that is how a settler says that it takes nothing.
        let parked = |settler| Due::Parked { settler, since: earlier(now, LATELY) };
        let mut put_off = 0;
        for wanted in wanted {
            let Some(item) = found.remove(wanted.id.as_str()) else {
                ended.push(wanted);
                continue;
            };
            let Some(detail) = Detail::of_item(item) else { continue };
            // Accepted by a person who was interrupted before the end that there is to it.
            if detail.settler().is_none() {
                without_effect.push(wanted);
                continue;
            }
            let settler = self.sender.queues().takes(&detail.settler).to_owned();
            if limits.closed.has(&settler) {
                put_off += 1;
                moves.push((wanted, parked(settler)));
                continue;
            }
            let count = item.get("put_off").and_then(|count| count.as_n().ok()?.parse().ok());
            sendable.push((wanted, settler, pause(count.unwrap_or_default())));
            details.push(detail);
        }
        let refusals = self.sender.send_messages(&details.iter().collect::<Vec<_>>()).await;
        let (mut sent, mut is_whole) = (0, true);
        for ((wanted, settler, pause), refusal) in sendable.into_iter().zip(refusals) {
            let Some(refusal) = refusal else {
                sent += 1;
                moves.push((wanted, Due::At(later(now, pause))));
                continue;
            };
            is_whole = false;
            put_off += 1;
            if matches!(refusal, Refusal::Again(_)) {
                limits.closed.add(&settler);
            }
            moves.push((wanted, parked(settler)));
        }
        let moves = moves
            .iter()
            .map(|(wanted, due)| self.store.put_off(&wanted.id, wanted.due_at.as_deref(), due));
        let moves: Vec<_> = moves.collect();
        let moves: Vec<_> = stream::iter(moves).buffer_unordered(MOVES_AT_ONCE).collect().await;
        for wanted in without_effect {
            self.store.end_accepted(&wanted.id, now).await?;
        }
        for wanted in ended {
            if let Some(due_at) = &wanted.due_at {
                self.store.no_longer_due(&wanted.id, due_at).await?;
            }
        }
        moves.into_iter().collect::<Result<(), _>>()?;
        Ok(Outcome { sent, put_off, is_whole })
    }
}

pub(crate) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How long a record that was sent `times` before is left alone after it is sent once more.
#[must_use]
pub fn pause(times: u32) -> SignedDuration {
    (GRACE * (1_i32 << times.min(10))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_again_and_again_is_sent_less_and_less_often() {
        let minutes: Vec<_> =
            [0, 1, 2, 3, 4, 5, 6, u32::MAX].map(|times| pause(times).as_mins()).into();
        assert_eq!(minutes, [15, 30, 60, 120, 240, 360, 360, 360]);
    }
}
