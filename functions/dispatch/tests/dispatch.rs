//! What SQS and the bus are asked for, and what Lambda is told where they refuse.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::pin::pin;

use dispatch::stream::StreamEvent;
use dispatch::{BatchResponse, Dispatch};
use serde_json::{Value, json};
use settings::Settings;
use test_support::Intercept;

const LEDGER: &str = "https://sqs.us-east-1.amazonaws.com/1/ledger";
const DELIVERY: &str = "https://sqs.us-east-1.amazonaws.com/1/delivery";
const DEAD_LETTERS: &str = "https://sqs.us-east-1.amazonaws.com/1/dead-letters";
const BUS: &str = "callbacks";

/// The function's settings, with everything behind `url`.
fn with_everything(url: &str) -> Settings {
    test_support::settings("SQS", url)
        .with("AWS_ENDPOINT_URL_EVENTBRIDGE", url)
        .with("QUEUES", json!({"ledger": LEDGER, "p-delivery": DELIVERY}).to_string())
        .with("DEAD_LETTER_QUEUE_URL", DEAD_LETTERS)
        .with("EVENT_BUS", BUS)
}

/// The record `id` as it came into the stream at place `number`.
fn record(number: u32, id: &str) -> Value {
    json!({
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": {"id": {"S": id}},
            "NewImage": {
                "id": {"S": id}, "provider": {"S": "p"}, "kind": {"S": "k"}, "user": {"S": "u"},
                "effect": {"S": "credit"}, "effect_of": {"S": ""}, "settler": {"S": "ledger"},
                "amount": {"S": "1.50"}, "unit": {"S": "xp"}, "test": {"BOOL": false},
                "state": {"S": "recorded"}, "received_at": {"S": "2026-08-01T12:00:00.000Z"},
                "key_id": {"S": "k1"}, "payload": {"S": "{}"},
            },
            "SequenceNumber": number.to_string(),
        },
    })
}

/// The same with the attribute `name` changed.
fn with(mut record: Value, name: &str, value: Value) -> Value {
    record["dynamodb"]["NewImage"][name] = value;
    record
}

/// Records `a`, `b`, … at the places 1, 2, …
fn records(count: u32) -> Vec<Value> {
    let id = |number: u32| char::from_u32(96 + number).expect("a letter").to_string();
    (1..=count).map(|number| record(number, &id(number))).collect()
}

/// What a service was asked for, with the operation.
type Asked = Vec<(String, Value)>;

/// Hands a batch over while `answer` says what becomes of each request: what was asked for, and the response.
async fn handle_with(
    records: &[Value],
    settings: &Settings,
    mut wire: Intercept,
    answer: impl Fn(&str, &Value) -> (u16, Value),
) -> (Asked, BatchResponse) {
    let dispatch = Dispatch::configure(settings).expect("configured");
    let event = json!({"Records": records}).to_string();
    let event: StreamEvent = serde_json::from_str(&event).expect("an event");
    let mut handled = pin!(dispatch.handle(event));
    let mut asked = Vec::new();
    loop {
        tokio::select! {
            held = wire.held() => {
                let (operation, input) = (held.operation().to_owned(), held.json());
                let (status, json) = answer(&operation, &input);
                held.answer(status, &json.to_string());
                asked.push((operation, input));
            }
            response = &mut handled => return (asked, response.expect("places")),
        }
    }
}

async fn handle(
    records: &[Value],
    answer: impl Fn(&str, &Value) -> (u16, Value),
) -> (Asked, BatchResponse) {
    let wire = Intercept::listen().await;
    let settings = with_everything(wire.url());
    handle_with(records, &settings, wire, answer).await
}

