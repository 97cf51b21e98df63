//! The settling functions, from the record of a callback to its effect: what they say of each message,
//! what the providers' stand-ins received, what stands on the record and in the ledger.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::settled::Settled;
use crate::support::TIMEOUTS;
use crate::support::event::{self, Event};
use crate::support::settling::{DeadLetter, Settling};

const LEDGER: &str = "ledger";
const GIVEAWAY: &str = "giveaway-delivery";
const DEVTODEV: &str = "devtodev-delivery";
const REDEMPTION: &str = "appvirality-redemption";

/// What API calls of a redemption end in.
const CHECK: &str = "/checkrewardstatus";
const REDEEM: &str = "/redeemrewards";

/// The panelist of [`inbrain`]'s callbacks.
const PANELIST: &str = "panelist-1";

/// An inBrain callback of `kind` about the reward or offer `number`, of `reward` coins.
fn inbrain(kind: &str, number: u32, reward: &str, test: bool) -> Event {
    let payload = format!(
        r#"{{"PanelistId":"{PANELIST}","RewardType":"{kind}","RewardId":"{}","Reward":{reward},"RevenueAmount":1,"IsTest":{test}}}"#,
        reward_id(number)
    );
    Event::signed("inbrain", "POST /inbrain/success", &payload)
}

fn reward_id(number: u32) -> String {
    format!("7d3e9a52-1c48-4f6b-9e07-{number:012}")
}

/// An action that no other has the id of.
fn action() -> Event {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let payload = json!({"track_id": number.to_string(), "event": "send"});
    Event::signed("giveaway", "POST /giveaway/actions", &payload.to_string())
}

/// The bodies of an SQS event's messages.
fn bodies(event: &Event) -> Vec<String> {
    let messages = event.0["Records"].as_array().expect("messages").iter();
    messages.map(|message| message["body"].as_str().expect("text").to_owned()).collect()
}

/// The ids of the rewards in calls that redeem, one list for each call, after a look at everything else
/// in them.
#[track_caller]
fn redeemed(settling: &Settling, campaign: &str) -> Vec<Value> {
    let calls = settling.calls_of(REDEEM).into_iter();
    let ids = calls.map(|call| {
        let body = &call["body"];
        assert_eq!(body["apikey"], "sample-appvirality-api-key", "{call}");
        assert_eq!(body["privatekey"], "sample-appvirality-private-key", "{call}");
        assert_eq!(body["campaignId"], campaign, "{call}");
        body["rewarddtlids"].clone()
    });
    ids.collect()
}

/// What AppVirality says of its rewards: ids and statuses.
async fn statuses(settling: &Settling) -> BTreeSet<(String, String)> {
    let rewards = settling.steer("GET", "/rewards", Value::Null).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let rewards = rewards.as_array().expect("a list").iter();
    rewards.map(|reward| (text(&reward["rewarddtlid"]), text(&reward["reward_status"]))).collect()
}

/// Sets the status of the reward `id` at AppVirality.
async fn set_status(settling: &Settling, id: &str, status: &str) {
    let path = format!("/rewards/{id}");
    settling.steer("PUT", &path, json!({"reward_status": status})).await;
}

#[tokio::test]
async fn rewards_are_credited_once() {
    let mut settling = Settling::start().await;
    let mut ledger = settling.function(LEDGER).await;
    let survey = settling.record(&Event::sample("inbrain-survey-completed")).await;
    let activity = settling.record(&Event::sample("claimr-user-activity")).await;
    let fraction = settling.record(&inbrain("ad_hoc", 1, "0.10", false)).await;
    settling.work(LEDGER, &mut ledger).await.assert_done(3);

    let panelist = "2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001";
    let balances = settling.balances();
    let entries = settling.entries();
    assert_eq!(entries.len(), 3);
    for (user, callback, amount) in
        [(panelist, &survey, "100"), ("cu-1001", &activity, "100"), (PANELIST, &fraction, "0.1")]
    {
        let unit = if callback.starts_with("claimr#") { "xp" } else { "IAC" };
        assert!(
            entries.contains(&[user, callback, unit, amount].map(str::to_owned)),
            "{entries:?}"
        );
        assert!(balances.contains(&[user, unit, amount].map(str::to_owned)), "{balances:?}");
        assert_eq!(settling.callback(callback)["state"], "credited");
    }

    // Each message once more, and twice in one batch.
    for _ in 0..2 {
        settling.send_all(LEDGER);
    }
    settling.work(LEDGER, &mut ledger).await.assert_done(6);
    assert_eq!(settling.balances(), balances);
    assert_eq!(settling.entries(), entries);
}

