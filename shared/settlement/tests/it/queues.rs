//! What SQS is asked for, and what follows where it fails.

use std::pin::pin;

use serde_json::{Value, json};
use settings::Settings;
use settlement::Worker;
use test_support::{
    Intercept, settings,
    sqs::{event, failed},
};

use crate::support::{Obedient, body, clock, message, worker};

const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/1/queue";
const DEAD_LETTERS: &str = "https://sqs.us-east-1.amazonaws.com/1/dead-letters";

/// The settings of a function whose queues are behind `url`.
fn with_queues(url: &str) -> Settings {
    settings("SQS", url).with("QUEUE_URL", QUEUE).with("DEAD_LETTER_QUEUE_URL", DEAD_LETTERS)
}

/// Handles one message while SQS gives `answer` to everything: what it was asked for, and the ids that
/// come back.
async fn handle(message: Value, answer: (u16, Value)) -> (Vec<(String, Value)>, Vec<String>) {
    let mut wire = Intercept::listen().await;
    let worker = worker(Obedient::new(), &with_queues(wire.url()));
    let (status, json) = (answer.0, answer.1.to_string());
    let mut handled = pin!(worker.handle(event(&[message])));
    let mut asked = Vec::new();
    loop {
        tokio::select! {
            held = wire.held() => {
                asked.push((held.operation().to_owned(), held.json()));
                held.answer(status, &json);
            }
            response = &mut handled => return (asked, failed(response)),
        }
    }
}

fn refusal() -> (u16, Value) {
    (400, json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"}))
}

#[tokio::test]
async fn a_message_that_is_to_be_tried_again_comes_back_after_the_pause() {
    let postponed = (
        "ChangeMessageVisibility".to_owned(),
        json!({"QueueUrl": QUEUE, "ReceiptHandle": "receipt of m", "VisibilityTimeout": 2}),
    );
    let (asked, failed) = handle(message("m", "again"), (200, json!({}))).await;
    assert_eq!((asked.as_slice(), failed.as_slice()), (&[postponed][..], &["m".to_owned()][..]));
    // Where SQS refuses, it comes back all the same, after the queue's own timeout.
    let (asked, failed) = handle(message("m", "again"), refusal()).await;
    assert_eq!((asked.len(), failed.as_slice()), (1, &["m".to_owned()][..]));
}

fn letter(body: &Value, reason: &str) -> (String, Value) {
    let text = |value: &str| json!({"DataType": "String", "StringValue": value});
    (
        "SendMessage".to_owned(),
        json!({
            "QueueUrl": DEAD_LETTERS,
            "MessageBody": body,
            "MessageAttributes": {"reason": text(reason), "message_id": text("m")},
        }),
    )
}

fn sent() -> (u16, Value) {
    (200, json!({"MessageId": "letter", "MD5OfMessageBody": "0".repeat(32)}))
}

#[tokio::test]
async fn a_message_that_nothing_helps_goes_to_the_dead_letters() {
    let body = body("m", "dead_letter");
    let (asked, failed) = handle(message("m", "dead_letter"), sent()).await;
    assert_eq!(asked, [letter(&json!(body), "undeliverable")]);
    assert!(failed.is_empty());
    // It is not lost where it cannot be sent there.
    let (asked, failed) = handle(message("m", "dead_letter"), refusal()).await;
    assert_eq!((asked.len(), failed.as_slice()), (1, &["m".to_owned()][..]));
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_a_dead_letter_as_it_is() {
    for unreadable in ["{}", "no JSON", "[1]", r#"{"detail":{}}"#, "\u{1F4A5}"] {
        let mut message = message("m", "done");
        message["body"] = json!(unreadable);
        let (asked, failed) = handle(message, sent()).await;
        assert_eq!(asked, [letter(&json!(unreadable), "unreadable")]);
        assert!(failed.is_empty());
    }
}

#[tokio::test]
async fn without_its_queue_a_verdict_is_a_failure_like_any_other() {
    for (missing, kind) in [("QUEUE_URL", "again"), ("DEAD_LETTER_QUEUE_URL", "dead_letter")] {
        let all = with_queues("http://127.0.0.1:0");
        let absent = all.clone().into_iter().filter(|(name, _)| name != missing).collect();
        for settings in [absent, all.with(missing, "")] {
            let worker = worker(Obedient::new(), &settings);
            let messages = [message("m", kind), message("n", "done")];
            assert_eq!(failed(worker.handle(event(&messages)).await), ["m"], "{missing}");
        }
    }
}

#[tokio::test]
async fn queues_need_aws_and_no_queues_do_not() {
    let queue_only = Settings::from([("QUEUE_URL", QUEUE)]);
    let refused = Worker::configure(&queue_only, Obedient::new(), clock);
    assert!(refused.is_err_and(|misconfigured| misconfigured.variable.starts_with("AWS_")));
    assert!(Worker::configure(&Settings::default(), Obedient::new(), clock).is_ok());
}
