//! `conflicts`: conflicting records side by side with the records that they differ from.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;
use tables::callbacks::{Standing, State};
use terminal::{table, visible, word};

use crate::cursor::Cursor;
use crate::differences::{Difference, differences};
use crate::error::Error;
use crate::listing::Wanted;
use crate::part::{self, Part};
use crate::record::{self, Item, Row, text};
use crate::stack::Stack;

/// The options of `conflicts`.
#[derive(Debug, Args)]
pub struct Conflicts {
    /// This record only, decided or not
    id: Option<String>,
    /// Of this provider only
    #[arg(long)]
    provider: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// The page after the one that ended with this `next`
    #[arg(long, value_parser = Cursor::parse)]
    after: Option<Cursor>,
}

#[derive(Debug, Serialize)]
struct Listed {
    conflicts: Vec<Pair>,
    next: Option<String>,
}

/// A conflict, and what it differs from.
#[derive(Debug, Serialize)]
struct Pair {
    conflict: Row,
    /// The record that came first; null where it is not kept any more.
    genuine: Option<Row>,
    differs: Vec<Difference>,
}

impl Conflicts {
    /// What is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let (items, next) = if let Some(id) = &self.id {
            (vec![part::get(stack, id).await?], None)
        } else {
            let wanted = Wanted {
                provider: self.provider.as_deref(),
                states: &[Standing::In(State::Conflict)],
                after: self.after.clone(),
                ..Wanted::default()
            };
            let page = wanted.page(stack, self.limit.into()).await?;
            (page.items, page.next.map(|next| next.to_string()))
        };
        let mut conflicts = Vec::with_capacity(items.len());
        for item in &items {
            conflicts.push(Pair::of(stack, item).await?);
        }
        if json {
            return Ok(terminal::json(&Listed { conflicts, next })?);
        }
        if conflicts.is_empty() {
            return Ok("There is none.".to_owned());
        }
        let mut text: String = conflicts.iter().map(Pair::to_text).collect::<Vec<_>>().join("\n");
        if let Some(next) = next {
            let _ = write!(text, "\nThere are more: --after {}", word(&next));
        }
        Ok(text)
    }
}

/// The id of the last conflict that waits for a person and came second to the record `id`.
///
/// # Errors
///
/// What DynamoDB says.
pub async fn with(stack: &Stack, id: &str) -> Result<Option<String>, Error> {
    // Its id begins with that one's (`tables::callbacks::conflict`).
    let Ok(begin) = Part::parse(&format!("{id}#…")) else { return Ok(None) };
    let states = &[Standing::In(State::Conflict)];
    let wanted = Wanted { states, id: Some(&begin), ..Wanted::default() };
    let found = wanted.page(stack, 1).await?.items;
    Ok(found.first().and_then(|item| text(item, "id")).map(str::to_owned))
}

impl Pair {
    async fn of(stack: &Stack, listed: &Item) -> Result<Self, Error> {
        let id = text(listed, "id").unwrap_or_default();
        let conflict = record::get(stack, id).await?;
        let Some(with) = text(&conflict, "conflicts_with") else {
            return Err(Error::Refused(format!("{id} conflicts with nothing")));
        };
        let genuine = record::find(stack, with).await?;
        let differs = genuine.as_ref().map(|genuine| differences(genuine, &conflict));
        Ok(Self {
            conflict: Row::of(&conflict),
            genuine: genuine.as_ref().map(Row::of),
            differs: differs.unwrap_or_default(),
        })
    }

    fn to_text(&self) -> String {
        let of = |value: &Option<Box<RawValue>>| match value {
            None => "-".to_owned(),
            Some(raw) => serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()),
        };
        let mut rows: Vec<_> = self
            .differs
            .iter()
            .map(|it| [it.field.clone(), of(&it.genuine), of(&it.conflict)])
            .collect();
        let gone = || "not kept any more".to_owned();
        let state = self.genuine.as_ref().map_or_else(gone, |row| row.state.to_string());
        rows.insert(0, ["state".to_owned(), state, self.conflict.state.to_string()]);
        let id = visible(&self.conflict.id);
        format!("{id}\n\n{}", table(["Field", "Recorded first", "Conflict"], None, &rows))
    }
}
