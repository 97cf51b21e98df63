//! Both halves under faults and kills: every effect is made once, and none is lost.
//!
//! A run draws callbacks, duplicates, their order, faults of the third parties and the moments at which
//! the whole bundle is killed from one seed, which a failure names. `CHAOS_SEEDS=100..200 cargo test -p
//! tests chaos` runs others than the few that every test run has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use verify::Amount;

use crate::support::dev_server::DevServer;
use crate::support::event::Event;
use crate::support::seeds;

/// How many callbacks a run has, before some are sent twice.
const CALLBACKS: u32 = 40;

/// How long the effects may take once the faults are over.
const SETTLED_WITHIN: Duration = Duration::from_mins(1);

/// What all callbacks of a run together must lead to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Effects {
    /// By user, provider and unit, without trailing zeros.
    balances: BTreeMap<(String, String, String), String>,
    /// Track ids that Giveaway.com took.
    actions: BTreeSet<String>,
    /// Ids of installs that devtodev took.
    installs: BTreeSet<String>,
    /// Rewards that AppVirality was told of.
    redeemed: BTreeSet<String>,
}

impl Effects {
    fn credit(&mut self, user: &str, provider: &str, unit: &str, amount: &str) {
        let account = (user.to_owned(), provider.to_owned(), unit.to_owned());
        let sum = self.balances.entry(account).or_insert_with(|| "0".to_owned());
        let amount = Amount::parse(amount).expect("an amount");
        let sum_now = Amount::parse(sum).and_then(|sum| sum.plus(amount)).expect("a sum");
        *sum = sum_now.normalized();
    }
}

/// Draws a run from a seed.
struct Run {
    random: fastrand::Rng,
    events: Vec<Event>,
    effects: Effects,
}

impl Run {
    fn draw(seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        let mut run = Self { random, events: Vec::new(), effects: Effects::default() };
        for n in 0..CALLBACKS {
            run.callback(n);
        }
        for _ in 0..CALLBACKS / 2 {
            let again = run.random.usize(..run.events.len());
            run.events.push(run.events[again].clone());
        }
        run.random.shuffle(&mut run.events);
        run
    }

    fn callback(&mut self, n: u32) {
        let user = format!("user-{}", self.random.u32(..5));
        let reward = format!("00000000-0000-4000-8000-{n:012}");
        match self.random.u32(..7) {
            0 => {
                let amount = format!("{}.{:02}", self.random.u32(..1000), self.random.u32(..100));
                self.survey(&user, &reward, "survey_completed", &amount, false);
                self.effects.credit(&user, "inbrain", "IAC", &amount);
            }
            1 => self.survey(&user, &reward, "survey_completed", "1000", true),
            2 => {
                self.survey(&user, &reward, "offer_completed", "12.5", false);
                self.survey(&user, &reward, "offer_completion_reversed", "12.5", false);
            }
            3 => {
                let xp = self.random.u32(1..500);
                let message = json!({
                    "id": format!("m-{n}"), "scope": "user_activity", "user_id": user,
                    "event": {"type": "action_completed", "data": {"xp": xp}},
                });
                self.send("claimr", "POST /claimr/webhooks", &message);
                self.effects.credit(&user, "claimr", "xp", &xp.to_string());
            }
            4 => {
                let action = json!({"track_id": format!("t-{n}"), "event": "send"});
                self.send("giveaway", "POST /giveaway/actions", &action);
                self.effects.actions.insert(format!("t-{n}"));
            }
            5 => {
                let install =
                    json!({"id": format!("i-{n}"), "publisher_name": "p", "user_id": user});
                self.send("devtodev", "POST /devtodev/installs", &install);
                self.effects.installs.insert(format!("i-{n}"));
            }
            _ => {
                let details = [(format!("{n}1"), "5.5"), (format!("{n}2"), "4")];
                let hook = json!({
                    "campaignid": "9", "storeuserid": user, "rewardid": n.to_string(),
                    "reward_type": "InstoreCredits", "amount": "9.5", "reward_unit": "Coins",
                    "rewarddetails": details.clone().map(|(id, amount)| {
                        json!({"rewarddtlid": id, "amount": amount, "rewarded_date": "3-Aug-2026"})
                    }),
                });
                self.send("appvirality", "POST /appvirality/referral/referrer-reward", &hook);
                self.effects.credit(&user, "appvirality", "Coins", "9.5");
                self.effects.redeemed.extend(details.map(|(id, _)| id));
            }
        }
    }

    fn survey(&mut self, user: &str, reward: &str, kind: &str, amount: &str, test: bool) {
        let callback = json!({
            "PanelistId": user, "RewardType": kind, "RewardId": reward, "Reward": amount,
            "RevenueAmount": "0.10", "IsTest": test,
        });
        self.send("inbrain", "POST /inbrain/success", &callback);
    }

