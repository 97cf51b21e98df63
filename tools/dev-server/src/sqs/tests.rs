use bundle::template::Template;

use super::*;
use crate::aws_json::testing::ask;

const URL: &str = "http://127.0.0.1:9324";

fn sqs() -> Sqs {
    let text = "
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 180
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 50}
  Dead:
    Type: AWS::SQS::Queue
";
    let queues = Queues::of(&Template::parse(text).expect("YAML"), 1).expect("queues");
    Sqs::new(Arc::new(queues), URL.to_owned())
}

/// Calls an operation: its status and its answer.
async fn call(sqs: &Sqs, operation: &str, input: Value) -> (u16, Value) {
    ask(sqs, &format!("AmazonSQS.{operation}"), input).await
}

async fn done(sqs: &Sqs, operation: &str, input: Value) -> Value {
    let (status, output) = call(sqs, operation, input).await;
    assert_eq!(status, 200, "{output}");
    output
}

fn url(id: &str) -> String {
    queue_url(URL, id)
}

#[tokio::test]
async fn messages_are_sent_received_postponed_and_deleted() {
    let sqs = sqs();
    let work = url("Work");
    let attributes = json!({"reason": {"DataType": "String", "StringValue": "refused"}});
    let sent = done(
        &sqs,
        "SendMessage",
        json!({"QueueUrl": work, "MessageBody": "Test message.", "MessageAttributes": attributes}),
    )
    .await;
    assert_eq!(sent["MD5OfMessageBody"], "e4e68fb7bd0e697a0ae8f1bb342846b3");

    let received = done(&sqs, "ReceiveMessage", json!({"QueueUrl": work})).await;
    let message = &received["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["Body"], "Test message.");
    assert_eq!(message["MessageAttributes"], attributes);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "1");
    let again = done(&sqs, "ReceiveMessage", json!({"QueueUrl": work})).await;
    assert_eq!(again, json!({"Messages": []}));

    let receipt = &message["ReceiptHandle"];
    let hide =
        |seconds| json!({"QueueUrl": work, "ReceiptHandle": receipt, "VisibilityTimeout": seconds});
    assert_eq!(done(&sqs, "ChangeMessageVisibility", hide(0)).await, json!({}));
    let (status, refused) = call(&sqs, "ChangeMessageVisibility", hide(10)).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("com.amazonaws.sqs#MessageNotInflight")));

    let received = done(&sqs, "ReceiveMessage", json!({"QueueUrl": work})).await;
    let receipt = &received["Messages"][0]["ReceiptHandle"];
    done(&sqs, "DeleteMessage", json!({"QueueUrl": work, "ReceiptHandle": receipt})).await;
    let all = json!({"QueueUrl": work, "AttributeNames": ["All"]});
    let attributes = &done(&sqs, "GetQueueAttributes", all).await["Attributes"];
    assert_eq!(attributes["ApproximateNumberOfMessages"], "0");
    assert_eq!(attributes["ApproximateNumberOfMessagesNotVisible"], "0");
    assert_eq!(attributes["VisibilityTimeout"], "180");
}

#[tokio::test]
async fn queues_are_found() {
    let sqs = sqs();
    let list = done(&sqs, "ListQueues", json!({})).await;
    assert_eq!(list, json!({"QueueUrls": [url("Dead"), url("Work")]}));
    let named = done(&sqs, "GetQueueUrl", json!({"QueueName": "Work"})).await;
    assert_eq!(named, json!({"QueueUrl": "http://127.0.0.1:9324/123456789012/Work"}));
    let asked = json!({"QueueUrl": url("Work"), "AttributeNames": ["RedrivePolicy"]});
    let policy =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:Dead","maxReceiveCount":50}"#;
    let attributes = done(&sqs, "GetQueueAttributes", asked).await;
    assert_eq!(attributes, json!({"Attributes": {"RedrivePolicy": policy}}));
}

