//! How keys spread over partitions, for the loads of a large user.
//!
//! A partition takes 1,000 write units a second, and what it did not use for 300 seconds at once ("Burst and adaptive
//! capacity" in the DynamoDB developer guide). An index whose partition takes no more throttles its table ("Throttling
//! on a global secondary index"), so that what the hottest partition takes is what a provider may send.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use tables::callbacks::{Shards, keys};

/// Write units that a partition takes in a second, and for how many seconds it keeps what it did not use.
const PARTITION: u64 = 1_000;
const KEPT_SECONDS: u64 = 300;

/// A load: so many callbacks of one provider a second, for so many seconds.
struct Load {
    rate: u64,
    seconds: u64,
    shards: u16,
    partitions: u64,
}

/// Where DynamoDB puts a partition key: a hash that nobody knows, and that spreads.
fn partition(key: &str, partitions: u64) -> u64 {
    let digest = Sha256::digest(key.as_bytes());
    let first = digest[..8].try_into().expect("eight bytes");
    u64::from_be_bytes(first) % partitions
}

/// The units that each partition is asked for in one second, by the keys that the records of that second get.
fn second(load: &Load, first: u64) -> HashMap<u64, u64> {
    let shards = Shards::new(load.shards).expect("in range");
    let mut places = HashMap::new();
    for shard in shards.all() {
        let key = keys::day("inbrain", "2026-11-21", shard);
        places.insert(shard, partition(&key, load.partitions));
    }
    let mut asked = HashMap::new();
    for number in first..first + load.rate {
        let shard = shards.of(&format!("inbrain#reward#7d3e9a52-1c48-4f6b-{number:012x}"));
        *asked.entry(places[&shard]).or_default() += 1;
    }
    asked
}

/// How many units the partitions could not take.
fn throttled(load: &Load) -> u64 {
    let mut left: HashMap<u64, u64> = HashMap::new();
    let mut throttled = 0;
    for number in 0..load.seconds {
        for (partition, asked) in second(load, number * load.rate) {
            let bucket = left.entry(partition).or_insert(PARTITION * KEPT_SECONDS);
            let may = PARTITION + *bucket;
            throttled += asked.saturating_sub(may);
            let used = asked.min(may);
            *bucket = (may - used).min(PARTITION * KEPT_SECONDS);
        }
    }
    throttled
}

/// What the hottest partition is asked for in a second.
fn hottest(load: &Load) -> u64 {
    second(load, 0).into_values().max().expect("partitions")
}

#[test]
fn ten_thousand_a_second_of_one_provider_are_sustained_on_256_shards() {
    let load = Load { rate: 10_000, seconds: 20, shards: 256, partitions: 32 };
    // Below what it takes for ever, so that no bucket is needed however long it goes on.
    assert!(hottest(&load) <= PARTITION, "{}", hottest(&load));
    assert_eq!(throttled(&load), 0);
}

#[test]
fn bursts_of_a_hundred_thousand_a_second_are_taken_on_2048_shards() {
    let load = Load { rate: 100_000, seconds: 5, shards: 2_048, partitions: 256 };
    assert!(hottest(&load) <= PARTITION * 3 / 2, "{}", hottest(&load));
    assert_eq!(throttled(&load), 0);
}

#[test]
fn one_shard_takes_what_one_partition_does_and_no_more() {
    let load = |rate, seconds| Load { rate, seconds, shards: 1, partitions: 32 };
    assert_eq!(hottest(&load(1_000, 1)), PARTITION);
    assert_eq!(throttled(&load(1_000, 5)), 0);
    // The model can fail: five minutes of unused capacity are soon gone at a hundred times the rate.
    assert!(throttled(&load(100_000, 6)) > 0);
}
