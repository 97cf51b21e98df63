//! `list`: records by provider, outcome and time, newest first.

use anstyle::{AnsiColor, Style};
use bundle::folder::Folder;
use bundle::provider::{PROVIDERS, ProviderEntry};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use tables::callbacks::{Standing, State, Stored};
use terminal::{Column, table, word};

use crate::cursor::Cursor;
use crate::dead_records;
use crate::error::Error;
use crate::listing::Wanted;
use crate::part::{Part, whole};
use crate::record::Row;
use crate::stack::Stack;
use crate::time_arg::When;

/// The options of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Of this provider only
    #[arg(long)]
    provider: Option<String>,
    /// Of this user only
    #[arg(long, value_parser = whole)]
    user: Option<String>,
    /// With an id that has this in it only; `…` stands for its middle
    #[arg(long, value_name = "PART", value_parser = Part::parse)]
    id: Option<Part>,
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

impl Outcome {
    /// How many records have it, `most` at most, by the indexes alone: a dead letter that its record does not know of
    /// is not looked for.
    ///
    /// # Errors
    ///
    /// What DynamoDB says.
    pub async fn count(self, stack: &Stack, most: usize) -> Result<usize, Error> {
        let wanted = Wanted { states: self.standings(), ..Wanted::default() };
        Ok(wanted.page(stack, most).await?.items.len())
    }
}

/// The columns on a terminal: together with what is between them, eighty at least.
const COLUMNS: [Column; 7] = [
    Column { heading: "Age", least: 4, right: true },
    Column { heading: "State", least: 9, right: false },
    Column { heading: "Reason", least: 8, right: false },
    Column { heading: "Kind", least: 10, right: false },
    Column { heading: "User", least: 9, right: false },
    Column { heading: "Reward", least: 8, right: true },
    Column { heading: "Id", least: 15, right: false },
];

/// Which of them has the state.
const STATE: usize = 1;

/// That there is a provider called `name`: of another nothing can be there, which says nothing of what is.
fn known(stack: &Stack, name: &str) -> Result<(), Error> {
    let described = Folder::default().names().unwrap_or_default();
    if ProviderEntry::named(name).is_some() || described.iter().any(|known| known == name) {
        return Ok(());
    }
    let own = PROVIDERS.iter().map(|provider| provider.name.to_owned());
    let known: Vec<_> = own.chain(stack.contracts()).collect();
    Err(Error::Refused(format!("there is no provider {name}, but {}", known.join(", "))))
}

/// How long ago `at` was, in the largest unit that it has one of.
fn age(at: &str, now: Timestamp) -> String {
    let Ok(at) = at.parse::<Timestamp>() else { return at.to_owned() };
    match now.duration_since(at).as_secs().max(0) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// How the state of a record looks: as what needs a person, what is over and well, or neither.
fn style(row: &Row) -> Style {
    match &row.state {
        Stored::Known(state) if state.needs_attention() => AnsiColor::Red.on_default(),
        Stored::Known(State::Retrying | State::Waiting) => AnsiColor::Yellow.on_default(),
        Stored::Known(State::Credited | State::Debited | State::Redeemed | State::Delivered) => {
            AnsiColor::Green.on_default()
        }
        _ => Style::new(),
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
        if let Some(name) = &self.provider {
            known(stack, name)?;
        }
        let now = Timestamp::now();
        let time = |when: Option<When>| when.map_or_else(String::new, |when| when.as_seen(now));
        let wanted = Wanted {
            provider: self.provider.as_deref(),
            user: self.user.as_deref(),
            id: self.id.as_ref(),
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
        let width = terminal::width();
        let rows: Vec<_> = records
            .iter()
            .map(|row| {
                let at = &row.received_at;
                [
                    if width.is_some() { age(at, now) } else { at.clone() },
                    row.standing(),
                    row.reason.as_ref().map_or_else(String::new, ToString::to_string),
                    row.kind.clone(),
                    row.user.clone(),
                    row.reward(),
                    row.id.clone(),
                ]
            })
            .collect();
        let mut text = if let Some(width) = width {
            let coloured = terminal::is_coloured();
            let plain = Style::new();
            let tone = |row: usize| if coloured { style(&records[row]) } else { plain };
            let style = |row, column| if column == STATE { tone(row) } else { plain };
            terminal::fitting_table(COLUMNS, &rows, width, style)
        } else {
            // Whatever else reads it gets it whole.
            let mut headings = COLUMNS.map(|column| column.heading);
            headings[0] = "Received";
            table(headings, None, &rows)
        };
        if let Some(next) = next {
            text = format!("{text}\nThere are more: --after {}", word(&next));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_fits_eighty_columns_and_shows_more_in_more() {
        let long = "an-id-of-a-user-that-is-as-long-as-they-come-0123456789".repeat(3);
        let row = [
            "12m",
            "without_effect",
            "disagrees_with_what_it_reverses",
            "offer_completion_reversed",
            &long,
            "9007199254740993.01 Coins",
            &long,
        ];
        let rows = [row.map(str::to_owned)];
        let mut before = 0;
        for width in 80..=400 {
            let text = terminal::fitting_table(COLUMNS, &rows, width, |_, _| Style::new());
            let longest = text.lines().map(|line| line.chars().count()).max().expect("lines");
            assert!(longest <= width && longest >= before, "{width}: {text}");
            before = longest;
        }
        assert!(before > 380, "{before}");
    }

    #[test]
    fn an_age_is_in_its_largest_unit() {
        let now = "2026-11-27T12:00:00Z".parse().expect("a time");
        for (at, expected) in [
            ("2026-11-27T12:00:03.000Z", "0s"),
            ("2026-11-27T11:59:01.000Z", "59s"),
            ("2026-11-27T11:01:00.000Z", "59m"),
            ("2026-11-26T13:00:00.000Z", "23h"),
            ("2026-10-28T12:00:00.000Z", "30d"),
            ("no time", "no time"),
        ] {
            assert_eq!(age(at, now), expected, "{at}");
        }
    }
}
