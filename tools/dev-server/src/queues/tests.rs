use super::*;

const TEXT: &str = "
Resources:
  Plain:
    Type: AWS::SQS::Queue
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 180
      MessageRetentionPeriod: 1209600
      DelaySeconds: 3
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 50}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {MessageRetentionPeriod: 1209600}
";

fn queues(scale: u32) -> Queues {
    let template = Template::parse(TEXT).expect("YAML");
    Queues::of(&template, scale).expect("queues")
}

#[test]
fn queues_are_those_of_the_template() {
    let queues = queues(1);
    let work = queues.get("Work").expect("a queue");
    assert_eq!((work.visibility, work.retention, work.delay), (180, 1_209_600, 3));
    let redrive = Redrive { dead_letters: "Dead".to_owned(), max_receives: 50 };
    assert_eq!(work.redrive, Some(redrive));
    assert_eq!(work.arn(), "arn:aws:sqs:us-east-1:123456789012:Work");
    let plain = queues.get("Plain").expect("a queue");
    assert_eq!((plain.visibility, plain.retention, plain.delay), (30, 345_600, 0));
    assert_eq!(queues.source_of("Dead").map(|queue| queue.id.as_str()), Some("Work"));
    assert!(queues.source_of("Plain").is_none());
    assert!(queues.get("Other").is_none());
}

#[test]
fn a_redrive_policy_names_a_queue() {
    for to in ["!GetAtt Other.Arn", "arn:aws:sqs:us-east-1:1:dead", "{}"] {
        let template = Template::parse(&TEXT.replace("!GetAtt Dead.Arn", to)).expect("YAML");
        assert!(Queues::of(&template, 1).is_err(), "{to}");
    }
}

#[tokio::test]
async fn whoever_waits_is_woken_by_a_message_and_by_the_end_of_a_wait() {
    let queues = queues(100);
    let plain = queues.get("Plain").expect("a queue");
    let waited = |limit| tokio::time::timeout(limit, queues.wait_for_message(plain));
    assert!(waited(Duration::from_millis(50)).await.is_err());
    queues.send(plain, "a", "{}", None);
    assert!(waited(Duration::from_millis(50)).await.is_ok());

    let batch = queues.receive(plain, 10, None, true);
    assert_eq!(batch.len(), 1);
    // 180 s would be 1.8 s; this is 0.1 s.
    assert!(queues.hide(plain, &batch[0].receipt, 10));
    queues.finish(plain, &batch, |_| false);
    let begun = std::time::Instant::now();
    while queues.receive(plain, 10, None, true).is_empty() {
        assert!(waited(Duration::from_secs(5)).await.is_ok());
    }
    assert!(begun.elapsed() >= Duration::from_millis(80), "{:?}", begun.elapsed());
}

#[test]
fn only_waits_are_shorter_not_the_time_in_which_a_message_is_worked_on() {
    let queues = queues(100);
    let plain = queues.get("Plain").expect("a queue");
    queues.send(plain, "a", "{}", None);
    let batch = queues.receive(plain, 10, None, true);
    assert_eq!(batch[0].visible_at - batch[0].first_received_at, 30_000);
    queues.finish(plain, &batch, |_| false);
    let next = queues.messages().next_visible("Plain");
    assert!(next.expect("a message") - batch[0].first_received_at <= 2_000);

    let work = queues.get("Work").expect("a queue");
    queues.send(work, "a", "{}", None);
    assert_eq!(queues.count(work), [0, 0, 1], "3 s are 30 ms");
}
