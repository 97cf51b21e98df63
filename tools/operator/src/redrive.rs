//! `redrive`: puts a dead-letter queue's messages back where they came from.
//!
//! Each is received, sent, and deleted, in this order: broken off anywhere, one is there twice at most,
//! and settling twice is safe. What comes back meanwhile is not moved again. The letters of the pipes
//! name a place in the stream instead of a record. What the stream held there came by a callback or by
//! a person who accepted one; so for them everything that can be meant is put onto the bus again, and a
//! letter goes once as many records are found for its time as it stands for.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tables::callbacks::State;
use terminal::visible;

use crate::dead_letters::{self, DeadLetter};
use crate::emit;
use crate::error::Error;
use crate::listing::Wanted;
use crate::record::{self, Item, text};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::time_arg::When;

/// How long letters are nobody else's while they are moved, in seconds.
const HIDDEN_FOR: i32 = 120;

/// How often nothing but what is known may be received before there is nothing else.
const ENOUGH: u32 = 3;

/// How far back the letters of the pipes may lead: as long as a stream keeps a record.
const STREAM_KEEPS: SignedDuration = SignedDuration::from_hours(24);

/// How far the clocks of two machines may be apart, and a record's way into the stream.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// How many letters of the pipes are looked after in one run.
const PLACES: usize = 1_000;

/// The options of `redrive`.
#[derive(Debug, Args)]
pub struct Redrive {
    /// The queue: ledger, appvirality-redemption, giveaway-delivery, devtodev-delivery or pipes; or a
    /// logical id of the template
    queue: String,
    /// Only show what is in it
    #[arg(long)]
    dry_run: bool,
}

/// What became of the letters.
#[derive(Debug, Default, Serialize)]
struct Report {
    queue: String,
    /// The letters that were put back into their queue.
    moved: Vec<Told>,
    /// Deleted: their records are closed.
    dropped: Vec<Told>,
    /// Still there: nobody can say what they are about, or nothing was found that they can be about.
    left: Vec<Told>,
}

/// A letter in the report.
#[derive(Debug, Serialize)]
struct Told {
    id: Option<String>,
    reason: String,
}

impl Told {
    fn of(letter: &DeadLetter) -> Self {
        Self { id: letter.record.clone(), reason: letter.cause.to_string() }
    }
}

impl Redrive {
    /// What is to be printed, and whether nothing is left.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<(String, bool), Error> {
        let queue = self.dead_letters(stack)?;
        let moved = if self.dry_run {
            let letters = dead_letters::look(stack, queue).await?;
            let left = letters.iter().map(Told::of).collect();
            Report { queue: queue.to_owned(), left, ..Report::default() }
        } else {
            match dead_letters::source(stack, queue) {
                Some(source) => self.put_back(stack, queue, source).await?,
                None => self.emit_again(stack, queue).await?,
            }
        };
        let nothing_left = moved.left.is_empty();
        let text = if json { terminal::json(&moved)? } else { moved.to_text() };
        Ok((text, nothing_left || self.dry_run))
    }

    /// The logical id of the dead-letter queue that is meant.
    fn dead_letters<'a>(&self, stack: &'a Stack) -> Result<&'a str, Error> {
        let plain = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.collect::<String>().to_ascii_lowercase()
        };
        let wanted = plain(&self.queue);
        let queues = stack.resources("AWS::SQS::Queue");
        let dead: Vec<_> = queues
            .iter()
            .copied()
            .filter(|id| dead_letters::of_queue(stack, id).is_none())
            .collect();
        let stem = |id: &str| plain(id).trim_end_matches("deadletters").to_owned();
        let meant = |id: &&str| {
            let stem = stem(id);
            [stem.clone(), format!("{stem}queue"), plain(id)].contains(&wanted)
        };
        dead.iter().copied().find(meant).ok_or_else(|| {
            let known = dead.join(", ");
            Error::Refused(format!("{} is no queue with dead letters: {known}", self.queue))
        })
    }

    async fn put_back(&self, stack: &Stack, from: &str, to: &str) -> Result<Report, Error> {
        let began = Timestamp::now().as_millisecond();
        let mut moved = Report { queue: from.to_owned(), ..Report::default() };
        let mut kept: Vec<DeadLetter> = Vec::new();
        let mut idle = 0;
        while idle < ENOUGH {
            let received = dead_letters::receive(stack, from, HIDDEN_FOR).await?;
            if received.is_empty() {
                break;
            }
            idle += 1;
            for letter in received {
                // One that was kept, and is shown again by now.
                if kept.iter().any(|known| known.message.message_id == letter.message.message_id) {
                    continue;
                }
                // One that was put back, tried, and is here again.
                if letter.sent_at() > began {
                    kept.push(letter);
                    continue;
                }
                idle = 0;
                let told = Told::of(&letter);
                let Some(id) = &letter.record else {
                    moved.left.push(told);
                    kept.push(letter);
                    continue;
                };
                let item = record::find(stack, id).await?.unwrap_or_default();
                if record::state(&item) == State::Closed {
                    moved.dropped.push(told);
                } else {
                    send(stack, to, &letter).await?;
                    moved.moved.push(told);
                }
                delete(stack, from, &letter).await?;
            }
            terminal::tell(format_args!(
                "{} put back, {} dropped",
                moved.moved.len(),
                moved.dropped.len()
            ));
        }
        for letter in &kept {
            dead_letters::release(stack, from, letter).await;
        }
        Ok(moved)
    }

    async fn emit_again(&self, stack: &Stack, queue: &str) -> Result<Report, Error> {
        let mut letters = Vec::new();
        while letters.len() < PLACES {
            let received = dead_letters::receive(stack, queue, HIDDEN_FOR).await?;
            if received.is_empty() {
                break;
            }
            letters.extend(received);
        }
        let mut report = Report { queue: queue.to_owned(), ..Report::default() };
        let places: Vec<_> = letters.iter().map(Position::of).collect();
        let known = account(stack, &places, &mut report).await?;
        for (letter, place) in letters.iter().zip(&places) {
            let found = known.iter().filter(|at| place.has(at)).count();
            // Every record that a letter may stand for is on the bus by now, or was settled before.
            if found >= place.records {
                delete(stack, queue, letter).await?;
            } else {
                let reason = format!(
                    "it stands for {} of the stream's records, and {found} were received or accepted in its time; delete it by hand once it is known why",
                    place.records
                );
                report.left.push(Told { id: None, reason });
                dead_letters::release(stack, queue, letter).await;
            }
        }
        Ok(report)
    }
}

