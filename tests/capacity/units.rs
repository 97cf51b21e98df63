//! Write units, counted between the functions and an embedded DynamoDB.
//!
//! The database says for each write what it consumed (`ReturnConsumedCapacity`), indexes included, as DynamoDB does
//! ("Capacity unit consumption for write operations" in the developer guide): a unit for each kilobyte of an item, twice
//! that in a transaction, and one for each index entry that a write adds, changes or removes.

use jiff::Timestamp;
use ledger::LedgerFunction;
use serde_json::{Value, json};
use settlement::Worker;
use tables::callbacks::{AttemptNumber, Due, Outcome, Progress, Reason, State, Store, Writer};
use test_support::{record, settings, sqs, with};
use verify::{
    Amount, Credential, Effect, Fingerprint, HeldReason, IdempotencyKey, Keys, ParsedCallback,
    Refusal, Reward, SignedContent,
};

use crate::counted::{Counted, Units};

/// What things cost in units of the callbacks table and of its indexes `by_day`, `by_attention` and `by_due`.
///
/// A callback that is received; one that is held; one that is a conflict, without the unit of the write that met the
/// record that was there.
pub(crate) const RECEIVED: Units = [1, 1, 0, 0];
pub(crate) const HELD: Units = [1, 1, 1, 0];
pub(crate) const CONFLICT: Units = [2, 1, 1, 0];

/// A record that is in no index of what is due and gets into it: its settler parks it, or nobody has settled it.
pub(crate) const PUT_IN: Units = [1, 0, 0, 1];

/// One that is there and is moved: it is sent, or parked again.
pub(crate) const MOVED: Units = [1, 0, 0, 2];

/// An attempt at one that is there, which ends it.
pub(crate) const SETTLED: Units = [2, 0, 0, 1];

/// A review: an attempt at one that is not there, which has to be made again.
pub(crate) const REVIEWED: Units = [2, 0, 0, 1];

/// A function that books, over these tables.
fn ledger(url: &str) -> Worker<LedgerFunction> {
    let settings = settings("DYNAMODB", url);
    let function = LedgerFunction::configure(&settings).expect("configured");
    let now = || "2026-11-21T08:49:07.789Z".parse::<Timestamp>().expect("a time");
    Worker::configure(&settings, function, now).expect("configured")
}

/// The message about the credit `id` of `user`, whose record is in the table as its receiver wrote it.
async fn credited(counted: &Counted, id: &str, user: &str) -> Value {
    let id = received(counted, id, user).await;
    let record = with(
        record(&id, "inbrain", "survey_completed"),
        json!({
            "user": user, "effect": "credit", "settler": "ledger", "amount": "1.50", "unit": "coins",
        }),
    );
    sqs::message(&id, &sqs::body(&record))
}

/// Records a callback of nearly 1 KB as a receiver does; its id.
async fn received(counted: &Counted, id: &str, user: &str) -> String {
    let (id, outcome) = receive(counted, id, user, None).await;
    assert_eq!(outcome, Outcome::Recorded);
    id
}

