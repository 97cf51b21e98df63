//! Recording callbacks in the embedded DynamoDB, and what its answers mean.

use serde_json::json;
use settings::Settings;
use tables::callbacks::{Outcome, Store, TableError, Writer};
use test_support::{Held, Intercept, Tables, settings, tables::CALLBACKS};
use verify::{
    Amount, Callback, Credential, Effect, Fingerprint, HeldReason, IdempotencyKey, Keys,
    ParsedCallback, Refusal, Reward, SignedContent,
};

use crate::support::{NOW, store};

/// What is read in a callback whose content is `content`.
fn facts(content: &str) -> ParsedCallback {
    ParsedCallback {
        kind: "survey",
        key: IdempotencyKey::new("p", "c").part("1"),
        fingerprint: Fingerprint::builder().with("content", content).finish(),
        user: "u".to_owned(),
        effect: Effect::Nothing,
        test: false,
        held: None,
        payload: content.to_owned(),
    }
}

fn callback(facts: ParsedCallback) -> Callback {
    let keys = Keys::from_json(r#"{"keys":[{"id":"main","secret":"s"}]}"#).expect("usable");
    let claim = SignedContent { credential: Credential::SharedKey("s".into()), content: () };
    let Ok(proved) = keys.prove(claim) else { panic!("not proved") };
    let now = NOW.parse().expect("a time");
    proved.into_callback("p", now, |()| Ok::<_, Refusal>(facts)).expect("read")
}

/// What is put aside with `content`.
fn aside(tables: &Tables, content: &str) -> serde_json::Value {
    let fingerprint = facts(content).fingerprint;
    let id = format!("p#c#1#~conflict#{}", fingerprint.as_str());
    tables.record(&id)
}

/// The record that came first.
fn first(tables: &Tables) -> serde_json::Value {
    tables.record("p#c#1")
}

/// Records a callback through a wire on which every request is answered by `answer`.
async fn recorded(answer: impl Fn(Held)) -> Result<Outcome, TableError> {
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let answering = async {
        loop {
            answer(wire.held().await);
        }
    };
    let (callback, writer) = (callback(facts("a")), Writer::new(1));
    tokio::select! {
        recorded = store.record(&callback, &writer) => recorded,
        () = answering => panic!("without end"),
    }
}

#[tokio::test]
async fn outcomes_are_told_apart() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    for (content, writer, outcome) in [
        ("a", 1, Outcome::Recorded),
        ("a", 2, Outcome::Duplicate),
        // Its own earlier try, whatever it met.
        ("a", 1, Outcome::Recorded),
        ("b", 3, Outcome::Conflict),
        ("b", 4, Outcome::Conflict),
        ("c", 5, Outcome::Conflict),
        ("a", 6, Outcome::Duplicate),
    ] {
        let recorded = store.record(&callback(facts(content)), &Writer::new(writer)).await;
        assert_eq!(recorded, Ok(outcome), "{content} {writer}");
    }
    assert_eq!(first(&tables)["payload"], json!({"S": "a"}));
    for (content, writer) in [("b", 3), ("c", 5)] {
        let fingerprint = facts(content).fingerprint;
        let aside = tables.record(&format!("p#c#1#~conflict#{}", fingerprint.as_str()));
        assert_eq!(aside["payload"], json!({"S": content}));
        assert_eq!(aside["writer"], json!({"S": format!("{writer:032x}")}), "put aside once");
        assert_eq!(aside["state"], json!({"S": "conflict"}));
        assert_eq!(aside["conflicts_with"], json!({"S": "p#c#1"}));
    }
}

#[tokio::test]
async fn a_record_is_one_conditional_write() {
    let mut wire = Intercept::listen().await;
    let with_retention = settings("DYNAMODB", wire.url()).with("RETENTION_DAYS", "2");
    let keeping = Store::connect(&with_retention).expect("configured");
    let unpaid = facts("{}");
    let reward = Reward { amount: Amount::parse("1.50").expect("an amount"), unit: "xp".into() };
    let effect = Effect::Complete { of: "o-1".to_owned(), reward };
    let held =
        ParsedCallback { effect, test: true, held: Some(HeldReason::OverCap), ..facts("{}") };
    let plain = json!({
        "id": {"S": "p#c#1"},
        "provider": {"S": "p"},
        "kind": {"S": "survey"},
        "user": {"S": "u"},
        "effect": {"S": "nothing"},
        "effect_of": {"S": ""},
        "settler": {"S": "none"},
        "test": {"BOOL": false},
        "day": {"S": "p#2026-11-21#0"},
        "received_at": {"S": "2026-11-21T18:00:00.500Z"},
        "fingerprint": {"S": unpaid.fingerprint.as_str()},
        "key_id": {"S": "main"},
        "writer": {"S": "0000000000000000000000000000000f"},
        "payload": {"S": "{}"},
        "state": {"S": "recorded"},
    });
    let mut full = plain.clone();
    for (name, value) in [
        ("effect", json!({"S": "complete"})),
        ("effect_of", json!({"S": "o-1"})),
        ("settler", json!({"S": "ledger"})),
        ("amount", json!({"S": "1.50"})),
        ("unit", json!({"S": "xp"})),
        ("test", json!({"BOOL": true})),
        ("state", json!({"S": "held"})),
        ("attention", json!({"S": "held#25"})),
        ("held", json!({"S": "over_cap"})),
        // `date -u -d '2026-11-23 18:00:00' +%s`
        ("expires_at", json!({"N": "1795456800"})),
    ] {
        full[name] = value;
    }
    for (store, facts, item) in [(store(wire.url()), unpaid, plain), (keeping, held, full)] {
        let writing =
            tokio::spawn(async move { store.record(&callback(facts), &Writer::new(15)).await });
        let held = wire.held().await;
        assert_eq!(held.operation(), "PutItem");
        assert_eq!(
            held.json(),
            json!({
                "TableName": CALLBACKS,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            })
        );
        writing.abort();
    }
}

