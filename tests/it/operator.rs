//! The operator's command: every bad state of a bundle, explained and mended.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::fake_aws::{CALLER, DOMAIN, STACK, stack_of};
use crate::support::operator::{Operated, run, run_with};

/// The panelist of [`survey`]'s callbacks.
const PANELIST: &str = "panelist-1";

/// An inBrain callback about the reward `number`, of `reward` coins.
fn survey(number: u32, reward: &str) -> Event {
    let payload = format!(
        r#"{{"PanelistId":"{PANELIST}","RewardType":"survey_completed","RewardId":"7d3e9a52-1c48-4f6b-9e07-{number:012}","Reward":{reward},"RevenueAmount":1.00,"IsTest":false}}"#
    );
    Event::signed("inbrain", "POST /inbrain/success", &payload)
}

/// A claimr activity of so many points.
fn activity(id: &str, xp: i32) -> Event {
    let payload = json!({
        "id": id, "scope": "user_activity", "user_id": "cu-7",
        "event": {"type": "action_completed", "data": {"xp": xp}},
    });
    Event::signed("claimr", "POST /claimr/webhooks", &payload.to_string())
}

fn action(track: &str) -> Event {
    let payload = json!({"track_id": track, "event": "send"});
    Event::signed("giveaway", "POST /giveaway/actions", &payload.to_string())
}

/// The ids in what `list` says.
fn ids(listed: &Value) -> Vec<String> {
    let records = listed["records"].as_array().expect("records").iter();
    records.map(|record| record["id"].as_str().expect("an id").to_owned()).collect()
}

/// The findings of `doctor` that are problems: check and subject.
fn problems(diagnosis: &Value) -> Vec<[String; 2]> {
    let findings = diagnosis["findings"].as_array().expect("findings").iter();
    let problems = findings.filter(|finding| finding["status"] == "problem");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    problems
        .map(|finding| {
            for explained in ["means", "next"] {
                assert_ne!(text(&finding[explained]), "", "{finding}");
            }
            [text(&finding["check"]), text(&finding["subject"])]
        })
        .collect()
}

/// The lines of what `show` says to do next.
fn steps(shown: &Value) -> Vec<String> {
    shown["next"].as_str().expect("text").lines().map(str::to_owned).collect()
}

/// Records a callback and one that conflicts with it; the ids of both.
async fn conflict(bundle: &Operated, number: u32) -> [String; 2] {
    let genuine = bundle.record(&survey(number, "100")).await;
    bundle.settles(&genuine, "credited").await;
    let (status, body) = bundle.0.send(&survey(number, "250.5")).await;
    assert_eq!((status, &body["status"]), (200, &json!("conflict")));
    let listed = bundle.json(&["list", "--outcome", "conflict"]).await;
    let conflicting = ids(&listed).into_iter().find(|id| id.starts_with(&genuine));
    [genuine, conflicting.expect("a conflict")]
}

#[tokio::test]
async fn nothing_is_wrong_with_a_bundle_that_is_in_order() {
    let bundle = Operated::start().await;
    let id = bundle.record(&survey(1, "100")).await;
    bundle.settles(&id, "credited").await;
    let before = bundle.0.items().await;
    let diagnosis = bundle.json(&["doctor", "--older-than", "0s"]).await;
    assert_eq!(diagnosis["problems"], 0, "{diagnosis:#}");
    let findings = diagnosis["findings"].as_array().expect("findings");
    let checked = |check: &str| findings.iter().filter(|it| it["check"] == check).count();
    let routes: usize = bundle::provider::PROVIDERS.iter().map(|it| it.routes().len()).sum();
    // Two tables; a secret with keys per provider and three with credentials; a queue and its dead letters per
    // settling function, and the dead letters of the stream.
    assert_eq!(
        ["route", "table", "secret", "queue", "bus"].map(checked),
        [
            routes,
            2,
            bundle::provider::PROVIDERS.len() + 3,
            2 * dev_server::functions::SETTLERS.len() + 1,
            1
        ]
    );
    // What it sent to the routes left nothing behind.
    assert_eq!(bundle.0.items().await, before);
    let said = bundle.run(&["doctor"]).await.ended(0);
    assert!(!said.text.contains('\u{1b}'), "{}", said.text);
}

#[tokio::test]
async fn a_conflict_is_shown_and_accepted_once() {
    let bundle = Operated::start().await;
    let [genuine, id] = conflict(&bundle, 1).await;

    let shown = bundle.json(&["conflicts"]).await;
    let [pair] = shown["conflicts"].as_array().expect("a list").as_slice() else {
        panic!("{shown:#}")
    };
    assert_eq!(pair["conflict"]["id"], *id);
    assert_eq!(pair["genuine"]["id"], *genuine);
    let differs = pair["differs"].as_array().expect("differences").iter();
    let fields: Vec<_> = differs.map(|it| it["field"].as_str().expect("a field")).collect();
    assert_eq!(fields, ["amount", "received_at", "payload.Reward"]);

    // The first one was credited: this one would come on top.
    let refused = bundle.run(&["accept", &id, "--reason", "theirs is right"]).await.ended(1);
    assert!(refused.errors.contains("--yes"), "{}", refused.errors);
    assert_eq!(bundle.amounts(PANELIST).await, ["100"]);

    let accept = ["accept", &id, "--reason", "theirs is right", "--by", "ann", "--yes"];
    bundle.run(&accept).await.ended(0);
    let shown = bundle.settles(&id, "credited").await;
    assert_eq!(shown["entries"][0]["amount"], "250.5");
    let history = shown["history"].to_string();
    assert!(history.contains("accepted by ann: theirs is right"), "{history}");
    bundle.run(&accept).await.ended(1);
    // And however often its event comes.
    for _ in 0..2 {
        bundle.run(&["re-emit", &id]).await.ended(0);
    }
    let later = bundle.record(&survey(2, "7")).await;
    bundle.settles(&later, "credited").await;
    assert_eq!(bundle.amounts(PANELIST).await, ["100", "250.5", "7"]);
    assert_eq!(bundle.json(&["conflicts"]).await["conflicts"], json!([]));
}

