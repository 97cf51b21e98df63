//! A transaction, tried again where others are in its way.

use std::time::Duration;

use crate::callbacks::TableError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use verify::Amount;

use crate::ledger::book::BookingError;
use crate::ledger::item::{self, BALANCE, Item};
use crate::ledger::{Entry, Ledger};

/// How often a transaction is tried that others are in the way of.
const TRIES: u32 = 5;

/// The first pause after that; each further one is twice as long. All together stay below a second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All of it is done.
    Done,
    /// None of it is done: the conditions of these parts do not hold.
    Unmet(Unmet),
}

/// The items that do not meet the conditions of a transaction's parts, by the parts' places.
#[derive(Debug)]
pub(crate) struct Unmet(Vec<Option<Item>>);

impl Unmet {
    /// The item that does not meet the condition of the part at `place`.
    pub(crate) fn at(&self, place: usize) -> Option<&Item> {
        self.0.get(place)?.as_ref()
    }
}

impl Ledger {
    /// Does all of `parts` or nothing.
    ///
    /// A try whose reply was lost may be met again by the SDK's next one: then the conditions do not hold
    /// although this call made it so.
    pub(crate) async fn transact(
        &self,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Outcome, BookingError> {
        let mut tries = 1;
        loop {
            let transaction =
                self.client.transact_write_items().set_transact_items(Some(parts.clone()));
            match transaction.send().await.map_err(|error| Failure::of(&error)) {
                Ok(_) => return Ok(Outcome::Done),
                Err(Failure::Unmet(unmet)) => return Ok(Outcome::Unmet(unmet)),
                Err(Failure::BookingError(unbooked)) => return Err(unbooked),
                Err(Failure::Passing(unavailable)) if tries == TRIES => {
                    return Err(unavailable.into());
                }
                Err(Failure::Passing(_)) => tokio::time::sleep(pause(tries)).await,
            }
            tries += 1;
        }
    }

    /// The part that puts `item` where there is none with its key.
    pub(crate) fn put_new(&self, item: Item) -> TransactWriteItem {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(entry)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        TransactWriteItem::builder().put(built(put.build())).build()
    }

    /// The part that adds `amount`, which `entries` entries have together, to the balance that `entry` belongs to.
    pub(crate) fn add(&self, entry: &Entry, amount: Amount, entries: usize) -> TransactWriteItem {
        let add = Update::builder()
            .table_name(&self.table)
            .set_key(Some(item::key(&entry.user, BALANCE, &entry.provider, &entry.unit)))
            .update_expression(
                "SET provider = :provider, #unit = :unit ADD amount :amount, entries :entries",
            )
            .expression_attribute_names("#unit", "unit")
            .expression_attribute_values(":entries", AttributeValue::N(entries.to_string()))
            .expression_attribute_values(":provider", item::text(&entry.provider))
            .expression_attribute_values(":unit", item::text(&entry.unit))
            .expression_attribute_values(":amount", item::number(amount));
        TransactWriteItem::builder().update(built(add.build())).build()
    }
}

/// A part whose required members are all set.
pub(crate) fn built<T, E>(part: Result<T, E>) -> T {
    part.unwrap_or_else(|_| unreachable!("the table, the key and the expression are set"))
}

/// Between one and two of the doubled first pause, so that two who met do not meet again.
fn pause(tries: u32) -> Duration {
    let shortest = FIRST_PAUSE * (1 << tries.saturating_sub(1));
    let random = getrandom::u32().unwrap_or_default();
    shortest
        + Duration::from_micros(u64::from(random) % 1_000 * u64::from(shortest.subsec_millis()))
}

/// Why a transaction is not done.
enum Failure {
    /// Another one writes the same items, or too many do: trying again helps, soon.
    Passing(TableError),
    /// Conditions do not hold.
    Unmet(Unmet),
    /// Why the transaction failed otherwise.
    BookingError(BookingError),
}

impl Failure {
    fn of<R>(error: &SdkError<TransactWriteItemsError, R>) -> Self {
        let SdkError::ServiceError(service) = error else {
            return Self::BookingError(TableError::of(error).into());
        };
        match service.err() {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                Self::of_reasons(cancelled.cancellation_reasons())
            }
            // An earlier try of the same transaction is still on its way.
            TransactWriteItemsError::TransactionInProgressException(_) => {
                Self::Passing(TableError::Contended)
            }
            error => Self::BookingError(BookingError::of(error)),
        }
    }

    /// The codes are those of `CancellationReason` in DynamoDB's API reference. A condition that does
    /// not hold says more than whatever else is wrong: what was to be done is done, for instance.
    fn of_reasons(reasons: &[CancellationReason]) -> Self {
        let any = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
        if any("ConditionalCheckFailed") {
            let unmet = |reason: &CancellationReason| {
                (reason.code() == Some("ConditionalCheckFailed"))
                    .then(|| reason.item().cloned().unwrap_or_default())
            };
            Self::Unmet(Unmet(reasons.iter().map(unmet).collect()))
        } else if any("ValidationError") || any("ItemCollectionSizeLimitExceeded") {
            Self::BookingError(BookingError::Impossible)
        } else if any("TransactionConflict") {
            Self::Passing(TableError::Contended)
        } else if any("ThrottlingError") || any("ProvisionedThroughputExceeded") {
            Self::Passing(TableError::Throttled)
        } else {
            Self::BookingError(TableError::Failed.into())
        }
    }
}
