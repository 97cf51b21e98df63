use super::*;
use crate::aws_json::testing::ask;
use crate::state::State;

fn events() -> (Events, Arc<Queues>) {
    let text = r#"
Resources:
  ABus:
    Type: AWS::Events::EventBus
  Work:
    Type: AWS::SQS::Queue
  ARule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref ABus
      EventPattern: '{"source": ["callbacks"], "detail": {"provider": ["a"]}}'
      Targets: [{Id: Work, Arn: !GetAtt Work.Arn}]
"#;
    let template = Template::parse(text).expect("YAML");
    let state = Arc::new(State::open(None).expect("in memory"));
    let queues = Arc::new(Queues::of(&template, state, 1).expect("queues"));
    let bus = Arc::new(Bus::of(&template).expect("rules"));
    (Events::new(&template, bus, Arc::clone(&queues)), queues)
}

fn entry(detail: &str) -> Value {
    json!({"EventBusName": "ABus", "Source": "callbacks", "DetailType": "k", "Detail": detail})
}

#[tokio::test]
async fn an_event_goes_where_the_rules_put_it() {
    let (events, queues) = events();
    let entries = [entry(r#"{"provider":"a"}"#), entry(r#"{"provider":"b"}"#), entry("no JSON")];
    let (status, put) = ask(&events, "AWSEvents.PutEvents", json!({"Entries": entries})).await;
    assert_eq!((status, &put["FailedEntryCount"]), (200, &json!(1)), "{put}");
    assert_eq!(put["Entries"][2]["ErrorCode"], "MalformedDetail");

    let queue = queues.get("Work").expect("a queue");
    let received = queues.receive(queue, 10, None, false).expect("received");
    let [message] = received.as_slice() else { panic!("{received:?}") };
    let event: Value = serde_json::from_str(&message.body).expect("JSON");
    assert_eq!(event["id"], put["Entries"][0]["EventId"]);
    let told = ["source", "detail-type", "detail"].map(|name| event[name].clone());
    assert_eq!(told, [json!("callbacks"), json!("k"), json!({"provider": "a"})]);
}

#[tokio::test]
async fn a_bus_is_known_by_its_name_or_its_arn() {
    let (events, _) = events();
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
