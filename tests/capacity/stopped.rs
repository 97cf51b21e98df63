//! A consumer that is stopped for a day: the stream is not read, or a queue is not worked off.

use schedule::lambda::RUN;
use schedule::reconcile::FIRST_STEP;
use schedule::send::{ENOUGH, PACE};
use tables::callbacks::due::{GRACE, UNSETTLED_AFTER};
use tables::callbacks::{Shards, keys};

use crate::figures::{CALL_MS, NEW_TABLE, STREAM_HOURS};
use crate::model::{Part, Table};
use crate::sending::{read_a_second, sent_a_second};
use crate::units::{MOVED, PUT_IN, RECEIVED};

const HOUR: f64 = 3_600.0;
const MINUTE: f64 = 60.0;

/// What dispatch takes off the four shards of a new table's stream once it runs again, callbacks a second.
const DISPATCHED: f64 = 4_000.0;

/// What came of a stop.
#[derive(Debug, Default)]
struct Made {
    /// For how long a record waited at most until the schedule looked at it, in seconds.
    waited: f64,
    /// How many records the schedule sent.
    sent: f64,
    /// After how many seconds since the stop ended everything was sent by somebody.
    after: f64,
}

/// A stop of so many seconds at so many callbacks a second, minute by minute, by the schedule's own steps and limits.
/// Times are in seconds since it began; records are told by the time at which they came.
fn stopped(rate: f64, stop: f64) -> Made {
    let mut made = Made::default();
    // Up to where the schedule has looked and dispatch has sent, and what the stream had forgotten before that.
    let (mut watermark, mut dispatched, mut forgotten) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut now = 0.0;
    while now < stop || watermark < stop.min(forgotten) || watermark.max(dispatched) < stop {
        now += MINUTE;
        if now > stop {
            let kept = now - HOUR * f64::from(u32::try_from(STREAM_HOURS).expect("few"));
            if kept > dispatched {
                (dispatched, forgotten) = (kept, kept);
            }
            dispatched = (dispatched + DISPATCHED / rate * MINUTE).min(now);
        }
        let old = now - UNSETTLED_AFTER.as_secs_f64();
        let (mut left, mut covered) = (RUN.as_secs_f64(), FIRST_STEP.as_secs_f64());
        while watermark < old && left > 0.0 {
            let until = (watermark + covered).min(old);
            // What dispatch has sent is settled, and what came after the stop was never lost.
            let lost = (until.min(stop) - watermark.max(dispatched)).max(0.0) * rate;
            let read = (until - watermark) * rate / read_a_second(CALL_MS);
            // Two calls more for the step: its page of nothing, and the watermark.
            let calls = 2.0 * std::time::Duration::from_millis(CALL_MS).as_secs_f64();
            let took = read + lost / sent_a_second(PUT_IN, CALL_MS) + calls;
            made.sent += lost;
            watermark = until;
            left -= took;
            if took < 1.0 {
                covered *= 2.0;
            }
        }
        made.waited = made.waited.max(now - watermark);
        made.after = now - stop;
    }
    made
}

/// Whole hours and minutes.
fn hours(seconds: f64) -> String {
    format!("{:.1} h", seconds / HOUR)
}

#[test]
fn a_day_without_dispatch_at_two_hundred_a_second_is_sent_as_it_comes() {
    let made = stopped(200.0, 24.0 * HOUR);
    println!("200/s: {made:?}");
    assert!(made.waited <= UNSETTLED_AFTER.as_secs_f64() + 2.0 * MINUTE, "{made:?}");
    assert!(made.sent >= 200.0 * 23.0 * HOUR, "{made:?}");
    assert!(made.after <= UNSETTLED_AFTER.as_secs_f64() + 2.0 * MINUTE, "{made:?}");
}

#[test]
fn a_day_without_dispatch_at_all_that_the_stack_admits_is_made_up_for() {
    let made = stopped(2_200.0, 24.0 * HOUR);
    println!("2,200/s: {made:?}");
    // Whatever the stream forgets, the schedule has sent before.
    assert!(made.waited < HOUR * 24.0, "{made:?}");
    let page = std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page");
    let said = format!("| 2,200 | {} | {} |", hours(made.waited), hours(made.after));
    assert!(page.contains(&said), "{said}");
}

#[test]
fn a_consumer_that_is_there_again_before_the_stream_forgets_sends_the_same_once_more() {
    let made = stopped(200.0, 6.0 * HOUR);
    // Each of these is sent by dispatch too, and has its effect once: `tests/it` and the settlers' own tests.
    assert!(made.sent >= 200.0 * 5.0 * HOUR && made.sent <= 200.0 * 6.0 * HOUR, "{made:?}");
    assert!(made.after <= UNSETTLED_AFTER.as_secs_f64() + 2.0 * MINUTE, "{made:?}");
}

#[test]
fn what_is_sent_again_does_not_throttle_the_table() {
    let shards = Shards::ONE.wide();
    let mut table = Table::new();
    for number in 0..u64::from(PACE) / PUT_IN[3] {
        let id = format!("inbrain#reward#{number}");
        let key = keys::due(shards.of(&id));
        table
            .write(&[(Part::Table, &id, PUT_IN[0]), (Part::ByDue, &key, PUT_IN[3])])
            .expect("taken");
    }
    for number in 0..200 {
        let id = format!("new {number}");
        let asked = [(Part::Table, id.as_str(), RECEIVED[0]), (Part::ByDay, "day", RECEIVED[1])];
        table.write(&asked).expect("taken");
    }
    println!(
        "hottest of by_due: {}, of the table: {}",
        table.hottest(Part::ByDue),
        table.hottest(Part::Table)
    );
    // One shard after the other, as it was once, had all of it in one partition.
    let mut table = Table::new();
    let key = keys::due(0);
    let moved = (0..1_200).map(|number| {
        let id = number.to_string();
        table.write(&[(Part::Table, &id, MOVED[0]), (Part::ByDue, &key, MOVED[3])])
    });
    assert_eq!(moved.filter(Result::is_err).count(), 700);
}

#[test]
fn a_day_without_a_settler_costs_no_looks_at_what_waits() {
    const RATE: u64 = 200;
    let until_looked_at = UNSETTLED_AFTER.as_secs().unsigned_abs();
    // Its queue has enough when the first record is looked at, so that each is parked once, and not sent.
    assert!(RATE * until_looked_at > ENOUGH);
    assert!(RATE * PUT_IN[3] < NEW_TABLE / 4);
    // Each put off for a quarter of an hour by itself, they were this many after a day.
    let looks = RATE * 24 * 60 * 60 / GRACE.as_secs().unsigned_abs();
    println!("one by one: {looks} looks a second");
    assert!(looks * MOVED[3] > NEW_TABLE);
}
