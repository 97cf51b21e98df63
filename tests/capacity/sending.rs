//! How fast the schedule sends, by what it does for a record and the time of a call.

use schedule::lambda::RUN;
use schedule::send::{MOVES_AT_ONCE, PACE, PARTS_AT_ONCE};
use tables::callbacks::standing::READ_AT_ONCE;

use crate::counted::Units;
use crate::figures::CALL_MS;
use crate::units::{MOVED, PUT_IN};

/// Messages of one call ("Amazon SQS message quotas",
/// `AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html`).
const MESSAGES: usize = 10;

/// Records of one page of the index `by_day`.
const PAGE: f64 = 1_000.0;

/// So many records a second are sent where each is `units` of `by_due` and a call takes `call_ms`: no more than the pace
/// allows, and the calls of a part one after the other.
pub(crate) fn sent_a_second(units: Units, call_ms: u64) -> f64 {
    let calls = 1 + READ_AT_ONCE.div_ceil(MESSAGES) + READ_AT_ONCE.div_ceil(MOVES_AT_ONCE);
    let part = float(calls) * milliseconds(call_ms);
    let by_calls = float(PARTS_AT_ONCE * READ_AT_ONCE) / part;
    let by_pace = f64::from(PACE) / f64::from(u32::try_from(units[3]).expect("few"));
    by_calls.min(by_pace)
}

/// So many records of one provider and shard a second are read, by a page of an index and the records of that page.
pub(crate) fn read_a_second(call_ms: u64) -> f64 {
    let calls = 1.0 + PAGE / float(READ_AT_ONCE);
    PAGE / (calls * milliseconds(call_ms))
}

/// The part of each minute in which it runs.
pub(crate) fn of_a_minute() -> f64 {
    RUN.as_secs_f64() / 60.0
}

/// What is found to be lost and sent, records a second over whole minutes.
pub(crate) fn reconciled_a_second(call_ms: u64) -> f64 {
    of_a_minute() / (1.0 / read_a_second(call_ms) + 1.0 / sent_a_second(PUT_IN, call_ms))
}

/// What is due or parked and sent, records a second over whole minutes.
pub(crate) fn released_a_second(call_ms: u64) -> f64 {
    of_a_minute() * sent_a_second(MOVED, call_ms)
}

fn milliseconds(count: u64) -> f64 {
    std::time::Duration::from_millis(count).as_secs_f64()
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("few"))
}

#[test]
fn a_thousand_a_second_and_more_are_sent_again() {
    let [found, due] = [reconciled_a_second(CALL_MS), released_a_second(CALL_MS)];
    println!("reconciled {found:.0}/s, due {due:.0}/s");
    assert!(found >= 1_000.0 && due >= 1_000.0, "{found} {due}");
}
