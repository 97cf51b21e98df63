//! Lost answers, transactions in the way, and what DynamoDB refuses.

use tables::ledger::{BookingError, BookingOutcome, Reversed, TableError};
use test_support::Intercept;

use crate::support::{Harness, at, entry, reversal};

/// DynamoDB's answer to a transaction that it cancelled for these reasons.
fn cancelled(reasons: &[&str]) -> String {
    let reasons: Vec<_> = reasons.iter().map(|code| serde_json::json!({"Code": code})).collect();
    serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled",
        "CancellationReasons": reasons,
    })
    .to_string()
}

fn error(code: &str) -> String {
    serde_json::json!({"__type": format!("com.amazon.coral.service#{code}")}).to_string()
}

/// Books an entry while `answers` is what DynamoDB says; later requests reach it.
async fn book_through(
    harness: &Harness,
    answers: &[(u16, String)],
) -> Result<BookingOutcome, BookingError> {
    let mut wire = Intercept::listen().await;
    let ledger = at(wire.url());
    let booking = tokio::spawn(async move { ledger.book(&entry("u", "1", "7")).await });
    for (status, json) in answers {
        wire.held().await.answer(*status, json);
    }
    let url = harness.tables.url().to_owned();
    let rest = tokio::spawn(async move { wire.forward_all(&url).await });
    let booked = booking.await.expect("booked");
    rest.abort();
    booked
}

#[tokio::test]
async fn an_answer_that_is_lost_does_not_count_an_entry_twice() {
    let harness = Harness::new().await;
    let mut wire = Intercept::listen().await;
    let ledger = at(wire.url());
    let booking = tokio::spawn(async move { ledger.book(&entry("u", "1", "7")).await });
    wire.held().await.forward_and_lose_answer(harness.tables.url()).await;
    let again = wire.held().await;
    assert_eq!(again.operation(), "TransactWriteItems");
    again.forward(harness.tables.url()).await;
    booking.await.expect("no panic").expect("booked, now or before");
    assert_eq!(harness.shows("u").await, ["p coins 7", "credit coins 7"]);
}

#[tokio::test]
async fn a_transaction_in_the_way_is_waited_for() {
    let harness = Harness::new().await;
    let conflict = (400, cancelled(&["None", "TransactionConflict"]));
    let throttled = (400, cancelled(&["ThrottlingError", "None"]));
    let in_the_way = [conflict.clone(), throttled, conflict];
    assert_eq!(book_through(&harness, &in_the_way).await, Ok(BookingOutcome::New));
    assert_eq!(harness.shows("u").await, ["p coins 7", "credit coins 7"]);
}

#[tokio::test]
async fn what_keeps_being_in_the_way_is_an_outage() {
    let harness = Harness::new().await;
    for (code, unavailable) in [
        ("TransactionConflict", TableError::Contended),
        ("ProvisionedThroughputExceeded", TableError::Throttled),
    ] {
        let answers = vec![(400, cancelled(&["None", code])); 5];
        assert_eq!(book_through(&harness, &answers).await, Err(unavailable.into()), "{code}");
    }
    assert!(harness.shows("u").await.is_empty());
}

#[tokio::test]
async fn reasons_and_errors_have_their_meanings() {
    let harness = Harness::new().await;
    let of = |unavailable: TableError| Err(BookingError::Unavailable(unavailable));
    for (json, meaning) in [
        (cancelled(&["ConditionalCheckFailed", "None"]), Ok(BookingOutcome::Before)),
        (cancelled(&["ConditionalCheckFailed", "TransactionConflict"]), Ok(BookingOutcome::Before)),
        (cancelled(&["ConditionalCheckFailed", "ValidationError"]), Ok(BookingOutcome::Before)),
        (cancelled(&["None", "ValidationError"]), Err(BookingError::Impossible)),
        (cancelled(&["TransactionConflict", "ValidationError"]), Err(BookingError::Impossible)),
        (cancelled(&["None", "ItemCollectionSizeLimitExceeded"]), Err(BookingError::Impossible)),
        (cancelled(&["None", "SomethingNew"]), of(TableError::Failed)),
        (cancelled(&[]), of(TableError::Failed)),
        (error("ValidationException"), Err(BookingError::Impossible)),
        (error("AccessDeniedException"), of(TableError::Refused)),
        (error("ResourceNotFoundException"), of(TableError::Refused)),
        (error("SomethingNew"), of(TableError::Failed)),
        ("no JSON".to_owned(), of(TableError::Failed)),
    ] {
        assert_eq!(book_through(&harness, &[(400, json.clone())]).await, meaning, "{json}");
    }
    assert!(harness.shows("u").await.is_empty());
}

#[tokio::test]
async fn nobody_there_is_an_outage() {
    // Nobody can listen on this port.
    let ledger = at("http://127.0.0.1:0");
    let unreachable = TableError::Unreachable;
    assert_eq!(ledger.book(&entry("u", "1", "7")).await, Err(unreachable.into()));
    assert_eq!(ledger.complete("o", &entry("u", "1", "7")).await, Err(unreachable.into()));
    assert_eq!(ledger.reverse("o", &reversal("u")).await, Err(unreachable.into()));
    assert_eq!(ledger.statement("u").await, Err(unreachable));
}

#[tokio::test]
async fn an_offer_that_says_nothing_is_an_outage_and_nothing_is_booked() {
    let harness = Harness::new().await;
    let item = serde_json::json!({
        "user": {"S": "u"}, "entry": {"S": "offer#p#o"}, "stage": {"S": "unheard of"},
    });
    harness.tables.put("ledger", &item);
    let failed = BookingError::Unavailable(TableError::Failed);
    assert_eq!(harness.ledger.complete("o", &entry("u", "1", "7")).await, Err(failed));
    assert_eq!(harness.ledger.reverse("o", &reversal("u")).await, Err(failed));
    assert!(harness.shows("u").await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_of_a_reversal_debits_once() {
    let harness = Harness::new().await;
    harness.ledger.complete("o", &entry("u", "1", "7")).await.expect("booked");
    let mut wire = Intercept::listen().await;
    let ledger = at(wire.url());
    let reversing = tokio::spawn(async move { ledger.reverse("o", &reversal("u")).await });
    wire.held().await.forward(harness.tables.url()).await;
    wire.held().await.forward_and_lose_answer(harness.tables.url()).await;
    wire.held().await.forward(harness.tables.url()).await;
    let reversed = reversing.await.expect("no panic").expect("reversed");
    assert!(matches!(reversed, Reversed::Debited(..)), "{reversed:?}");
    assert_eq!(harness.shows("u").await, ["p coins 0", "debit coins -7", "credit coins 7"]);
}
