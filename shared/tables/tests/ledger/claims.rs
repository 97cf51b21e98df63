//! Claims: the first one stands, whoever comes at the same moment finds it.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tables::callbacks::TableError;
use tables::ledger::{Claiming, Claims};
use test_support::tables::LEDGER;
use verify::IdempotencyKey;

use crate::support::Harness;

fn reward() -> IdempotencyKey {
    IdempotencyKey::new("p", "reward").part("7")
}

/// Adds `mine` where there is no claim in the role; the claim that counts.
fn first_counts(mine: &str) -> impl FnMut(&Claims) -> Result<Claiming<String>, TableError> {
    let mine = mine.to_owned();
    move |claims| {
        Ok(match claims.in_role("friend").first() {
            Some(first) => Claiming::Leave(first.clone()),
            None => Claiming::Add(mine.clone(), mine.clone()),
        })
    }
}

#[tokio::test]
async fn the_first_claim_of_a_role_stands() {
    let Harness { tables, ledger } = Harness::new().await;
    let (reward, other) = (reward(), IdempotencyKey::new("p", "reward").part("8"));
    assert_eq!(ledger.claims(&reward).await, Ok(Claims::default()));
    for _ in 0..2 {
        let ann = ledger.claim(&reward, "friend", first_counts("ann")).await;
        assert_eq!(ann.as_deref(), Ok("ann"));
    }
    let bob = ledger.claim(&reward, "friend", first_counts("bob")).await;
    assert_eq!(bob.as_deref(), Ok("ann"));
    // Another role and another reward are claimed on their own.
    let add = |_: &Claims| Ok(Claiming::Add("bob".to_owned(), ()));
    assert_eq!(ledger.claim(&reward, "referrer", add).await, Ok(()));
    let bob = ledger.claim(&other, "friend", first_counts("bob")).await;
    assert_eq!(bob.as_deref(), Ok("bob"));

    // As the module's page and the runbook say.
    let key = json!({"user": {"S": "~p#reward#7"}, "entry": {"S": "~claims"}});
    let mut item = key.clone();
    item["friend"] = json!({"L": [{"S": "ann"}]});
    item["referrer"] = json!({"L": [{"S": "bob"}]});
    assert_eq!(tables.get(LEDGER, &key), item);
    let claims = ledger.claims(&reward).await.expect("claims");
    let mut roles: Vec<_> = claims.iter().collect();
    roles.sort_unstable();
    assert_eq!(roles, [("friend", &["ann".to_owned()][..]), ("referrer", &["bob".to_owned()][..])]);
}

#[tokio::test]
async fn claims_are_added_one_after_the_other_and_none_is_lost() {
    let Harness { ledger, .. } = Harness::new().await;
    let mut claiming = tokio::task::JoinSet::new();
    for n in 0..4 {
        let (ledger, mine) = (ledger.clone(), format!("claim {n}"));
        claiming.spawn(async move {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let told = Arc::clone(&seen);
            let decide = move |claims: &Claims| {
                *told.lock().expect("no panic") = claims.in_role("friend").to_vec();
                Ok(Claiming::Add(mine.clone(), ()))
            };
            let claimed = ledger.claim(&reward(), "friend", decide).await;
            claimed.expect("no more than four are in the way");
            seen.lock().expect("no panic").clone()
        });
    }
    let seen = claiming.join_all().await;
    let claims = ledger.claims(&reward()).await.expect("claims");
    let all = claims.in_role("friend");
    assert_eq!(all.len(), 4);
    // Each was decided by all that stand before it.
    let mut lengths: Vec<_> = seen.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [0, 1, 2, 3]);
    assert!(seen.iter().all(|seen| all.starts_with(seen)), "{seen:?} {all:?}");
}

#[tokio::test]
async fn what_is_no_claim_is_not_passed_over() {
    let Harness { tables, ledger } = Harness::new().await;
    tables.put(
        LEDGER,
        &json!({
            "user": {"S": "~p#reward#7"}, "entry": {"S": "~claims"},
            "friend": {"L": [{"S": "ann"}, {"N": "1"}]},
        }),
    );
    assert_eq!(ledger.claims(&reward()).await, Err(TableError::Failed));
    // It is not in the way of another role's first claim.
    let add = |_: &Claims| Ok(Claiming::Add("bob".to_owned(), ()));
    assert_eq!(ledger.claim(&reward(), "referrer", add).await, Ok(()));
    let claimed = ledger.claim(&reward(), "friend", first_counts("bob")).await;
    assert_eq!(claimed, Err(TableError::Failed));
}
