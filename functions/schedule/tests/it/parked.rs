//! What waits until its settler takes it.

use std::collections::HashSet;

use crate::harness::{Harness, alone, at, now};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// So many of each of the 32 shards are sent together.
const ROUND: u64 = 31 * 32;

#[tokio::test]
async fn of_a_settler_that_is_down_a_few_are_tried_and_all_are_sent_once_it_takes_them() {
    let _alone = alone().await;
    let harness = Harness::new().await;
    for number in 0..1_100 {
        harness.parked(&format!("old {number:04}"), at(-HOUR + number));
    }
    for number in 0..500 {
        harness.parked(&format!("new {number:04}"), at(-30));
    }
    harness.due("another", at(-1));
    let run = harness.run(now()).await;
    assert_eq!((run.down, run.due, run.put_off, run.failed), (1, ROUND + 1, 0, None));
    let mut sent: HashSet<_> = harness.sent().into_iter().collect();
    assert!(sent.remove("another ledger"), "nobody else waits for it");
    let old = sent.iter().filter(|line| line.starts_with("old")).count();
    assert!(old > 900, "{old}: those of each shard that wait longest");
    // Nothing of it came back, and nothing was parked since: it takes them again.
    let run = harness.run(at(3 * MINUTE)).await;
    assert_eq!((run.down, run.due, run.failed), (0, 1_600 - ROUND, None));
    sent.extend(harness.sent());
    assert_eq!(sent.len(), 1_600, "each of them once");
    assert_eq!(harness.run(at(4 * MINUTE)).await.due, 0);
}

#[tokio::test]
async fn those_that_were_tried_and_came_back_wait_behind_the_others() {
    let _alone = alone().await;
    let harness = Harness::new().await;
    for number in 0..1_200 {
        harness.parked(&format!("{number:04}"), at(-HOUR));
    }
    let mut all = HashSet::new();
    for minute in 0..2 {
        harness.run(at(minute * MINUTE)).await;
        let sent = harness.sent();
        for line in &sent {
            let id = line.split(' ').next().expect("an id");
            harness.parked(id, at(minute * MINUTE + 10));
        }
        all.extend(sent);
    }
    assert_eq!(all.len(), 1_200, "nobody is tried twice before everybody was once");
    assert_eq!(harness.run(at(2 * MINUTE)).await.down, 1);
}

#[tokio::test]
async fn what_is_parked_for_a_full_queue_is_sent_once_it_is_not() {
    let _alone = alone().await;
    let harness = Harness::new().await;
    harness.fill(10_001);
    for number in 0..600 {
        harness.due(&format!("{number:04}"), at(-1));
    }
    let run = harness.run(now()).await;
    assert_eq!((run.due, run.put_off), (0, 600));
    // It stays where it is, without a write, as long as that lasts.
    let run = harness.run(at(MINUTE)).await;
    assert_eq!((run.due, run.put_off, run.down), (0, 0, 0));
    harness.fill(0);
    let run = harness.run(at(2 * MINUTE)).await;
    assert_eq!((run.due, run.down), (600, 0));
    assert_eq!(harness.sent().len(), 600);
}

#[tokio::test]
async fn what_is_settled_meanwhile_is_not_sent() {
    let harness = Harness::new().await;
    harness.parked("a", at(-HOUR));
    harness.settle("a").await;
    assert_eq!(harness.run(now()).await.due, 0);
    assert_eq!(harness.due_at("a"), None);
}