#[tokio::test]
async fn of_two_operators_one_decides() {
    let bundle = Operated::start().await;
    for number in 1..=3 {
        let [_, id] = conflict(&bundle, number).await;
        let accept = ["accept", &id, "--reason", "a", "--yes"];
        let close = ["close", &id, "--reason", "b"];
        let (accepted, closed) = tokio::join!(bundle.run(&accept), bundle.run(&close));
        let mut codes = [accepted.code, closed.code];
        let state = if accepted.code == 0 { "credited" } else { "closed" };
        codes.sort_unstable();
        assert_eq!(codes, [0, 1], "{accepted:?} {closed:?}");
        bundle.settles(&id, state).await;
    }
}

#[tokio::test]
async fn what_is_closed_pays_nothing_and_says_why() {
    let bundle = Operated::start().await;
    let [_, id] = conflict(&bundle, 1).await;
    bundle.run(&["close", &id, "--reason", "a forgery", "--by", "ann"]).await.ended(0);
    let shown = bundle.settles(&id, "closed").await;
    let history = shown["history"].to_string();
    assert!(history.contains("closed by ann: a forgery"), "{history}");
    bundle.run(&["re-emit", &id]).await.ended(1);
    bundle.run(&["accept", &id, "--reason", "after all", "--yes"]).await.ended(1);
    assert_eq!(ids(&bundle.json(&["list", "--outcome", "closed"]).await), [id]);
    assert_eq!(ids(&bundle.json(&["list", "--outcome", "attention"]).await), [""; 0]);
    assert_eq!(bundle.amounts(PANELIST).await, ["100"]);
}

#[tokio::test]
async fn held_points_are_debited_once_they_are_accepted() {
    let bundle = Operated::start().await;
    let given = bundle.record(&activity("m-1", 50)).await;
    bundle.settles(&given, "credited").await;
    let held = bundle.record(&activity("m-2", -30)).await;
    let shown = bundle.json(&["show", &held]).await;
    assert_eq!([&shown["state"], &shown["reason"]], ["held", "negative_reward"]);
    assert_eq!(shown["entries"], json!([]));
    let diagnosis = bundle.run(&["doctor", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["records", "held"]]);

    bundle.run(&["accept", &held, "--reason", "claimr took them back"]).await.ended(0);
    let shown = bundle.settles(&held, "debited").await;
    assert_eq!(shown["entries"][0]["amount"], "-30");
    bundle.run(&["re-emit", &held]).await.ended(0);
    bundle.run(&["accept", &held, "--reason", "again"]).await.ended(1);
    let later = bundle.record(&activity("m-3", 1)).await;
    bundle.settles(&later, "credited").await;
    assert_eq!(bundle.amounts("cu-7").await, ["-30", "1", "50"]);
}

#[tokio::test]
async fn what_was_accepted_and_nobody_settles_ends_though_its_operator_was_interrupted() {
    let bundle = Operated::start().await;
    let id = bundle.record(&Event::sample("claimr-user-login")).await;
    // As `accept` leaves it until its last write; attempts, so that it is not dispatched.
    let accepted = json!({
        "TableName": "callbacks", "Key": {"id": {"S": id}},
        "UpdateExpression": "SET attention = :a, accepted_at = :t, attempts = :n",
        "ExpressionAttributeValues": {
            ":a": {"S": "accepted#0"}, ":t": {"S": "2026-11-21T18:00:00.000Z"}, ":n": {"N": "0"},
        },
    });
    bundle.0.dynamodb("UpdateItem", &accepted).await;
    assert_eq!(ids(&bundle.json(&["list", "--outcome", "accepted"]).await), [id.as_str()]);
    let emitted = bundle.json(&["re-emit", "--unsettled"]).await;
    assert_eq!(emitted["emitted"], json!([id]));
    bundle.settles(&id, "without_effect").await;
    bundle.run(&["doctor"]).await.ended(0);
}

