//! Ten thousand reviews at once.

use std::time::Duration;

use schedule::send::PACE;
use settlement::backoff;
use tables::callbacks::due::LONGEST_IN_QUEUE;
use tables::callbacks::{Shards, keys};

use crate::figures::{CALL_MS, FIRST_BATCHES, IN_FLIGHT};
use crate::model::{Part, Table};
use crate::units::{MOVED, REVIEWED};

const REVIEWS: u64 = 10_000;

/// AppVirality's answer: assumed.
const ANSWER_MS: u64 = 100;

/// The pause before the attempt after the `number`th: AppVirality's for a review begin at a minute, half of it certain.
fn pause(number: u32, random: u64) -> Duration {
    backoff(number, Duration::from_mins(1), Duration::from_hours(12), random)
}

#[test]
fn they_wait_in_their_queue_once_and_on_their_records_after_that() {
    assert!(pause(1, u64::MAX) <= LONGEST_IN_QUEUE);
    assert!(pause(3, 1) > LONGEST_IN_QUEUE);
    const { assert!(REVIEWS < IN_FLIGHT) };
}

#[test]
fn they_are_written_to_their_index_without_throttling_the_table() {
    // As many as five invocations attempt in a second: two writes each, and AppVirality.
    let attempted = FIRST_BATCHES * 10 * 1_000 / (ANSWER_MS + 2 * CALL_MS);
    let shards = Shards::ONE.wide();
    let mut table = Table::new();
    let mut hottest = 0;
    for first in (0..REVIEWS).step_by(usize::try_from(attempted).expect("few")) {
        table.next_second();
        for number in first..(first + attempted).min(REVIEWS) {
            let id = format!("appvirality#reward#{number}");
            let key = keys::due(shards.of(&id));
            let asked = [(Part::Table, id.as_str(), REVIEWED[0]), (Part::ByDue, &key, REVIEWED[3])];
            table.write(&asked).expect("taken");
        }
        hottest = hottest.max(table.hottest(Part::ByDue));
    }
    println!("{attempted} reviews a second: hottest of by_due {hottest}");
    // They are due within minutes of each other, and sent at the schedule's pace while others are attempted.
    table.next_second();
    for number in 0..u64::from(PACE) / MOVED[3] {
        let id = format!("appvirality#reward#{number}");
        let key = keys::due(shards.of(&id));
        table.write(&[(Part::Table, &id, MOVED[0]), (Part::ByDue, &key, MOVED[3])]).expect("taken");
    }
    println!("sent again: hottest of by_due {}", table.hottest(Part::ByDue));
}
