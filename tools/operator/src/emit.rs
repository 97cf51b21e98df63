//! `re-emit`: a record, sent to its settler's queue and put onto the bus once more.
//!
//! What is sent is what the stream told of the record when it was new, by the same code. Settling it again is safe: every
//! effect is made once by a condition of its own.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tables::callbacks::{Choice, Decision, DecisionOutcome, Standing, State, Stored};
use terminal::visible;

use crate::command::WHY;
use crate::decide::By;
use crate::error::Error;
use crate::listing::Wanted;
use crate::record::{self, Item, text};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::time_arg::{When, span};

/// The options of `re-emit`.
#[derive(Debug, Args)]
pub struct ReEmit {
    /// Their ids
    #[arg(required_unless_present = "unsettled")]
    ids: Vec<String>,
    /// All that are recorded, have something to settle, and are older than --older-than; and all that were
    /// accepted so long ago and are not settled, whenever they were received
    #[arg(long, conflicts_with = "ids")]
    unsettled: bool,
    /// With --unsettled: how old
    #[arg(long, default_value = "15m", value_parser = span)]
    older_than: SignedDuration,
    /// With --unsettled: received since
    #[arg(long, default_value = "14d", value_parser = When::parse)]
    since: When,
    /// Why, for a refused record, which is opened again; it is kept on the record
    #[arg(long, default_value = "emitted again")]
    reason: String,
    #[command(flatten)]
    by: By,
}

impl ReEmit {
    /// What is to be printed, and whether all of it is done.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<(String, bool), Error> {
        let routing = Routing::of(&stack.template)?;
        let ids = if self.unsettled {
            let now = Timestamp::now();
            let until = When::Ago(self.older_than).as_seen(now);
            let found = unsettled(stack, &routing, self.since.as_seen(now), until).await?;
            found.iter().filter_map(|item| text(item, "id").map(str::to_owned)).collect()
        } else {
            self.ids.clone()
        };
        let (mut emitted, mut not) = (Vec::new(), Vec::new());
        for (number, id) in ids.iter().enumerate() {
            if number > 0 && number % 100 == 0 {
                terminal::tell(format_args!("{number} of {}", ids.len()));
            }
            match self.one(stack, &routing, id).await {
                Ok(()) => emitted.push(id.clone()),
                Err(failure) if failure.exit_code() == 1 => {
                    not.push((id.clone(), failure.to_string()));
                }
                Err(failure) => return Err(failure),
            }
        }
        let done = not.is_empty();
        if json {
            let not: Vec<_> =
                not.iter().map(|(id, why)| json!({"id": id, "problem": why})).collect();
            let said = json!({"emitted": emitted, "not_emitted": not});
            return Ok((terminal::json(&said)?, done));
        }
        let mut lines: Vec<_> =
            emitted.iter().map(|id| format!("Emitted {}", visible(id))).collect();
        lines.extend(not.iter().map(|(_, why)| format!("Not emitted: {}", visible(why))));
        if lines.is_empty() {
            lines.push("There is none to emit.".to_owned());
        }
        Ok((lines.join("\n"), done))
    }

    async fn one(&self, stack: &Stack, routing: &Routing, id: &str) -> Result<(), Error> {
        let item = record::get(stack, id).await?;
        match record::state(&item) {
            Stored::Known(State::Conflict) => {
                let accept = stack.commands.operator(&["accept", id, "--reason", WHY]);
                let problem =
                    format!("{id} is a conflict, which is emitted once accepted: {accept}");
                return Err(Error::Refused(problem));
            }
            Stored::Known(State::Closed) => {
                return Err(Error::Refused(format!("{id} is closed, and has no further effect")));
            }
            Stored::Known(State::Refused) => self.reopen(stack, id).await?,
            _ => {}
        }
        put(stack, routing, &item).await
    }

    /// Opens a record that a third party refused, so that it is tried again.
    async fn reopen(&self, stack: &Stack, id: &str) -> Result<(), Error> {
        let decision = Decision {
            choice: Choice::Reopen,
            from: State::Refused,
            by: self.by.name(stack).await?,
            at: Timestamp::now(),
            reason: self.reason.clone(),
        };
        match stack.store()?.decide(id, &decision).await? {
            DecisionOutcome::Done => Ok(()),
            DecisionOutcome::NoRecord => Err(Error::NoRecord(id.to_owned())),
            DecisionOutcome::NotIn(state) => {
                Err(Error::Refused(format!("{id} is {state} by now; look at it again")))
            }
        }
    }
}

/// Sends `item`, a whole record, to its queue and the bus. One that was accepted and that nobody settles ends
/// with it: whoever accepted it may have been interrupted before that.
pub async fn put(stack: &Stack, routing: &Routing, item: &Item) -> Result<(), Error> {
    let id = text(item, "id").unwrap_or_default();
    let not_sent = || Error::Refused(format!("{id} is no record that can be sent"));
    let news = routing.news(item).ok_or_else(not_sent)?;
    let sent = routing.sender(stack)?.send(&[&news]).await;
    if let Some(refusal) = sent.into_iter().flatten().next() {
        return Err(Error::Service {
            service: "the queue or the bus",
            problem: refusal.reason().to_owned(),
            at: stack.address("SQS"),
        });
    }
    if record::is_accepted(item) && routing.queues(item).is_empty() {
        stack.store()?.end_accepted(id, Timestamp::now()).await?;
    }
    Ok(())
}

/// What was received between `since` and `until`, is recorded and goes to a queue; and what was accepted
/// until `until` and is not settled, whenever it was received: what the indexes hold.
pub async fn unsettled(
    stack: &Stack,
    routing: &Routing,
    since: String,
    until: String,
) -> Result<Vec<Item>, Error> {
    let mut items = accepted(stack, &until).await?;
    let wanted =
        Wanted { states: &[Standing::In(State::Recorded)], since, until, ..Wanted::default() };
    let mut recorded = wanted.all(stack).await?;
    recorded.retain(|item| !routing.queues(item).is_empty());
    let known = |item: &Item| items.iter().any(|known| text(known, "id") == text(item, "id"));
    recorded.retain(|item| !known(item));
    items.extend(recorded);
    items.sort_by(|a, b| text(b, "received_at").cmp(&text(a, "received_at")));
    Ok(items)
}

/// What was accepted until `until` and is not settled, however long ago it was received.
pub async fn accepted(stack: &Stack, until: &str) -> Result<Vec<Item>, Error> {
    let wanted = Wanted { states: &[Standing::Accepted], ..Wanted::default() };
    let mut items = Vec::new();
    for listed in wanted.all(stack).await? {
        // No index holds when it was accepted.
        let id = text(&listed, "id").unwrap_or_default();
        let Some(item) = record::find(stack, id).await? else { continue };
        let waits = record::is_accepted(&item);
        if waits && text(&item, "accepted_at").is_some_and(|at| at <= until) {
            items.push(item);
        }
    }
    Ok(items)
}