/// Puts onto the bus whatever `places` may mean and is not settled. The times at which the records
/// that are there, settled or not, came into the stream: received, or accepted.
async fn account(
    stack: &Stack,
    places: &[Position],
    report: &mut Report,
) -> Result<Vec<Timestamp>, Error> {
    let Some(since) = places.iter().map(|place| place.from).min() else {
        return Ok(Vec::new());
    };
    let routing = Routing::of(&stack.template)?;
    let now = Timestamp::now();
    let time = |item: &Item, name| text(item, name).and_then(|at| at.parse::<Timestamp>().ok());
    let since = When::At(since).as_seen(now);
    // Also what the letters do not mean: a pipe that gave one record up may have lost the next.
    let until = When::At(now).as_seen(now);
    let mut meant = emit::unsettled(stack, &routing, since, until).await?;
    let mut known: Vec<Timestamp> =
        meant.iter().filter_map(|item| time(item, "accepted_at")).collect();
    for (from, to) in spans(places) {
        let (since, until) = (When::At(from).as_seen(now), When::At(to).as_seen(now));
        for item in (Wanted { since, until, ..Wanted::default() }).all(stack).await? {
            let state = record::state(&item);
            // A conflict that nobody accepted never was the pipe's.
            if state == State::Conflict {
                continue;
            }
            known.extend(time(&item, "received_at"));
            // What nobody settles has an event all the same.
            let is_open = state == State::Recorded || state == State::Held;
            let same = |other: &Item| text(other, "id") == text(&item, "id");
            if is_open && !meant.iter().any(same) {
                meant.push(item);
            }
        }
    }
    for item in &meant {
        let id = text(item, "id").unwrap_or_default();
        let item = record::get(stack, id).await?;
        emit::put(stack, &routing, &item).await?;
        let reason = "its pipe gave up".to_owned();
        report.moved.push(Told { id: Some(id.to_owned()), reason });
    }
    Ok(known)
}

/// A place in the stream: what a letter of a pipe names, as AWS documents it for Lambda's and Pipes'
/// readers of streams.
#[derive(Debug, PartialEq, Eq)]
struct Position {
    /// From when its records may be.
    from: Timestamp,
    /// Until when they may be.
    to: Timestamp,
    /// How many the letter stands for.
    records: usize,
}

