use std::net::SocketAddr;
use std::time::Instant;

use bundle::{project_file, template};
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use lambda_runtime::Context;
use verify::{Route, Secret, Sender as _};

use super::*;
use crate::functions::ReceivingFunction;
use crate::{event, samples, settle, tables};

const GIVEAWAY: &str = "/public/v1/giveaway/task/callback";
const DEVTODEV: &str = "/track/install/v1/custom/";
const CHECK: &str = "/v2_0/checkrewardstatus";
const REDEEM: &str = "/v2_0/redeemrewards";

fn variables() -> Value {
    json!({
        "GiveawayDeliveryFunction": {"API_KEYS": r#"{"api_key":"g"}"#},
        "DevtodevDeliveryFunction": {"API_KEYS": r#"{"api_key":"d"}"#},
        "AppviralityRedemptionFunction": {"API_KEYS": r#"{"apikey":"a","privatekey":"p"}"#},
        "AppviralityFunction": {"KEYS": r#"{"keys":[{"id":"k","secret":"s"}]}"#},
    })
}

fn env() -> EnvVars {
    serde_json::from_value(variables()).expect("variables")
}

fn providers() -> (Providers, Database) {
    let file = project_file("template.yaml");
    let template = template::Template::read(&file).expect("the template");
    let database = tables::open(&template, None).expect("tables");
    let state = Arc::new(State::open(None).expect("in memory"));
    (Providers::open(&env(), &database, state).expect("stand-ins"), database)
}

async fn send(providers: &Providers, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = http::HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request = HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.as_bytes().to_vec(),
    };
    let response = providers.answer(request, SocketAddr::from(([127, 0, 0, 1], 1))).await?;
    let body = serde_json::from_slice(response.body()).expect("JSON");
    Some((response.status().as_u16(), body))
}

async fn status(providers: &Providers, method: &str, path: &str, body: &str) -> u16 {
    send(providers, method, path, body).await.expect("an answer").0
}

/// What was called, as provider and status.
async fn calls(providers: &Providers) -> Vec<(String, Option<u64>)> {
    let (_, calls) = send(providers, "GET", "/calls", "").await.expect("an answer");
    let calls = calls.as_array().expect("a list").iter();
    calls
        .map(|call| {
            (call["provider"].as_str().expect("a name").to_owned(), call["status"].as_u64())
        })
        .collect()
}

/// Has a reward hook recorded.
async fn record_hook(database: &Database, route: &str, payload: &str) {
    let function = ReceivingFunction::of("appvirality");
    let function = function.expect("a function");
    let (listener, address) = test_support::listen().await;
    let url = format!("http://{address}");
    tokio::spawn(tables::serve(database.clone(), listener));
    let mut settings = env().of(&function.provider.function);
    settings.extend(settle::on_this_machine(&url));
    let invoke = function.start(&settings, Timestamp::now).expect("settings");
    let route: Route = function.provider.route(route).expect("a route");
    let secret = Secret::new("s".to_owned()).expect("not empty");
    let request = function.provider.sign(&settings, &route, payload, &secret).expect("signable");
    let request = samples::as_http(&route, request, "localhost");
    let event = event::from_http(&request, &samples::context());
    let event = serde_json::value::to_raw_value(&event).expect("JSON");
    assert_eq!(invoke(Context::default(), event).await.status_code, 200);
}

fn friend_reward(id: &str, amount: &str) -> String {
    json!({
        "campaignid": "1", "eventname": "Install", "growthhack": "Word_of_Mouth",
        "friend": {
            "storeuserid": "shop-1", "emailid": "pia@example.com", "rewardid": "9",
            "rewarddtlid": id, "reward_type": "InstoreCredits", "amount": amount,
            "reward_unit": "Rs", "rewarded_date": "27-Mar-2015",
        },
    })
    .to_string()
}

#[tokio::test]
async fn giveaway_takes_what_is_signed_with_its_key() {
    let (providers, _) = providers();
    let signed = |key: &str, payload: &str| {
        let secret = Secret::new(key.to_owned()).expect("not empty");
        let request = ::giveaway::Giveaway.sign((), payload, &secret).expect("signable");
        String::from_utf8(request.body).expect("text")
    };
    let action = r#"{"track_id":"t","event":"e","value":1.50}"#;
    assert_eq!(status(&providers, "POST", GIVEAWAY, &signed("g", action)).await, 200);
    assert_eq!(status(&providers, "POST", GIVEAWAY, &signed("x", action)).await, 401);
    assert_eq!(status(&providers, "POST", GIVEAWAY, action).await, 401);
    assert_eq!(status(&providers, "POST", GIVEAWAY, "").await, 400);
    let wrong = signed("g", r#"{"track_id":"t t","event":"e"}"#);
    assert_eq!(status(&providers, "POST", GIVEAWAY, &wrong).await, 400);
    assert_eq!(status(&providers, "GET", GIVEAWAY, "").await, 405);
    assert_eq!(status(&providers, "POST", "/public/v2/x", "").await, 404);
    let statuses: Vec<_> = calls(&providers).await.into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, [200, 401, 401, 400, 400, 405, 404].map(Some));
}

#[tokio::test]
async fn devtodev_takes_installs_with_its_key_in_the_query() {
    let (providers, _) = providers();
    let install = r#"{"event_name":"install","publisher_name":"p","user_id":"u","cost":1.50}"#;
    let with = |query: &str| format!("{DEVTODEV}?{query}");
    assert_eq!(status(&providers, "POST", &with("apikey=d"), install).await, 200);
    assert_eq!(status(&providers, "POST", &with("apikey=x"), install).await, 401);
    assert_eq!(status(&providers, "POST", DEVTODEV, install).await, 401);
    let nobody = r#"{"publisher_name":"p"}"#;
    assert_eq!(status(&providers, "POST", &with("apikey=d"), nobody).await, 400);
    let get = with("apikey=d&publisher_name=p&user_id=u");
    assert_eq!(status(&providers, "GET", &get, "").await, 200);
}

#[tokio::test]
async fn a_reward_is_approved_with_the_amount_of_its_hook_until_it_is_redeemed() {
    let (providers, database) = providers();
    let check = |id: &str| json!({"apikey": "a", "privatekey": "p", "rewarddtlid": id}).to_string();
    let redeem = |ids: &[&str], user: &str| {
        json!({
            "apikey": "a", "privatekey": "p", "rewarddtlids": ids, "userKey": "",
            "UserIdInstore": user, "Emailid": "pia@example.com", "campaignId": "1",
            "growthHack": "Word_of_Mouth",
        })
        .to_string()
    };
    let unknown = send(&providers, "POST", CHECK, &check("7")).await.expect("an answer");
    assert_eq!((unknown.0, &unknown.1["statuscode"]), (200, &json!(11)));
    assert_eq!(unknown.1["success"], false);

    record_hook(&database, "POST /appvirality/referral/friend-reward", &friend_reward("7", "2.50"))
        .await;
    let known = send(&providers, "POST", CHECK, &check("7")).await.expect("an answer");
    let expected = json!({
        "success": true, "rewarddtlid": "7", "reward_status": "Approved", "comment": "",
        "amount": "2.50", "rewardunit": "Rs", "statuscode": 1, "message": "Success",
    });
    assert_eq!(known, (200, expected));

    for (ids, user, success) in [
        (&["7", "8"][..], "shop-1", false),
        (&["7"], "shop-2", false),
        (&["7"], "shop-1", true),
        (&["7"], "shop-1", true),
    ] {
        let (_, reply) =
            send(&providers, "POST", REDEEM, &redeem(ids, user)).await.expect("an answer");
        assert_eq!(reply["success"], success, "{ids:?} {user} {reply}");
    }
    let redeemed = send(&providers, "POST", CHECK, &check("7")).await.expect("an answer").1;
    assert_eq!(redeemed["reward_status"], "Rewarded");

    for body in [r#"{"apikey":"a","privatekey":"x","rewarddtlid":"7"}"#, r#"{"rewarddtlid":"7"}"#] {
        assert_eq!(status(&providers, "POST", CHECK, body).await, 401, "{body}");
    }
    for body in [
        r#"{"apikey":"a","privatekey":"p"}"#,
        r#"{"apikey":"a","privatekey":"p","rewarddtlids":[]}"#,
    ] {
        assert_eq!(status(&providers, "POST", REDEEM, body).await, 400, "{body}");
    }
}

#[tokio::test]
async fn details_of_a_reward_have_their_own_amounts_and_can_be_set() {
    let (providers, database) = providers();
    let payload = json!({
        "campaignid": "1", "participantid": "5", "rewardid": "9", "reward_type": "InstoreCredits",
        "amount": "10", "reward_unit": "Coins", "rewarded_date": "27-Mar-2015",
        "rewarddetails": [
            {"rewarddtlid": "1", "amount": "7.50", "rewarded_date": "26-Mar-2015"},
            {"rewarddtlid": "2", "amount": "2.50", "rewarded_date": "27-Mar-2015"},
        ],
    });
    let route = "POST /appvirality/referral/referrer-reward";
    record_hook(&database, route, &payload.to_string()).await;
    let set = r#"{"reward_status":"UnderReview","amount":8.10}"#;
    assert_eq!(status(&providers, "PUT", "/rewards/2", set).await, 200);
    assert_eq!(status(&providers, "PUT", "/rewards/3", "{}").await, 200);
    let (_, rewards) = send(&providers, "GET", "/rewards", "").await.expect("an answer");
    let reward = |id: &str, status: &str, amount: Value, unit: Value| json!({"rewarddtlid": id, "reward_status": status, "amount": amount, "rewardunit": unit});
    let expected = json!([
        reward("1", "Approved", json!("7.50"), json!("Coins")),
        reward("2", "UnderReview", json!("8.10"), json!("Coins")),
        reward("3", "Approved", Value::Null, Value::Null),
    ]);
    assert_eq!(rewards, expected);
    // Nobody of this hook has a name that the API knows users by.
    let redeem = |id: &str| {
        json!({"apikey": "a", "privatekey": "p", "rewarddtlids": [id], "campaignId": "1"})
            .to_string()
    };
    for (id, success) in [("1", true), ("2", false)] {
        let (_, reply) = send(&providers, "POST", REDEEM, &redeem(id)).await.expect("an answer");
        assert_eq!(reply["success"], success, "{id} {reply}");
    }
    for body in
        ["", r#"{"reward_status":"Maybe"}"#, r#"{"amount":"ten"}"#, r#"{"status":"Approved"}"#]
    {
        assert_eq!(status(&providers, "PUT", "/rewards/1", body).await, 400, "{body}");
    }
}

#[tokio::test]
async fn a_coupon_is_not_redeemed_unless_users_choose() {
    let (providers, database) = providers();
    let hook = friend_reward("7", "10").replace("InstoreCredits", "Coupon");
    record_hook(&database, "POST /appvirality/referral/friend-reward", &hook).await;
    let redeem = r#"{"apikey":"a","privatekey":"p","rewarddtlids":["7"],"UserIdInstore":"shop-1"}"#;
    let (_, reply) = send(&providers, "POST", REDEEM, redeem).await.expect("an answer");
    assert_eq!(reply["success"], false, "{reply}");

    let mut env = variables();
    env["AppviralityRedemptionFunction"]["REDEEM_COUPONS"] = json!("true");
    let env = serde_json::from_value(env).expect("variables");
    let state = Arc::new(State::open(None).expect("in memory"));
    let providers = Providers::open(&env, &database, state).expect("stand-ins");
    let (_, reply) = send(&providers, "POST", REDEEM, redeem).await.expect("an answer");
    assert_eq!(reply["success"], true, "{reply}");
}

#[tokio::test]
async fn two_people_may_have_rewards_of_one_id() {
    let (providers, database) = providers();
    let route = "POST /appvirality/referral/friend-reward";
    record_hook(&database, route, &friend_reward("7", "20")).await;
    let other = friend_reward("7", "5").replace("shop-1", "shop-2");
    record_hook(&database, route, &other).await;
    let check = async || {
        let body = r#"{"apikey":"a","privatekey":"p","rewarddtlid":"7"}"#;
        let (_, reply) = send(&providers, "POST", CHECK, body).await.expect("an answer");
        (reply["amount"].clone(), reply["reward_status"].clone())
    };
    let redeem = async |user: &str| {
        let body = json!({
            "apikey": "a", "privatekey": "p", "rewarddtlids": ["7"], "UserIdInstore": user
        });
        let body = body.to_string();
        assert_eq!(
            send(&providers, "POST", REDEEM, &body).await.expect("an answer").1["success"],
            true
        );
    };
    let of = |amount: &str, status: &str| (json!(amount), json!(status));
    assert_eq!(check().await, of("20", "Approved"));
    assert_eq!(check().await, of("5", "Approved"), "the first one was told of a moment ago");
    assert_eq!(check().await, of("20", "Approved"));
    redeem("shop-1").await;
    assert_eq!(check().await, of("5", "Approved"));
    redeem("shop-2").await;
    assert_eq!(check().await, of("5", "Rewarded"));
    assert_eq!(
        status(&providers, "PUT", "/rewards/7", r#"{"reward_status":"Approved"}"#).await,
        200
    );
    assert_eq!(check().await.1, "Approved");
}

#[tokio::test]
async fn faults_fail_before_or_after_the_work() {
    let (providers, _) = providers();
    for fault in [
        r#"{"provider":"appvirality","status":503,"times":1,"path":"/redeemrewards"}"#,
        r#"{"provider":"appvirality","timeout_ms":50,"applied":true,"path":"/redeemrewards"}"#,
    ] {
        assert_eq!(status(&providers, "POST", "/faults", fault).await, 200);
    }
    assert_eq!(status(&providers, "PUT", "/rewards/7", "{}").await, 200);
    let redeem = r#"{"apikey":"a","privatekey":"p","rewarddtlids":["7"]}"#;
    let state = async || {
        let (_, rewards) = send(&providers, "GET", "/rewards", "").await.expect("an answer");
        rewards[0]["reward_status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status(&providers, "POST", REDEEM, redeem).await, 503);
    assert_eq!(state().await, "Approved");
    let begun = Instant::now();
    assert_eq!(send(&providers, "POST", REDEEM, redeem).await, None, "no answer");
    assert!(begun.elapsed() >= Duration::from_millis(50));
    assert_eq!(state().await, "Rewarded");
    assert_eq!(status(&providers, "POST", REDEEM, redeem).await, 200);
    let statuses: Vec<_> = calls(&providers).await.into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, [Some(503), None, Some(200)]);
    assert_eq!(status(&providers, "DELETE", "/calls", "").await, 200);
    assert!(calls(&providers).await.is_empty());
    assert_eq!(status(&providers, "GET", "/other", "").await, 404);
    assert_eq!(status(&providers, "POST", "/faults", "{}").await, 400);
}

#[tokio::test]
async fn a_fault_has_the_body_that_was_asked_for() {
    let (providers, _) = providers();
    let long = format!("{{\"success\":true,\"padding\":\"{}\"}}", "x".repeat(3000));
    let with_mark = "\u{feff}{\"success\":true}";
    for (body, sent) in [
        (json!({"success": false}), r#"{"success":false}"#),
        (json!(long), &*long),
        (json!(with_mark), with_mark),
        (json!("<p>no JSON</p>"), "<p>no JSON</p>"),
        (json!(""), ""),
    ] {
        let fault = json!({"provider": "giveaway", "status": 200, "body": body}).to_string();
        assert_eq!(status(&providers, "POST", "/faults", &fault).await, 200);
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: GIVEAWAY.to_owned(),
            query: String::new(),
            headers: http::HeaderMap::new(),
            body: Vec::new(),
        };
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let response = providers.answer(request, peer).await.expect("an answer");
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, sent.as_bytes()));
    }
}

#[tokio::test]
async fn only_what_is_said_to_be_json_steers() {
    let (providers, _) = providers();
    let fault = r#"{"provider":"giveaway","status":503}"#;
    for (method, path, body) in
        [("POST", "/faults", fault), ("PUT", "/rewards/7", r#"{"reward_status":"Rewarded"}"#)]
    {
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            let mut headers = http::HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            let request = HttpRequest {
                method: method.to_owned(),
                path: path.to_owned(),
                query: String::new(),
                headers,
                body: body.as_bytes().to_vec(),
            };
            let peer = SocketAddr::from(([127, 0, 0, 1], 1));
            let response = providers.answer(request, peer).await.expect("an answer");
            assert_eq!(response.status(), 415, "{path} {kind:?}");
        }
    }
    let nothing = (200, json!([]));
    assert_eq!(send(&providers, "GET", "/faults", "").await, Some(nothing.clone()));
    assert_eq!(send(&providers, "GET", "/rewards", "").await, Some(nothing));
}
