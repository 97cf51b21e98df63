//! How far the settlement of a callback has come, on its record.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::callbacks::Store;
use crate::callbacks::reason::Reason;
use crate::callbacks::record::{Item, time};
use crate::callbacks::state::{Standing, State, Stored};
use crate::error::TableError;

/// How much of a third party's answer is kept, in bytes.
pub const LONGEST_REPLY: usize = 2 * 1024;

/// Whether an attempt may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutcome {
    /// The attempt may be made, and is counted.
    Go {
        /// Which attempt it is, counted on the record from 1. A try whose reply was lost may be counted
        /// twice.
        attempts: u32,
        /// What earlier attempts noted.
        noted: Notes,
        /// Whether it was held or a conflict, and a person accepted it.
        accepted: bool,
    },
    /// It may not: the record's `state` is an end (`closed` by a person is one), or it waits for a
    /// person (`held`, `conflict`).
    Ended(Stored<State>),
    /// There is no such record (any more).
    NoRecord,
}

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
}

impl Progress {
    /// Nothing but a state.
    #[must_use]
    pub const fn to(state: State) -> Self {
        Self { state, last_status: None, reply: None, reason: None }
    }

    /// A state and why it is in it.
    #[must_use]
    pub const fn because(state: State, reason: Reason) -> Self {
        Self { state, last_status: None, reply: None, reason: Some(reason) }
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
    /// Counts an attempt to settle the record `id`, if it may begin: one write, no read.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it may begin.
    pub async fn begin(&self, id: &str, now: Timestamp) -> Result<BeginOutcome, TableError> {
        let counted = self
            .update(id)
            .update_expression("SET last_attempt_at = :now ADD attempts :one")
            .expression_attribute_values(":now", text(&time(now)))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew);
        Ok(match if_open(counted).await? {
            Written::Done(item) => {
                let attempts = match item.get("attempts") {
                    Some(AttributeValue::N(count)) => count.parse().unwrap_or(u32::MAX),
                    _ => return Err(TableError::Failed),
                };
                let accepted = item.contains_key("accepted_at");
                BeginOutcome::Go { attempts, noted: noted(item), accepted }
            }
            Written::NotOpen(Some(state)) => BeginOutcome::Ended(state),
            Written::NotOpen(None) => BeginOutcome::NoRecord,
        })
    }

    /// Says on the record `id` what an attempt came to; a record that has ended, or is not there, stays
    /// as it is. What `progress` does not say of a reason is removed, of an answer stays as it was.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether the record says so.
    pub async fn finish(
        &self,
        id: &str,
        now: Timestamp,
        progress: &Progress,
    ) -> Result<(), TableError> {
        let Progress { state, last_status, reply, reason } = progress;
        let mut set = vec!["#state = :next"];
        let mut remove = Vec::new();
        if Standing::In(*state).attention().is_some() {
            set.push("attention = :next");
        } else {
            remove.push("attention");
        }
        let mut update = self.update(id).expression_attribute_values(":next", text(state.as_str()));
        if state.is_final() {
            set.push("settled_at = :now");
            update = update.expression_attribute_values(":now", text(&time(now)));
        } else {
            remove.push("settled_at");
        }
        if let Some(status) = last_status {
            set.push("last_status = :status");
            update = update
                .expression_attribute_values(":status", AttributeValue::N(status.to_string()));
        }
        if let Some(reply) = reply {
            set.push("reply = :reply");
            update = update.expression_attribute_values(":reply", text(beginning(reply)));
        }
        if let Some(reason) = reason {
            set.push("reason = :reason");
            update = update.expression_attribute_values(":reason", text(reason.as_str()));
        } else {
            remove.push("reason");
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            expression = format!("{expression} REMOVE {}", remove.join(", "));
        }
        if_open(update.update_expression(expression)).await.map(drop)
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
        let marked = self
            .update(id)
            .update_expression(
                "SET #state = :dead, attention = :dead, settled_at = :now, reason = :reason",
            )
            .expression_attribute_values(":dead", text(State::Dead.as_str()))
            .expression_attribute_values(":now", text(&time(now)))
            .expression_attribute_values(":reason", text(reason.as_str()));
        Ok(match if_in(UNSETTLED, marked).await? {
            Written::Done(_) => true,
            Written::NotOpen(state) => state.is_some_and(|state| state == State::Dead),
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

/// What became of a conditional update.
pub(crate) enum Written {
    /// It is done; the attributes that were asked for.
    Done(Item),
    /// The condition does not hold: the `state` of the record, `None` where there is none.
    NotOpen(Option<Stored<State>>),
}

/// Sends `update` on the condition that the record is there and open.
async fn if_open(update: UpdateItemFluentBuilder) -> Result<Written, TableError> {
    if_in(OPEN, update).await
}

/// Sends `update` on the condition that the record is there and in one of `states`.
async fn if_in(states: &[State], update: UpdateItemFluentBuilder) -> Result<Written, TableError> {
    let mut condition = Vec::with_capacity(states.len());
    let mut update = update.expression_attribute_names("#state", "state");
    for state in states {
        condition.push(format!(":{state}"));
        update = update.expression_attribute_values(format!(":{state}"), text(state.as_str()));
    }
    let condition = format!("#state IN ({})", condition.join(", "));
    send(update.condition_expression(condition)).await
}

pub(crate) async fn send(update: UpdateItemFluentBuilder) -> Result<Written, TableError> {
    let update = update
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match update.send().await {
        Ok(written) => Ok(Written::Done(written.attributes.unwrap_or_default())),
        Err(SdkError::ServiceError(error)) => match error.into_err() {
            UpdateItemError::ConditionalCheckFailedException(failed) => {
                Ok(Written::NotOpen(failed.item.map(|item| state_of(&item))))
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

fn noted(item: Item) -> Notes {
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
