//! `list`: records by provider, outcome and time, newest first.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use tables::callbacks::{Standing, State};
use terminal::{table, word};

use crate::cursor::Cursor;
use crate::dead_records;
use crate::error::Error;
use crate::listing::Wanted;
use crate::record::Row;
use crate::stack::Stack;
use crate::time_arg::When;

/// The options of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Of this provider only
    #[arg(long)]
    provider: Option<String>,
    /// With this outcome only
    #[arg(long)]
    outcome: Option<Outcome>,
    /// Received since: 2026-11-21T18:00:00Z, or so long ago: 15m, 24h, 7d
    #[arg(long, value_parser = When::parse)]
    since: Option<When>,
    /// Received until, in the same form
    #[arg(long, value_parser = When::parse)]
    until: Option<When>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// The page after the one that ended with this `next`
    #[arg(long, value_parser = Cursor::parse)]
    after: Option<Cursor>,
}

/// What became of a record so far.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Outcome {
    /// Recorded, and not settled yet or nothing to settle
    Recorded,
    /// Waits for a person: accept it or close it
    Held,
    /// Differs from the record that has its identity
    Conflict,
    /// Accepted by a person, and not settled yet
    Accepted,
    /// An attempt failed, and there will be another one
    Retrying,
    /// Waits for a provider: a review, the completion of an offer
    Waiting,
    /// Credited, debited, redeemed or delivered, or accepted with nothing to settle
    Settled,
    /// A third party refused it for good
    Refused,
    /// The provider rejected the reward
    Rejected,
    /// Given up: a dead letter
    DeadLetter,
    /// Closed by a person
    Closed,
    /// Held, conflict, refused, dead letter: what needs a person; and what one accepted, until it is settled
    Attention,
}

impl Outcome {
    /// Where the records stand that have it.
    #[must_use]
    pub const fn standings(self) -> &'static [Standing] {
        use Standing::{Accepted, In};
        match self {
            Self::Recorded => &[In(State::Recorded)],
            Self::Held => &[In(State::Held)],
            Self::Conflict => &[In(State::Conflict)],
            Self::Accepted => &[Accepted],
            Self::Retrying => &[In(State::Retrying)],
            Self::Waiting => &[In(State::Waiting)],
            Self::Settled => &[
                In(State::Credited),
                In(State::Debited),
                In(State::Redeemed),
                In(State::Delivered),
                In(State::WithoutEffect),
            ],
            Self::Refused => &[In(State::Refused)],
            Self::Rejected => &[In(State::Rejected)],
            Self::DeadLetter => &[In(State::Dead)],
            Self::Closed => &[In(State::Closed)],
            Self::Attention => &[
                In(State::Held),
                In(State::Conflict),
                In(State::Refused),
                In(State::Dead),
                Accepted,
            ],
        }
    }
}

/// A page of records.
#[derive(Debug, Serialize)]
struct Listed {
    records: Vec<Row>,
    next: Option<String>,
}

impl List {
    /// What is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let now = Timestamp::now();
        let time = |when: Option<When>| when.map_or_else(String::new, |when| when.as_seen(now));
        let wanted = Wanted {
            provider: self.provider.as_deref(),
            states: self.outcome.map_or(&[], Outcome::standings),
            since: time(self.since),
            until: time(self.until),
            after: self.after.clone(),
            fresh: match self.outcome {
                Some(Outcome::DeadLetter | Outcome::Attention) => {
                    dead_records::mark_all(stack).await?
                }
                _ => Vec::new(),
            },
        };
        let page = wanted.page(stack, self.limit.into()).await?;
        let records: Vec<_> = page.items.iter().map(Row::of).collect();
        let next = page.next.map(|next| next.to_string());
        if json {
            return Ok(terminal::json(&Listed { records, next })?);
        }
        if records.is_empty() {
            return Ok("There is none.".to_owned());
        }
        let rows: Vec<_> = records
            .iter()
            .map(|row| {
                [
                    row.received_at.clone(),
                    row.standing(),
                    row.reason.as_ref().map_or_else(String::new, ToString::to_string),
                    row.kind.clone(),
                    row.user.clone(),
                    row.reward(),
                    row.id.clone(),
                ]
            })
            .collect();
        let headings = ["Received", "State", "Reason", "Kind", "User", "Reward", "Id"];
        let mut text = table(headings, None, &rows);
        if let Some(next) = next {
            text = format!("{text}\nThere are more: --after {}", word(&next));
        }
        Ok(text)
    }
}
