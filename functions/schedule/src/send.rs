//! Sends records, and says when they are looked at next.

use std::collections::{HashMap, HashSet};

use dispatch::Sender;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use settlement::Detail;
use tables::callbacks::due::GRACE;
use tables::callbacks::standing::READ_AT_ONCE;

use crate::{AT_ONCE, Failed, Run, Schedule};

/// How many messages may wait in a queue that is sent more.
const ENOUGH: u64 = 10_000;

/// The longest pause between two times that a record is sent without an attempt in between.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);

/// Which queues have enough to do: those whose records are put off.
#[derive(Debug, Default)]
pub(crate) struct Room {
    full: HashSet<String>,
}

/// A record that is to be sent.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) id: String,
    /// When it was due; none where it is in no index.
    pub(crate) due_at: Option<String>,
}

/// What became of records that were to be sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) sent: u64,
    pub(crate) put_off: u64,
}

impl Room {
    pub(crate) async fn of(sender: &Sender) -> Self {
        let waiting = sender.queues().waiting().await;
        let full = waiting.into_iter().filter(|(_, count)| *count > ENOUGH);
        Self { full: full.map(|(settler, _)| settler.to_owned()).collect() }
    }

    fn is_full(&self, settler: &str) -> bool {
        self.full.contains(settler)
    }
}

impl Schedule {
    /// Sends the records `wanted` that are still not settled, no two of them the same, and has each of them looked at
    /// again later. What is not sent is as it was.
    pub(crate) async fn send(
        &self,
        wanted: &[Wanted],
        room: &Room,
        now: Timestamp,
        run: &mut Run,
    ) -> Result<Sent, Failed> {
        let parts = wanted.chunks(READ_AT_ONCE).map(|part| self.send_part(part, room, now));
        let parts: Vec<_> = parts.collect();
        let all: Vec<_> = stream::iter(parts).buffer_unordered(AT_ONCE).try_collect().await?;
        let mut total = Sent::default();
        for (sent, is_whole) in all {
            total.sent += sent.sent;
            total.put_off += sent.put_off;
            if !is_whole {
                run.failed = Some(Failed::Queues);
            }
        }
        Ok(total)
    }

    /// The same for as many as are read at once; also whether the queues took all of them.
    async fn send_part(
        &self,
        wanted: &[Wanted],
        room: &Room,
        now: Timestamp,
    ) -> Result<(Sent, bool), Failed> {
        let ids: Vec<_> = wanted.iter().map(|wanted| wanted.id.as_str()).collect();
        let items = self.store.whole(&ids).await?;
        let mut found: HashMap<_, _> = items
            .iter()
            .filter_map(|item| Some((item.get("id")?.as_s().ok()?.as_str(), item)))
            .collect();
        let (mut details, mut sendable, mut moves) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ended, mut without_effect) = (Vec::new(), Vec::new());
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
            if room.is_full(&detail.settler) {
                moves.push((wanted, later(now, GRACE)));
                continue;
            }
            let count = item.get("put_off").and_then(|count| count.as_n().ok()?.parse().ok());
            sendable.push((wanted, pause(count.unwrap_or_default())));
            details.push(detail);
        }
        let put_off = moves.len();
        let refusals = self.sender.send_messages(&details.iter().collect::<Vec<_>>()).await;
        let (mut sent, mut is_whole) = (0, true);
        for ((wanted, pause), refusal) in sendable.into_iter().zip(refusals) {
            if refusal.is_some() {
                is_whole = false;
                continue;
            }
            sent += 1;
            moves.push((wanted, later(now, pause)));
        }
        let moves = moves
            .into_iter()
            .map(|(wanted, at)| self.store.put_off(&wanted.id, wanted.due_at.as_deref(), at));
        let moves: Vec<_> = moves.collect();
        let moves: Vec<_> = stream::iter(moves).buffer_unordered(AT_ONCE).collect().await;
        for wanted in without_effect {
            self.store.end_accepted(&wanted.id, now).await?;
        }
        for wanted in ended {
            if let Some(due_at) = &wanted.due_at {
                self.store.no_longer_due(&wanted.id, due_at).await?;
            }
        }
        moves.into_iter().collect::<Result<(), _>>()?;
        Ok((Sent { sent, put_off: put_off.try_into().unwrap_or(u64::MAX) }, is_whole))
    }
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How long a record that was sent `times` before is left alone after it is sent once more.
fn pause(times: u32) -> SignedDuration {
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
