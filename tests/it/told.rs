//! What subscribers of the bus are told while callbacks go every way that they can: by `cargo run -- --print-events`,
//! beside the schemas of `docs/events/`.

use std::collections::{BTreeMap, BTreeSet};

use dispatch::Happening;
use jiff::Timestamp;
use jsonschema::Validator;
use serde_json::{Value, json};
use tables::callbacks::{Choice, Decision, DecisionOutcome, State, Store};

use crate::support::dev_server::DevServer;
use crate::support::event::Event;

/// A bundle, and what its bus was told.
struct Told {
    bundle: DevServer,
    store: Store,
    schemas: Validator,
    /// All events, in their order.
    events: Vec<Value>,
}

impl Told {
    async fn start() -> Self {
        // Waits in queues are over at once.
        let options = ["--print-events", "--time-scale", "1000000"];
        let bundle = DevServer::start_with(&options).await;
        let url = format!("http://{}", bundle.address("DynamoDB"));
        let settings =
            test_support::settings("DYNAMODB", &url).with("CALLBACKS_TABLE", "callbacks");
        let file = bundle::project_file("docs/events/events.schema.json");
        let schemas = std::fs::read_to_string(file).expect("the schemas");
        let schemas = serde_json::from_str(&schemas).expect("JSON");
        Self {
            bundle,
            store: Store::connect(&settings).expect("settings"),
            schemas: jsonschema::validator_for(&schemas).expect("schemas"),
            events: Vec::new(),
        }
    }

