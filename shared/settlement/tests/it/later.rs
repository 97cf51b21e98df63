//! Another attempt: in the queue, or on the record.

use std::time::Duration;

use serde_json::json;
use settlement::{Attempt, Reason, Record, Verdict, later};
use tables::callbacks::{Progress, State, Store};
use test_support::{Tables, settings, tables::CALLBACKS};

use crate::support::{body, clock};

const ID: &str = "p#callback#kind#m";

/// An attempt at the record that was received a second ago.
fn attempt() -> Attempt {
    let record = Record::parse(&body("m", "kind")).expect("read");
    Attempt { record, receives: 1, now: clock(), random: 0 }
}

async fn put_off(after: u64) -> (Verdict, Tables) {
    let tables = Tables::serve().await;
    tables.put(CALLBACKS, &json!({"id": {"S": ID}, "state": {"S": "recorded"}}));
    let store = Store::connect(&settings("DYNAMODB", tables.url())).expect("configured");
    let (after, reason) = (Duration::from_secs(after), Reason::UpstreamFailed);
    let progress = Progress { last_status: Some(503), ..Progress::to(State::Retrying) };
    let verdict = later(&store, &attempt(), progress, after, reason).await;
    (verdict, tables)
}

#[tokio::test]
async fn a_short_pause_is_the_queues_and_in_no_index() {
    let (verdict, tables) = put_off(60).await;
    let (after, reason) = (Duration::from_mins(1), Reason::UpstreamFailed);
    assert_eq!(verdict, Verdict::Again { after, reason });
    let said = ["state", "reason", "last_status", "due_at"].map(|name| tables.text(ID, name));
    let expected = ["retrying", "upstream_failed", "503", "2026-11-21T18:01:00.000Z"];
    assert_eq!(said, expected.map(|text| Some(text.to_owned())));
    assert_eq!(tables.text(ID, "due"), None);
}

#[tokio::test]
async fn a_longer_pause_stands_on_the_record_alone() {
    let (verdict, tables) = put_off(61).await;
    let (after, reason) = (Duration::from_secs(61), Reason::UpstreamFailed);
    assert_eq!(verdict, Verdict::Due { after, reason });
    assert_eq!(tables.text(ID, "due_at").as_deref(), Some("2026-11-21T18:01:01.000Z"));
    assert_eq!(tables.text(ID, "due").as_deref(), Some("6"));
}

#[tokio::test]
async fn without_a_record_the_message_waits() {
    let tables = Tables::serve().await;
    let store = Store::connect(&settings("DYNAMODB", tables.url())).expect("configured");
    let (after, reason) = (Duration::from_hours(5), Reason::StillUnderReview);
    let progress = Progress::to(State::Waiting);
    let verdict = later(&store, &attempt(), progress, after, reason).await;
    assert_eq!(verdict, Verdict::Again { after, reason });
    assert!(tables.record(ID).is_null());
}

#[tokio::test]
async fn where_it_cannot_be_said_the_message_waits_however_long_it_should() {
    let store = Store::connect(&settings("DYNAMODB", "http://127.0.0.1:0")).expect("configured");
    let (after, progress) = (Duration::from_hours(5), Progress::to(State::Retrying));
    let verdict = later(&store, &attempt(), progress, after, Reason::UpstreamFailed).await;
    assert_eq!(verdict, Verdict::Again { after, reason: Reason::StoreUnreachable });
}