#[tokio::test]
async fn what_gives_nobody_anything_touches_no_balance() {
    let mut settling = Settling::start().await;
    let mut ledger = settling.function(LEDGER).await;
    settling.receive_with("inbrain", |settings| settings.with("MAX_REWARD", "500")).await;
    let held = settling.record(&inbrain("survey_completed", 2, "500.01", false)).await;
    let events = [
        inbrain("survey_completed", 1, "100", true),
        inbrain("offer_clicked", 3, "100", false),
        inbrain("survey_completed", 4, "0", false),
        Event::sample("claimr-user-login"),
        Event::sample("appvirality-referral-conversion"),
    ];
    let mut ids = vec![held];
    for event in &events {
        ids.push(settling.record(event).await);
    }
    let states = |settling: &Settling| -> Vec<_> {
        ids.iter().map(|id| settling.callback(id)["state"].clone()).collect()
    };
    let before = states(&settling);
    assert_eq!(before[0], "held");
    // The rules let nothing of these through; whatever gets through all the same has no effect.
    settling.work(LEDGER, &mut ledger).await.assert_done(0);
    settling.send_all(LEDGER);
    settling.work(LEDGER, &mut ledger).await.assert_done(events.len() + 1);
    assert!(settling.dynamodb.items_of("ledger").is_empty());
    assert_eq!(states(&settling), before);
}

/// As it would be of a settler without a queue: the ledger's takes what no other does.
#[tokio::test]
async fn what_another_function_is_to_settle_touches_no_balance_and_is_named() {
    let mut settling = Settling::start().await;
    let mut ledger = settling.function(LEDGER).await;
    let names = ["appvirality-referral-friend-reward", "giveaway-action", "devtodev-install-post"];
    let mut ids = Vec::new();
    for name in names {
        ids.push(settling.record(&Event::sample(name)).await);
    }
    settling.work(LEDGER, &mut ledger).await.assert_done(0);
    settling.send_all(LEDGER);
    let worked = settling.work(LEDGER, &mut ledger).await;
    assert_eq!((worked.messages, worked.failed), (3, 0));
    let letters: Vec<_> = worked.asked.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(letters, ["SendMessage"; 3]);
    assert!(settling.dynamodb.items_of("ledger").is_empty());
    for id in ids {
        let record = settling.callback(&id);
        assert_eq!((&record["state"], &record["reason"]), (&"dead".into(), &"no_settler".into()));
    }
}