/// One captured call, sent again with as many contents as one likes.
#[tokio::test]
async fn conflicts_without_end_are_ten_items() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    let record = async |content: &str, writer| {
        store.record(&callback(facts(content)), &Writer::new(writer)).await
    };
    assert_eq!(record("first", 0).await, Ok(Outcome::Recorded));
    let contents: Vec<_> = (0..300).map(|number| format!("other {number}")).collect();
    for (content, writer) in contents.iter().zip(1..) {
        assert_eq!(record(content, writer).await, Ok(Outcome::Conflict), "{content}");
    }
    let kept = |content: &&String| !aside(&tables, content).is_null();
    assert_eq!(contents.iter().filter(kept).count(), 10);
    assert!(contents[..10].iter().all(|content| kept(&content)), "the first ten");
    assert_eq!(first(&tables)["conflicts"]["SS"].as_array().map(Vec::len), Some(10));
    assert_eq!(first(&tables)["conflicts_not_kept"], json!({"N": "290"}));

    // What was kept is known again, and what was not is not kept now.
    for (content, writer) in [(0, 301), (9, 302), (299, 303)] {
        assert_eq!(record(&contents[content], writer).await, Ok(Outcome::Conflict), "{content}");
    }
    assert_eq!(contents.iter().filter(kept).count(), 10);
    assert_eq!(first(&tables)["conflicts_not_kept"], json!({"N": "291"}));
    assert_eq!(record("first", 304).await, Ok(Outcome::Duplicate));
    assert_eq!(first(&tables)["payload"], json!({"S": "first"}));
}

#[tokio::test]
async fn conflicts_at_once_do_not_share_a_place() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    let recorded = store.record(&callback(facts("first")), &Writer::new(0)).await;
    assert_eq!(recorded, Ok(Outcome::Recorded));
    let writing = (1..=30).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let callback = callback(facts(&format!("other {number}")));
            store.record(&callback, &Writer::new(number)).await
        })
    });
    for written in writing.collect::<Vec<_>>() {
        assert_eq!(written.await.expect("no panic"), Ok(Outcome::Conflict));
    }
    let kept = (1..=30).filter(|number| !aside(&tables, &format!("other {number}")).is_null());
    assert_eq!(kept.count(), 10);
    assert_eq!(first(&tables)["conflicts_not_kept"], json!({"N": "20"}));
}

