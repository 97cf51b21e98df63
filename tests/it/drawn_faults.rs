//! Faults between a function and DynamoDB, and kills of the function, at random: whatever happens, a
//! callback that was answered 200 has one record and the right one, and one that was not gets through
//! when the provider sends it again.
//!
//! A run draws a provider, the order of its samples, the faults of every request and the moments of the
//! kills from one seed, which a failure names. `FAULT_SEEDS=1000..3000 cargo test -p tests drawn_faults`
//! runs others than those that every test run has.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bundle::provider::PROVIDERS;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::samples::{Item, stored};
use crate::support::answer::Answer;
use crate::support::event::Event;
use crate::support::lambda::{Function, Settings};
use crate::support::proxy::Fate;
use crate::support::scheduling_delay::SchedulingDelay;
use crate::support::{Deployed, deploy, seeds};

/// What every test run has.
const SEEDS: Range<u64> = 1..201;

/// How many runs there are at once. They mostly wait.
const AT_ONCE: usize = 16;

/// What a provider may wait for an answer.
const IN_TIME: Duration = Duration::from_secs(3);

/// How often a callback is sent again when nothing disturbs it any more.
const RESENDS: u32 = 10;

/// What DynamoDB says instead of carrying a request out.
const INSTEAD: [Fate; 6] = [
    Fate::Instead(
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"m"}"#,
    ),
    Fate::Instead(
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded","message":"m"}"#,
    ),
    Fate::Instead(
        500,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"m"}"#,
    ),
    Fate::Instead(503, "<html>back soon</html>"),
    Fate::Instead(200, "<html>welcome</html>"),
    Fate::Instead(200, r#"{"Attributes":{"id":{"S":"a"#),
];

/// What happens to one delivery of a callback.
#[derive(Debug)]
enum Disturbance {
    /// These fates befall its requests, the last of them every further one.
    Fates(Vec<Fate>),
    /// The same, and the function is killed so long after it had the callback.
    Kill(Vec<Fate>, Duration),
    /// Nobody listens.
    Refused,
}

fn disturbance(random: &mut fastrand::Rng) -> Disturbance {
    let fates = (0..random.usize(1..5)).map(|_| fate(random)).collect();
    match random.u32(..8) {
        0 => Disturbance::Refused,
        // A function that has just been started takes a few milliseconds to its first request.
        1 | 2 => Disturbance::Kill(fates, Duration::from_micros(random.u64(..40_000))),
        _ => Disturbance::Fates(fates),
    }
}

fn fate(random: &mut fastrand::Rng) -> Fate {
    // Past the timeout of an attempt, and past all attempts together.
    let mut pause = || Duration::from_millis(random.u64(..900));
    let slow = Fate::Slow(pause(), pause());
    match random.u32(..12) {
        0 => Fate::LostRequest,
        1 => Fate::LostReply,
        2 => Fate::HalfReply,
        3 => Fate::HeldRequest,
        4 => Fate::HeldReply,
        5 | 6 => slow,
        7 | 8 => Fate::Answered,
        _ => INSTEAD[random.usize(..INSTEAD.len())],
    }
}

/// One provider's function, with what happens to it.
struct Run {
    random: fastrand::Rng,
    provider: &'static str,
    deployed: Deployed,
    scheduling_delay: SchedulingDelay,
}

