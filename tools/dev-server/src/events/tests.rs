use super::*;
use crate::aws_json::testing::ask;

fn events() -> Events {
    let text = "
Resources:
  ABus:
    Type: AWS::Events::EventBus
";
    Events::new(&Template::parse(text).expect("YAML"))
}

fn entry(detail: &str) -> Value {
    json!({"EventBusName": "ABus", "Source": "callbacks", "DetailType": "k", "Detail": detail})
}

#[tokio::test]
async fn an_event_is_taken_or_refused_by_itself() {
    let entries = [entry(r#"{"provider":"a"}"#), entry("no JSON"), entry("[]"), entry("{}")];
    let (status, put) = ask(&events(), "AWSEvents.PutEvents", json!({"Entries": entries})).await;
    assert_eq!((status, &put["FailedEntryCount"]), (200, &json!(2)), "{put}");
    let taken: Vec<_> = (0..4).map(|place| put["Entries"][place]["EventId"].is_string()).collect();
    assert_eq!(taken, [true, false, false, true]);
    assert_eq!(put["Entries"][1]["ErrorCode"], "MalformedDetail");
}

#[test]
fn a_target_gets_the_entry_in_an_envelope() {
    let event = event(&entry(r#"{"id":"a"}"#)).expect("an event");
    let own = ["source", "detail-type", "detail"].map(|name| event[name].clone());
    assert_eq!(own, [json!("callbacks"), json!("k"), json!({"id": "a"})]);
    let members: Vec<_> = event.as_object().expect("an object").keys().collect();
    let envelope = [
        "account",
        "detail",
        "detail-type",
        "id",
        "region",
        "resources",
        "source",
        "time",
        "version",
    ];
    assert_eq!(members, envelope);
}

#[tokio::test]
async fn a_bus_is_known_by_its_name_or_its_arn() {
    let events = events();
    for name in ["ABus", "arn:aws:events:us-east-1:123456789012:event-bus/ABus"] {
        let (status, bus) = ask(&events, "AWSEvents.DescribeEventBus", json!({"Name": name})).await;
        assert_eq!((status, &bus["Name"]), (200, &json!("ABus")), "{bus}");
    }
    for (operation, input, refusal) in [
        ("DescribeEventBus", json!({"Name": "Other"}), "ResourceNotFoundException"),
        ("PutEvents", json!({"Entries": []}), "ValidationException"),
        ("PutEvents", json!({"Entries": vec![entry("{}"); 11]}), "ValidationException"),
        ("PutRule", json!({}), "UnsupportedOperation"),
    ] {
        let (status, refused) = ask(&events, &format!("AWSEvents.{operation}"), input).await;
        assert_eq!((status, &refused["__type"]), (400, &json!(refusal)), "{refused}");
    }
}
