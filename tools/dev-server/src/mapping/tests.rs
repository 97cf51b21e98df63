use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use super::*;

const TEXT: &str = r"
Parameters:
  Most: {Type: Number, Default: 7}
Globals:
  Function: {Timeout: 5}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 30
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 3
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: !Ref Most}
        Http: {Type: HttpApi, Properties: {Method: GET, Path: /}}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Events: {Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}
";

#[test]
fn mappings_are_those_of_the_template() {
    let one = Mapping {
        function: "One".to_owned(),
        queue: "Queue".to_owned(),
        batch: 3,
        concurrency: 7,
        timeout: Duration::from_secs(30),
        reports_failures: true,
    };
    let other = Mapping {
        function: "Other".to_owned(),
        batch: 10,
        concurrency: 5,
        timeout: Duration::from_secs(5),
        reports_failures: false,
        ..one.clone()
    };
    let mappings = Mapping::all(&Template::parse(TEXT).expect("YAML")).expect("mappings");
    assert_eq!(mappings, [one, other]);
}

#[test]
fn what_is_not_known_is_an_error() {
    let text = TEXT.replace("BatchSize: 3", "FilterCriteria: {Filters: []}");
    let error = Mapping::all(&Template::parse(&text).expect("YAML")).expect_err("a filter");
    assert_eq!(error.to_string(), "One: FilterCriteria is missing, or not known here");
}

/// Messages of a queue with a timeout of a second, scaled to 10 ms.
fn queues() -> Arc<Queues> {
    let text = "
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 1
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead:
    Type: AWS::SQS::Queue
";
    let queues = Queues::of(&Template::parse(text).expect("YAML"), 100).expect("queues");
    Arc::new(queues)
}

fn mapping() -> Mapping {
    Mapping {
        function: "Function".to_owned(),
        queue: "Queue".to_owned(),
        batch: 10,
        concurrency: 2,
        timeout: Duration::from_millis(200),
        reports_failures: true,
    }
}

/// Sends `bodies`, lets `work` have them, and waits until the queue is empty: how often each body was
/// handed over, and the bodies that are dead letters.
async fn worked_off(
    bodies: &[&str],
    work: impl Fn(&Value) -> Value + Send + Sync + 'static,
) -> (Vec<(String, usize)>, Vec<String>) {
    let queues = queues();
    let queue = queues.get("Queue").expect("a queue");
    for body in bodies {
        queues.send(queue, body, "{}", None);
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let work: Work = Arc::new(move |event| {
        for record in event["Records"].as_array().expect("records") {
            noted.lock().expect("a lock").push(record["body"].as_str().expect("a body").to_owned());
        }
        let response = work(&event);
        Box::pin(async move {
            if response == "sleep" {
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
            assert!(response != "panic", "as asked for");
            Some(response)
        })
    });
    mapping().start(&queues, work).expect("a queue");
    let begun = Instant::now();
    while queues.count(queue) != [0, 0, 0] {
        assert!(begun.elapsed() < Duration::from_secs(10), "the queue does not become empty");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let dead = queues.get("Dead").expect("a queue");
    let dead = queues.receive(dead, 10, None, false);
    let seen = seen.lock().expect("a lock");
    let times = |body: &&str| ((*body).to_owned(), seen.iter().filter(|seen| seen == body).count());
    (bodies.iter().map(times).collect(), dead.into_iter().map(|letter| letter.body).collect())
}

#[tokio::test]
async fn messages_that_are_done_go_and_those_that_failed_come_back() {
    let (times, dead) = worked_off(&["good", "bad", "slow"], |event| {
        let failures = event["Records"].as_array().expect("records").iter().filter(|record| {
            let again = record["attributes"]["ApproximateReceiveCount"] == "1";
            record["body"] == "bad" || record["body"] == "slow" && again
        });
        let failures = failures.map(|record| json!({"itemIdentifier": record["messageId"]}));
        json!({"batchItemFailures": failures.collect::<Vec<_>>()})
    })
    .await;
    let expected = [("good", 1), ("bad", 3), ("slow", 2)];
    assert_eq!(times, expected.map(|(body, times)| (body.to_owned(), times)));
    assert_eq!(dead, ["bad"]);
}

#[tokio::test]
async fn a_panic_a_timeout_and_a_response_that_is_none_fail_the_whole_batch() {
    for response in [json!("panic"), json!("sleep"), json!({"batchItemFailures": [{}]})] {
        let (times, dead) = worked_off(&["a", "b"], move |_| response.clone()).await;
        assert_eq!(times, [("a".to_owned(), 3), ("b".to_owned(), 3)]);
        assert_eq!(dead, ["a", "b"]);
    }
}
