//! How keys spread over partitions, for the loads of a large user, and what an index that is too hot does to the table.

use tables::callbacks::{Shards, keys};

use crate::figures::PARTITION;
use crate::model::{Asked, Part, Table};
use crate::units;

const DAY: &str = "2026-11-21";

/// The id of a record, as inBrain's are.
fn id(number: u64) -> String {
    format!("inbrain#reward#7d3e9a52-1c48-4f6b-{number:012x}")
}

/// So many callbacks of one provider a second, for so many seconds, of which all are held or none.
struct Load {
    rate: u64,
    seconds: u64,
    shards: u16,
    held: bool,
}

impl Load {
    const fn of(rate: u64, seconds: u64, shards: u16) -> Self {
        Self { rate, seconds, shards, held: false }
    }

    /// What becomes of `table`.
    fn on(&self, table: &mut Table) {
        let shards = Shards::new(self.shards).expect("in range");
        for second in 0..self.seconds {
            table.next_second();
            for number in second * self.rate..(second + 1) * self.rate {
                let id = id(number);
                let day = keys::day("inbrain", DAY, shards.of(&id));
                let attention = keys::attention("held", shards.wide().of(&id));
                let [of_table, of_day, of_attention, _] =
                    if self.held { units::HELD } else { units::RECEIVED };
                let asked: [Asked<'_>; 3] = [
                    (Part::Table, &id, of_table),
                    (Part::ByDay, &day, of_day),
                    (Part::ByAttention, &attention, of_attention),
                ];
                // What is refused, its sender is told.
                let _ = table.write(&asked);
            }
        }
    }
}

#[test]
fn ten_thousand_a_second_of_one_provider_are_sustained_on_256_shards() {
    let mut table = Table::for_writes(32_000);
    Load::of(10_000, 5, 256).on(&mut table);
    assert!(table.refused.is_empty(), "{:?}", table.refused);
    // All of them may be held at once.
    let mut table = Table::for_writes(32_000);
    Load { held: true, ..Load::of(10_000, 5, 256) }.on(&mut table);
    assert!(table.refused.is_empty(), "{:?}", table.refused);
}

#[test]
fn bursts_of_a_hundred_thousand_a_second_are_taken_on_2048_shards() {
    let mut table = Table::for_writes(512_000);
    Load::of(100_000, 2, 2_048).on(&mut table);
    assert!(table.refused.is_empty(), "{:?}", table.refused);
    println!("hottest of by_day: {}", table.hottest(Part::ByDay));
    // On a quarter of the partitions one of them is too hot.
    let mut table = Table::for_writes(128_000);
    Load::of(100_000, 1, 2_048).on(&mut table);
    assert!(table.refused.contains_key(&Part::ByDay), "{:?}", table.refused);
}

#[test]
fn a_hot_partition_of_an_index_refuses_writes_that_the_table_has_room_for() {
    // 4,000 units a second of a new table, of which one provider and day has one partition of by_day.
    let mut table = Table::new();
    Load::of(1_000, 1, 1).on(&mut table);
    assert!(table.refused.is_empty());
    Load::of(1_500, 1, 1).on(&mut table);
    assert_eq!(table.refused[&Part::ByDay], 500);
    assert!(table.hottest(Part::Table) < PARTITION / 2);
    // Nobody else is refused whose key is in another partition.
    let other = (0..).map(|number| format!("p{number}#{DAY}#0"));
    let written = |key: String| table.write(&[(Part::ByDay, &key, 1), (Part::Table, &key, 1)]);
    let written: Vec<_> = other.take(32).map(written).collect();
    assert!(written.contains(&Ok(())) && written.contains(&Err(Part::ByDay)), "{written:?}");
}

#[test]
fn all_that_the_stack_admits_may_be_held_or_a_conflict_at_once() {
    let mut table = Table::new();
    // by_day is another matter: these are of five providers.
    let shards = Shards::ONE.wide();
    for number in 0..2_200 {
        let id = id(number);
        let key = keys::attention("held", shards.of(&id));
        table.write(&[(Part::ByAttention, &key, 1), (Part::Table, &id, 1)]).expect("taken");
    }
    println!("hottest of by_attention: {}", table.hottest(Part::ByAttention));
    // In one partition it would have throttled whoever calls.
    let mut table = Table::new();
    let all = (0..2_200).map(|number| {
        let id = id(number);
        table.write(&[(Part::ByAttention, &keys::attention("held", 0), 1), (Part::Table, &id, 1)])
    });
    assert_eq!(all.filter(Result::is_err).count(), 1_200);
}

/// On how many days of a hundred the keys of five providers, each at all that is admitted, are so spread over the four
/// partitions of a new index that one of them refuses something.
fn days_with_a_hot_partition(shards: u16) -> usize {
    let rates = [
        ("appvirality", 1_000),
        ("devtodev", 400),
        ("inbrain", 400),
        ("giveaway", 200),
        ("claimr", 200),
    ];
    let is_hot = |day: &u32| {
        let mut table = Table::new();
        let mut refused = false;
        for (provider, rate) in rates {
            let shards = Shards::new(shards).expect("in range");
            for number in 0..rate {
                let shard = shards.of(&id(number));
                let key = keys::day(provider, &format!("day {day}"), shard);
                refused |= table.write(&[(Part::ByDay, &key, 1)]).is_err();
            }
        }
        refused
    };
    (0..100).filter(is_hot).count()
}

#[test]
fn providers_that_share_a_partition_of_a_new_index_are_what_more_shards_are_for() {
    let days = [1, 8, 32].map(days_with_a_hot_partition);
    println!("days of a hundred with a hot partition: {days:?}");
    let page = std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page");
    let said = format!(
        "{} days of a hundred with one shard, {} with 8, {} with 32",
        days[0], days[1], days[2]
    );
    assert!(page.contains(&said), "{said}");
}
