//! The process ends at any point, and the message comes back.

use appvirality::Role;
use serde_json::{Value, json};
use settlement::Verdict;

use crate::crash_point::Crash;
use crate::harness::Harness;
use crate::samples::{attempt, coupon, friend, record, referrer};

/// What is to be settled: whose, which hook, and what AppVirality says of its details.
type Case = (Role, Value, Vec<(String, &'static str, &'static str, &'static str)>);

/// Cases, each with its user and the entries that have to come of it.
fn cases() -> [(Case, &'static str, &'static [&'static str]); 4] {
    let mut mug = friend();
    mug["friend"]["reward_type"] = json!("Other");
    mug["friend"]["amount"] = json!(null);
    let approved = |id: &str, amount, unit| (id.to_owned(), "Approved", amount, unit);
    let of_friend = vec![approved("9340", "20", "Rs")];
    let of_referrer = vec![approved("9338", "7.5", "Rs"), approved("9339", "2.5", "Rs")];
    let of_user = vec![("21616".to_owned(), "Rewarded", "10", "Coins")];
    [
        ((Role::Friend, friend(), of_friend), "195644", &["20 Rs"]),
        ((Role::Referrer, referrer(), of_referrer), "shop-7", &["2.5 Rs", "7.5 Rs"]),
        ((Role::User, coupon(), of_user), "ef356008", &[]),
        ((Role::Friend, mug, vec![approved("9340", "", "")]), "195644", &[]),
    ]
}

/// The same case with other ids and another user, so that it is a reward of its own.
fn numbered(case: &Case, user: &str, number: usize) -> Case {
    let (role, body, rewards) = case;
    let mut text = body.to_string();
    let other = |name: &str| format!("{name}-{number}");
    for name in rewards.iter().map(|(id, ..)| id.as_str()).chain([user]) {
        text = text.replace(&format!("{name:?}"), &format!("{:?}", other(name)));
    }
    let body = serde_json::from_str(&text).expect("JSON");
    let rewards =
        rewards.iter().map(|(id, status, amount, unit)| (other(id), *status, *amount, *unit));
    (*role, body, rewards.collect())
}

/// Crashes the first attempt at every request in turn, and the second one at `second`, and repeats it
/// until it is done.
async fn crash_everywhere(
    cases: &[(Case, &str, &[&str])],
    crash: fn(usize) -> Crash,
    second: Option<Crash>,
) {
    let harness = Harness::start().await;
    let mut numbers = 1..;
    for (case, user, entries) in cases {
        for at in 1.. {
            let (role, body, rewards) = numbered(case, user, numbers.next().expect("endless"));
            for (id, status, amount, unit) in &rewards {
                harness.api.set(id, status, amount, unit);
            }
            let record = record(role, &body);
            harness.keep(&record);
            let verdict = harness.crash(&attempt(&record, 1, 0), crash(at)).await;
            if let Some(second) = second {
                harness.crash(&attempt(&record, 2, 1), second).await;
            }
            assert_eq!(harness.settle(&attempt(&record, 3, 2)).await, Verdict::Done, "{at}");
            assert_eq!(harness.entries(&record.user).await, *entries, "{at}");
            for (id, status, ..) in &rewards {
                let times = usize::from(*status == "Approved");
                assert_eq!(harness.api.redeemed(id), times, "{at}");
            }
            assert!(
                ["redeemed", "delivered"].contains(&harness.state(&record)[0].as_str()),
                "{at}"
            );
            if verdict.is_some() {
                assert!(at > 5, "{at}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_crash_before_any_request_loses_nothing_and_pays_once() {
    crash_everywhere(&cases(), Crash::Before, None).await;
}

#[tokio::test]
async fn a_crash_after_any_request_loses_nothing_and_pays_once() {
    crash_everywhere(&cases(), Crash::After, None).await;
}

#[tokio::test]
async fn a_second_crash_loses_nothing_and_pays_once() {
    for second in 1..=9 {
        crash_everywhere(&cases()[..1], Crash::After, Some(Crash::After(second))).await;
    }
}
