//! What a person decides about a record.
//!
//! Every decision is one conditional write, so that of two people who decide at the same moment one is
//! told that the other was first. It is added to the record's `decisions`, each a map of texts:
//!
//! | member | what it is |
//! | --- | --- |
//! | `decision` | `accepted`, `closed` or `reopened` |
//! | `from` | the `state` that it was decided in |
//! | `by` | who decided |
//! | `at` | when, in the form of `received_at` |
//! | `reason` | why, in that person's words |

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::callbacks::Store;
use crate::callbacks::due::GRACE;
use crate::callbacks::keys;
use crate::callbacks::progress::{state_of, text};
use crate::callbacks::record::{Item, absent, time};
use crate::callbacks::state::{Standing, State, Stored};
use crate::error::TableError;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What is held, or a conflict, is to have its effect: it becomes `recorded`, and is
    /// dispatched as if it were new; the schedule sees to it where that fails. Until it is settled its `attention` says `accepted`. A conflict has
    /// its effect under its own id, beside that of the record that it differs from.
    Accept,
    /// It is never to have its effect, or no further one: it becomes `closed`.
    Close,
    /// What a third party refused is to be tried again: it becomes `retrying`. Somebody has to put it
    /// into its queue, or else the schedule does.
    Reopen,
}

impl Choice {
    /// The choice as the record says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Close => "closed",
            Self::Reopen => "reopened",
        }
    }

    /// The states in which it can be decided.
    #[must_use]
    pub const fn states(self) -> &'static [State] {
        match self {
            Self::Accept => &[State::Held, State::Conflict],
            Self::Close => &[State::Held, State::Conflict, State::Refused, State::Dead],
            Self::Reopen => &[State::Refused],
        }
    }

    /// What becomes of `state`, `attention` and the attributes that belong to the state before.
    const fn update(self) -> &'static str {
        match self {
            Self::Accept => {
                "SET #state = :next, attention = :accepted, accepted_at = :at, \
                 due = :due, due_at = :due_at, \
                 effect = if_not_exists(effect, :unknown), \
                 effect_of = if_not_exists(effect_of, :empty), \
                 settler = if_not_exists(settler, :ledger), decisions ="
            }
            Self::Close => {
                "SET #state = :next, settled_at = :at, decisions = REMOVE attention, due, due_at"
            }
            Self::Reopen => {
                "SET #state = :next, due = :due, due_at = :due_at, decisions = \
                 REMOVE attention, settled_at, reason"
            }
        }
    }

    const fn next(self) -> State {
        match self {
            Self::Accept => State::Recorded,
            Self::Close => State::Closed,
            Self::Reopen => State::Retrying,
        }
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub choice: Choice,
    /// The `state` in which whoever decides has seen the record.
    pub from: State,
    /// The person who decides, by a name that the team knows.
    pub by: String,
    /// When it was decided.
    pub at: Timestamp,
    /// The reason in the person's own words.
    pub reason: String,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// It stands on the record.
    Done,
    /// It does not: the record is not in the state `from`, or not in one in which this can be decided.
    /// The `state` that it is in.
    NotIn(Stored<State>),
    /// There is no such record (any more).
    NoRecord,
}

impl Store {
    /// Puts `decision` on the record `id`, if the record is still in the state that it was decided in.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whether it stands there.
    pub async fn decide(
        &self,
        id: &str,
        decision: &Decision,
    ) -> Result<DecisionOutcome, TableError> {
        let Decision { choice, from, .. } = decision;
        if !choice.states().contains(from) {
            return Ok(DecisionOutcome::NotIn(Stored::Known(*from)));
        }
        let mine = decision.item();
        let appended = "decisions = list_append(if_not_exists(decisions, :none), :mine)";
        let update = self
            .update(id)
            .update_expression(choice.update().replace("decisions =", appended))
            .condition_expression("#state = :from")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":from", text(from.as_str()))
            .expression_attribute_values(":next", text(choice.next().as_str()))
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":mine", AttributeValue::L(vec![mine.clone()]))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // DynamoDB refuses values that an expression does not use.
        let at = || text(&time(decision.at));
        let shard = self.shards.wide().of(id);
        let due_at = decision.at.checked_add(GRACE).unwrap_or(Timestamp::MAX);
        let update = match choice {
            Choice::Accept | Choice::Reopen => update
                .expression_attribute_values(":due", text(&keys::due(self.shards.wide().of(id))))
                .expression_attribute_values(":due_at", text(&time(due_at))),
            Choice::Close => update,
        };
        let update = match choice {
            Choice::Accept => update
                .expression_attribute_values(":at", at())
                .expression_attribute_values(
                    ":accepted",
                    text(&keys::attention(Standing::Accepted.as_str(), shard)),
                )
                .expression_attribute_values(":unknown", text(absent::EFFECT))
                .expression_attribute_values(":empty", text(absent::EFFECT_OF))
                .expression_attribute_values(":ledger", text(absent::SETTLER)),
            Choice::Close => update.expression_attribute_values(":at", at()),
            Choice::Reopen => update,
        };
        match update.send().await {
            Ok(_) => Ok(DecisionOutcome::Done),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => {
                    Ok(failed.item.map_or(DecisionOutcome::NoRecord, |item| met(&item, &mine)))
                }
                error => Err(TableError::of_error(&error)),
            },
            Err(error) => Err(TableError::of(&error)),
        }
    }
}

impl Decision {
    fn item(&self) -> AttributeValue {
        let members = [
            ("decision", self.choice.as_str()),
            ("from", self.from.as_str()),
            ("by", &self.by),
            ("at", &time(self.at)),
            ("reason", &self.reason),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), text(value)));
        AttributeValue::M(HashMap::from(members))
    }
}

/// What it means that `item` was there instead: the SDK tries again after a lost reply, and then meets
/// `mine`, what it wrote itself.
fn met(item: &Item, mine: &AttributeValue) -> DecisionOutcome {
    let decisions = item.get("decisions").and_then(|decisions| decisions.as_l().ok());
    if decisions.is_some_and(|decisions| decisions.last() == Some(mine)) {
        return DecisionOutcome::Done;
    }
    DecisionOutcome::NotIn(state_of(item))
}