#[tokio::test]
async fn dead_letters_go_back_to_their_queue() {
    let sqs = sqs();
    for body in ["a", "b"] {
        done(&sqs, "SendMessage", json!({"QueueUrl": url("Dead"), "MessageBody": body})).await;
    }
    let arn = |id: &str| names::arn("sqs", id);
    let (status, _) = call(&sqs, "StartMessageMoveTask", json!({"SourceArn": arn("Work")})).await;
    assert_eq!(status, 400);
    done(&sqs, "StartMessageMoveTask", json!({"SourceArn": arn("Dead")})).await;
    let ten = |id| json!({"QueueUrl": url(id), "MaxNumberOfMessages": 10});
    let received = done(&sqs, "ReceiveMessage", ten("Work")).await;
    assert_eq!(received["Messages"].as_array().map(Vec::len), Some(2));

    done(&sqs, "SendMessage", json!({"QueueUrl": url("Dead"), "MessageBody": "c"})).await;
    done(&sqs, "PurgeQueue", json!({"QueueUrl": url("Dead")})).await;
    assert_eq!(done(&sqs, "ReceiveMessage", ten("Dead")).await, json!({"Messages": []}));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_under_the_names_of_sqs() {
    let sqs = sqs();
    let work = url("Work");
    for (operation, input, name) in [
        ("ReceiveMessage", json!({"QueueUrl": url("Other")}), "QueueDoesNotExist"),
        ("GetQueueUrl", json!({"QueueName": "Other"}), "QueueDoesNotExist"),
        ("ReceiveMessage", json!({}), "MissingParameter"),
        ("SendMessage", json!({"QueueUrl": work, "MessageBody": ""}), "MissingParameter"),
        (
            "ChangeMessageVisibility",
            json!({"QueueUrl": work, "ReceiptHandle": "x", "VisibilityTimeout": 43_201}),
            "InvalidParameterValue",
        ),
        (
            "ChangeMessageVisibility",
            json!({"QueueUrl": work, "ReceiptHandle": "x", "VisibilityTimeout": 43_200}),
            "MessageNotInflight",
        ),
        (
            "ReceiveMessage",
            json!({"QueueUrl": work, "MaxNumberOfMessages": 11}),
            "InvalidParameterValue",
        ),
        ("CreateQueue", json!({}), "UnsupportedOperation"),
    ] {
        let (status, refused) = call(&sqs, operation, input.clone()).await;
        assert_eq!(status, 400, "{operation} {input}");
        assert_eq!(refused["__type"], format!("com.amazonaws.sqs#{name}"), "{operation} {input}");
    }
}

#[tokio::test]
async fn a_batch_is_sent_each_message_by_itself() {
    let sqs = sqs();
    let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
    let batch = |entries: Vec<Value>| json!({"QueueUrl": url("Work"), "Entries": entries});
    let sent = done(
        &sqs,
        "SendMessageBatch",
        batch(vec![entry("a", "Test message."), entry("b", ""), entry("c", "c")]),
    )
    .await;
    let ids = |name: &str| {
        let entries = sent[name].as_array().expect("a list").iter();
        entries.map(|it| it["Id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids("Successful"), ids("Failed")),
        (vec!["a".into(), "c".into()], vec!["b".into()])
    );
    assert_eq!(sent["Successful"][0]["MD5OfMessageBody"], "e4e68fb7bd0e697a0ae8f1bb342846b3");
    assert_eq!(sent["Failed"][0]["SenderFault"], true);
    let received =
        done(&sqs, "ReceiveMessage", json!({"QueueUrl": url("Work"), "MaxNumberOfMessages": 10}))
            .await;
    let bodies: Vec<_> = received["Messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["Body"].clone())
        .collect();
    assert_eq!(bodies, ["Test message.", "c"]);

    for (entries, refusal) in
        [(vec![], "EmptyBatchRequest"), (vec![entry("a", "a"); 11], "TooManyEntriesInBatchRequest")]
    {
        let (status, refused) = call(&sqs, "SendMessageBatch", batch(entries)).await;
        assert_eq!(
            (status, &refused["__type"]),
            (400, &json!(format!("com.amazonaws.sqs#{refusal}")))
        );
    }
}
