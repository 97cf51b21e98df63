//! The completion of an offer and its reversal, in either order.
//!
//! Both are told under one id, and either may come first, twice, or at the same moment as the other. An
//! item per offer says how far it is, in the partition of its user. It is written in the transaction that
//! writes the entries, on the condition that it is still what was found: who comes second meets it.
//!
//! | `stage` | what it means | attributes |
//! | --- | --- | --- |
//! | `pending` | the reversal is here, the completion is not; nothing is booked | `reversal_at`, `reversal_identity`, `reversal_kind`, `reversal_callback` (S) |
//! | `completed` | the completion is booked | `amount` (N), `unit` (S) |
//! | `reversed` | the completion and its reversal are booked | `reversal_callback`, `unit` (S), `amount` (N) of the completion |
//!
//! `provider` (S) is on all of them.
//!
//! ```text
//! (none) ──completion──> completed ──reversal──> reversed
//! (none) ──reversal────> pending ──completion──> reversed
//! ```

use crate::callbacks::TableError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use verify::Amount;

use crate::ledger::book::{BookingError, BookingOutcome};
use crate::ledger::item::{self, Item, text};
use crate::ledger::stage::{self, Stage};
use crate::ledger::transaction::{Outcome, built};
use crate::ledger::{Entry, Ledger};

/// The reversal of an offer's completion. What it takes back is what the completion gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// As in [`Entry`]; where it is not the user of the completion, it reverses nothing.
    pub user: String,
    /// As in [`Entry`], of the debit.
    pub identity: String,
    /// As in [`Entry`]; the same as the completion's.
    pub provider: String,
    /// As in [`Entry`].
    pub kind: String,
    /// As in [`Entry`].
    pub callback: String,
    /// As in [`Entry`].
    pub at: String,
}

/// What became of a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Whether it is booked now or was before.
    pub booked: BookingOutcome,
    /// What took it back, where it is reversed. Where it was booked before, this is told as far as DynamoDB
    /// tells it.
    pub reversed_by: Option<Debit>,
}

/// What took a completion back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debit {
    /// The id of the reversal's callback.
    pub callback: String,
    /// How much it took: below zero.
    pub amount: Amount,
    /// Its unit.
    pub unit: String,
}

/// What became of a reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reversed {
    /// The completion is debited: now, or by an earlier attempt.
    Debited(BookingOutcome, Debit),
    /// There is no completion yet. Once it comes, it is debited.
    Pending,
}

impl Ledger {
    /// Books the completion of `offer`, the id that it shares with its reversal, if it is not booked yet;
    /// and the reversal too, if that came earlier.
    pub async fn complete(&self, offer: &str, entry: &Entry) -> Result<Completed, BookingError> {
        let key = stage::key(&entry.user, &entry.provider, offer);
        let parts = vec![
            self.put_new(item::to_item(entry)),
            self.add(entry, entry.amount, 1),
            self.put_new(stage::completed(key.clone(), entry)),
        ];
        let unmet = match self.transact(parts).await? {
            Outcome::Done => {
                return Ok(Completed { booked: BookingOutcome::New, reversed_by: None });
            }
            Outcome::Unmet(unmet) => unmet,
        };
        let stage = unmet.at(2).map(Stage::read).transpose()?;
        match (unmet.at(0), stage) {
            (None, Some(Stage::Pending(reversal))) => {
                let debit = reversal.debit(entry.amount, entry.unit.clone());
                self.complete_and_reverse(key, entry, &debit).await
            }
            (None, None) => Err(TableError::Failed.into()),
            // Its own entry is not there: the offer is completed by another one.
            (None, Some(_)) => Err(BookingError::CompletedByAnother),
            (_, stage) => Ok(Completed {
                booked: BookingOutcome::Before,
                reversed_by: stage.and_then(Stage::reversed_by),
            }),
        }
    }