/// The id of a callback, and what became of it.
async fn receive(
    counted: &Counted,
    id: &str,
    user: &str,
    held: Option<HeldReason>,
) -> (String, Outcome) {
    let amount = Amount::parse("1.50").expect("an amount");
    let key = IdempotencyKey::new("inbrain", "reward").part(id);
    let facts = ParsedCallback {
        kind: "survey_completed",
        key: key.clone(),
        fingerprint: Fingerprint::builder().with("id", id).with("user", user).finish(),
        user: user.to_owned(),
        effect: Effect::Credit(Reward { amount, unit: "coins".to_owned() }),
        test: false,
        held,
        payload: format!("{{\"payload\":\"{}\"}}", "x".repeat(300)),
    };
    let keys = Keys::from_json(r#"{"keys":[{"id":"main","secret":"s"}]}"#).expect("usable");
    let claim = SignedContent { credential: Credential::SharedKey("s".into()), content: () };
    let Ok(proved) = keys.prove(claim) else { panic!("not proved") };
    let callback = proved.into_callback("inbrain", now(), |()| Ok::<_, Refusal>(facts));
    let callback = callback.expect("read");
    let writer = Writer::new(user.len().try_into().expect("short"));
    let recorded = store(counted).record(&callback, &writer).await.expect("available");
    (key.to_string(), recorded)
}

fn store(counted: &Counted) -> Store {
    Store::connect(&settings("DYNAMODB", &counted.url)).expect("configured")
}

fn now() -> Timestamp {
    "2026-11-21T08:49:06.789Z".parse().expect("a time")
}

#[tokio::test]
async fn a_callback_takes_two_units_and_what_needs_a_person_one_more() {
    let counted = Counted::serve().await;
    received(&counted, "1", "user").await;
    assert_eq!(counted.units(), (RECEIVED, 0));
    receive(&counted, "2", "user", Some(HeldReason::OverCap)).await;
    assert_eq!(counted.units(), (HELD, 0));
    let (_, outcome) = receive(&counted, "1", "another", None).await;
    assert_eq!((outcome, counted.units()), (Outcome::Conflict, (CONFLICT, 0)));
}

#[tokio::test]
async fn what_is_due_takes_what_the_models_say() {
    let counted = Counted::serve().await;
    let store = store(&counted);
    let id = received(&counted, "1", "user").await;
    let parked = |since| Due::Parked { settler: "p-delivery".to_owned(), since };
    let down = |since| Progress { due: Some(parked(since)), ..Progress::to(State::Retrying) };
    let later = now() + jiff::SignedDuration::from_mins(1);
    counted.units();
    store.finish(&id, now(), &down(now())).await.expect("available");
    assert_eq!(counted.units(), (PUT_IN, 0), "parked");
    let from = tables::callbacks::record::time(now());
    store.put_off(&id, Some(&from), &Due::At(later)).await.expect("available");
    assert_eq!(counted.units(), (MOVED, 0), "sent");
    store
        .finish(&id, now(), &down(later + jiff::SignedDuration::from_secs(1)))
        .await
        .expect("there");
    assert_eq!(counted.units(), (MOVED, 0), "parked again");
    store.begin(&id, now(), 1).await.expect("available");
    store.finish(&id, now(), &Progress::to(State::Delivered)).await.expect("available");
    assert_eq!(counted.units(), (SETTLED, 0), "settled");

    let id = received(&counted, "2", "user").await;
    counted.units();
    store.put_off(&id, None, &Due::At(later)).await.expect("available");
    assert_eq!(counted.units(), (PUT_IN, 0), "reconciled");

    let id = received(&counted, "3", "user").await;
    counted.units();
    store.begin(&id, now(), 1).await.expect("available");
    let waits = Progress {
        due: Some(Due::At(later)),
        attempt: Some(AttemptNumber::Counted(1)),
        ..Progress::because(State::Waiting, Reason::StillUnderReview)
    };
    store.finish(&id, now(), &waits).await.expect("available");
    assert_eq!(counted.units(), (REVIEWED, 0), "reviewed");
}

/// What is kept of them makes a record of less than 1 KB one of less than 2 KB.
#[tokio::test]
async fn each_write_of_what_was_tried_twenty_times_takes_a_unit_more() {
    let counted = Counted::serve().await;
    let store = store(&counted);
    let id = received(&counted, "1", "user").await;
    for number in 1..=22 {
        counted.units();
        let retrying = Progress {
            attempt: Some(AttemptNumber::Counted(number)),
            last_status: Some(503),
            ..Progress::because(State::Retrying, Reason::UpstreamFailed)
        };
        store.finish(&id, now(), &retrying).await.expect("available");
        let units = match number {
            1 => 1,
            21.. => 2,
            _ => continue,
        };
        assert_eq!(counted.units(), ([units, 0, 0, 0], 0), "{number}");
    }
}

#[tokio::test]
async fn a_credit_alone_takes_five_units_more() {
    let counted = Counted::serve().await;
    let message = credited(&counted, "1", "user").await;
    counted.units();
    let response = ledger(&counted.url).handle(sqs::event(&[message])).await;
    assert!(sqs::failed(response).is_empty());
    // Twice one for the entry and for the balance, and one for the record.
    assert_eq!(counted.units(), ([1, 0, 0, 0], 4));
    let message = credited(&counted, "2", "user").await;
    counted.units();
    ledger(&counted.url).handle(sqs::event(&[message])).await;
    assert_eq!(counted.units(), ([1, 0, 0, 0], 4), "of a user that has a balance");
}

#[tokio::test]
async fn ten_credits_of_one_user_in_a_batch_take_little_more_than_three_each() {
    let counted = Counted::serve().await;
    let mut messages = Vec::new();
    for number in 0..10 {
        messages.push(credited(&counted, &number.to_string(), "user").await);
    }
    counted.units();
    let response = ledger(&counted.url).handle(sqs::event(&messages)).await;
    assert!(sqs::failed(response).is_empty());
    // Twice ten entries and a balance, and ten records.
    assert_eq!(counted.units(), ([10, 0, 0, 0], 22));
}
