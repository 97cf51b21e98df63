//! A completion and its reversal at the same moment, request by request in every order, broken off
//! anywhere, and then delivered again.

use test_support::Intercept;
use tokio::task::JoinHandle;

use crate::support::{Harness, at, entry, reversal};

/// What one attempt is for.
#[derive(Debug, Clone, Copy)]
enum Does {
    Complete,
    Reverse,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is answered.
    Answered,
    /// The process is killed before it arrives.
    KilledBefore,
    /// It arrives, and the process is killed before the answer does.
    KilledAfter,
}

/// An attempt whose every request is held.
struct Attempt {
    wire: Intercept,
    /// Until it has ended.
    task: Option<JoinHandle<()>>,
}

impl Attempt {
    async fn start(does: Does, user: &str) -> Self {
        let wire = Intercept::listen().await;
        let (ledger, user) = (at(wire.url()), user.to_owned());
        let task = tokio::spawn(async move {
            match does {
                Does::Complete => {
                    ledger.complete("o", &entry(&user, "1", "12.5")).await.expect("booked");
                }
                Does::Reverse => {
                    ledger.reverse("o", &reversal(&user)).await.expect("reversed");
                }
            }
        });
        Self { wire, task: Some(task) }
    }

    /// Lets it make one request more; whether there was one.
    async fn step(&mut self, fate: Fate, url: &str) -> bool {
        let Some(task) = &mut self.task else { return false };
        let held = tokio::select! {
            held = self.wire.held() => held,
            ended = &mut *task => {
                ended.expect("an attempt that nobody kills succeeds");
                self.task = None;
                return false;
            }
        };
        if fate != Fate::Answered {
            task.abort();
            self.task = None;
        }
        if fate != Fate::KilledBefore {
            held.forward(url).await;
        }
        true
    }
}

/// Runs attempts side by side: of which of them the next request is, and what becomes of it, `schedule`
/// says. Then everything is delivered again until it gets through.
async fn run(harness: &Harness, user: &str, attempts: &[Does], schedule: &[(usize, Fate)]) {
    let what = format!("{user}: {attempts:?} {schedule:?}");
    let url = harness.tables.url();
    let mut running = Vec::new();
    for does in attempts {
        running.push(Attempt::start(*does, user).await);
    }
    for (which, fate) in schedule {
        running[*which].step(*fate, url).await;
        check(harness, user, &what).await;
    }
    for mut attempt in running {
        while attempt.step(Fate::Answered, url).await {}
    }
    check(harness, user, &what).await;
    // SQS delivers again what was not done, in any order.
    let (complete, reverse) = (entry(user, "1", "12.5"), reversal(user));
    for turn in 0..2 {
        if (turn + schedule.len()).is_multiple_of(2) {
            harness.ledger.complete("o", &complete).await.expect("booked");
        } else {
            harness.ledger.reverse("o", &reverse).await.expect("reversed");
        }
        check(harness, user, &what).await;
    }
    let shown = harness.shows(user).await;
    assert_eq!(shown, ["p coins 0", "debit coins -12.5", "credit coins 12.5"], "{what}");
}

/// At every moment: each entry at most once, none that is debited without having been credited, and
/// the balance is their sum.
async fn check(harness: &Harness, user: &str, what: &str) {
    let shown = harness.shows(user).await;
    let allowed: [&[&str]; 3] = [
        &[],
        &["p coins 12.5", "credit coins 12.5"],
        &["p coins 0", "debit coins -12.5", "credit coins 12.5"],
    ];
    assert!(allowed.iter().any(|allowed| shown == *allowed), "{what}: {shown:?}");
}

/// The most requests that one attempt makes.
const REQUESTS: u32 = 2;

#[tokio::test]
async fn two_attempts_in_every_order_killed_anywhere() {
    let harness = Harness::new().await;
    let both = [Does::Complete, Does::Reverse];
    let mut runs = 0;
    // Each bit is a request, and says whose.
    let orders = (0..1_u32 << (2 * REQUESTS)).filter(|order| order.count_ones() == REQUESTS);
    for order in orders {
        let undisturbed: Vec<_> = (0..2 * REQUESTS)
            .map(|step| (usize::from(order >> step & 1 == 1), Fate::Answered))
            .collect();
        run(&harness, &format!("user {runs}"), &both, &undisturbed).await;
        runs += 1;
        for killed_at in 0..undisturbed.len() {
            for fate in [Fate::KilledBefore, Fate::KilledAfter] {
                let mut schedule = undisturbed.clone();
                schedule[killed_at].1 = fate;
                run(&harness, &format!("user {runs}"), &both, &schedule).await;
                runs += 1;
            }
        }
    }
    assert_eq!(runs, 6 * 9);
}

#[tokio::test]
async fn several_deliveries_of_both_at_once() {
    let harness = Harness::new().await;
    let attempts = [Does::Complete, Does::Reverse, Does::Complete, Does::Reverse, Does::Complete];
    // A linear congruential generator (Knuth's MMIX): the same schedules every time.
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below).expect("small")
    };
    for run_number in 0..40 {
        let fates = [Fate::Answered, Fate::Answered, Fate::KilledBefore, Fate::KilledAfter];
        let schedule: Vec<_> = (0..random(12)).map(|_| (random(5), fates[random(4)])).collect();
        run(&harness, &format!("user {run_number}"), &attempts, &schedule).await;
    }
}