    fn send(&mut self, provider: &str, route: &str, payload: &Value) {
        self.events.push(Event::signed(provider, route, &payload.to_string()));
    }

    /// One thing that goes wrong at a third party.
    fn fault(&mut self) -> Value {
        let provider = ["giveaway", "devtodev", "appvirality"][self.random.usize(..3)];
        let applied = self.random.bool();
        match self.random.u32(..4) {
            0 => json!({"provider": provider, "status": 503, "times": 2, "applied": applied}),
            1 => json!({"provider": provider, "status": 500, "times": 1, "applied": applied}),
            2 => json!({"provider": provider, "status": 429, "times": 1}),
            _ => json!({"provider": provider, "timeout_ms": 100, "times": 1, "applied": applied}),
        }
    }
}

/// What became of it all: balances that are the sums of their entries, and what was taken.
async fn effects(bundle: &DevServer, users: &BTreeSet<String>) -> Effects {
    let mut effects = Effects::default();
    for user in users {
        let statement = bundle.statement(user).await;
        let mut sums = Effects::default();
        for entry in statement["entries"].as_array().expect("entries") {
            let [provider, unit, amount] =
                ["provider", "unit", "amount"].map(|name| text(&entry[name]));
            sums.credit(user, &provider, &unit, &amount);
        }
        for balance in statement["balances"].as_array().expect("balances") {
            let [provider, unit, amount] =
                ["provider", "unit", "amount"].map(|name| text(&balance[name]));
            effects.credit(user, &provider, &unit, &amount);
            let account = (user.clone(), provider, unit);
            assert_eq!(effects.balances.get(&account), sums.balances.get(&account), "{account:?}");
        }
    }
    let (_, calls) = bundle.ask_providers("GET", "/calls", &json!({})).await;
    for call in calls.as_array().expect("calls").iter().filter(|call| call["status"] == 200) {
        match call["provider"].as_str() {
            Some("giveaway") => drop(effects.actions.insert(text(&call["body"]["track_id"]))),
            Some("devtodev") => drop(effects.installs.insert(text(&call["body"]["id"]))),
            _ => {}
        }
    }
    // Not from the calls: a redemption may have been taken and its answer lost.
    let (_, rewards) = bundle.ask_providers("GET", "/rewards", &json!({})).await;
    for reward in rewards.as_array().expect("rewards") {
        if reward["reward_status"] == "Rewarded" {
            effects.redeemed.insert(text(&reward["rewarddtlid"]));
        }
    }
    effects
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

async fn run(seed: u64) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{seed}"));
    let _ = std::fs::remove_dir_all(&folder);
    let folder = folder.to_str().expect("text");
    let arguments = ["--data-dir", folder, "--time-scale", "100"];
    let mut run = Run::draw(seed);
    let mut bundle = DevServer::start_with(&arguments).await;
    let mut accepted = BTreeSet::new();
    for event in run.events.clone() {
        if run.random.u32(..8) == 0 {
            let (status, answer) = bundle.ask_providers("POST", "/faults", &run.fault()).await;
            assert!(status < 300, "seed {seed}: {answer}");
        }
        if run.random.u32(..15) == 0 {
            bundle.kill().await;
            bundle = DevServer::start_with(&arguments).await;
        }
        let (status, answer) = bundle.send(&event).await;
        assert_eq!(status, 200, "seed {seed}: {answer}");
        let id = answer["id"].as_str().expect("an id").to_owned();
        let expected = if accepted.insert(id) { "recorded" } else { "duplicate" };
        assert_eq!(answer["status"], expected, "seed {seed}");
    }
    bundle.kill().await;
    let bundle = DevServer::start_with(&arguments).await;

    let users: BTreeSet<_> = (0..5).map(|n| format!("user-{n}")).collect();
    // A reversed offer leaves a balance of zero, which a user without any other has as well.
    let without_zeros = |mut effects: Effects| {
        effects.balances.retain(|_, amount| amount != "0");
        effects
    };
    let expected = without_zeros(run.effects);
    let begun = Instant::now();
    loop {
        let effects = without_zeros(effects(&bundle, &users).await);
        if effects == expected {
            break;
        }
        assert!(begun.elapsed() < SETTLED_WITHIN, "seed {seed}: {effects:#?}, not {expected:#?}");
    }
    bundle.kill().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn every_effect_is_made_once_and_none_is_lost() {
    for seed in seeds("CHAOS_SEEDS", 1..3) {
        run(seed).await;
    }
}
