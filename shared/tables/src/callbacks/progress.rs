//! How far the settlement of a callback has come, on its record.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use verify::Amount;

use crate::callbacks::Store;
use crate::callbacks::due::Due;
use crate::callbacks::keys;
use crate::callbacks::reason::Reason;
use crate::callbacks::record::{Item, time};
use crate::callbacks::state::{Standing, State, Stored};
use crate::callbacks::tried::{AttemptNumber, Tried};
use crate::error::TableError;

/// How much of a third party's answer is kept, in bytes.
pub const LONGEST_REPLY: usize = 2 * 1024;

/// What was noted on a record with [`Store::note`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Notes(HashMap<String, String>);

impl Notes {
    /// The note `step`.
    #[must_use]
    pub fn get(&self, step: &str) -> Option<&str> {
        self.0.get(step).map(String::as_str)
    }
}

impl fmt::Debug for Notes {
    /// The names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far it has come.
    pub state: State,
    /// The HTTP status of the third party's answer, where one came.
    pub last_status: Option<u16>,
    /// That answer; what is longer than [`LONGEST_REPLY`] is cut off.
    pub reply: Option<String>,
    /// Why it is in this state.
    pub reason: Option<Reason>,
    /// When it is looked at again; none where nobody will by itself.
    pub due: Option<Due>,
    /// Which attempt it was; none where the record was not attempted.
    pub attempt: Option<AttemptNumber>,
    /// What was booked.
    pub booked: Option<Booked>,
}

/// What was booked for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// How much; below zero is a debit.
    pub amount: Amount,
    /// Its unit.
    pub unit: String,
    /// The user's balance in that unit as it was read afterwards, a number in DynamoDB's digits.
    pub balance: String,
    /// Of how many entries that is made. Of two balances the one with more of them is the later one.
    pub entries: u64,
}

impl Progress {
    /// Nothing but a state.
    #[must_use]
    pub const fn to(state: State) -> Self {
        Self {
            state,
            last_status: None,
            reply: None,
            reason: None,
            due: None,
            attempt: None,
            booked: None,
        }
    }

    /// A state and why it is in it.
    #[must_use]
    pub fn because(state: State, reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::to(state) }
    }

    /// The attempt that the record keeps: one that was made at the time `at` and did not settle it, for which there is
    /// always a reason.
    fn tried(&self, at: Timestamp) -> Option<Tried> {
        let (number, reason) = (self.attempt?.get(), Stored::Known(self.reason?));
        Some(Tried { number, at, status: self.last_status, reason })
    }
}

/// The states in which there is something to do; [`State::Dead`] is one, because a person may put the
/// dead letter back.
pub(crate) const OPEN: &[State] = &[State::Recorded, State::Retrying, State::Waiting, State::Dead];

/// The states from which a record becomes [`State::Dead`] without an attempt that says so.
pub const UNSETTLED: &[State] = &[State::Recorded, State::Retrying, State::Waiting];

/// What the attributes of notes begin with, so that none can be one of the record's own.
const STEP: &str = "step_";

impl Store {
    /// Says on the record `id` what an attempt came to, and ends its lease; a record that has ended, or is not
    /// there, stays as it is. What `progress` does not say of a reason or of when it is due is removed, of an answer
    /// stays as it was. An attempt that has a reason is kept beside earlier ones: see [`tried`](mod@crate::callbacks::tried).
    /// Whether the record is there.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether the record says so.
    pub async fn finish(
        &self,
        id: &str,
        now: Timestamp,
        progress: &Progress,
    ) -> Result<bool, TableError> {
        let shard = self.shards.wide().of(id);
        let mut change = Change::default();
        change.set("#state", text(progress.state.as_str()));
        let attention = Standing::In(progress.state).attention();
        change.set_or_remove("attention", attention.map(|it| text(&keys::attention(it, shard))));
        let settled_at = progress.state.is_final().then(|| text(&time(now)));
        change.set_or_remove("settled_at", settled_at);
        change.set_or_remove("reason", progress.reason.map(|reason| text(reason.as_str())));
        let due = progress.due.as_ref();
        change.set_or_remove("due_at", due.map(|due| text(&time(due.at()))));
        let key = due.and_then(|due| due.key(self.shards, id));
        change.set_or_remove("due", key.map(|key| text(&key)));
        change.set_or_remove("lease", None);
        change.set_or_remove("put_off", None);
        if let Some(status) = progress.last_status {
            change.set("last_status", number(status));
        }
        if let Some(reply) = &progress.reply {
            change.set("reply", text(beginning(reply)));
        }
        if let Some(AttemptNumber::Uncounted(attempt)) = progress.attempt {
            change.set("attempts", number(attempt));
            change.set("last_attempt_at", text(&time(now)));
        }
        if let Some(tried) = progress.tried(now) {
            change.set(&tried.name(), text(&tried.to_string()));
        }
        if let Some(booked) = &progress.booked {
            change.set("booked_amount", text(&booked.amount.to_string()));
            change.set("booked_unit", text(&booked.unit));
            change.set("balance", number(&booked.balance));
            change.set("balance_entries", number(booked.entries));
        }
        let (is_open, update) = is_one_of(OPEN, change.of(self.update(id)));
        Ok(match send(update.condition_expression(is_open)).await? {
            Written::Done(_) => true,
            Written::NotSo(record) => record.is_some(),
        })
    }