    /// Has `event` received; what the provider is told of it.
    async fn send(&self, event: &Event) -> Value {
        let (status, answer) = self.bundle.send(event).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Has `event` recorded; its id.
    async fn record(&self, event: &Event) -> String {
        let answer = self.send(event).await;
        assert_eq!(answer["status"], "recorded", "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Waits for an event of `happening` that `is` wants; its detail.
    async fn wait_for(&mut self, happening: Happening, is: impl Fn(&Value) -> bool) -> Value {
        let mut looked_at = 0;
        loop {
            while let Some(event) = self.events.get(looked_at) {
                if event["detail-type"] == happening.as_str() && is(&event["detail"]) {
                    return event["detail"].clone();
                }
                looked_at += 1;
            }
            // The functions write their lines there too.
            let line = self.bundle.next_line().await;
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event.get("source").is_none() {
                continue;
            }
            let problems = self.schemas.iter_errors(&event).map(|error| error.to_string());
            assert_eq!(problems.collect::<Vec<_>>(), [""; 0], "{event}");
            self.events.push(event);
        }
    }

    /// Waits until it is told that `happening` is what happened to the record `id`; the detail.
    async fn happens(&mut self, id: &str, happening: Happening) -> Value {
        self.wait_for(happening, |detail| detail["id"] == id).await
    }

    async fn decide(&self, id: &str, from: State, choice: Choice) {
        let reason = "words that nobody else is to read".to_owned();
        let decision =
            Decision { choice, from, by: "ann".to_owned(), at: Timestamp::now(), reason };
        let decided = self.store.decide(id, &decision).await.expect("decided");
        assert_eq!(decided, DecisionOutcome::Done, "{id}");
    }

    /// Sets what AppVirality says of a reward.
    async fn set_reward(&self, id: &str, set: &Value) {
        let (status, said) = self.bundle.ask_providers("PUT", &format!("/rewards/{id}"), set).await;
        assert_eq!(status, 200, "{said}");
    }
}

fn survey(number: u32, reward: &str, test: bool) -> Event {
    let payload = format!(
        r#"{{"PanelistId":"told-1","RewardType":"survey_completed","RewardId":"7d3e9a52-1c48-4f6b-9e07-{number:012}","Reward":{reward},"RevenueAmount":1.00,"IsTest":{test}}}"#
    );
    Event::signed("inbrain", "POST /inbrain/success", &payload)
}

fn booked(detail: &Value) -> [String; 4] {
    let [amount, unit, balance, entries] = [
        &detail["amount"],
        &detail["unit"],
        &detail["balance"]["amount"],
        &detail["balance"]["entries"],
    ];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    [text(amount), text(unit), text(balance), text(entries)]
}

#[tokio::test]
async fn everything_that_happens_is_told_as_the_schemas_say() {
    let mut told = Told::start().await;

    // The ledger.
    let first = told.record(&survey(1, "100", false)).await;
    told.happens(&first, Happening::Recorded).await;
    let credited = told.happens(&first, Happening::Credited).await;
    assert_eq!(booked(&credited), ["100", "IAC", "100", "1"]);
    let second = told.record(&survey(2, "0.50", false)).await;
    let credited = told.happens(&second, Happening::Credited).await;
    assert_eq!(booked(&credited), ["0.50", "IAC", "100.5", "2"]);

    let offer = told.record(&Event::sample("inbrain-offer-completed")).await;
    told.happens(&offer, Happening::Credited).await;
    let reversal = told.record(&Event::sample("inbrain-offer-completion-reversed")).await;
    let reversed = told.happens(&reversal, Happening::Reversed).await;
    assert_eq!(booked(&reversed), ["-250", "IAC", "0", "2"]);

    // What waits for a person.
    let points = json!({
        "id": "told-points", "scope": "user_activity", "user_id": "told-2",
        "event": {"type": "action_completed", "data": {"xp": -30}},
    });
    let held =
        told.record(&Event::signed("claimr", "POST /claimr/webhooks", &points.to_string())).await;
    let detail = told.happens(&held, Happening::Held).await;
    assert_eq!(detail["reason"], "negative_reward");
    told.decide(&held, State::Held, Choice::Accept).await;
    told.happens(&held, Happening::Accepted).await;
    let debited = told.happens(&held, Happening::Debited).await;
    assert_eq!(booked(&debited), ["-30", "xp", "-30", "1"]);

    assert_eq!(told.send(&survey(1, "100000", false)).await["status"], "conflict");
    let conflict = told.wait_for(Happening::Conflict, |it| it["conflicts_with"] == first).await;
    let conflict = conflict["id"].as_str().expect("an id").to_owned();
    told.decide(&conflict, State::Conflict, Choice::Close).await;
    let closed = told.happens(&conflict, Happening::Closed).await;
    assert_eq!(closed.get("reason"), None, "{closed}");

    let test = told.record(&survey(3, "5", true)).await;
    assert_eq!(told.send(&survey(3, "6", true)).await["status"], "conflict");
    let conflict = told.wait_for(Happening::Conflict, |it| it["conflicts_with"] == test).await;
    let conflict = conflict["id"].as_str().expect("an id").to_owned();
    told.decide(&conflict, State::Conflict, Choice::Accept).await;
    told.store.end_accepted(&conflict, Timestamp::now()).await.expect("ended");
    told.happens(&conflict, Happening::Accepted).await;
    told.happens(&conflict, Happening::WithoutEffect).await;

    // Third parties.
    let action = told.record(&Event::sample("giveaway-action")).await;
    told.happens(&action, Happening::Delivered).await;
    let fault = json!({"provider": "devtodev", "status": 400});
    told.bundle.ask_providers("POST", "/faults", &fault).await;
    let install = told.record(&Event::sample("devtodev-install-get")).await;
    let refused = told.happens(&install, Happening::Refused).await;
    assert_eq!(refused["reason"], "upstream_refused");

    let redeemed = told.record(&Event::sample("appvirality-referral-referrer-reward")).await;
    told.happens(&redeemed, Happening::Redeemed).await;
    told.set_reward("33201", &json!({"reward_status": "Rejected"})).await;
    let rejected = told.record(&Event::sample("appvirality-referral-friend-reward")).await;
    told.happens(&rejected, Happening::Rejected).await;
    told.set_reward("33701", &json!({"amount": "11"})).await;
    let dead = told.record(&Event::sample("appvirality-loyalty-user-reward-credits")).await;
    let detail = told.happens(&dead, Happening::Dead).await;
    assert_eq!(detail["reason"], "amount_mismatch");

    let happened: BTreeSet<_> =
        told.events.iter().map(|event| event["detail-type"].as_str().expect("text")).collect();
    assert_eq!(happened, Happening::all().map(Happening::as_str).collect());
    // One id is one happening, however often it was told.
    let mut details = BTreeMap::new();
    for event in &told.events {
        let id = event["detail"]["event_id"].as_str().expect("an id");
        let happening = (&event["detail-type"], &event["detail"]["id"]);
        let known = details.entry(id).or_insert(happening);
        assert_eq!(*known, happening, "{id}");
    }
    let ids: BTreeSet<_> = details.values().map(|(_, id)| id.as_str()).collect();
    assert!(ids.len() >= 12 && told.bundle.end("TERM").await);
}
