//! A third party that is down for a day, and ten thousand reviews at once.

use std::time::Duration;

use settlement::backoff;
use settlement::outbound::breaker;
use tables::callbacks::Shards;
use tables::callbacks::due::LONGEST_IN_QUEUE;

/// Callbacks a second of a provider with one route, as the template admits.
const RATE: u64 = 200;

/// Write units a second of one partition ("Best practices for designing and using partition keys effectively").
const PARTITION: u64 = 1_000;

/// What a look at a record that is due costs the index: an entry less and one more when it is sent, and again when its
/// settler says when it is due next.
const UNITS: u64 = 4;

const MINUTES: usize = 24 * 60;

/// How many records are looked at in each minute of the outage, where each second of it `RATE` come.
fn looked_at() -> Vec<u64> {
    // Twenty of each minute's stand for all of them.
    const PARTS: u64 = 20;
    let mut random = fastrand::Rng::with_seed(1);
    let mut looked_at = vec![0; MINUTES];
    for minute in 0..MINUTES {
        for _ in 0..PARTS {
            let begun = u64::try_from(minute).expect("small") * 60;
            let mut now = begun;
            loop {
                let age = Duration::from_secs(now - begun);
                let pause = breaker::pause(age, random.u64(..));
                assert!(pause > LONGEST_IN_QUEUE, "nothing waits in the queue");
                now += pause.as_secs();
                let Ok(place) = usize::try_from(now / 60) else { break };
                let Some(count) = looked_at.get_mut(place) else { break };
                *count += RATE * 60 / PARTS;
            }
        }
    }
    looked_at
}

#[test]
fn a_day_without_a_third_party_does_not_throttle_what_is_due() {
    let looked_at = looked_at();
    let most = looked_at.iter().max().expect("minutes") / 60;
    let shards = u64::from(Shards::ONE.wide().count());
    assert!(most * UNITS <= PARTITION * shards, "{most} a second");
    // docs/capacity.md says how many that are.
    assert!((5_000..7_000).contains(&most), "{most}");
    // With one partition there would have been too many before the fourth hour was over.
    let early = looked_at[..4 * 60].iter().max().expect("minutes") / 60;
    assert!(early * UNITS > PARTITION, "{early} a second");
}

#[test]
fn ten_thousand_reviews_wait_in_their_queue_once() {
    // AppVirality's pauses for a review begin at a minute, of which half is certain.
    let pause =
        |number, random| backoff(number, Duration::from_mins(1), Duration::from_hours(12), random);
    assert!(pause(1, u64::MAX) <= LONGEST_IN_QUEUE);
    // Ten thousand are far from the 120,000 that a queue holds; and from the third time on they are due.
    assert!(pause(3, 1) > LONGEST_IN_QUEUE);
}