#[tokio::test]
async fn what_a_third_party_refused_is_tried_again_by_hand() {
    let bundle = Operated::start().await;
    let fault = json!({"provider": "giveaway", "status": 401});
    bundle.0.ask_providers("POST", "/faults", &fault).await;
    let id = bundle.record(&action("refused")).await;
    let shown = bundle.settles(&id, "refused").await;
    assert_eq!(
        (&shown["reason"], &shown["last_status"]),
        (&json!("upstream_refused"), &json!(401))
    );
    assert!(steps(&shown).contains(&bundle.command(&["re-emit", &id])), "{shown:#}");

    let reason = ["--reason", "new key", "--by", "ann"];
    bundle.run(&[&["re-emit", id.as_str()], &reason[..]].concat()).await.ended(0);
    let shown = bundle.settles(&id, "delivered").await;
    assert_eq!(shown["attempts"], 2);
    let attempts = ["attempt 1: 401, upstream_refused", "attempt 2 began"];
    assert_eq!(attempts_in(&shown), attempts);
    assert!(shown["history"].to_string().contains("reopened by ann: new key"), "{shown:#}");
    let (_, calls) = bundle.0.ask_providers("GET", "/calls", &Value::Null).await;
    assert_eq!(calls.as_array().expect("calls").len(), 2);
}

/// What the history in what `show` says tells of attempts.
fn attempts_in(shown: &Value) -> Vec<String> {
    let history = shown["history"].as_array().expect("a history").iter();
    let told = history.map(|happened| happened["what"].as_str().expect("text").to_owned());
    told.filter(|what| what.starts_with("attempt ")).collect()
}

#[tokio::test]
async fn every_attempt_of_an_outage_is_shown_once() {
    let bundle = Operated::start().await;
    let fault = json!({"provider": "giveaway", "status": 503, "times": 3});
    bundle.0.ask_providers("POST", "/faults", &fault).await;
    let id = bundle.record(&action("outage")).await;
    let shown = bundle.settles(&id, "delivered").await;
    let attempts = [
        "attempt 1: 503, upstream_failed",
        "attempt 2: 503, upstream_failed",
        "attempt 3: 503, upstream_failed",
        "attempt 4 began",
    ];
    assert_eq!(attempts_in(&shown), attempts);
    let text = bundle.run(&["show", &id]).await.ended(0).text;
    for attempt in attempts {
        assert_eq!(text.matches(attempt).count(), 1, "{text}");
    }
}

#[tokio::test]
async fn what_was_received_too_often_is_explained_and_put_back() {
    let bundle = Operated::start().await;
    let fault = json!({"provider": "giveaway", "status": 503, "times": 1_000});
    bundle.0.ask_providers("POST", "/faults", &fault).await;
    let id = bundle.record(&action("retried")).await;
    bundle.shows(&id, |shown| shown["state"] == "retrying").await;
    // There are so many attempts that only a few are left.
    let attempted = json!({
        "TableName": "callbacks", "Key": {"id": {"S": id}},
        "UpdateExpression": "SET attempts = :n", "ExpressionAttributeValues": {":n": {"N": "48"}},
    });
    bundle.0.dynamodb("UpdateItem", &attempted).await;
    // The last attempt says so on the record and sends the letter itself, so that it is kept for longer.
    let dead = json!({"queue": "GiveawayDeliveryDeadLetters", "reason": "upstream_failed"});
    let shown = bundle.shows(&id, |shown| shown["dead_letter"] == dead).await;
    assert_eq!(shown["state"], "dead");
    assert_eq!(shown["attempts"], 50);
    let redrive = bundle.command(&["redrive", "GiveawayDeliveryDeadLetters"]);
    assert!(steps(&shown).contains(&redrive), "{shown:#}");

    let diagnosis = bundle.run(&["doctor", "--older-than", "0s", "--json"]).await.ended(1).json();
    let expected = [["queue", "GiveawayDeliveryDeadLetters"], ["records", "dead"]];
    assert_eq!(problems(&diagnosis), expected.map(|it| it.map(str::to_owned)));

    bundle.0.ask_providers("DELETE", "/faults", &Value::Null).await;
    let looked = bundle.json(&["redrive", "giveaway-delivery", "--dry-run"]).await;
    assert_eq!(looked["left"], json!([{"id": id, "reason": "upstream_failed"}]));
    let moved = bundle.json(&["redrive", "giveaway-delivery"]).await;
    assert_eq!(moved["moved"], looked["left"]);
    bundle.settles(&id, "delivered").await;
    let again = bundle.json(&["redrive", "GiveawayDeliveryDeadLetters"]).await;
    assert_eq!([&again["moved"], &again["left"]], [&json!([]), &json!([])]);
    bundle.run(&["doctor", "--older-than", "0s"]).await.ended(0);
}

#[tokio::test]
async fn a_dead_letter_is_settled_once_its_cause_is_mended() {
    let bundle = Operated::start().await;
    let set = async |amount: &str| {
        let reward = json!({"amount": amount});
        let (status, said) = bundle.0.ask_providers("PUT", "/rewards/33201", &reward).await;
        assert_eq!(status, 200, "{said}");
    };
    set("21").await;
    let event = Event::sample("appvirality-referral-friend-reward");
    let id = bundle.record(&event).await;
    let shown = bundle.settles(&id, "dead").await;
    assert_eq!(shown["reason"], "amount_mismatch");
    let dead = bundle.json(&["list", "--outcome", "dead-letter"]).await;
    assert_eq!(ids(&dead), [id.as_str()]);
    let diagnosis = bundle.run(&["doctor", "--json"]).await.ended(1).json();
    let expected = [["queue", "AppviralityRedemptionDeadLetters"], ["records", "dead"]];
    assert_eq!(problems(&diagnosis), expected.map(|it| it.map(str::to_owned)));

    // What it is about is still wrong: it comes back, and is not moved again in the same run.
    let moved = bundle.json(&["redrive", "appvirality-redemption"]).await;
    assert_eq!(moved["moved"].as_array().expect("a list").len(), 1, "{moved}");
    bundle.shows(&id, |shown| shown["attempts"] == 2 && shown["dead_letter"] != Value::Null).await;
    assert_eq!(bundle.amounts("shop-7001").await, [""; 0]);

    set("20").await;
    bundle.run(&["redrive", "appvirality-redemption"]).await.ended(0);
    bundle.settles(&id, "redeemed").await;
    bundle.run(&["re-emit", &id]).await.ended(0);
    assert_eq!(bundle.amounts("shop-7001").await, ["20"]);
    bundle.run(&["doctor"]).await.ended(0);
}