/// What takes everything but the ids that `refused` has a code for, by operation.
fn refusing<'a>(
    operation: &'a str,
    refused: &'a [(&'a str, &'a str)],
) -> impl Fn(&str, &Value) -> (u16, Value) + 'a {
    move |asked, input| {
        let code = |text: &str| {
            let detail: Value = serde_json::from_str(text).expect("JSON");
            let id = detail["detail"]["id"].as_str().or(detail["id"].as_str()).expect("an id");
            let code = refused.iter().find(|(refused, _)| *refused == id).map(|(_, code)| *code);
            code.filter(|_| asked == operation)
        };
        let entries = input["Entries"].as_array().into_iter().flatten();
        match asked {
            "SendMessageBatch" => {
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                for entry in entries {
                    match code(entry["MessageBody"].as_str().expect("a body")) {
                        None => successful.push(json!({
                            "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0".repeat(32),
                        })),
                        Some(code) => failed.push(json!({
                            "Id": entry["Id"], "Code": code,
                            "SenderFault": code == "InvalidMessageContents" || code == "RequestThrottled",
                        })),
                    }
                }
                (200, json!({"Successful": successful, "Failed": failed}))
            }
            "PutEvents" => {
                let results: Vec<_> = entries
                    .map(|entry| match code(entry["Detail"].as_str().expect("a detail")) {
                        None => json!({"EventId": "e"}),
                        Some(code) => json!({"ErrorCode": code, "ErrorMessage": "no"}),
                    })
                    .collect();
                let failed = results.iter().filter(|it| it["EventId"].is_null()).count();
                (200, json!({"FailedEntryCount": failed, "Entries": results}))
            }
            "SendMessage" if operation == "SendMessage" => denied(),
            _ => (200, json!({"MessageId": "m", "MD5OfMessageBody": "0".repeat(32)})),
        }
    }
}