#[tokio::test]
async fn an_offer_that_is_reversed_nets_to_zero_in_either_order() {
    let mut settling = Settling::start().await;
    let mut ledger = settling.function(LEDGER).await;
    let zero = [PANELIST, "IAC", "0"].map(str::to_owned);

    let early = settling.record(&inbrain("offer_completion_reversed", 1, "75.5", false)).await;
    settling.work(LEDGER, &mut ledger).await.assert_done(1);
    assert_eq!(settling.callback(&early)["state"], "waiting");
    assert!(settling.balances().is_empty() && settling.entries().is_empty());
    let completed = settling.record(&inbrain("offer_completed", 1, "75.5", false)).await;
    settling.work(LEDGER, &mut ledger).await.assert_done(1);
    assert_eq!(settling.callback(&completed)["state"], "credited");
    assert_eq!(settling.callback(&early)["state"], "reversed");
    assert_eq!(settling.balances(), std::slice::from_ref(&zero));

    let completed = settling.record(&inbrain("offer_completed", 2, "20", false)).await;
    settling.work(LEDGER, &mut ledger).await.assert_done(1);
    assert_eq!(settling.balances(), [[PANELIST, "IAC", "20"].map(str::to_owned)]);
    // What a reversal says of the amount does not count.
    let late = settling.record(&inbrain("offer_completion_reversed", 2, "99", false)).await;
    settling.work(LEDGER, &mut ledger).await.assert_done(1);
    assert_eq!(settling.callback(&late)["state"], "reversed");
    let entries = settling.entries();
    for (callback, amount) in [(&completed, "20"), (&late, "-20"), (&early, "-75.5")] {
        let entry = [PANELIST, callback, "IAC", amount].map(str::to_owned);
        assert!(entries.contains(&entry), "{entries:?}");
    }
    assert_eq!(entries.len(), 4);
    assert_eq!(settling.balances(), [zero]);

    settling.send_all(LEDGER);
    settling.work(LEDGER, &mut ledger).await.assert_done(4);
    assert_eq!(settling.entries(), entries);
    assert_eq!(settling.balances().len(), 1);
}

#[tokio::test]
async fn an_action_is_delivered_under_the_api_key() {
    let mut settling = Settling::start().await;
    let mut delivery = settling.function(GIVEAWAY).await;
    let id = settling.record(&Event::sample("giveaway-action")).await;
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(1);
    let value = settling.record(&Event::sample("giveaway-action-value")).await;
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(1);

    let call = |body: Value| {
        json!({
            "provider": "giveaway",
            "method": "POST",
            "path": "/public/v1/giveaway/task/callback",
            "query": "",
            "body": body,
            "status": 200,
        })
    };
    // The signatures are those of `openssl dgst -sha256 -hmac sample-giveaway-api-key`.
    let delivered = [
        call(json!({
            "track_id": "12345_67890",
            "event": "send",
            "remark": "hello",
            "sign": "ffadc6bdc1a1ed91970b0c94ea298db549e58764450994d665dc977bb5878881",
        })),
        call(json!({
            "track_id": "U$MikHklwcY",
            "event": "sign_up",
            "value": "3",
            "remark": "déjà vu ✓ & more=1",
            "sign": "c9d01c3df5d3f0ebfe1cbdfe19df1fb865a0026690994b43c983ace8ae57f508",
        })),
    ];
    assert_eq!(settling.calls(), delivered);
    for id in [&id, &value] {
        assert_eq!(settling.progress(id), ["delivered", "1", "200"]);
        assert_eq!(settling.callback(id)["reply"], r#"{"success":true}"#);
    }

    settling.send_all(GIVEAWAY);
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(2);
    assert_eq!(settling.calls(), delivered);
    assert_eq!(settling.progress(&id), ["delivered", "1", "200"]);
}

#[tokio::test]
async fn a_delivery_is_tried_again_until_it_is_taken() {
    let mut settling = Settling::start().await;
    let mut delivery = settling.function(GIVEAWAY).await;
    let id = settling.record(&action()).await;
    settling.fail_once("giveaway", 503).await;
    settling.steer("POST", "/faults", json!({"provider": "giveaway", "timeout_ms": 1})).await;
    let fault = json!({"provider": "giveaway", "status": 429, "retry_after": 77});
    settling.steer("POST", "/faults", fault).await;
    let mut attempts = 0;
    for (last_status, reason, seconds) in [
        ("503", "upstream_failed", 1..=2),
        // Nothing was answered: what was answered before stays.
        ("503", "upstream_unreachable", 2..=4),
        ("429", "upstream_throttled", 77..=77),
    ] {
        attempts += 1;
        let worked = settling.work(GIVEAWAY, &mut delivery).await;
        if *seconds.end() <= 60 {
            let pause = worked.assert_postponed();
            assert!(seconds.contains(&pause), "{pause} s after {last_status}");
        } else {
            // It stands on the record, and the schedule sends it again.
            worked.assert_done(1);
            let record = settling.callback(&id);
            let at = |name: &str| record[name].as_str().expect("text").parse::<Timestamp>();
            let begun = at("last_attempt_at").expect("a time");
            let pause = at("due_at").expect("a time").duration_since(begun);
            assert_eq!(pause.as_millis(), 77_000);
            assert!(record["due"].is_string());
            settling.send_all(GIVEAWAY);
        }
        assert_eq!(settling.progress(&id), ["retrying", &attempts.to_string(), last_status]);
        assert_eq!(settling.callback(&id)["reason"], reason);
    }
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(1);
    assert_eq!(settling.progress(&id), ["delivered", "4", "200"]);
    let calls = settling.calls();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call["body"] == calls[0]["body"]), "{calls:?}");
}