#[tokio::test]
async fn a_dead_letter_of_a_closed_record_is_dropped() {
    let bundle = Operated::start().await;
    let wrong = json!({"amount": "21"});
    bundle.0.ask_providers("PUT", "/rewards/33201", &wrong).await;
    let id = bundle.record(&Event::sample("appvirality-referral-friend-reward")).await;
    bundle.settles(&id, "dead").await;
    bundle.run(&["close", &id, "--reason", "paid by hand"]).await.ended(0);
    let moved = bundle.json(&["redrive", "appvirality-redemption"]).await;
    assert_eq!(moved["dropped"][0]["id"], *id);
    assert_eq!(moved["moved"], json!([]));
    assert_eq!(bundle.json(&["show", &id]).await["attempts"], 1);
    bundle.run(&["doctor"]).await.ended(0);
}

#[tokio::test]
async fn a_record_that_nothing_settles_is_found_and_emitted() {
    let bundle = Operated::start().await;
    let id = bundle.record(&activity("m-1", -5)).await;
    // As if the stream had lost it: recorded by a change that is not dispatched.
    let change = json!({
        "TableName": "callbacks", "Key": {"id": {"S": id}},
        "UpdateExpression": "SET #s = :s, #u = :u REMOVE attention, held, amount",
        "ExpressionAttributeNames": {"#s": "state", "#u": "unit"},
        "ExpressionAttributeValues": {":s": {"S": "recorded"}, ":u": {"S": "xp"}},
    });
    bundle.0.dynamodb("UpdateItem", &change).await;
    let amount = json!({
        "TableName": "callbacks", "Key": {"id": {"S": id}},
        "UpdateExpression": "SET amount = :a",
        "ExpressionAttributeValues": {":a": {"S": "5"}},
    });
    bundle.0.dynamodb("UpdateItem", &amount).await;
    // One that there is nothing to settle about.
    let login = bundle.record(&Event::sample("claimr-user-login")).await;

    let diagnosis = bundle.run(&["doctor", "--older-than", "0s", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["records", "recorded"]]);
    let emitted = bundle.json(&["re-emit", "--unsettled", "--older-than", "0s"]).await;
    assert_eq!(emitted["emitted"], json!([id]));
    bundle.settles(&id, "credited").await;
    assert_eq!(bundle.amounts("cu-7").await, ["5"]);
    assert_eq!(bundle.json(&["show", &login]).await["state"], "recorded");
    bundle.run(&["doctor", "--older-than", "0s"]).await.ended(0);

    // The same by way of a dead letter of the stream's, which holds the record as it was.
    bundle.0.dynamodb("UpdateItem", &change).await;
    bundle.0.dynamodb("UpdateItem", &amount).await;
    give_up(&bundle, &id).await;
    let diagnosis = bundle.run(&["doctor", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["queue", "DispatchDeadLetters"]]);
    let moved = bundle.json(&["redrive", "dispatch"]).await;
    assert_eq!((&moved["moved"][0]["id"], &moved["left"]), (&json!(id), &json!([])));
    bundle.settles(&id, "credited").await;
    assert_eq!(bundle.amounts("cu-7").await, ["5"]);
    bundle.run(&["doctor"]).await.ended(0);
}

/// Puts a letter of the dispatching function about the record `id`.
async fn give_up(bundle: &Operated, id: &str) {
    let letter = json!({
        "eventName": "INSERT",
        "dynamodb": {"Keys": {"id": {"S": id}}, "SequenceNumber": "1", "NewImage": {"id": {"S": id}}},
    });
    let text = |text: &str| json!({"DataType": "String", "StringValue": text});
    let letter = json!({
        "QueueUrl": "DispatchDeadLetters", "MessageBody": letter.to_string(),
        "MessageAttributes": {"reason": text("unreadable"), "sequence_number": text("1")},
    });
    bundle.sqs("SendMessage", letter).await;
}