fn denied() -> (u16, Value) {
    (400, json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"}))
}

fn all(operation: &str, input: &Value) -> (u16, Value) {
    refusing("nothing", &[])(operation, input)
}

/// The place that Lambda reads again from.
fn failed(response: BatchResponse) -> Vec<String> {
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

/// The ids of the messages by the queues that they were sent to.
fn sent(asked: &Asked) -> BTreeMap<String, Vec<String>> {
    let mut sent = BTreeMap::<_, Vec<String>>::new();
    for (_, input) in asked.iter().filter(|(operation, _)| operation == "SendMessageBatch") {
        for entry in input["Entries"].as_array().expect("entries") {
            let body = entry["MessageBody"].as_str().expect("a body");
            let message: Value = serde_json::from_str(body).expect("JSON");
            let id = message["detail"]["id"].as_str().expect("an id").to_owned();
            sent.entry(input["QueueUrl"].as_str().expect("a URL").to_owned()).or_default().push(id);
        }
    }
    sent
}

/// The ids of the events, in their order.
fn put(asked: &Asked) -> Vec<String> {
    let puts = asked.iter().filter(|(operation, _)| operation == "PutEvents");
    let entries = puts.flat_map(|(_, input)| input["Entries"].as_array().expect("entries"));
    entries
        .map(|entry| {
            let told = ["EventBusName", "Source"].map(|name| entry[name].clone());
            assert_eq!(told, [BUS, "callbacks"]);
            let detail: Value =
                serde_json::from_str(entry["Detail"].as_str().expect("text")).expect("JSON");
            detail["id"].as_str().expect("an id").to_owned()
        })
        .collect()
}

/// What happened, by the events, in their order.
fn happenings(asked: &Asked) -> Vec<String> {
    let puts = asked.iter().filter(|(operation, _)| operation == "PutEvents");
    let entries = puts.flat_map(|(_, input)| input["Entries"].as_array().expect("entries"));
    entries.map(|entry| entry["DetailType"].as_str().expect("text").to_owned()).collect()
}

/// The dead letters: whole records, with their reasons.
fn letters(asked: &Asked) -> Vec<(Value, String)> {
    let letters = asked.iter().filter(|(operation, _)| operation == "SendMessage");
    letters
        .map(|(_, input)| {
            assert_eq!(input["QueueUrl"], DEAD_LETTERS);
            let body = input["MessageBody"].as_str().expect("a body");
            let attributes = &input["MessageAttributes"];
            let reason = attributes["reason"]["StringValue"].as_str().expect("a reason").to_owned();
            let record: Value = serde_json::from_str(body).expect("JSON");
            let place = &attributes["sequence_number"]["StringValue"];
            assert_eq!(*place, record["dynamodb"]["SequenceNumber"]);
            (record, reason)
        })
        .collect()
}

#[tokio::test]
async fn a_record_is_sent_to_its_settler_and_to_the_bus() {
    let payload = "{\"a\":\"\\\"\\u0000\\n\u{7}\u{ffff}é\"}";
    let record = with(record(1, "a"), "payload", json!({"S": payload}));
    let (asked, response) = handle(&[record], all).await;
    assert_eq!(failed(response), [""; 0]);
    assert_eq!(asked.len(), 2);
    let input = |operation: &str| {
        let found = asked.iter().find(|(asked, _)| asked == operation).map(|(_, input)| input);
        found.expect(operation)
    };
    let detail = json!({
        "id": "a", "provider": "p", "kind": "k", "user": "u", "effect": "credit", "effect_of": "",
        "settler": "ledger", "amount": "1.50", "unit": "xp", "test": false, "state": "recorded",
        "received_at": "2026-08-01T12:00:00.000Z", "key_id": "k1", "payload": payload,
    });
    let message = input("SendMessageBatch")["Entries"][0]["MessageBody"].as_str().expect("a body");
    assert!(!message.contains('\u{ffff}'), "SQS refuses it");
    let message: Value = serde_json::from_str(message).expect("JSON");
    assert_eq!(message, json!({"source": "callbacks", "detail-type": "k", "detail": detail}));
    let put = &input("PutEvents")["Entries"][0];
    assert_eq!(put["DetailType"], "recorded");
    let told: Value =
        serde_json::from_str(put["Detail"].as_str().expect("a detail")).expect("JSON");
    for (name, value) in detail.as_object().expect("an object") {
        // What happened says the type.
        let wanted = (name != "state").then_some(value);
        assert_eq!(told.get(name), wanted, "{name}");
    }
}

#[tokio::test]
async fn what_is_nobodys_to_settle_goes_to_the_bus_alone() {
    let records = [
        with(record(1, "held"), "state", json!({"S": "held"})),
        with(record(2, "test"), "test", json!({"BOOL": true})),
        with(record(3, "login"), "settler", json!({"S": "none"})),
        with(record(4, "conflict"), "state", json!({"S": "conflict"})),
        with(record(5, "delivery"), "settler", json!({"S": "p-delivery"})),
        with(record(6, "sixth"), "settler", json!({"S": "sixth-delivery"})),
        record(7, "credit"),
    ];
    let (asked, response) = handle(&records, all).await;
    assert_eq!(failed(response), [""; 0]);
    // The ledger makes a dead letter of what names a settler that has no queue.
    let queues = [(LEDGER, vec!["sixth", "credit"]), (DELIVERY, vec!["delivery"])];
    let queues = queues
        .map(|(url, ids)| (url.to_owned(), ids.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(sent(&asked), queues.into());
    let all = ["held", "test", "login", "conflict", "delivery", "sixth", "credit"];
    assert_eq!(put(&asked), all);
    let recorded = "recorded";
    assert_eq!(
        happenings(&asked),
        ["held", recorded, recorded, "conflict", recorded, recorded, recorded]
    );
}

#[tokio::test]
async fn what_a_person_accepted_is_sent_once() {
    let mut accepted =
        with(record(1, "a"), "accepted_at", json!({"S": "2026-08-02T12:00:00.000Z"}));
    accepted["eventName"] = json!("MODIFY");
    let attempted = with(accepted.clone(), "attempts", json!({"N": "1"}));
    let unsettled = changed(record(3, "c"), "retrying");
    let gone = json!({"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "4"}});
    let (asked, response) = handle(&[accepted, attempted, unsettled, gone], all).await;
    assert_eq!(failed(response), [""; 0]);
    assert_eq!(sent(&asked)[LEDGER], ["a"]);
    assert_eq!(
        (put(&asked), happenings(&asked)),
        (vec!["a".to_owned()], vec!["accepted".to_owned()])
    );
}

/// The change of a record that brought it into `state`.
fn changed(record: Value, state: &str) -> Value {
    let mut changed = with(record, "state", json!({"S": state}));
    changed = with(changed, "settled_at", json!({"S": "2026-08-02T12:00:00.000Z"}));
    changed["eventName"] = json!("MODIFY");
    changed
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn what_became_of_a_record_goes_to_the_bus_alone() {
    let states =
        ["credited", "debited", "reversed", "redeemed", "delivered", "refused", "rejected"];
    let states = [&states[..], &["without_effect", "dead", "closed"]].concat();
    let records: Vec<_> =
        (1..).zip(&states).map(|(number, state)| changed(record(number, state), state)).collect();
    let (asked, response) = handle(&records, all).await;
    assert_eq!(failed(response), [""; 0]);
    assert!(sent(&asked).is_empty());
    assert_eq!((put(&asked), happenings(&asked)), (owned(&states), owned(&states)));
    // Without a bus nothing is asked of anybody.
    let wire = Intercept::listen().await;
    let settings = with_everything(wire.url()).with("EVENT_BUS", "");
    let (asked, response) = handle_with(&records, &settings, wire, all).await;
    assert_eq!((asked.len(), failed(response)), (0, Vec::<String>::new()));
}

#[tokio::test]
async fn without_a_bus_records_go_to_their_queues_alone() {
    for (name, value) in [("EVENT_BUS", ""), ("EVENT_BUS_ENABLED", "false")] {
        let wire = Intercept::listen().await;
        let settings = with_everything(wire.url()).with(name, value);
        let (asked, response) = handle_with(&records(1), &settings, wire, all).await;
        assert_eq!((asked.len(), failed(response)), (1, Vec::<String>::new()), "{name}");
    }
}

#[tokio::test]
async fn the_stream_is_read_again_from_the_first_failure_on() {
    for operation in ["SendMessageBatch", "PutEvents"] {
        let refused = [("e", "InternalFailure"), ("c", "ThrottlingException")];
        let (asked, response) = handle(&records(5), refusing(operation, &refused)).await;
        assert_eq!(failed(response), ["3"], "{operation}");
        assert_eq!(letters(&asked), []);
        let every: Vec<_> = records(5).iter().map(|_| "1").collect();
        let (_, response) = handle(
            &records(5),
            refusing(operation, &["a", "b", "c", "d", "e"].map(|id| (id, "InternalFailure"))),
        )
        .await;
        assert_eq!(failed(response), every[..1], "{operation}: all of them");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_kept_whole_and_blocks_nothing() {
    for (operation, code) in [
        ("SendMessageBatch", "InvalidMessageContents"),
        ("PutEvents", "MalformedDetail"),
        ("PutEvents", "InvalidArgument"),
    ] {
        let (asked, response) = handle(&records(3), refusing(operation, &[("b", code)])).await;
        assert_eq!(failed(response), [""; 0], "{operation}");
        assert_eq!(letters(&asked), [(record(2, "b"), code.to_owned())]);
    }
    // Too fast is not for good, whoever's fault it is.
    let throttled = [("b", "RequestThrottled")];
    let (asked, response) = handle(&records(3), refusing("SendMessageBatch", &throttled)).await;
    assert_eq!((failed(response), letters(&asked)), (vec!["2".to_owned()], vec![]));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_kept_whole_and_never_skipped() {
    let strange = with(record(2, "b"), "test", json!({"S": "no"}));
    let batch = [record(1, "a"), strange.clone(), record(3, "c")];
    let (asked, response) = handle(&batch, all).await;
    assert_eq!(failed(response), [""; 0]);
    assert_eq!(letters(&asked), [(strange, "unreadable".to_owned())]);
    assert_eq!(put(&asked), ["a", "c"]);
    // Behind a failure it comes again, and is kept once, then.
    let (asked, response) =
        handle(&batch, refusing("PutEvents", &[("a", "InternalFailure")])).await;
    assert_eq!((failed(response), letters(&asked)), (vec!["1".to_owned()], vec![]));
    // Where it cannot be kept it comes again.
    let (_, response) = handle(&batch, refusing("SendMessage", &[])).await;
    assert_eq!(failed(response), ["2"]);
}

#[tokio::test]
async fn a_service_that_does_not_answer_fails_all_that_was_for_it() {
    let delivery = with(record(1, "z"), "settler", json!({"S": "p-delivery"}));
    let mut batch = vec![delivery];
    batch.extend((2..=13).map(|number| record(number, &format!("r{number}"))));
    let is_ledgers = |input: &Value| input["QueueUrl"] == LEDGER;
    let (asked, response) =
        handle(
            &batch,
            |operation, input| {
                if is_ledgers(input) { denied() } else { all(operation, input) }
            },
        )
        .await;
    // The other queue has its own, and nothing was sent to this one after the first refusal.
    assert_eq!(failed(response), ["2"]);
    assert_eq!(asked.iter().filter(|(_, input)| is_ledgers(input)).count(), 1);
    assert_eq!((sent(&asked)[DELIVERY].len(), put(&asked).len()), (1, 13));

    let (asked, response) = handle(&batch, |operation, input| match operation {
        "PutEvents" => denied(),
        operation => all(operation, input),
    })
    .await;
    assert_eq!(failed(response), ["1"]);
    assert_eq!(sent(&asked)[LEDGER].len(), 12);
}

#[tokio::test]
async fn what_a_service_says_nothing_of_does_not_count_as_sent() {
    let (_, response) = handle(&records(2), |operation, input| match operation {
        "SendMessageBatch" => (200, json!({"Successful": [], "Failed": []})),
        operation => all(operation, input),
    })
    .await;
    assert_eq!(failed(response), ["1"]);
    let (_, response) = handle(&records(2), |operation, input| match operation {
        "PutEvents" => (200, json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]})),
        operation => all(operation, input),
    })
    .await;
    assert_eq!(failed(response), ["2"]);
}

#[tokio::test]
async fn calls_are_of_ten_records_and_256_kib_at_most() {
    let large = |number: u32| {
        let payload = "x".repeat(100 * 1024);
        with(record(number, &number.to_string()), "payload", json!({"S": payload}))
    };
    for (batch, calls) in [
        ((1..=5).map(large).collect::<Vec<_>>(), vec![2, 2, 1]),
        ((1..=23).map(|number| record(number, &number.to_string())).collect(), vec![10, 10, 3]),
    ] {
        let (asked, response) = handle(&batch, all).await;
        assert_eq!(failed(response), [""; 0]);
        for operation in ["SendMessageBatch", "PutEvents"] {
            let inputs = asked.iter().filter(|(asked, _)| asked == operation);
            let lengths: Vec<_> = inputs
                .map(|(_, input)| input["Entries"].as_array().expect("entries").len())
                .collect();
            assert_eq!(lengths, calls, "{operation}");
        }
        let ids: Vec<_> = (1..=batch.len()).map(|number| number.to_string()).collect();
        assert_eq!((put(&asked), &sent(&asked)[LEDGER]), (ids.clone(), &ids), "in order");
    }
}

#[test]
fn unusable_settings_are_named() {
    for (name, value) in [
        ("QUEUES", ""),
        ("QUEUES", "[]"),
        ("QUEUES", r#"{"p-delivery":"https://q"}"#),
        ("DEAD_LETTER_QUEUE_URL", ""),
        ("EVENT_BUS_ENABLED", "yes"),
    ] {
        let settings = with_everything("http://127.0.0.1:1").with(name, value);
        let error = Dispatch::configure(&settings).expect_err(name);
        assert_eq!(error.variable, name);
    }
}
