//! `redrive`: puts a dead-letter queue's messages back where they came from.
//!
//! Each is received, sent, and deleted, in this order: broken off anywhere, one is there twice at most,
//! and settling twice is safe. What comes back meanwhile is not moved again. The letters of the pipes
//! name a place in the stream instead of a record; for them, what is recorded and not settled from that
//! time is put onto the bus again.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::emit;
use crate::failure::Failure;
use crate::letters::{self, Letter};
use crate::record::{self, text};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::when::When;

/// How long letters are nobody else's while they are moved, in seconds.
const HIDDEN_FOR: i32 = 120;

/// How often nothing but what is known may be received before there is nothing else.
const ENOUGH: u32 = 3;

/// How far back the letters of the pipes may lead: as long as a stream keeps a record.
const STREAM_KEEPS: SignedDuration = SignedDuration::from_hours(24);

/// Which queue.
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
    /// Put back.
    moved: Vec<Told>,
    /// Deleted: their records are closed.
    dropped: Vec<Told>,
    /// Still there: nobody can say what they are about.
    left: Vec<Told>,
}

/// A letter in the report.
#[derive(Debug, Serialize)]
struct Told {
    id: Option<String>,
    reason: String,
}

impl Told {
    fn of(letter: &Letter) -> Self {
        Self { id: letter.record.clone(), reason: letter.reason().to_owned() }
    }
}

impl Redrive {
    /// What is to be printed, and whether nothing is left.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<(String, bool), Failure> {
        let queue = self.dead_letters(stack)?;
        let moved = if self.dry_run {
            let letters = letters::look(stack, queue).await?;
            let left = letters.iter().map(Told::of).collect();
            Report { queue: queue.to_owned(), left, ..Report::default() }
        } else {
            match letters::source(stack, queue) {
                Some(source) => self.put_back(stack, queue, source).await?,
                None => self.emit_again(stack, queue).await?,
            }
        };
        let nothing_left = moved.left.is_empty();
        let text = if json { serde_json::to_string_pretty(&moved)? } else { moved.to_text() };
        Ok((text, nothing_left || self.dry_run))
    }

    /// The logical id of the dead-letter queue that is meant.
    fn dead_letters<'a>(&self, stack: &'a Stack) -> Result<&'a str, Failure> {
        let plain = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.collect::<String>().to_ascii_lowercase()
        };
        let wanted = plain(&self.queue);
        let queues = stack.resources("AWS::SQS::Queue");
        let dead: Vec<_> =
            queues.iter().copied().filter(|id| letters::of_queue(stack, id).is_none()).collect();
        let stem = |id: &str| plain(id).trim_end_matches("deadletters").to_owned();
        let meant = |id: &&str| {
            let stem = stem(id);
            [stem.clone(), format!("{stem}queue"), plain(id)].contains(&wanted)
        };
        dead.iter().copied().find(meant).ok_or_else(|| {
            let known = dead.join(", ");
            Failure::Refused(format!("{} is no queue with dead letters: {known}", self.queue))
        })
    }

    async fn put_back(&self, stack: &Stack, from: &str, to: &str) -> Result<Report, Failure> {
        let began = Timestamp::now().as_millisecond();
        let mut moved = Report { queue: from.to_owned(), ..Report::default() };
        let mut kept: Vec<Letter> = Vec::new();
        let mut idle = 0;
        while idle < ENOUGH {
            let received = letters::receive(stack, from, HIDDEN_FOR).await?;
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
                if text(&item, "state") == Some("closed") {
                    moved.dropped.push(told);
                } else {
                    send(stack, to, &letter).await?;
                    moved.moved.push(told);
                }
                delete(stack, from, &letter).await?;
            }
            eprintln!("{} put back, {} dropped", moved.moved.len(), moved.dropped.len());
        }
        for letter in &kept {
            letters::let_go(stack, from, letter).await;
        }
        Ok(moved)
    }

    async fn emit_again(&self, stack: &Stack, queue: &str) -> Result<Report, Failure> {
        let routing = Routing::of(&stack.template)?;
        let mut moved = Report { queue: queue.to_owned(), ..Report::default() };
        let mut received = Vec::new();
        loop {
            let more = letters::receive(stack, queue, HIDDEN_FOR).await?;
            if more.is_empty() {
                break;
            }
            received.extend(more);
        }
        let Some(since) = received.iter().filter_map(since).min() else { return Ok(moved) };
        let now = Timestamp::now();
        let (since, until) = (When::At(since).as_seen(now), When::At(now).as_seen(now));
        let items = emit::unsettled(stack, &routing, since, until).await?;
        for item in &items {
            let id = text(item, "id").unwrap_or_default();
            let item = record::get(stack, id).await?;
            emit::put(stack, &routing, &item).await?;
            let reason = "its pipe gave up".to_owned();
            moved.moved.push(Told { id: Some(id.to_owned()), reason });
        }
        for letter in &received {
            delete(stack, queue, letter).await?;
        }
        Ok(moved)
    }
}

/// The time from which records may be missing on the bus, by a letter of a pipe: when the first record of
/// its batch came into the stream, or as far back as there may be one.
fn since(letter: &Letter) -> Option<Timestamp> {
    let body: Value = serde_json::from_str(letter.message.body()?).ok()?;
    let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let first = time(&body["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"]);
    let given_up = time(&body["timestamp"]);
    let sent = Timestamp::from_millisecond(letter.sent_at()).ok();
    // A record is in the table before it is in the stream.
    let margin = SignedDuration::from_mins(1);
    first
        .and_then(|first| first.checked_sub(margin).ok())
        .or_else(|| given_up.or(sent)?.checked_sub(STREAM_KEEPS).ok())
}

async fn send(stack: &Stack, to: &str, letter: &Letter) -> Result<(), Failure> {
    let body = letter.message.body().unwrap_or_default();
    let send = stack.clients.sqs.send_message().queue_url(stack.name_of(to)?).message_body(body);
    send.send().await.map(drop).map_err(stack.failed("SQS"))
}

async fn delete(stack: &Stack, from: &str, letter: &Letter) -> Result<(), Failure> {
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
                crate::table::shown(&format!("{what}: {id} ({})", letter.reason))
            }));
        }
        lines.join("\n")
    }
}