#[tokio::test]
async fn what_was_accepted_while_nothing_was_dispatched_is_emitted_by_its_letter() {
    let bundle = Operated::start().await;
    let id = bundle.record(&activity("m-1", -5)).await;
    // Received weeks ago, accepted a moment ago by a change that was not dispatched: it never passed the filter.
    let accepted_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    // In two steps, of which neither is a record that was accepted.
    let change = |set: &str, values: Value| {
        json!({
            "TableName": "callbacks", "Key": {"id": {"S": id}}, "UpdateExpression": set,
            "ExpressionAttributeNames": {"#s": "state"}, "ExpressionAttributeValues": values,
        })
    };
    let early = json!({
        ":s": {"S": "recorded"}, ":r": {"S": "2026-06-01T12:00:00.000Z"}, ":n": {"N": "1"},
    });
    let early = change("SET #s = :s, received_at = :r, attempts = :n", early);
    bundle.0.dynamodb("UpdateItem", &early).await;
    let accepted =
        json!({":s": {"S": "recorded"}, ":a": {"S": "accepted#0"}, ":t": {"S": accepted_at}});
    let accepted = change("SET #s = :s, attention = :a, accepted_at = :t", accepted);
    bundle.0.dynamodb("UpdateItem", &accepted).await;
    for outcome in ["accepted", "attention"] {
        assert_eq!(ids(&bundle.json(&["list", "--outcome", outcome]).await), [id.as_str()]);
    }
    let shown = bundle.json(&["show", &id]).await;
    assert_eq!([&shown["state"], &shown["attention"]], ["recorded", "accepted"]);
    assert!(shown["means"].as_str().expect("text").contains("accepted it"), "{shown:#}");
    let diagnosis = bundle.run(&["doctor", "--older-than", "0s", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["records", "accepted"]]);

    give_up(&bundle, &id).await;
    let moved = bundle.json(&["redrive", "dispatch"]).await;
    assert_eq!((&moved["moved"][0]["id"], &moved["left"]), (&json!(id), &json!([])));
    bundle.settles(&id, "debited").await;
    assert_eq!(bundle.amounts("cu-7").await, ["-5"]);
    bundle.run(&["doctor", "--older-than", "0s"]).await.ended(0);
}

#[tokio::test]
async fn a_letter_whose_record_cannot_be_sent_is_kept() {
    let bundle = Operated::start().await;
    let id = bundle.record(&survey(1, "100")).await;
    bundle.settles(&id, "credited").await;
    give_up(&bundle, "nobody's").await;
    let moved = bundle.run(&["redrive", "dispatch", "--json"]).await.ended(1).json();
    assert_eq!(moved["moved"], json!([]));
    let reason = moved["left"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("no record that can be sent"), "{reason}");
    let diagnosis = bundle.run(&["doctor", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["queue", "DispatchDeadLetters"]]);
    // One whose record is settled by now may go.
    give_up(&bundle, &id).await;
    let moved = bundle.run(&["redrive", "dispatch", "--json"]).await.ended(1).json();
    assert_eq!(moved["left"].as_array().map(Vec::len), Some(1), "{moved:#}");
    assert_eq!(moved["moved"][0]["id"], *id);
    assert_eq!(bundle.amounts(PANELIST).await, ["100"]);
}

#[tokio::test]
async fn what_a_queue_buried_by_itself_is_listed_and_closed() {
    let bundle = Operated::start().await;
    let fault = json!({"provider": "giveaway", "status": 503, "times": 10_000});
    bundle.0.ask_providers("POST", "/faults", &fault).await;
    let (listed, closed) =
        (bundle.record(&action("listed")).await, bundle.record(&action("closed")).await);
    let buried = async || {
        let looked = bundle.json(&["redrive", "giveaway-delivery", "--dry-run"]).await;
        looked["left"].as_array().map(Vec::len) == Some(2)
    };
    while !buried().await {}
    let close = ["close", closed.as_str(), "--reason", "delivered by hand"];
    bundle.run(&close).await.ended(0);
    for outcome in ["dead-letter", "attention"] {
        assert_eq!(ids(&bundle.json(&["list", "--outcome", outcome]).await), [listed.as_str()]);
    }
    let moved = bundle.run(&["redrive", "giveaway-delivery", "--json"]).await.json();
    assert_eq!(moved["dropped"][0]["id"], *closed);
    assert_eq!(bundle.json(&["show", &closed]).await["state"], "closed");
}

#[tokio::test]
async fn an_amount_that_nobody_settles_is_a_problem() {
    let bundle = Operated::start().await;
    let login = bundle.record(&Event::sample("claimr-user-login")).await;
    bundle.run(&["doctor", "--older-than", "0s"]).await.ended(0);
    // As a record of a provider is for whose settler the template has no queue.
    let change = json!({
        "TableName": "callbacks", "Key": {"id": {"S": login}},
        "UpdateExpression": "SET amount = :a, #u = :u, #p = :p, kind = :k, settler = :s, effect = :e",
        "ExpressionAttributeNames": {"#u": "unit", "#p": "provider"},
        "ExpressionAttributeValues": {
            ":a": {"S": "5"}, ":u": {"S": "gems"}, ":p": {"S": "appvirality"}, ":k": {"S": "gift"},
            ":s": {"S": "appvirality-gifts"}, ":e": {"S": "redeem"},
        },
    });
    bundle.0.dynamodb("UpdateItem", &change).await;
    bundle.run(&["re-emit", &login]).await.ended(0);
    let shown = bundle.settles(&login, "dead").await;
    assert_eq!(shown["reason"], "no_settler");
    assert!(shown["means"].as_str().expect("text").contains("nobody settles it"), "{shown:#}");
    let said = bundle.run(&["doctor", "--older-than", "0s", "--json"]).await.ended(1).json();
    let expected = [["queue", "LedgerDeadLetters"], ["records", "dead"]];
    assert_eq!(problems(&said), expected.map(|it| it.map(str::to_owned)));
}

