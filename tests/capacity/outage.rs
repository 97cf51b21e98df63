//! A third party that is down for a day, at 200 callbacks a second, and what comes after it.

use schedule::parked::LATELY;
use schedule::rounds::ROUND;
use tables::callbacks::{Shards, keys};

use crate::figures::{CALL_MS, NEW_TABLE};
use crate::model::{Part, Table};
use crate::sending::released_a_second;
use crate::units::{MOVED, PUT_IN, RECEIVED, SETTLED};

/// Callbacks a second of a provider with one route, as the template admits.
const RATE: u64 = 200;

const DAY: u64 = 24 * 60 * 60;

/// How long a third party takes for an answer: assumed.
const ANSWER_MS: u64 = 100;

/// Deliveries a second of so many invocations, each of ten messages at once: two writes and the third party.
fn delivered_a_second(concurrency: u64) -> f64 {
    let took = ANSWER_MS + 2 * CALL_MS;
    f64::from(u32::try_from(concurrency * 10 * 1_000 / took).expect("few"))
}

/// How many records were looked at in the minute before the end of the outage, had each its own time as it had before
/// they were parked: between a quarter and half of its age, at most an hour to two.
fn looked_at_one_by_one() -> u64 {
    let mut random = fastrand::Rng::with_seed(1);
    let (mut looks, end) = (0, DAY);
    for begun in (0..DAY).step_by(20) {
        let mut now = begun;
        while now < end {
            let longest = ((now - begun) / 2).clamp(150, 2 * 60 * 60);
            now += longest / 2 + random.u64(..=longest / 2);
            looks += u64::from((end - 600..end).contains(&now)) * RATE * 20;
        }
    }
    looks / 600
}

/// How many parked records are tried a second while new ones are parked all the time.
fn tried() -> f64 {
    let lately = f64::from(u32::try_from(RATE).expect("few")) * LATELY.as_secs_f64();
    assert!(lately >= f64::from(ROUND / 2), "that it is down is seen");
    f64::from(ROUND) / 60.0
}

#[test]
fn one_look_at_each_record_was_more_than_is_carried() {
    let looks = looked_at_one_by_one();
    println!("one by one: {looks} looks a second, {} units of by_due", looks * 2 * MOVED[3]);
    let page = std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page");
    for said in [looks, looks * 2 * MOVED[3]] {
        let said = format!("{},{:03}", said / 1_000, said % 1_000);
        assert!(page.contains(&said), "{said}");
    }
    // A new index takes no more, and the schedule sends no more.
    assert!(looks * 2 * MOVED[3] > NEW_TABLE);
    assert!(released_a_second(CALL_MS) < f64::from(u32::try_from(looks).expect("few")));
}

#[test]
fn a_day_without_a_third_party_is_few_looks_and_few_units() {
    let looks = tried();
    assert!(looks <= 20.0, "{looks}");
    // By the second: what comes is recorded and parked; once a minute a round is sent and comes back.
    let mut table = Table::new();
    let shards = Shards::ONE.wide();
    let key = |number| keys::parked("giveaway-delivery", shards.of(&format!("record {number}")));
    let mut most = 0;
    for second in 0..120_u64 {
        table.next_second();
        for number in second * RATE..(second + 1) * RATE {
            let id = format!("record {number}");
            table
                .write(&[(Part::Table, &id, RECEIVED[0]), (Part::ByDay, "day", RECEIVED[1])])
                .expect("taken");
            table
                .write(&[(Part::Table, &id, PUT_IN[0]), (Part::ByDue, &key(number), PUT_IN[3])])
                .expect("taken");
        }
        // Its oldest are sent in one second, at less than the pace, and come back in the next.
        if second % 60 < 2 {
            for number in 0..u64::from(ROUND) {
                let id = format!("old {number}");
                let key = keys::parked("giveaway-delivery", shards.of(&id));
                let asked = [(Part::Table, id.as_str(), MOVED[0]), (Part::ByDue, &key, MOVED[3])];
                table.write(&asked).expect("taken");
            }
        }
        most = most.max(table.hottest(Part::ByDue));
    }
    println!("hottest partition of by_due: {most} a second, {looks:.0} looks a second");
}

#[test]
fn what_is_released_leaves_room_for_those_who_call() {
    // The schedule's pace, and its settler's as much: of a new table and its indexes.
    let mut table = Table::new();
    let shards = Shards::ONE.wide();
    let sent = 1_200;
    let settled = 400;
    for number in 0..sent {
        let id = format!("record {number}");
        let key = keys::parked("giveaway-delivery", shards.of(&id));
        table.write(&[(Part::Table, &id, MOVED[0]), (Part::ByDue, &key, MOVED[3])]).expect("taken");
        if number < settled {
            table
                .write(&[(Part::Table, &id, SETTLED[0]), (Part::ByDue, &key, SETTLED[3])])
                .expect("taken");
        }
    }
    println!("released at {sent}/s: hottest of by_due {}", table.hottest(Part::ByDue));
}

#[test]
fn a_day_of_it_is_made_up_for_in_the_time_that_the_page_says() {
    let backlog = f64::from(u32::try_from(RATE * DAY).expect("seventeen millions"));
    let new = f64::from(u32::try_from(RATE).expect("few"));
    let hours = |backlog: f64, concurrency| {
        let rate = delivered_a_second(concurrency).min(released_a_second(CALL_MS) + new);
        backlog / (rate - new) / 3_600.0
    };
    let [five, twenty] = [5, 20].map(|concurrency| hours(backlog, concurrency));
    let three_hours = backlog / 8.0;
    let [short_five, short_twenty] = [5, 20].map(|concurrency| hours(three_hours, concurrency));
    println!(
        "a day: {five:.1} h at 5, {twenty:.1} h at 20; three hours: {short_five:.1} h, {short_twenty:.1} h"
    );
    let page = std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page");
    for said in [
        format!("| a day, 17 million | {five:.0} h | {twenty:.1} h |"),
        format!("| three hours, 2.2 million | {short_five:.1} h | {short_twenty:.1} h |"),
    ] {
        assert!(page.contains(&said), "{said}");
    }
    assert!(short_twenty <= 2.0);
}