    /// Says on the record `id` that it is dead, because of `reason`: nothing will come back to it by
    /// itself, or nobody can be sure that anything does. Only a record that is `recorded`, `retrying` or
    /// `waiting` becomes so; one that is dead keeps its own reason. Whether the record says that it is dead
    /// now.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether the record says so.
    pub async fn mark_dead(
        &self,
        id: &str,
        now: Timestamp,
        reason: Reason,
    ) -> Result<bool, TableError> {
        let mut change = Change::default();
        let dead = State::Dead.as_str();
        change.set("#state", text(dead));
        change.set("attention", text(&keys::attention(dead, self.shards.wide().of(id))));
        change.set("settled_at", text(&time(now)));
        change.set("reason", text(reason.as_str()));
        for name in ["due", "due_at", "put_off", "lease"] {
            change.set_or_remove(name, None);
        }
        let (is_unsettled, update) = is_one_of(UNSETTLED, change.of(self.update(id)));
        Ok(match send(update.condition_expression(is_unsettled)).await? {
            Written::Done(_) => true,
            Written::NotSo(item) => item.is_some_and(|item| state_of(&item) == State::Dead),
        })
    }

    /// Notes `value` as the result of `step` on the record `id`, whatever its state, in the place of an
    /// earlier note of that step. The attribute is `step_` and the name. On a record that is not there
    /// nothing can be noted.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it is noted.
    pub async fn note(&self, id: &str, step: &'static str, value: &str) -> Result<(), TableError> {
        let noted = self
            .update(id)
            .update_expression("SET #step = :value")
            .condition_expression("attribute_exists(id)")
            .expression_attribute_names("#step", format!("{STEP}{step}"))
            .expression_attribute_values(":value", text(beginning(value)));
        send(noted).await.map(drop)
    }

    pub(crate) fn update(&self, id: &str) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).key("id", text(id))
    }
}

/// What an update sets and removes, each attribute with the value of its own name.
#[derive(Default)]
struct Change {
    set: Vec<String>,
    remove: Vec<&'static str>,
    values: Vec<(String, AttributeValue)>,
}

impl Change {
    fn set(&mut self, name: &str, value: AttributeValue) {
        let value_name = format!(":new_{}", name.trim_start_matches('#'));
        self.set.push(format!("{name} = {value_name}"));
        self.values.push((value_name, value));
    }

    fn set_or_remove(&mut self, name: &'static str, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove.push(name),
        }
    }

    fn of(self, update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let mut expression = format!("SET {}", self.set.join(", "));
        if !self.remove.is_empty() {
            expression = format!("{expression} REMOVE {}", self.remove.join(", "));
        }
        let update = update.update_expression(expression);
        self.values
            .into_iter()
            .fold(update, |update, (name, value)| update.expression_attribute_values(name, value))
    }
}

/// What became of a conditional update.
pub(crate) enum Written {
    /// It is done; the attributes that were asked for.
    Done(Item),
    /// The condition does not hold: the record, `None` where there is none.
    NotSo(Option<Item>),
}

/// The condition that the record is in one of `states`, and `update` with its names and values.
pub(crate) fn is_one_of(
    states: &[State],
    update: UpdateItemFluentBuilder,
) -> (String, UpdateItemFluentBuilder) {
    let mut names = Vec::with_capacity(states.len());
    let mut update = update.expression_attribute_names("#state", "state");
    for state in states {
        names.push(format!(":{state}"));
        update = update.expression_attribute_values(format!(":{state}"), text(state.as_str()));
    }
    (format!("#state IN ({})", names.join(", ")), update)
}

pub(crate) async fn send(update: UpdateItemFluentBuilder) -> Result<Written, TableError> {
    let update = update
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match update.send().await {
        Ok(written) => Ok(Written::Done(written.attributes.unwrap_or_default())),
        Err(SdkError::ServiceError(error)) => match error.into_err() {
            UpdateItemError::ConditionalCheckFailedException(failed) => {
                Ok(Written::NotSo(failed.item))
            }
            error => Err(TableError::of_error(&error)),
        },
        Err(error) => Err(TableError::of(&error)),
    }
}

/// The state of the record `item`.
pub(crate) fn state_of(item: &Item) -> Stored<State> {
    let text = item.get("state").and_then(|state| state.as_s().ok());
    text.map_or("", String::as_str).into()
}

pub(crate) fn noted(item: Item) -> Notes {
    let notes = item.into_iter().filter_map(|(name, value)| match value {
        AttributeValue::S(value) => Some((name.strip_prefix(STEP)?.to_owned(), value)),
        _ => None,
    });
    Notes(notes.collect())
}

/// The first [`LONGEST_REPLY`] bytes of `text`, or fewer where a character would be cut.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_REPLY)]
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn number(value: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