#[tokio::test]
async fn a_hostile_id_is_one_word_of_what_is_to_be_pasted() {
    let bundle = Operated::start().await;
    let hostile = "$(touch pwned) `touch pwned`; it's \"quoted\"\u{202e}\u{61c}\u{200b}\u{2028}";
    let payload = json!({
        "id": hostile, "scope": "user_activity", "user_id": hostile,
        "event": {"type": "action_completed", "data": {"xp": -5, "note": "\u{9b}31m\u{7f}\u{1b}[A"}},
    });
    let event = Event::signed("claimr", "POST /claimr/webhooks", &payload.to_string());
    let id = bundle.record(&event).await;
    let shown = bundle.json(&["show", &id]).await;
    let accept = bundle.command(&["accept", &id, "--reason", "WHY"]);
    assert!(steps(&shown).contains(&accept), "{shown:#}");
    assert_eq!(shown["user"], *hostile);

    let words = shell_words(&accept);
    let ports = ["HTTP API", "DynamoDB", "SQS"].map(|name| bundle.port(name));
    let place = ["--port", &ports[0], "--dynamodb-port", &ports[1], "--sqs-port", &ports[2]];
    assert_eq!(words, [&["accept", &id, "--reason", "WHY"], &place[..]].concat());

    // Nor does anything reach the terminal, whichever way it is looked at.
    for arguments in
        [&["list"][..], &["show", &id], &["list", "--json"], &["show", &id, "--json"], &["doctor"]]
    {
        let said = bundle.run(arguments).await;
        for text in [said.text, said.errors] {
            let seen = |c: char| c == '\n' || (' '..='~').contains(&c) || "…×".contains(c);
            assert!(text.chars().all(seen), "{arguments:?}: {text:?}");
        }
    }
}

/// The words that a shell hands to the program `callbacks` for `line`.
fn shell_words(line: &str) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("operator-stub");
    std::fs::create_dir_all(&directory).expect("a directory");
    let program = directory.join("callbacks");
    let stub = "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\0' \"$word\"; done\n";
    std::fs::write(&program, stub).expect("a file");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("executable");
    let path = format!("{}:/usr/bin:/bin", directory.display());
    let shell = std::process::Command::new("sh")
        .args(["-c", line])
        .current_dir(&directory)
        .env("PATH", path)
        .output()
        .expect("a shell");
    assert!(shell.stderr.is_empty() && !directory.join("pwned").exists(), "{shell:?}");
    let said = String::from_utf8(shell.stdout).expect("text");
    said.split_terminator('\0').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_reader_who_leaves_is_no_failure() {
    let bundle = Operated::start().await;
    bundle.record(&survey(1, "100")).await;
    let [api, tables, queues] = ["HTTP API", "DynamoDB", "SQS"].map(|name| bundle.port(name));
    let place = ["list", "--port", &api, "--dynamodb-port", &tables, "--sqs-port", &queues];
    let statement = ["statement", PANELIST, "--dynamodb-port", &tables];
    let sign = ["sign", "nobody", "nothing"];
    let commands: [(&str, &[&str], i32); 3] =
        [("list", &place, 0), ("statement", &statement, 0), ("sign", &sign, 1)];
    for (name, arguments, code) in commands {
        let mut command = std::process::Command::new(crate::support::binaries::path("callbacks"));
        command.args(arguments);
        // A pipe whose other end is closed, for both outputs.
        for set in [std::process::Command::stdout, std::process::Command::stderr] {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            set(&mut command, writer);
        }
        let status = tokio::task::spawn_blocking(move || command.status()).await;
        let status = status.expect("an end").expect("a process");
        assert_eq!(status.code(), Some(code), "{name} {arguments:?}");
    }
}

