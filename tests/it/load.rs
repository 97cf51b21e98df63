//! `cargo run` under load: genuine, duplicate, forged and malformed callbacks from several connections.
//!
//! `cargo test --test it load -- --ignored --nocapture` takes 30 s, or `LOAD_SECONDS`, and prints
//! a table.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::support::dev_server::{Connection, DevServer};
use crate::support::event::{Event, sample_secret};

/// How many connections there are, each with one callback at a time.
const CONNECTIONS: u64 = 8;

/// What memory may grow by between the first quarter of the time and its end, in KiB: far less than the
/// callbacks that arrive meanwhile.
const GROWTH: u64 = 8 * 1024;

/// Kinds of callbacks, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Genuine,
    Duplicate,
    Forged,
    Malformed,
}

impl Kind {
    /// Six, two, one and one of ten.
    fn draw(random: &mut fastrand::Rng) -> Self {
        match random.u32(..10) {
            0 => Self::Malformed,
            1 => Self::Forged,
            2 | 3 => Self::Duplicate,
            _ => Self::Genuine,
        }
    }

    /// Status and outcome that are due.
    const fn due(self) -> (u16, Option<&'static str>) {
        match self {
            Self::Genuine => (200, Some("recorded")),
            Self::Duplicate => (200, Some("duplicate")),
            Self::Forged => (401, None),
            Self::Malformed => (400, None),
        }
    }
}

/// A callback that no other has the id of, and the same without something that it needs.
fn callback(provider: usize, id: &str) -> (&'static str, &'static str, [String; 2]) {
    let (name, route, whole, part) = match provider {
        0 => {
            let action = json!({"track_id": id, "event": "send"});
            ("giveaway", "POST /giveaway/actions", action, json!({"track_id": id}))
        }
        1 => {
            let data = json!({"data": {"xp": 5}});
            let message = json!({"id": id, "scope": "user_activity", "user": "u", "event": data});
            let part = json!({"id": id, "user": "u", "event": data});
            ("claimr", "POST /claimr/webhooks", message, part)
        }
        2 => {
            let install = json!({"id": id, "publisher_name": "p", "user_id": "u"});
            ("devtodev", "POST /devtodev/installs", install, json!({"id": id, "user_id": "u"}))
        }
        3 => {
            let survey = json!({
                "PanelistId": "u", "RewardType": "survey_completed", "RewardId": id, "Reward": "1.50",
                "RevenueAmount": "0.10", "IsTest": false,
            });
            let part = json!({"PanelistId": "u", "RewardId": id, "Reward": "1.50"});
            ("inbrain", "POST /inbrain/success", survey, part)
        }
        _ => {
            let hook = json!({
                "campaignid": "9", "storeuserid": "u", "rewardid": id, "reward_type": "InstoreCredits",
                "amount": "1", "reward_unit": "Coins",
                "rewarddetails": [{"rewarddtlid": id, "amount": "1", "rewarded_date": "3-Aug-2026"}],
            });
            let part = json!({"campaignid": "9", "rewardid": id, "amount": "1"});
            ("appvirality", "POST /appvirality/referral/referrer-reward", hook, part)
        }
    };
    (name, route, [whole.to_string(), part.to_string()])
}

/// One connection's work until `end`: how long each callback took, by kind.
async fn work(
    mut connection: Connection,
    number: u64,
    end: Instant,
) -> BTreeMap<Kind, Vec<Duration>> {
    let mut random = fastrand::Rng::with_seed(number);
    let mut took: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut sent = Vec::new();
    for n in 0.. {
        if Instant::now() >= end {
            break;
        }
        let mut kind = Kind::draw(&mut random);
        let id = format!("{number:08x}-0000-4000-8000-{n:012x}");
        let (provider, route, [whole, part]) = callback(random.usize(..5), &id);
        let event = match kind {
            Kind::Duplicate if !sent.is_empty() => random.choice(&sent).cloned().expect("one"),
            Kind::Malformed => Event::signed(provider, route, &part),
            Kind::Forged => {
                let secret = format!("{}?", sample_secret(provider));
                Event::signed_with(&secret, provider, route, &whole)
            }
            Kind::Genuine | Kind::Duplicate => {
                kind = Kind::Genuine;
                let event = Event::signed(provider, route, &whole);
                sent.push(event.clone());
                event
            }
        };
        let begun = Instant::now();
        let (status, body) = connection.send(&event).await;
        took.entry(kind).or_default().push(begun.elapsed());
        let (due, outcome) = kind.due();
        assert_eq!(status, due, "{kind:?}: {body}: {event}");
        assert!(outcome.is_none_or(|outcome| body["status"] == outcome), "{kind:?}: {body}");
    }
    took
}

/// The memory of `bundle` every second until `end`, in KiB.
async fn memory(bundle: Arc<DevServer>, end: Instant) -> Vec<u64> {
    let mut seconds = interval(Duration::from_secs(1));
    let mut memory = Vec::new();
    while Instant::now() < end {
        seconds.tick().await;
        memory.push(bundle.resident_kib().await);
    }
    memory
}

/// The `percent`th percentile of what is in order.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}

#[tokio::test]
#[ignore = "takes half a minute of a machine that does nothing else"]
async fn mixed_callbacks_are_answered_as_they_should_be_and_kept_once() {
    let seconds = env::var("LOAD_SECONDS").map_or(30, |seconds| seconds.parse().expect("seconds"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
    let _ = std::fs::remove_dir_all(&folder);
    let arguments = ["--data-dir", folder.to_str().expect("text")];
    let bundle = Arc::new(DevServer::start_with(&arguments).await);

    let end = Instant::now() + Duration::from_secs(seconds);
    let memory = tokio::spawn(memory(Arc::clone(&bundle), end));
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        connections.spawn(work(bundle.connect().await, number, end));
    }
    let mut took: BTreeMap<Kind, Vec<Duration>> = BTreeMap::new();
    for connection in connections.join_all().await {
        for (kind, times) in connection {
            took.entry(kind).or_default().extend(times);
        }
    }
    let memory = memory.await.expect("measured");

    println!("{CONNECTIONS} connections, {seconds} s, cargo run (dev profile), tables on disk\n");
    println!("| callback  | answer        | number |  p50 ms |  p99 ms |  max ms |");
    println!("|-----------|---------------|-------:|--------:|--------:|--------:|");
    for (kind, times) in &mut took {
        times.sort_unstable();
        let (status, outcome) = kind.due();
        let answer = format!("{status} {}", outcome.unwrap_or_default());
        let [p50, p99, max] = [50, 99, 100].map(|percent| percentile(times, percent));
        let (kind, number) = (format!("{kind:?}").to_lowercase(), times.len());
        println!(
            "| {kind:<9} | {answer:<13} | {number:>6} | {p50:>7.1} | {p99:>7.1} | {max:>7.1} |"
        );
    }
    let all: usize = took.values().map(Vec::len).sum();
    let recorded = took.get(&Kind::Genuine).map_or(0, Vec::len);
    let stored = bundle.count_items().await;
    let [quarter, last] = [memory[memory.len() / 4], *memory.last().expect("measured")];
    println!(
        "\n{} callbacks a second; {recorded} recorded, {stored} in the table",
        all as u64 / seconds
    );
    println!(
        "memory after a quarter of the time {} MiB, at the end {} MiB",
        quarter / 1024,
        last / 1024
    );

    assert_eq!(took.len(), 4, "not every kind was drawn");
    assert_eq!(stored, recorded);
    assert!(last <= quarter + GROWTH, "memory grows: {memory:?}");
}