#[tokio::test]
async fn a_delivery_that_is_refused_is_kept_with_the_reply() {
    let mut settling = Settling::start().await;
    let mut delivery = settling.function(GIVEAWAY).await;
    let id = settling.record(&action()).await;
    settling.fail_once("giveaway", 400).await;
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(1);
    settling.send_all(GIVEAWAY);
    settling.work(GIVEAWAY, &mut delivery).await.assert_done(1);
    assert_eq!(settling.progress(&id), ["refused", "1", "400"]);
    let reply = settling.callback(&id)["reply"].as_str().expect("text").to_owned();
    assert!(reply.contains("a fault that was asked for"), "{reply}");
    assert_eq!(settling.calls().len(), 1);
    assert_eq!(settling.dead_letters(GIVEAWAY), []);
}

#[tokio::test]
async fn an_install_is_delivered_and_its_key_is_in_no_log() {
    let mut settling = Settling::start().await;
    let mut delivery = settling.function(DEVTODEV).await;
    let own = settling.record(&Event::sample("devtodev-install-get")).await;
    let hashed = settling.record(&Event::sample("devtodev-install-post")).await;
    settling.fail_once("devtodev", 500).await;
    // One of the two fails, whichever is first.
    let worked = settling.work(DEVTODEV, &mut delivery).await;
    assert_eq!((worked.messages, worked.failed), (2, 1), "{worked:?}");
    settling.work(DEVTODEV, &mut delivery).await.assert_done(1);
    for id in [&own, &hashed] {
        let [state, _, status] = settling.progress(id);
        assert_eq!((state.as_str(), status.as_str()), ("delivered", "200"), "{id}");
    }

    let calls = settling.calls();
    assert_eq!(calls.len(), 3);
    let mut ids = BTreeSet::new();
    for call in &calls {
        assert_eq!(call["method"], "POST", "{call}");
        assert_eq!(call["path"], "/track/install/v1/custom/", "{call}");
        assert_eq!(call["query"], "apikey=sample-devtodev-api-key", "{call}");
        assert_eq!(call["body"]["publisher_name"], "Example Network", "{call}");
        ids.insert(call["body"]["id"].as_str().expect("an id"));
    }
    let hash = hashed.rsplit('#').next().expect("a hash");
    assert_eq!(ids, ["trk-5c0d9a41e7", hash].into());

    let output = delivery.stop().await;
    let log = format!("{}{}", output.stdout, output.stderr);
    assert_eq!(output.stdout.matches(r#""message":"attempt""#).count(), 3, "{log}");
    for confidential in ["sample-devtodev-api-key", "apikey", "Example Network", "player-77"] {
        assert!(!log.contains(confidential), "{confidential} is in {log}");
    }
}

#[tokio::test]
async fn an_approved_reward_is_credited_and_redeemed_once() {
    let mut settling = Settling::start().await;
    let mut redemption = settling.function(REDEMPTION).await;
    let id = settling.record(&Event::sample("appvirality-referral-referrer-reward")).await;
    for _ in 0..2 {
        settling.work(REDEMPTION, &mut redemption).await.assert_done(1);
        assert_eq!(settling.progress(&id), ["redeemed", "1", "200"]);
        assert_eq!(settling.balances(), [["shop-7002", "Rs", "10"].map(str::to_owned)]);
        let entry = |amount: &str| ["shop-7002", &id, "Rs", amount].map(str::to_owned);
        assert_eq!(settling.entries(), [entry("2.5"), entry("7.5")]);
        assert_eq!(redeemed(&settling, "2834"), [json!(["33401", "33402"])]);
        settling.send_all(REDEMPTION);
    }
    let rewarded = |id: &str| (id.to_owned(), "Rewarded".to_owned());
    assert_eq!(statuses(&settling).await, [rewarded("33401"), rewarded("33402")].into());
    let asked = settling.calls_of(CHECK).into_iter();
    let asked: Vec<_> = asked.map(|call| call["body"]["rewarddtlid"].clone()).collect();
    assert_eq!(asked, ["33401", "33402"]);
    let log = redemption.stop().await;
    for secret in ["sample-appvirality-api-key", "sample-appvirality-private-key"] {
        assert!(!log.stdout.contains(secret) && !log.stderr.contains(secret), "{log:?}");
    }
}

#[tokio::test]
async fn a_reward_under_review_waits() {
    let mut settling = Settling::start().await;
    let mut redemption = settling.function(REDEMPTION).await;
    let id = settling.record(&Event::sample("appvirality-referral-friend-reward")).await;
    let mut pauses = Vec::new();
    for status in ["UnderReview", "Suspicious"] {
        set_status(&settling, "33201", status).await;
        let worked = settling.work(REDEMPTION, &mut redemption).await;
        pauses.push(if status == "UnderReview" {
            worked.assert_postponed()
        } else {
            // It stands on the record, and the schedule sends it again.
            worked.assert_done(1);
            settling.send_all(REDEMPTION);
            let record = settling.callback(&id);
            let at = |name: &str| record[name].as_str().expect("text").parse::<Timestamp>();
            let begun = at("last_attempt_at").expect("a time");
            let pause = at("due_at").expect("a time").duration_since(begun);
            pause.as_secs().try_into().expect("no time before")
        });
        assert_eq!(settling.callback(&id)["state"], "waiting");
        assert!(settling.dynamodb.items_of("ledger").is_empty(), "credited while {status}");
    }
    assert!((30..=60).contains(&pauses[0]) && (60..=120).contains(&pauses[1]), "{pauses:?}");
    assert_eq!(settling.calls_of(REDEEM), [Value::Null; 0]);

    set_status(&settling, "33201", "Approved").await;
    settling.work(REDEMPTION, &mut redemption).await.assert_done(1);
    assert_eq!(settling.progress(&id), ["redeemed", "3", "200"]);
    assert_eq!(settling.balances(), [["shop-7001", "Rs", "20"].map(str::to_owned)]);
    assert_eq!(redeemed(&settling, "2832"), [json!(["33201"])]);
}

#[tokio::test]
async fn a_rejected_reward_is_closed() {
    let mut settling = Settling::start().await;
    let mut redemption = settling.function(REDEMPTION).await;
    let id = settling.record(&Event::sample("appvirality-referral-friend-reward")).await;
    set_status(&settling, "33201", "Rejected").await;
    settling.work(REDEMPTION, &mut redemption).await.assert_done(1);
    assert_eq!(settling.progress(&id), ["rejected", "1", "200"]);
    // Closed is closed.
    set_status(&settling, "33201", "Approved").await;
    settling.send_all(REDEMPTION);
    settling.work(REDEMPTION, &mut redemption).await.assert_done(1);
    assert_eq!(settling.calls().len(), 1);
    assert!(settling.dynamodb.items_of("ledger").is_empty());
}

#[tokio::test]
async fn a_reward_of_another_amount_than_the_hooks_is_for_a_person() {
    let mut settling = Settling::start().await;
    let mut redemption = settling.function(REDEMPTION).await;
    let id = settling.record(&Event::sample("appvirality-referral-friend-reward")).await;
    settling.steer("PUT", "/rewards/33201", json!({"amount": "20.01"})).await;
    let worked = settling.work(REDEMPTION, &mut redemption).await;
    assert_eq!((worked.messages, worked.failed), (1, 0), "{worked:?}");
    let letters = settling.dead_letters(REDEMPTION);
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(settling.callback(&id)["state"], "dead");
    assert_eq!(settling.callback(&id)["reason"], letters[0].reason.as_str());
    assert!(settling.dynamodb.items_of("ledger").is_empty());
    assert_eq!(settling.calls_of(REDEEM), [Value::Null; 0]);
}

#[tokio::test]
async fn a_process_killed_between_credit_and_redemption_pays_once() {
    // Whether AppVirality did what the call without a reply asked for.
    for applied in [false, true] {
        let mut settling = Settling::start().await;
        let redemption = settling.function(REDEMPTION).await;
        let id = settling.record(&Event::sample("appvirality-referral-friend-reward")).await;
        let held = json!({
            "provider": "appvirality",
            "path": REDEEM,
            "timeout_ms": TIMEOUTS.as_millis(),
            "applied": applied,
        });
        settling.steer("POST", "/faults", held).await;
        settling.begin(REDEMPTION, &redemption);
        let called = async {
            while settling.calls_of(REDEEM).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        timeout(TIMEOUTS, called).await.expect("a call in time");
        redemption.stop().await;
        let credited = [["shop-7001", "Rs", "20"].map(str::to_owned)];
        assert_eq!(settling.balances(), credited);
        assert_eq!(settling.callback(&id)["state"], "recorded");

        let mut redemption = settling.function(REDEMPTION).await;
        settling.give_back();
        // Whoever was killed may still be at it: so long nobody else is.
        let left = settling.work(REDEMPTION, &mut redemption).await.assert_postponed();
        assert!((1..=60).contains(&left), "{left}");
        settling.end_lease(&id);
        settling.work(REDEMPTION, &mut redemption).await.assert_done(1);
        assert_eq!(settling.progress(&id), ["redeemed", "2", "200"]);
        assert_eq!(settling.balances(), credited);
        assert_eq!(settling.entries().len(), 1);
        let calls = if applied { 1 } else { 2 };
        assert_eq!(redeemed(&settling, "2832"), vec![json!(["33201"]); calls]);
        let rewarded = ("33201".to_owned(), "Rewarded".to_owned());
        assert_eq!(statuses(&settling).await, [rewarded].into());
    }
}

#[tokio::test]
async fn an_unreadable_message_is_put_aside_and_the_others_are_settled() {
    const UNREADABLE: &str = r#"{"detail-type":"action","detail":{}}"#;
    let mut settling = Settling::start().await;
    let mut delivery = settling.function(GIVEAWAY).await;
    settling.put(GIVEAWAY, UNREADABLE);
    let id = settling.record(&action()).await;
    let worked = settling.work(GIVEAWAY, &mut delivery).await;
    assert_eq!((worked.messages, worked.failed), (2, 0), "{worked:?}");
    let [(operation, _)] = worked.asked.as_slice() else { panic!("{worked:?}") };
    assert_eq!(operation, "SendMessage");
    let letter = DeadLetter { reason: "unreadable".to_owned(), body: UNREADABLE.to_owned() };
    assert_eq!(settling.dead_letters(GIVEAWAY), [letter]);
    assert_eq!(settling.progress(&id), ["delivered", "1", "200"]);

    let mut ledger = settling.function(LEDGER).await;
    settling.put(LEDGER, UNREADABLE);
    let survey = settling.record(&Event::sample("inbrain-survey-completed")).await;
    let worked = settling.work(LEDGER, &mut ledger).await;
    assert_eq!((worked.messages, worked.failed), (2, 0), "{worked:?}");
    let letter = DeadLetter { reason: "unreadable".to_owned(), body: UNREADABLE.to_owned() };
    assert_eq!(settling.dead_letters(LEDGER), [letter]);
    assert_eq!(settling.callback(&survey)["state"], "credited");
}

#[tokio::test]
async fn sample_events_are_settled_where_the_callbacks_are_recorded() {
    let mut settling = Settling::start().await;
    for name in event::all_sample_names() {
        if !name.ends_with("-forged") && !name.ends_with("-malformed") {
            settling.record(&Event::sample(&name)).await;
        }
    }
    let expected = Settled::expected();
    for name in [LEDGER, GIVEAWAY, DEVTODEV, REDEMPTION] {
        let mut function = settling.function(name).await;
        let event = Event::sample(&format!("{name}-sqs"));
        let response = function.invoke_raw(event.0.clone()).await;
        assert_eq!(response, json!({"batchItemFailures": []}), "{name}");
        assert_eq!(settling.asked(), [], "{name}");
        for message in event.0["Records"].as_array().expect("records") {
            let body: Value =
                serde_json::from_str(message["body"].as_str().expect("text")).expect("an event");
            let id = body["detail"]["id"].as_str().expect("an id");
            assert_eq!(settling.callback(id)["state"], expected.states[id], "{name}: {id}");
        }
    }
}

#[tokio::test]
async fn sample_deliveries_of_no_record_are_dead_letters() {
    for name in [GIVEAWAY, DEVTODEV] {
        let settling = Settling::start().await;
        let mut function = settling.function(name).await;
        let event = Event::sample(&format!("{name}-sqs"));
        let mut letters: Vec<_> = bodies(&event)
            .into_iter()
            .map(|body| DeadLetter { reason: "no_record".to_owned(), body })
            .collect();
        let response = function.invoke_raw(event.0).await;
        assert_eq!(response, json!({"batchItemFailures": []}), "{name}");
        let mut buried = settling.dead_letters(name);
        buried.sort_unstable();
        letters.sort_unstable();
        assert_eq!(buried, letters, "{name}");
        assert_eq!(settling.calls(), [Value::Null; 0], "{name}");
        assert!(settling.dynamodb.items().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn sample_rewards_of_no_record_are_credited_once() {
    let settling = Settling::start().await;
    let no_failure = json!({"batchItemFailures": []});
    let mut ledger = settling.function(LEDGER).await;
    let mut redemption = settling.function(REDEMPTION).await;
    // No hook has told AppVirality's stand-in of them. A mug is no amount, and 33601 is a coupon.
    for (id, amount, unit) in [
        ("33201", json!("20"), json!("Rs")),
        ("33301", Value::Null, Value::Null),
        ("33401", json!("7.50"), json!("Rs")),
        ("33402", json!("2.50"), json!("Rs")),
        ("33601", json!("10"), json!("Coins")),
        ("33701", json!("5"), json!("Coins")),
        ("33702", json!("7.50"), json!("Coins")),
    ] {
        let reward = json!({"reward_status": "Approved", "amount": amount, "rewardunit": unit});
        settling.steer("PUT", &format!("/rewards/{id}"), reward).await;
    }
    for _ in 0..2 {
        let event = Event::sample("ledger-sqs");
        assert_eq!(ledger.invoke_raw(event.0).await, no_failure);
        let event = Event::sample("appvirality-redemption-sqs");
        assert_eq!(redemption.invoke_raw(event.0).await, no_failure);
        assert_eq!(settling.balances(), Settled::expected().balances);
        for (id, status) in statuses(&settling).await {
            // A coupon is AppVirality's to hand out.
            let expected = if id == "33601" { "Approved" } else { "Rewarded" };
            assert_eq!(status, expected, "{id}");
        }
    }
    assert_eq!(settling.asked(), []);
    assert!(settling.dynamodb.items().is_empty());
}