#[tokio::test]
async fn secrets_that_are_missing_or_malformed_are_named_and_not_shown() {
    let bundle = Operated::start_with("operator-secrets", |variables| {
        variables["InbrainFunction"]["KEYS"] = json!(r#"{"keys":[{"id":"a","secret":"hunter2"}"#);
        variables["ClaimrFunction"]["KEYS"] = json!(r#"{"keys":[]}"#);
        variables["GiveawayFunction"].as_object_mut().expect("variables").remove("KEYS");
        variables["DevtodevDeliveryFunction"]["API_KEYS"] = json!(r#"{"api_key":""}"#);
        variables["AppviralityRedemptionFunction"]["API_KEYS"] = json!(r#"{"apikey":"hunter2"}"#);
    })
    .await;
    let said = bundle.run(&["doctor", "--json"]).await.ended(1);
    let mut wrong = problems(&said.json());
    wrong.sort_unstable();
    let secrets = [
        "AppviralityApiSecret",
        "ClaimrKeysSecret",
        "DevtodevApiSecret",
        "GiveawayKeysSecret",
        "InbrainKeysSecret",
    ];
    assert_eq!(wrong, secrets.map(|secret| ["secret".to_owned(), secret.to_owned()]));
    let said = [said.text, bundle.run(&["doctor"]).await.text].concat();
    assert!(!said.contains("hunter2"), "{said}");
    // What has keys is asked all the same.
    assert!(said.contains("authenticates"), "{said}");
}

#[tokio::test]
async fn a_key_that_was_pasted_wrongly_is_named() {
    let bundle = Operated::start_with("operator-pasted", |variables| {
        let keys =
            json!({"keys": [{"id": "new", "secret": "hunter2\n"}, {"id": "old", "secret": "o"}]});
        variables["InbrainFunction"]["KEYS"] = json!(keys.to_string());
        let keys = json!({"keys": [{"id": "blank", "secret": " "}]});
        variables["ClaimrFunction"]["KEYS"] = json!(keys.to_string());
        let key = json!({"apikey": "hunter2\u{feff}", "privatekey": "p"});
        variables["AppviralityRedemptionFunction"]["API_KEYS"] = json!(key.to_string());
    })
    .await;
    let said = bundle.run(&["doctor", "--json"]).await.ended(1);
    let diagnosis = said.json();
    let findings = diagnosis["findings"].as_array().expect("findings").iter();
    let found: Vec<_> = findings
        .filter(|it| it["check"] == "secret" && it["status"] == "problem")
        .map(|it| (it["subject"].as_str().expect("text"), it["found"].as_str().expect("text")))
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    for (subject, key, flaw) in [
        ("InbrainKeysSecret", "key new", "ends with a line end"),
        ("ClaimrKeysSecret", "key blank", "white space"),
        ("AppviralityApiSecret", "apikey", "ends with an invisible character"),
    ] {
        let named =
            found.iter().any(|it| it.0 == subject && it.1.contains(key) && it.1.contains(flaw));
        assert!(named, "{subject}: {found:?}");
    }
    assert!(!said.text.contains("hunter2"), "{}", said.text);
}

#[tokio::test]
async fn keys_that_a_function_does_not_have_are_found_by_its_route() {
    let one = Operated::start().await;
    let other = Operated::start_with("operator-keys", |variables| {
        let keys = json!({"keys": [{"id": "new", "secret": "another"}]});
        variables["InbrainFunction"]["KEYS"] = json!(keys.to_string());
    })
    .await;
    let (port, url) = (other.port("SQS"), one.port("HTTP API"));
    let place = ["--port", &url, "--sqs-port", &port];
    let tables = ["doctor", "--json", "--dynamodb-port", &one.port("DynamoDB")];
    let diagnosis = run(&place, &tables).await.ended(1).json();
    let routes = [["route", "POST /inbrain/success"], ["route", "POST /inbrain/failure"]];
    assert_eq!(problems(&diagnosis), routes.map(|it| it.map(str::to_owned)));
}

#[tokio::test]
async fn a_route_for_other_networks_is_no_problem() {
    let bundle = Operated::start_with("operator-networks", |variables| {
        variables["InbrainFunction"]["ALLOWED_NETWORKS"] = json!("198.51.100.0/24");
    })
    .await;
    let diagnosis = bundle.json(&["doctor"]).await;
    let findings = diagnosis["findings"].as_array().expect("findings").iter();
    let notes: Vec<_> = findings.filter(|it| it["status"] == "note").collect();
    assert_eq!(notes.len(), 2, "{notes:#?}");
    for note in notes {
        assert_eq!([&note["check"], &note["found"]], ["route", "answered 403"]);
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_said() {
    let bundle = Operated::start().await;
    // Nobody listens there.
    let port = test_support::nobody().await.port().to_string();
    // And what listens there is something else.
    for port in [&port, &bundle.port("HTTP API")] {
        let place = ["--port", port, "--dynamodb-port", port, "--sqs-port", port];
        for arguments in [&["doctor"][..], &["doctor", "--json"], &["list"]] {
            let said = run(&place, arguments).await.ended(3);
            assert!(said.text.is_empty() && said.errors.contains("cargo run"), "{said:?}");
            assert_eq!(said.errors.lines().count(), 1, "{}", said.errors);
        }
    }
    // The API alone.
    let (tables, queues) = (bundle.port("DynamoDB"), bundle.port("SQS"));
    let place = ["--port", &port, "--dynamodb-port", &tables, "--sqs-port", &queues];
    let diagnosis = run(&place, &["doctor", "--json"]).await.ended(1).json();
    assert!(problems(&diagnosis).iter().all(|[check, _]| check == "route"), "{diagnosis:#}");
}

#[tokio::test]
async fn a_deployed_stack_is_found_by_its_name() {
    let bundle = Operated::start().await;
    let variables = stack_of(&bundle, Arc::default()).await;
    let mut variables: Vec<_> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let deployed =
        async |arguments: &[&str]| run_with(&variables, &["--stack", STACK], arguments).await;

    let diagnosis = deployed(&["doctor", "--json"]).await.ended(1).json();
    assert_eq!(problems(&diagnosis), [["stream", "DispatchMapping"]]);
    let held = bundle.record(&activity("m-1", -5)).await;
    deployed(&["accept", &held, "--reason", "right"]).await.ended(0);
    let shown = bundle.settles(&held, "debited").await;
    let history = shown["history"].to_string();
    assert!(history.contains(&format!("accepted by {CALLER}: right")), "{history}");
    let urls = deployed(&["url", "claimr"]).await.ended(0);
    assert_eq!(urls.text, format!("# claimr, POST\n{DOMAIN}/claimr/webhooks\n"));
    let not_there = deployed(&["url", "cpx"]).await.ended(1);
    assert!(not_there.errors.contains("does not receive cpx"), "{}", not_there.errors);
    let nobody = run_with(&variables, &["--stack", "other"], &["doctor"]).await.ended(3);
    assert!(nobody.errors.contains("no such stack"), "{}", nobody.errors);
    let without = run_with(&variables[2..], &["--stack", STACK], &["doctor"]).await.ended(3);
    assert!(without.errors.contains("credentials"), "{}", without.errors);
    variables.retain(|(name, _)| !name.starts_with("AWS_ENDPOINT_URL"));
    let nowhere = format!("http://{}", test_support::nobody().await);
    variables.push(("AWS_ENDPOINT_URL", &nowhere));
    let unreachable = run_with(&variables, &["--stack", STACK], &["doctor"]).await.ended(3);
    assert!(unreachable.errors.contains("no connection"), "{}", unreachable.errors);
    for said in [nobody, without, unreachable] {
        assert!(said.text.is_empty() && said.errors.lines().count() == 1, "{said:?}");
    }
}

#[tokio::test]
async fn a_list_has_pages_providers_and_times() {
    let bundle = Operated::start().await;
    let mut recorded = Vec::new();
    for number in 1..=5 {
        recorded.push(bundle.record(&survey(number, "1")).await);
        recorded.push(bundle.record(&activity(&format!("m-{number}"), 1)).await);
    }
    recorded.reverse();
    let all = bundle.json(&["list"]).await;
    assert_eq!((ids(&all), &all["next"]), (recorded.clone(), &Value::Null));

    let mut listed = Vec::new();
    let mut next = String::new();
    for _ in 0..recorded.len() {
        let mut arguments = vec!["list", "--limit", "3"];
        if !next.is_empty() {
            arguments.extend(["--after", &next]);
        }
        let page = bundle.json(&arguments).await;
        assert!(ids(&page).len() <= 3, "{page:#}");
        listed.extend(ids(&page));
        match page["next"].as_str() {
            Some(more) => next = more.to_owned(),
            None => break,
        }
    }
    assert_eq!(listed, recorded);

    let claimr = bundle.json(&["list", "--provider", "claimr"]).await;
    let of_claimr = |id: &&String| id.starts_with("claimr#");
    assert_eq!(ids(&claimr), recorded.iter().filter(of_claimr).cloned().collect::<Vec<_>>());
    let times = all["records"].as_array().expect("records");
    let time = |index: usize| times[index]["received_at"].as_str().expect("a time");
    let between = bundle.json(&["list", "--since", time(6), "--until", time(2)]).await;
    let within = recorded.iter().zip(times).filter(|(_, it)| {
        let at = it["received_at"].as_str().expect("a time");
        (time(6)..=time(2)).contains(&at)
    });
    assert_eq!(ids(&between), within.map(|(id, _)| id.clone()).collect::<Vec<_>>());
    bundle.settles(&recorded[0], "credited").await;
    assert_eq!(ids(&bundle.json(&["list", "--since", "0s"]).await), [""; 0]);
}

#[tokio::test]
async fn wrong_usage_is_told_from_what_was_found() {
    for arguments in [
        &["lst"][..],
        &["list", "--outcome", "nonsense"],
        &["list", "--since", "yesterday"],
        &["list", "--stack", "s", "--port", "1"],
        &["list", "--profile", "p"],
        &["accept", "id"],
        &["accept", "id", "--reason", ""],
        &["re-emit"],
    ] {
        let said = run(arguments, &[]).await.ended(2);
        assert!(said.text.is_empty() && !said.errors.is_empty(), "{arguments:?}: {said:?}");
    }
    let bundle = Operated::start().await;
    for arguments in [
        &["show", "nobody"][..],
        &["conflicts", "nobody"],
        &["accept", "nobody", "--reason", "r"],
        &["re-emit", "nobody"],
        &["redrive", "nothing"],
    ] {
        bundle.run(arguments).await.ended(1);
    }
}

#[tokio::test]
async fn a_record_is_found_by_its_user_and_by_a_part_of_its_id() {
    let bundle = Operated::start().await;
    let recorded = [
        bundle.record(&survey(1, "100")).await,
        bundle.record(&survey(2, "100")).await,
        bundle.record(&action("found-by-part")).await,
    ];
    let of_user = bundle.json(&["list", "--user", PANELIST]).await;
    assert_eq!(of_user["records"].as_array().expect("records").len(), 2);
    assert_eq!(bundle.json(&["list", "--user", "nobody"]).await["records"], json!([]));
    let by_part = bundle.json(&["list", "--id", "found-by"]).await;
    assert_eq!(ids(&by_part), [recorded[2].as_str()]);
    // As a list shortens it, and as a person remembers it.
    for part in [recorded[2].as_str(), "found-by-part", "giveaway…send"] {
        assert_eq!(bundle.json(&["show", part]).await["id"], recorded[2], "{part}");
    }
    // What is a part of several is none.
    let said = bundle.run(&["show", "inbrain#reward"]).await.ended(1);
    assert!(said.errors.contains(&recorded[0]) && said.errors.contains(&recorded[1]), "{said:?}");
    bundle.run(&["show", "nobody's"]).await.ended(1);
    // Who decides names the whole id.
    bundle.run(&["close", "found-by-part", "--reason", "r"]).await.ended(1);
}