impl Position {
    fn of(letter: &DeadLetter) -> Self {
        let body = letter.message.body().and_then(|body| serde_json::from_str(body).ok());
        let body: Value = body.unwrap_or_default();
        let batch = &body["DDBStreamBatchInfo"];
        let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
        // The clocks of who received, of who accepted and of the stream need not agree.
        let before = |at: Timestamp| at.checked_sub(MARGIN).unwrap_or(at);
        let after = |at: Timestamp| at.checked_add(MARGIN).unwrap_or(at);
        let sent = Some(letter.sent_at()).filter(|sent| *sent > 0);
        let sent = sent.and_then(|sent| Timestamp::from_millisecond(sent).ok());
        let sent = sent.unwrap_or_else(Timestamp::now);
        let given_up = time(&body["timestamp"]).unwrap_or(sent).min(sent);
        let oldest = given_up.checked_sub(STREAM_KEEPS).unwrap_or(Timestamp::MIN);
        let first = time(&batch["approximateArrivalOfFirstRecord"]);
        let last = time(&batch["approximateArrivalOfLastRecord"]);
        let records = batch["batchSize"].as_u64().and_then(|size| size.try_into().ok());
        Self {
            from: before(first.unwrap_or(oldest)),
            to: after(last.unwrap_or(sent)),
            records: records.unwrap_or(1).max(1),
        }
    }

    fn has(&self, at: &Timestamp) -> bool {
        (self.from..=self.to).contains(at)
    }
}

/// The times of all of `places`, each once, in order.
fn spans(places: &[Position]) -> Vec<(Timestamp, Timestamp)> {
    let mut times: Vec<_> = places.iter().map(|place| (place.from, place.to)).collect();
    times.sort_unstable();
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in times {
        match spans.last_mut() {
            Some((_, until)) if from <= *until => *until = to.max(*until),
            _ => spans.push((from, to)),
        }
    }
    spans
}

async fn send(stack: &Stack, to: &str, letter: &DeadLetter) -> Result<(), Error> {
    let body = letter.message.body().unwrap_or_default();
    let send = stack.clients.sqs.send_message().queue_url(stack.name_of(to)?).message_body(body);
    send.send().await.map(drop).map_err(stack.failed("SQS"))
}

async fn delete(stack: &Stack, from: &str, letter: &DeadLetter) -> Result<(), Error> {
    let receipt = letter.message.receipt_handle().unwrap_or_default();
    let delete = stack.clients.sqs.delete_message();
    let delete = delete.queue_url(stack.name_of(from)?).receipt_handle(receipt);
    delete.send().await.map(drop).map_err(stack.failed("SQS"))
}

impl Report {
    fn to_text(&self) -> String {
        let mut lines = vec![format!(
            "{}: {} put back, {} dropped, {} left",
            self.queue,
            self.moved.len(),
            self.dropped.len(),
            self.left.len()
        )];
        for (what, letters) in
            [("put back", &self.moved), ("dropped, closed", &self.dropped), ("left", &self.left)]
        {
            lines.extend(letters.iter().map(|letter| {
                let id = letter.id.as_deref().unwrap_or("no record");
                visible(&format!("{what}: {id} ({})", letter.reason)).into_owned()
            }));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn position(body: &Value, sent: &str) -> Position {
        let sent = at(sent).as_millisecond().to_string();
        let message = Message::builder()
            .body(body.to_string())
            .attributes(MessageSystemAttributeName::SentTimestamp, sent)
            .build();
        Position::of(&DeadLetter::of(message))
    }

    #[test]
    fn a_letter_says_where_its_records_are() {
        let body = json!({
            "timestamp": "2026-11-22T17:00:00.500Z",
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000001573689847184-864758bb",
                "startSequenceNumber": "800000000003126276362",
                "endSequenceNumber": "800000000003126276362",
                "approximateArrivalOfFirstRecord": "2026-11-21T18:00:00Z",
                "approximateArrivalOfLastRecord": "2026-11-21T18:00:02Z",
                "batchSize": 3,
            },
        });
        let expected = Position {
            from: at("2026-11-21T17:59:00Z"),
            to: at("2026-11-21T18:01:02Z"),
            records: 3,
        };
        assert_eq!(position(&body, "2026-11-22T17:00:01Z"), expected);
    }

    #[test]
    fn a_letter_that_does_not_say_so_may_mean_all_that_the_stream_keeps() {
        for body in [json!({"timestamp": "2026-11-22T17:00:00Z"}), json!({}), json!([1])] {
            let expected = Position {
                from: at("2026-11-21T16:59:00Z"),
                to: at("2026-11-22T17:01:00Z"),
                records: 1,
            };
            assert_eq!(position(&body, "2026-11-22T17:00:00Z"), expected, "{body}");
        }
    }

    #[test]
    fn times_that_touch_are_one() {
        let place = |from: i64, to: i64| {
            let at = |second| Timestamp::from_second(second).expect("a time");
            Position { from: at(from), to: at(to), records: 1 }
        };
        let spans = spans(&[place(50, 60), place(1, 5), place(4, 9), place(9, 9), place(2, 3)]);
        let seconds: Vec<_> = spans.iter().map(|(a, b)| (a.as_second(), b.as_second())).collect();
        assert_eq!(seconds, [(1, 9), (50, 60)]);
    }
}
