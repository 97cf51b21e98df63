//! What becomes of a callback, and what it costs: one request to DynamoDB when it is new, one when it
//! was there, three when it conflicts, two when that conflict is known or one too many, none when it is
//! refused; and never a read.

use std::collections::BTreeSet;

use bundle::provider::PROVIDERS;
use serde_json::{Value, json};

use crate::support::event::{self, Event};
use crate::support::{Deployed, deploy, deploy_with};

const WRITE: &str = "DynamoDB_20120810.PutItem";

/// Of the first record, which lists what conflicts with it, or counts it.
const NOTE: &str = "DynamoDB_20120810.UpdateItem";

/// For each provider whose identities can be taken by another content: a route, a callback, and what
/// to write in it instead of what for two others of the same identity. A Giveaway.com action is all
/// identity.
const CONFLICTS: [(&str, &str, &str, &str, [&str; 2]); 4] = [
    (
        "claimr",
        "POST /claimr/webhooks",
        r#"{"id":"m-1","scope":"user_activity","user":"u","event":{"data":{"xp":100}}}"#,
        r#""xp":100"#,
        [r#""xp":1000"#, r#""xp":null"#],
    ),
    (
        "devtodev",
        "GET /devtodev/installs",
        r#"{"id":"i-1","publisher_name":"p","user_id":"u","cost":"0.10"}"#,
        r#""0.10""#,
        [r#""0.11""#, r#""""#],
    ),
    (
        "inbrain",
        "POST /inbrain/success",
        r#"{"PanelistId":"p","RewardType":"survey_completed","RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a","Reward":100,"RevenueAmount":1.00,"IsTest":false}"#,
        r#""Reward":100"#,
        [r#""Reward":100000"#, r#""Reward":0"#],
    ),
    (
        "appvirality",
        "POST /appvirality/loyalty/user-reward",
        r#"{"campaignid":"1","storeuserid":"s","rewardid":"9","reward_type":"InstoreCredits","reward_unit":"Coins","amount":"5","rewarddetails":[{"rewarddtlid":"7"}]}"#,
        r#""amount":"5""#,
        [r#""amount":"50""#, r#""amount":null"#],
    ),
];

#[tokio::test]
async fn a_callback_costs_one_write_and_a_conflict_three() {
    for (provider, route, payload, from, to) in CONFLICTS {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        let callback = |payload: &str| Event::signed(provider, route, payload);
        let first = callback(payload);

        function.invoke(&first).await.assert_kept("recorded");
        assert_eq!(dynamodb.proxy.asked(), [WRITE], "{provider}: new");
        let record = dynamodb.only_item();

        function.invoke(&first).await.assert_kept("duplicate");
        assert_eq!(dynamodb.proxy.asked(), [WRITE], "{provider}: seen before");
        assert_eq!(dynamodb.only_item(), record, "{provider}");

        for (others, to) in to.into_iter().enumerate() {
            assert_eq!(payload.matches(from).count(), 1, "{provider}");
            let other = callback(&payload.replace(from, to));
            function.invoke(&other).await.assert_conflict(provider);
            assert_eq!(dynamodb.proxy.asked(), [WRITE, NOTE, WRITE], "{provider}: a conflict");
            let items = dynamodb.items();
            assert_eq!(items.len(), others + 2, "{provider}: {items:?}");

            function.invoke(&other).await.assert_conflict(provider);
            assert_eq!(dynamodb.proxy.asked(), [WRITE, WRITE], "{provider}: the same conflict");
            assert_eq!(dynamodb.items(), items, "{provider}: put aside once");
        }

        let (mut kept, aside): (Vec<_>, Vec<_>) =
            dynamodb.items().into_iter().partition(|item| item["id"] == record["id"]);
        let mut stays = kept.pop().expect("the first");
        let listed = stays.remove("conflicts").expect("a list");
        assert_eq!(stays, record, "{provider}: the first stays");
        let fingerprints = aside.iter().map(|item| &item["fingerprint"]);
        let fingerprints: BTreeSet<_> = fingerprints.filter_map(Value::as_str).collect();
        let listed = listed["SS"].as_array().expect("a set").iter();
        assert_eq!(listed.filter_map(Value::as_str).collect::<BTreeSet<_>>(), fingerprints);
        for item in aside {
            let text = |name: &str| item[name].as_str().expect("text").to_owned();
            assert_eq!(text("state"), "conflict");
            assert_eq!(item["conflicts_with"], record["id"]);
            assert_ne!(item["fingerprint"], record["fingerprint"]);
            let own = format!("{}#~conflict#{}", text("conflicts_with"), text("fingerprint"));
            assert_eq!(text("id"), own);
        }

        function.invoke(&first).await.assert_kept("duplicate");
        assert_eq!(dynamodb.proxy.asked(), [WRITE], "{provider}: the first is still the one");
    }
}

/// What one captured call of inBrain can be made into: its signature covers neither amount nor type.
#[tokio::test]
async fn conflicts_without_end_are_ten_and_a_number() {
    let Deployed { mut function, dynamodb } = deploy("inbrain").await;
    let (provider, route, payload, from, _) = CONFLICTS[2];
    let with = |amount: u32| {
        let payload = payload.replace(from, &format!(r#""Reward":{amount}"#));
        Event::signed(provider, route, &payload)
    };
    function.invoke(with(100)).await.assert_kept("recorded");
    dynamodb.proxy.asked();
    for amount in 1..=40 {
        let answer = function.invoke(with(amount)).await;
        answer.assert_conflict(provider);
        let cost = if amount <= 10 { &[WRITE, NOTE, WRITE][..] } else { &[WRITE, NOTE] };
        assert_eq!(dynamodb.proxy.asked(), cost, "{amount}");
    }
    let items = dynamodb.items();
    assert_eq!(items.len(), 11);
    assert_eq!(items[0]["conflicts_not_kept"], json!({"N": "30"}));
    function.invoke(with(10)).await.assert_conflict(provider);
    assert_eq!(dynamodb.proxy.asked(), [WRITE, WRITE], "a known one");
    assert_eq!(dynamodb.items(), items);
    function.invoke(with(100)).await.assert_kept("duplicate");
}

#[tokio::test]
async fn what_is_refused_costs_no_request() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        for (name, status) in [("forged", 401), ("malformed", 400)] {
            let event = Event::sample(&format!("{provider}-{name}"));
            for _ in 0..3 {
                function.invoke(&event).await.assert_problem(status);
            }
            function.invoke(event.into_binary()).await.assert_problem(status);
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");
        assert_eq!(dynamodb.items(), [], "{provider}");
    }
}

#[tokio::test]
async fn an_unproved_request_is_told_the_same_whatever_is_wrong() {
    let mut told = Vec::new();
    for (provider, good, credential) in [
        ("giveaway", "giveaway-action", r#""sign":"#),
        ("claimr", "claimr-user-login", "x-claimr-signature"),
        ("inbrain", "inbrain-ad-hoc", r#""Sig":"#),
        ("appvirality", "appvirality-loyalty-user-reward", r#""securekey":"#),
        ("devtodev", "devtodev-install-get", "apikey="),
    ] {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        let good = Event::sample(good);
        let text = good.body().to_owned();
        let events = match provider {
            "claimr" => {
                let header = "headers/x-claimr-signature";
                let signature = good.0["headers"][credential].as_str().expect("text").to_owned();
                vec![
                    good.clone().without(header),
                    good.clone().with(header, ""),
                    good.clone().with(header, &signature[1..]),
                    good.clone().with(header, format!("{signature},{signature}")),
                    good.clone().with(header, "0".repeat(64)),
                    good.with("body", text + " "),
                ]
            }
            "devtodev" => {
                let query = good.0["rawQueryString"].as_str().expect("text").to_owned();
                let renamed = query.replace(credential, "apiKey=");
                let changed = query.replace("tracker-key", "tracker-kex");
                let empty = query.replace("sample-devtodev-tracker-key", "");
                [renamed, changed, empty, String::new()]
                    .map(|query| good.clone().with("rawQueryString", query))
                    .into()
            }
            _ => {
                // The credential stands last in the body.
                let (start, end) = text.rsplit_once(credential).expect("a credential");
                let wrong = end.replacen('"', "\"0", 1);
                [r#""""#, "null", "1", r#"["x"]"#, "{}", r#""00""#, wrong.trim_end_matches('}')]
                    .map(|value| format!("{start}{credential}{value}}}"))
                    .into_iter()
                    .chain([text.replace(credential, r#""x":"#)])
                    .map(|body| good.clone().with("body", body))
                    .collect()
            }
        };
        for event in events {
            let answer = function.invoke(&event).await;
            answer.assert_problem(401);
            told.push(answer.body);
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn other_routes_and_methods_are_answered_as_api_gateway_does() {
    for (sample, path, method, allowed) in [
        ("giveaway-action", "/giveaway/actions", "GET", "POST"),
        ("devtodev-install-get", "/devtodev/installs", "PUT", "GET, POST"),
        ("inbrain-ad-hoc", "/inbrain/failure", "DELETE", "POST"),
    ] {
        let Deployed { mut function, dynamodb } = deploy(event::provider(sample)).await;
        let at = |method: &str, path: &str| {
            Event::sample(sample)
                .with("routeKey", format!("{method} {path}"))
                .with("rawPath", path)
                .with("requestContext/routeKey", format!("{method} {path}"))
                .with("requestContext/http/path", path)
                .with("requestContext/http/method", method)
        };
        let wrong = function.invoke(at(method, path)).await;
        assert_eq!((wrong.status, &*wrong.headers["allow"]), (405, allowed), "{wrong:?}");
        assert_eq!(wrong.body, json!({"message": "Method Not Allowed"}));
        for path in ["/", "/giveaway", "/giveaway/actions/", "/GIVEAWAY/actions", "/nowhere"] {
            let nowhere = function.invoke(at("POST", path)).await;
            assert_eq!(nowhere.status, 404, "{path}");
            assert_eq!(nowhere.body, json!({"message": "Not Found"}));
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0]);
    }
}

#[tokio::test]
async fn a_record_expires_only_where_a_retention_is_set() {
    let event = Event::sample("giveaway-action");
    for (days, kept) in [("", None), ("0", None), ("90", Some(90 * 24 * 60 * 60))] {
        let retention =
            |settings: crate::support::lambda::Settings| settings.with("RETENTION_DAYS", days);
        let Deployed { mut function, dynamodb } = deploy_with("giveaway", retention).await;
        function.invoke(&event).await.assert_kept("recorded");
        let item = dynamodb.only_item();
        let received = item["received_at"].as_str().expect("text");
        let received: jiff::Timestamp = received.parse().expect("a time");
        let expiry = kept.map(|kept: i64| json!({"N": (received.as_second() + kept).to_string()}));
        assert_eq!(item.get("expires_at"), expiry.as_ref(), "{days}");
    }
}

/// Whatever else is put into an item must be known to whoever reads it.
#[tokio::test]
async fn a_held_callback_says_why() {
    let cap = |settings: crate::support::lambda::Settings| settings.with("MAX_REWARD", "50");
    let Deployed { mut function, dynamodb } = deploy_with("inbrain", cap).await;
    function.invoke(Event::sample("inbrain-ad-hoc")).await.assert_kept("recorded");
    let held = dynamodb.only_item();
    assert_eq!((&held["state"], &held["held"]), (&json!("held"), &json!("over_cap")));
    assert_eq!(held["amount"], Value::from("50.50"));
}
