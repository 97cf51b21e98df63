//! Many records at once, of which DynamoDB may leave some out (`BatchGetItem` in the API reference).

use serde_json::{Value, json};
use tables::callbacks::{Seen, State, Stored, TableError};
use test_support::Intercept;

use crate::support::store;

/// An answer that has the items `ids`, which are `recorded`, and leaves out what was asked of `left_out`.
fn answer(ids: &[&str], left_out: &Value) -> String {
    let items = ids.iter().map(|id| json!({"id": {"S": id}, "state": {"S": "recorded"}}));
    let items: Vec<_> = items.collect();
    json!({"Responses": {"callbacks": items}, "UnprocessedKeys": left_out}).to_string()
}

#[tokio::test]
async fn what_is_left_out_is_asked_for_again() {
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let looking = tokio::spawn(async move { store.look(&["a", "b"]).await });
    let first = wire.held().await;
    let mut left_out = first.json()["RequestItems"].take();
    assert_eq!(left_out["callbacks"]["Keys"], json!([{"id": {"S": "a"}}, {"id": {"S": "b"}}]));
    assert_eq!(left_out["callbacks"]["ConsistentRead"], true);
    left_out["callbacks"]["Keys"] = json!([{"id": {"S": "b"}}]);
    first.succeed(&answer(&["a"], &left_out));
    let second = wire.held().await;
    assert_eq!(second.json()["RequestItems"], left_out);
    second.succeed(&answer(&["b"], &json!({})));
    let seen = looking.await.expect("no panic").expect("known");
    let recorded = Seen { state: Stored::Known(State::Recorded), attempts: 0, accepted: false };
    assert_eq!((seen.len(), &seen["a"], &seen["b"]), (2, &recorded, &recorded));
}

#[tokio::test]
async fn what_stays_left_out_is_not_taken_for_absent() {
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let looking = tokio::spawn(async move { store.look(&["a"]).await });
    for _ in 0..4 {
        let held = wire.held().await;
        let left_out = held.json()["RequestItems"].take();
        held.succeed(&answer(&[], &left_out));
    }
    assert_eq!(looking.await.expect("no panic"), Err(TableError::Throttled));
}

/// A portal or a proxy in between may answer 200 to anything.
#[tokio::test]
async fn what_dynamodb_does_not_say_is_not_taken_for_absent() {
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let looking = tokio::spawn(async move { store.look(&["a"]).await });
    wire.held().await.answer(200, &answer(&[], &json!({})));
    assert_eq!(looking.await.expect("no panic"), Err(TableError::Failed));
}
