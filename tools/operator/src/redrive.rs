//! `redrive`: puts a dead-letter queue's messages back where they came from.
//!
//! Each is received, sent, and deleted, in this order: broken off anywhere, one is there twice at most,
//! and settling twice is safe. What comes back meanwhile is not moved again. A letter of the
//! function that reads the stream has no queue that it came from: its record is sent as it is in the table
//! now.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use tables::callbacks::State;
use terminal::visible;

use crate::dead_letters::{self, DeadLetter};
use crate::emit;
use crate::error::Error;
use crate::record;
use crate::routing::Routing;
use crate::stack::Stack;

/// How long letters are nobody else's while they are moved, in seconds.
const HIDDEN_FOR: i32 = 120;

/// How often nothing but what is known may be received before there is nothing else.
const ENOUGH: u32 = 3;

/// The options of `redrive`.
#[derive(Debug, Args)]
pub struct Redrive {
    /// The queue: ledger, appvirality-redemption, giveaway-delivery, devtodev-delivery or dispatch; or a
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
            self.put_back(stack, queue, dead_letters::source(stack, queue)).await?
        };
        let nothing_left = moved.left.is_empty();
        let text = match (json, self.dry_run) {
            (true, _) => terminal::json(&moved)?,
            (false, true) => {
                moved.to_text(&format!("{} in it, and nothing was moved", moved.left.len()))
            }
            (false, false) => moved.to_text(&format!(
                "{} put back, {} dropped, {} left",
                moved.moved.len(),
                moved.dropped.len(),
                moved.left.len()
            )),
        };
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

    async fn put_back(&self, stack: &Stack, from: &str, to: Option<&str>) -> Result<Report, Error> {
        let routing = Routing::of(&stack.template)?;
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
                let sent = match to {
                    _ if record::state(&item) == State::Closed => {
                        moved.dropped.push(told);
                        delete(stack, from, &letter).await?;
                        continue;
                    }
                    Some(queue) => send(stack, queue, &letter).await,
                    None => emit::put(stack, &routing, &item).await,
                };
                match sent {
                    Ok(()) => moved.moved.push(told),
                    // It is no record that can be sent, as before.
                    Err(failure @ Error::Refused(_)) => {
                        moved.left.push(Told { reason: failure.to_string(), ..told });
                        kept.push(letter);
                        continue;
                    }
                    Err(failure) => return Err(failure),
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
    fn to_text(&self, sum: &str) -> String {
        let mut lines = vec![format!("{}: {sum}", self.queue)];
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