impl Run {
    async fn start(seed: u64, scheduling_delay: SchedulingDelay) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let provider = PROVIDERS[random.usize(..PROVIDERS.len())].name;
        Self { random, provider, deployed: deploy(provider).await, scheduling_delay }
    }

    async fn restart(&mut self) {
        let settings = Settings::sample(self.provider, &self.deployed.dynamodb);
        let next = Function::start(self.provider, &settings).await;
        std::mem::replace(&mut self.deployed.function, next).stop().await;
    }

    /// Delivers `event` disturbed; the answer, if there is one.
    async fn deliver(&mut self, event: &Event) -> Option<Answer> {
        let disturbance = disturbance(&mut self.random);
        let Deployed { function, dynamodb } = &mut self.deployed;
        match disturbance {
            Disturbance::Fates(fates) => {
                dynamodb.proxy.befall(&fates);
                Some(function.invoke(event).await)
            }
            Disturbance::Kill(fates, after) => {
                dynamodb.proxy.befall(&fates);
                function.begin(event);
                sleep(after).await;
                self.restart().await;
                None
            }
            Disturbance::Refused => {
                dynamodb.proxy.stop().await;
                let answer = function.invoke(event).await;
                dynamodb.proxy.listen();
                Some(answer)
            }
        }
    }

    /// Delivers a callback disturbed until the draw says that it is enough, and then undisturbed.
    async fn callback(&mut self, event: &Event, item: &Item) {
        let mut kept = false;
        for delivery in 0..self.random.u32(1..4) {
            let before = self.scheduling_delay.so_far();
            let Some(answer) = self.deliver(event).await else { continue };
            // The function is late where all is, which is not its fault.
            let late = self.scheduling_delay.so_far().saturating_sub(before);
            assert!(answer.took < IN_TIME + late, "{answer:?}, {late:?} late");
            if answer.status == 200 {
                let first =
                    if delivery == 0 { &["recorded"][..] } else { &["recorded", "duplicate"] };
                assert_outcome(&answer, if kept { &["duplicate"] } else { first });
                kept = true;
            } else {
                answer.assert_problem(503);
            }
        }
        self.deployed.dynamodb.proxy.befall(&[Fate::Answered]);
        let again = self.resend(event).await;
        assert_outcome(&again, if kept { &["duplicate"] } else { &["recorded", "duplicate"] });
        assert_eq!(again.id(), item.id());
        // What was held up on its way has arrived now, and found the record there.
        self.deployed.dynamodb.proxy.at_rest().await;
        self.resend(event).await.assert_kept("duplicate");
    }

    /// Delivers `event` undisturbed, again as long as it is asked for: a machine that is busy with all
    /// the runs may be too slow for DynamoDB's timeouts.
    async fn resend(&mut self, event: &Event) -> Answer {
        for _ in 1..RESENDS {
            let answer = self.deployed.function.invoke(event).await;
            if answer.status == 200 {
                return answer;
            }
            answer.assert_problem(503);
        }
        self.deployed.function.invoke(event).await
    }
}

#[track_caller]
fn assert_outcome(answer: &Answer, allowed: &[&str]) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let outcome = answer.body["status"].as_str().expect("an outcome");
    assert!(allowed.contains(&outcome), "{answer:?}, not one of {allowed:?}");
}

async fn run(seed: u64, scheduling_delay: SchedulingDelay) {
    let mut run = Run::start(seed, scheduling_delay).await;
    let mut callbacks = stored(run.provider);
    run.random.shuffle(&mut callbacks);
    for (n, (event, item)) in callbacks.iter().enumerate() {
        run.callback(event, item).await;
        let items = run.deployed.dynamodb.items();
        assert_eq!(items.len(), n + 1, "{items:#?}");
        let stored = items.into_iter().find(|stored| stored["id"] == item.id());
        item.assert_is(stored.expect("stored"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_loses_a_callback_or_counts_it_twice() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let scheduling_delay = SchedulingDelay::start();
    let mut runs = JoinSet::new();
    for seed in seeds("FAULT_SEEDS", SEEDS) {
        let (turns, scheduling_delay) = (Arc::clone(&turns), scheduling_delay.clone());
        let run = async move {
            let _turn = turns.acquire_owned().await;
            // A task of its own, so that a failure can be told with its seed.
            tokio::spawn(run(seed, scheduling_delay))
                .await
                .unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
        };
        runs.spawn(run);
    }
    runs.join_all().await;
}