    /// Takes the completion of `offer` back, if it was not taken back yet; where there is none yet, sees
    /// to it that it is taken back when it comes.
    pub async fn reverse(
        &self,
        offer: &str,
        reversal: &Reversal,
    ) -> Result<Reversed, BookingError> {
        let key = stage::key(&reversal.user, &reversal.provider, offer);
        let (amount, unit) = match self.wait_for_completion(&key, reversal).await? {
            None | Some(Stage::Pending(_)) => return Ok(Reversed::Pending),
            Some(Stage::Reversed(debit)) => {
                return Ok(Reversed::Debited(BookingOutcome::Before, debit));
            }
            Some(Stage::Completed { amount, unit }) => (amount, unit),
        };
        let debit = reversal.debit(amount, unit);
        let parts = vec![
            self.put_new(item::to_item(&debit)),
            self.add(&debit, debit.amount, 1),
            self.turn_reversed(key, "completed", &debit),
        ];
        let booked = match self.transact(parts).await? {
            Outcome::Done => BookingOutcome::New,
            // Another attempt was faster, or this one's own try whose reply was lost.
            Outcome::Unmet(_) => BookingOutcome::Before,
        };
        Ok(Reversed::Debited(booked, debit.into()))
    }

    /// Books the completion `entry` and the reversal that waits for it. Together they change nothing, but
    /// a balance is there wherever an entry is.
    async fn complete_and_reverse(
        &self,
        key: Item,
        entry: &Entry,
        debit: &Entry,
    ) -> Result<Completed, BookingError> {
        let nothing = Amount::parse("0").ok_or(BookingError::Impossible)?;
        let parts = vec![
            self.put_new(item::to_item(entry)),
            self.put_new(item::to_item(debit)),
            self.add(entry, nothing, 2),
            self.turn_reversed(key, "pending", debit),
        ];
        let booked = match self.transact(parts).await? {
            Outcome::Done => BookingOutcome::New,
            Outcome::Unmet(_) => BookingOutcome::Before,
        };
        Ok(Completed { booked, reversed_by: Some(debit.clone().into()) })
    }

    /// Notes that `reversal` waits for the completion, where nothing is known of the offer: `None`;
    /// otherwise what is known.
    async fn wait_for_completion(
        &self,
        key: &Item,
        reversal: &Reversal,
    ) -> Result<Option<Stage>, BookingError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(stage::pending(key.clone(), reversal)))
            .condition_expression("attribute_not_exists(entry)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Some(Stage::read(&failed.item.unwrap_or_default())?))
                }
                error => Err(BookingError::of(&error)),
            },
            Err(error) => Err(TableError::of(&error).into()),
        }
    }

    /// The part that turns the offer with `key` from `stage` to `reversed`.
    fn turn_reversed(&self, key: Item, stage: &str, debit: &Entry) -> TransactWriteItem {
        let turn = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression("stage = :stage")
            .update_expression(
                "SET stage = :reversed, reversal_callback = :callback, amount = :amount, #unit = :unit",
            )
            .expression_attribute_names("#unit", "unit")
            .expression_attribute_values(":amount", item::number(debit.amount.negated()))
            .expression_attribute_values(":unit", text(&debit.unit))
            .expression_attribute_values(":stage", text(stage))
            .expression_attribute_values(":reversed", text("reversed"))
            .expression_attribute_values(":callback", text(&debit.callback));
        TransactWriteItem::builder().update(built(turn.build())).build()
    }
}

impl From<Entry> for Debit {
    fn from(debit: Entry) -> Self {
        Self { callback: debit.callback, amount: debit.amount, unit: debit.unit }
    }
}

impl Reversal {
    fn debit(&self, completed: Amount, unit: String) -> Entry {
        Entry {
            user: self.user.clone(),
            identity: self.identity.clone(),
            provider: self.provider.clone(),
            kind: self.kind.clone(),
            unit,
            amount: completed.negated(),
            callback: self.callback.clone(),
            at: self.at.clone(),
        }
    }
}