/// Between its place in the list and itself, a conflict is told to nobody; it takes its own place when it
/// comes again, also where the list is full by then.
#[tokio::test]
async fn a_conflict_whose_writer_was_killed_takes_its_own_place() {
    let tables = Tables::serve().await;
    let direct = store(tables.url());
    let record = async |content: &str, writer| {
        direct.record(&callback(facts(content)), &Writer::new(writer)).await
    };
    assert_eq!(record("first", 0).await, Ok(Outcome::Recorded));

    let mut wire = Intercept::listen().await;
    let killed = store(wire.url());
    let writing =
        tokio::spawn(
            async move { killed.record(&callback(facts("killed")), &Writer::new(1)).await },
        );
    for operation in ["PutItem", "UpdateItem"] {
        let held = wire.held().await;
        assert_eq!(held.operation(), operation);
        held.forward(tables.url()).await;
    }
    assert_eq!(wire.held().await.operation(), "PutItem");
    writing.abort();
    assert!(aside(&tables, "killed").is_null());

    for number in 2..=20 {
        let told = record(&format!("other {number}"), number).await;
        assert_eq!(told, Ok(Outcome::Conflict), "{number}");
    }
    assert!(!aside(&tables, "other 10").is_null() && aside(&tables, "other 11").is_null());
    assert_eq!(record("killed", 21).await, Ok(Outcome::Conflict));
    assert_eq!(aside(&tables, "killed")["state"], json!({"S": "conflict"}));
    assert_eq!(first(&tables)["conflicts"]["SS"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn a_conflict_expires_as_its_record_does() {
    let tables = Tables::serve().await;
    let with_retention = settings("DYNAMODB", tables.url()).with("RETENTION_DAYS", "2");
    let keeping = Store::connect(&with_retention).expect("configured");
    for (content, writer) in [("first", 1), ("other", 2)] {
        keeping.record(&callback(facts(content)), &Writer::new(writer)).await.expect("stored");
    }
    // `date -u -d '2026-11-23 18:00:00' +%s`
    for item in [first(&tables), aside(&tables, "other")] {
        assert_eq!(item["expires_at"], json!({"N": "1795456800"}));
    }
}

/// While dispatch takes every change of an accepted record for its acceptance, it is not changed to count.
#[tokio::test]
async fn an_accepted_record_is_not_told_again_to_count_a_conflict() {
    let tables = Tables::serve().await;
    let store = store(tables.url());
    store.record(&callback(facts("first")), &Writer::new(0)).await.expect("stored");
    let mut accepted = first(&tables);
    let ten: Vec<_> = (0..10).map(|number| number.to_string()).collect();
    accepted["conflicts"] = json!({ "SS": ten });
    accepted["accepted_at"] = json!({"S": NOW});
    tables.put(CALLBACKS, &accepted);
    let before = first(&tables);
    let told = store.record(&callback(facts("other")), &Writer::new(1)).await;
    assert_eq!((told, first(&tables)), (Ok(Outcome::Conflict), before));

    accepted["attempts"] = json!({"N": "1"});
    tables.put(CALLBACKS, &accepted);
    store.record(&callback(facts("other")), &Writer::new(1)).await.expect("told");
    assert_eq!(first(&tables)["conflicts_not_kept"], json!({"N": "1"}));
}

#[tokio::test]
async fn a_lost_reply_is_not_a_duplicate() {
    let tables = Tables::serve().await;
    let mut wire = Intercept::listen().await;
    let store = store(wire.url());
    let writing =
        tokio::spawn(async move { store.record(&callback(facts("a")), &Writer::new(1)).await });
    wire.held().await.forward_and_lose_answer(tables.url()).await;
    wire.held().await.forward(tables.url()).await;
    assert_eq!(writing.await.expect("no panic"), Ok(Outcome::Recorded));
}

#[tokio::test]
async fn what_dynamodb_says_has_a_meaning() {
    for (status, code, unavailable) in [
        (400, "ThrottlingException", TableError::Throttled),
        (400, "ProvisionedThroughputExceededException", TableError::Throttled),
        (400, "RequestLimitExceeded", TableError::Throttled),
        (400, "TransactionConflictException", TableError::Contended),
        (400, "AccessDeniedException", TableError::Refused),
        (400, "ExpiredTokenException", TableError::Refused),
        (400, "ResourceNotFoundException", TableError::Refused),
        (400, "UnrecognizedClientException", TableError::Refused),
        (400, "ValidationException", TableError::Refused),
        (500, "InternalServerError", TableError::Failed),
        (400, "SomethingNew", TableError::Failed),
        // The condition failed, and what is there was not sent along.
        (400, "ConditionalCheckFailedException", TableError::Failed),
    ] {
        let error = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}")});
        let recorded = recorded(move |held| held.answer(status, &error.to_string())).await;
        assert_eq!(recorded, Err(unavailable), "{code}");
    }
}

#[tokio::test]
async fn what_dynamodb_does_not_say_is_no_success() {
    for (status, text) in [
        (200, "<html>"),
        (200, "{"),
        (500, "<html>"),
        (400, "<html>"),
        // Without DynamoDB's request id.
        (200, ""),
        (200, "{}"),
        (200, r#"{"Attributes":{}}"#),
    ] {
        let recorded = recorded(move |held| held.answer(status, text)).await;
        assert_eq!(recorded, Err(TableError::Failed), "{status} {text}");
    }
    assert_eq!(recorded(drop).await, Err(TableError::Unreachable));
}

#[test]
fn a_store_is_configured_by_name() {
    let connect = |table: Option<&str>, days: Option<&str>| {
        let others = settings("DYNAMODB", "http://127.0.0.1:1").into_iter();
        let mut all: Settings = others.filter(|(name, _)| name != "CALLBACKS_TABLE").collect();
        all.extend(table.map(|table| ("CALLBACKS_TABLE", table)));
        all.extend(days.map(|days| ("RETENTION_DAYS", days)));
        Store::connect(&all).map(drop).map_err(|error| error.variable)
    };
    for days in [None, Some(""), Some("0"), Some("90")] {
        assert_eq!(connect(Some("t"), days), Ok(()), "{days:?}");
    }
    for days in ["-1", "1.5", "ninety", " 1", "99999999999"] {
        assert_eq!(connect(Some("t"), Some(days)), Err("RETENTION_DAYS"), "{days}");
    }
    for table in [None, Some("")] {
        assert_eq!(connect(table, None), Err("CALLBACKS_TABLE"), "{table:?}");
    }
}

#[test]
fn a_writer_is_its_token() {
    let printed = |random| format!("{:?}", Writer::new(random));
    assert_eq!(printed(0), format!("Writer({:?})", "0".repeat(32)));
    assert_ne!(printed(1), printed(2));
}
