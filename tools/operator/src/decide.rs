//! `accept` and `close`: what a person decides about a record that waits for one.

use aws_sdk_dynamodb::types::AttributeValue;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use tables::callbacks::record::absent;
use tables::callbacks::{Choice, Decision, DecisionOutcome, State, Stored};
use terminal::visible;

use crate::dead_records;
use crate::error::Error;
use crate::record::{self, Item, Row, text};
use crate::routing::Routing;
use crate::stack::Stack;

/// About which record, and why.
#[derive(Debug, Args)]
pub struct Decide {
    /// Its id
    id: String,
    /// Why; it is kept on the record
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    #[command(flatten)]
    by: By,
}

/// The options of `accept` and `close`.
#[derive(Debug, Clone, Args)]
pub struct By {
    /// Who decides; without it whoever the AWS credentials belong to, or on this machine this user
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: Option<String>,
}

impl By {
    /// The name that is kept.
    pub async fn name(&self, stack: &Stack) -> Result<String, Error> {
        if let Some(name) = &self.by {
            return Ok(name.clone());
        }
        let Some(aws) = &stack.clients.aws else {
            return Ok(std::env::var("USER").unwrap_or_else(|_| "local".to_owned()));
        };
        let caller = aws.sts.get_caller_identity().send().await;
        let caller = caller.map_err(stack.failed("STS"))?;
        caller.arn.ok_or_else(|| Error::Refused("STS does not say who you are: --by".to_owned()))
    }
}

/// What an accepted conflict adds to.
#[derive(Debug, Args)]
pub struct Accept {
    #[command(flatten)]
    decide: Decide,
    /// Accept a conflict although the record that came first has its own effect: this one's comes on top
    #[arg(long)]
    yes: bool,
}

impl Accept {
    /// What is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let item = record::get(stack, &self.decide.id).await?;
        let row = Row::of(&item);
        if row.state == State::Conflict && !self.yes {
            Self::require_yes(stack, &row).await?;
        }
        let by = self.decide.put(stack, Choice::Accept, &row.state).await?;
        let settled_by = settled_by(stack, item)?;
        if settled_by.is_empty() {
            // Nobody comes back to it.
            stack.store()?.end_accepted(&row.id, Timestamp::now()).await?;
        }
        if json {
            let done = json!({
                "id": row.id, "decision": Choice::Accept.as_str(), "by": by, "from": row.state,
                "queues": settled_by,
            });
            return Ok(terminal::json(&done)?);
        }
        let follows = if settled_by.is_empty() {
            "There is nothing to settle about it; it goes to the bus.".to_owned()
        } else {
            let queues = settled_by.join(", ");
            format!(
                "It goes to the bus and to {queues} now, as a new record does, and is settled once."
            )
        };
        Ok(format!("Accepted by {}. {follows}", visible(&by)))
    }

    async fn require_yes(stack: &Stack, row: &Row) -> Result<(), Error> {
        let with = row.conflicts_with.as_deref().unwrap_or_default();
        let Some(genuine) = record::find(stack, with).await? else { return Ok(()) };
        let state = Row::of(&genuine).state;
        if matches!(state, Stored::Known(State::Closed | State::Rejected | State::Refused)) {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "{with} came first and is {state}. Accepting this one takes nothing back: it has its own \
             effect, {}in addition, under its own id. If that is meant: --yes",
            match row.reward() {
                reward if reward.is_empty() => String::new(),
                reward => format!("{reward}, "),
            }
        )))
    }
}

impl Decide {
    /// Closes the record: what is to be printed.
    pub async fn close(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let mut item = record::get(stack, &self.id).await?;
        let state = record::state(&item);
        if !Choice::Close.states().iter().any(|possible| state == *possible) {
            item = known_dead(stack, item).await?;
        }
        let row = Row::of(&item);
        let by = self.put(stack, Choice::Close, &row.state).await?;
        if json {
            let done: Value = json!({"id": row.id, "decision": Choice::Close.as_str(), "by": by, "from": row.state});
            return Ok(terminal::json(&done)?);
        }
        Ok(format!("Closed by {}. It has no further effect.", visible(&by)))
    }

    /// Puts the decision on the record: who decided.
    async fn put(
        &self,
        stack: &Stack,
        choice: Choice,
        from: &Stored<State>,
    ) -> Result<String, Error> {
        let by = self.by.name(stack).await?;
        let Stored::Known(from) = from else { return Err(self.not_in(from, choice)) };
        let decision = Decision {
            choice,
            from: *from,
            by: by.clone(),
            at: Timestamp::now(),
            reason: self.reason.clone(),
        };
        match stack.store()?.decide(&self.id, &decision).await? {
            DecisionOutcome::Done => Ok(by),
            DecisionOutcome::NoRecord => Err(Error::NoRecord(self.id.clone())),
            DecisionOutcome::NotIn(state) => Err(self.not_in(&state, choice)),
        }
    }

    /// That it cannot be decided in `state`.
    fn not_in(&self, state: &Stored<State>, choice: Choice) -> Error {
        let possible: Vec<_> = choice.states().iter().map(|state| state.as_str()).collect();
        Error::Refused(format!(
            "{} is {state}, and only a record that is {} can be {}; nothing was changed",
            self.id,
            possible.join(", "),
            choice.as_str(),
        ))
    }
}

/// The record `item`, which knows of a dead letter of its own after this.
async fn known_dead(stack: &Stack, item: Item) -> Result<Item, Error> {
    let id = text(&item, "id").unwrap_or_default();
    let routing = Routing::of(&stack.template)?;
    match dead_records::find(stack, &routing.queues(&item), id).await? {
        Some(_) => Ok(dead_records::mark_one(stack, id).await?.unwrap_or(item)),
        None => Ok(item),
    }
}

/// The queues that the record goes to once it is accepted.
fn settled_by(stack: &Stack, mut item: Item) -> Result<Vec<String>, Error> {
    let recorded = AttributeValue::S(State::Recorded.to_string());
    item.insert("state".to_owned(), recorded);
    // As accepting it does with a record from before there were settlers.
    item.entry("settler".to_owned())
        .or_insert_with(|| AttributeValue::S(absent::SETTLER.to_owned()));
    let routing = Routing::of(&stack.template)?;
    Ok(routing.queues(&item).into_iter().map(str::to_owned).collect())
}
