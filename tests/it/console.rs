//! The console: what it shows of what came, and what it lets a browser do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use crate::support::browser::Browser;
use crate::support::dev_server::DevServer;
use crate::support::event::Event;
use crate::support::operator::Operated;

/// What changes something.
const CHANGING: [&str; 7] = [
    "/requests/1/send",
    "/requests/1/sign",
    "/act",
    "/try/sample",
    "/try/state",
    "/try/fault",
    "/try/recover",
];

#[tokio::test]
async fn every_request_is_shown_with_what_became_of_it() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    assert!(browser.get("/").await.text.contains("Nothing came yet"));

    let genuine = Event::sample("inbrain-survey-completed");
    bundle.0.send(&genuine).await;
    bundle.0.send(&Event::sample("inbrain-forged")).await;
    bundle.0.send(&Event::sample("inbrain-malformed")).await;
    bundle.0.send(&genuine.clone().with("rawPath", "/inbrain/nowhere")).await;
    let list = browser.get("/").await.text;
    for outcome in ["recorded", "not proved", "refused", "no route"] {
        assert!(list.contains(&format!("<td>{outcome}</td>")), "{outcome}: {list}");
    }
    // What is looked for alone.
    for (query, number) in [
        ("provider=claimr", 0),
        ("outcome=refused", 1),
        ("search=nowhere", 1),
        ("search=inbrain", 4),
    ] {
        let list = browser.get(&format!("/?{query}")).await.text;
        assert_eq!(list.matches("<tr class=").count(), number, "{query}: {list}");
    }

    bundle.settles("inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001", "credited").await;
    let recorded = browser.get("/requests/1").await.text;
    for part in ["credited: ", "200 in ", r#"href="/records?id=inbrain%23reward%23"#] {
        assert!(recorded.contains(part), "{part}: {recorded}");
    }
    let id = "inbrain%23reward%237d3e9a52-1c48-4f6b-9e07-b2a4c6d80001";
    let record = browser.get(&format!("/records?id={id}")).await.text;
    for part in
        ["<dd>100 IAC</dd>", "100 IAC for survey_completed", "received, proved by key sample"]
    {
        assert!(record.contains(part), "{part}: {record}");
    }
    let user = browser.get("/users?user=2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001").await.text;
    assert!(user.contains("inbrain: 100 IAC") && user.contains("/records?id="), "{user}");
    assert_eq!(browser.get("/records?id=nobody").await.status, 404);
    // Where it stopped, and why.
    for (number, step, why) in [
        (2, "proved", "signed with none of the keys that are known here (sample)"),
        (3, "read", "RewardType must be"),
        (4, "routed", "no route takes this method and path"),
    ] {
        let page = browser.get(&format!("/requests/{number}")).await.text;
        let stopped = format!("<strong>{step}</strong> (it stopped here): {why}");
        assert!(page.contains(&stopped), "{stopped}: {page}");
    }
    assert_eq!(browser.get("/requests/5").await.status, 404);
    let requests = browser.get("/requests.json?outcome=recorded").await.text;
    let requests: serde_json::Value = serde_json::from_str(&requests).expect("JSON");
    assert_eq!((&requests[0]["number"], &requests[0]["status"]), (&1.into(), &200.into()));
}

#[tokio::test]
async fn what_somebody_sent_is_text_and_nothing_else() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    let hostile = r#""><script>alert(1)</script><img src=x onerror=alert(1)>"#;
    let payload = serde_json::json!({"id": hostile, "scope": "user_login", "user_id": hostile});
    bundle.0.send(&Event::signed("claimr", "POST /claimr/webhooks", &payload.to_string())).await;
    let nowhere = Event::sample("inbrain-survey-completed").with("body", hostile);
    let nowhere = nowhere.with("headers/content-length", hostile.len().to_string());
    bundle.0.send(&nowhere.with("headers/x-note", hostile)).await;
    for path in ["/", "/requests/1", "/requests/2", "/?search=%22%3E%3Cscript%3E"] {
        let page = browser.get(path).await;
        assert!(!page.text.contains("<script>") && !page.text.contains("<img"), "{}", page.text);
        for rule in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(page.policy.contains(rule), "{}", page.policy);
        }
        assert!(!page.policy.contains("unsafe"), "{}", page.policy);
        // With any other its own forms would come from nowhere.
        assert_eq!(page.referrer, "same-origin");
    }
}

#[tokio::test]
async fn no_other_page_reads_or_steers_it() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    bundle.0.send(&Event::sample("inbrain-survey-completed")).await;
    let record = "/records?id=inbrain%23reward%237d3e9a52-1c48-4f6b-9e07-b2a4c6d80001";
    for path in
        ["/", "/requests/1", "/requests.json", "/events", "/console.js", "/attention", record]
    {
        for (name, value) in [
            ("host", "rebound.example:3002"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let page = browser.ask(Request::get(path).header(name, value), "").await;
            assert_eq!(page.status, 403, "{path} {name}");
            assert!(!page.text.contains("inbrain"), "{path} {name}: {}", page.text);
        }
    }
    for form in ["", "token=", "token=0123456789abcdef0123456789abcdef", "reason=r"] {
        for path in CHANGING {
            assert_eq!(browser.post(path, form).await.status, 403, "{path} {form}");
        }
    }
    let token = browser.token("/requests/1").await;
    let other = Request::post("/requests/1/send")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example");
    assert_eq!(browser.ask(other, &format!("token={token}")).await.status, 403);
    // Nothing of this was sent.
    let requests = browser.get("/requests.json").await.text;
    let requests: Vec<serde_json::Value> = serde_json::from_str(&requests).expect("JSON");
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_person_sends_again_and_decides() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    let held = serde_json::json!({
        "PanelistId": "p", "RewardType": "survey_completed", "Reward": 20_000, "RevenueAmount": 1,
        "RewardId": "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001", "IsTest": false,
    });
    let held = Event::signed("inbrain", "POST /inbrain/success", &held.to_string());
    let id = bundle.record(&held).await;
    let token = browser.token("/requests/1").await;

    let again = browser.post("/requests/1/send", &format!("token={token}")).await;
    assert_eq!((again.status, again.location.as_str()), (303, "/requests/2"));
    assert!(browser.get("/requests/2").await.text.contains("recorded</strong>: duplicate"));

    let path = format!("/records?id={}", id.replace('#', "%23"));
    let page = browser.get(&path).await.text;
    assert!(page.contains("held") && page.contains("--reason WHY"), "{page}");
    assert!(browser.get("/attention").await.text.contains(&path));
    let order = |act: &str, id: &str, more: &str| {
        format!("token={token}&act={act}&id={}&reason=checked{more}", id.replace('#', "%23"))
    };
    let accepted = browser.post("/act", &order("accept", &id, "")).await;
    assert_eq!((accepted.status, accepted.location.as_str()), (303, path.as_str()));
    let shown = bundle.settles(&id, "credited").await;
    assert!(shown["history"].to_string().contains(": checked"), "{shown:#}");
    // What is settled is not to be decided, and what is no act is none.
    let late = browser.post("/act", &order("close", &id, "")).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(browser.post("/act", &order("forget", &id, "")).await.status, 422);
    assert_eq!(browser.post("/act", &order("redrive", &id, "&queue=no-queue")).await.status, 409);
}

#[tokio::test]
async fn a_conflict_is_shown_side_by_side_and_decided() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    let survey = |reward: u32| {
        let payload = serde_json::json!({
            "PanelistId": "p", "RewardType": "survey_completed", "Reward": reward, "RevenueAmount": 1,
            "RewardId": "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001", "IsTest": false,
        });
        Event::signed("inbrain", "POST /inbrain/success", &payload.to_string())
    };
    let first = bundle.record(&survey(100)).await;
    bundle.settles(&first, "credited").await;
    bundle.0.send(&survey(500)).await;
    let listed = bundle.json(&["list", "--outcome", "conflict"]).await;
    let second = listed["records"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/records?id={}", second.replace('#', "%23"));
    let page = browser.get(&path).await.text;
    for part in
        ["Side by side", r#"<th scope="row">amount</th>"#, "in addition to the one that came first"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let token = browser.token(&path).await;
    let order = |more: &str| {
        let id = second.replace('#', "%23");
        format!("token={token}&act=accept&id={id}&reason=both{more}")
    };
    // It pays in addition only where that is said.
    let refused = browser.post("/act", &order("")).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("came first"), "{}", refused.text);
    assert_eq!(browser.post("/act", &order("&yes=true")).await.status, 303);
    bundle.settles(&second, "credited").await;
    assert_eq!(bundle.amounts("p").await, ["100", "500"]);
}

#[tokio::test]
async fn no_page_shows_a_key() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    // Three whose requests carry the key itself.
    for sample in ["devtodev-install-get", "appvirality-loyalty-user-reward"] {
        bundle.0.send(&Event::sample(sample)).await;
    }
    let key = "sample-devtodev-tracker-key";
    let lost = Event::sample("devtodev-install-get").with("rawPath", format!("/{key}"));
    let lost = lost.with("headers/x-note", key.to_uppercase());
    let basic = format!("Basic {}", STANDARD.encode(format!("api:{key}")));
    bundle.0.send(&lost.with("headers/authorization", basic.as_str())).await;
    let keys = ["sample-devtodev-tracker-key", "sample-appvirality-secure-key"];
    for path in ["/requests/1", "/requests/2", "/requests/3", "/requests.json", "/"] {
        let page = browser.get(path).await;
        let text = page.text.to_lowercase();
        assert!(!keys.iter().any(|key| text.contains(key)), "{path}: {}", page.text);
        assert!(!page.text.contains(&basic), "{path}: {}", page.text);
        assert!(path == "/" || page.text.contains("[REDACTED]"), "{path}: {}", page.text);
    }
    // A path may be anything.
    let strange = Event::sample("devtodev-install-get").with("rawPath", "/%C3%A9/x");
    bundle.0.send(&strange).await;
    assert_eq!(browser.get("/requests/4").await.status, 200);
    // The very request is sent again all the same.
    let token = browser.token("/requests/1").await;
    let again = browser.post("/requests/1/send", &format!("token={token}")).await;
    assert!(browser.get(&again.location).await.text.contains("recorded</strong>: duplicate"));
}

#[tokio::test]
async fn what_is_signed_is_shown_and_a_request_is_signed_anew() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    bundle.0.send(&Event::sample("inbrain-forged")).await;
    let page = browser.get("/requests/1").await.text;
    let body: serde_json::Value =
        serde_json::from_str(Event::sample("inbrain-forged").body()).expect("JSON");
    let [user, reward] = ["PanelistId", "RewardId"].map(|name| body[name].as_str().expect("text"));
    for part in [
        "<dd>member Sig in the body</dd>",
        "<dd>md5 of</dd>",
        &format!(">{user}{reward}{{secret}}</pre>"),
        "sam local invoke InbrainFunction --event event.json",
        "cargo run -- sign inbrain payload.json --route &#39;POST /inbrain/success&#39;",
    ] {
        let part = part.replace("&#39;", "'");
        assert!(page.replace("&#39;", "'").contains(&part), "{part}: {page}");
    }
    let token = browser.token("/requests/1").await;
    let payload = serde_json::json!({
        "PanelistId": "p", "RewardType": "survey_completed", "Reward": 7, "RevenueAmount": 1,
        "RewardId": "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001", "IsTest": false,
    });
    let form = |payload: &str| {
        let payload =
            percent_encoding::utf8_percent_encode(payload, percent_encoding::NON_ALPHANUMERIC);
        format!("token={token}&payload={payload}")
    };
    let signed = browser.post("/requests/1/sign", &form(&payload.to_string())).await;
    assert_eq!((signed.status, signed.location.as_str()), (303, "/requests/2"), "{}", signed.text);
    bundle.settles("inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001", "credited").await;
    assert_eq!(bundle.amounts("p").await, ["7"]);
    for payload in ["", "[]", "{", "null"] {
        let refused = browser.post("/requests/1/sign", &form(payload)).await;
        assert_eq!(refused.status, 422, "{payload}: {}", refused.text);
    }
}

#[tokio::test]
async fn samples_states_and_faults_are_tried() {
    let bundle = Operated::start().await;
    let browser = Browser::of(&bundle);
    let page = browser.get("/try").await.text;
    for part in [r#"value="dead-letter""#, r#"value="giveaway-action""#, "<summary>cpx ("] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let token = browser.token("/try").await;
    let post = async |path: &str, order: &str| {
        let done = browser.post(path, &format!("token={token}&{order}")).await;
        (done.status, done.location)
    };
    let sent = post("/try/sample", "provider=claimr&name=claimr-user-reward").await;
    assert_eq!(sent, (303, "/requests/1".to_owned()));
    assert!(browser.get("/requests/1").await.text.contains("recorded</strong>: recorded"));
    for (path, order) in [
        ("/try/sample", "provider=claimr&name=nothing"),
        ("/try/sample", "provider=..%2F..&name=nothing"),
        ("/try/state", "state=nothing"),
    ] {
        assert_eq!(post(path, order).await.0, 404, "{order}");
    }
    for (order, status) in [
        ("provider=giveaway&status=503&times=1000", 303),
        ("provider=giveaway&status=timeout&times=1", 303),
        ("provider=inbrain&status=503&times=1", 409),
        ("provider=giveaway&status=503&times=0", 409),
        ("provider=giveaway&status=503&times=x", 422),
        ("provider=giveaway&status=abc&times=1", 422),
        ("provider=giveaway&status=99999&times=1", 422),
    ] {
        assert_eq!(post("/try/fault", order).await.0, status, "{order}");
    }
    let page = browser.get("/try").await.text;
    assert_eq!(page.matches("&quot;provider&quot;:&quot;giveaway&quot;").count(), 2, "{page}");
    assert_eq!(post("/try/recover", "").await.0, 303);
    assert!(browser.get("/try").await.text.contains("None: every call is answered"));
}

#[tokio::test]
async fn a_dead_letter_is_put_back_with_what_others_were_told_of_it() {
    // As a person starts it: with shorter pauses more is tried meanwhile.
    let bundle = Operated(DevServer::start().await);
    let browser = Browser::of(&bundle);
    let token = browser.token("/try").await;
    let brought = browser.post("/try/state", &format!("token={token}&state=dead-letter")).await;
    assert_eq!(brought.status, 303, "{}", brought.text);
    let path = brought.location;
    let page = browser.get(&path).await.text;
    for part in [
        "<strong>effect</strong> (it stopped here): dead",
        "in GiveawayDeliveryDeadLetters",
        "<td>retried</td>",
        "<td>dead_letter</td>",
        "&quot;detail-type&quot;: &quot;recorded&quot;",
        "&quot;detail-type&quot;: &quot;dead&quot;",
        "POST /public/v1/giveaway/task/callback</code> 503",
        "callbacks redrive GiveawayDeliveryDeadLetters",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let standing = browser.get("/standing.json").await.text;
    assert_eq!(standing, r#"{"attention":1,"retrying":0}"#);
    let id = path.trim_start_matches("/records?id=");
    let order = format!("token={token}&act=redrive&id={id}&queue=GiveawayDeliveryDeadLetters");
    let redriven = browser.post("/act", &order).await;
    assert_eq!((redriven.status, &redriven.location), (303, &path), "{}", redriven.text);
    bundle.settles(&id.replace("%23", "#"), "delivered").await;
    let page = browser.get(&path).await.text;
    assert!(page.contains("&quot;detail-type&quot;: &quot;delivered&quot;"), "{page}");
    assert_eq!(browser.get("/standing.json").await.text, r#"{"attention":0,"retrying":0}"#);
}

#[tokio::test]
async fn what_comes_is_told_as_it_comes() {
    use http_body_util::BodyExt as _;
    use tokio::time::timeout;

    use crate::support::TIMEOUTS;

    let bundle = Operated::start().await;
    let address = bundle.0.address("Console").to_owned();
    let stream = tokio::net::TcpStream::connect(&address).await.expect("a connection");
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.expect("HTTP");
    tokio::spawn(async { drop(connection.await) });
    let request = Request::get("/events").header("host", address).body(Full::<Bytes>::default());
    let answer = sender.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.into_body();

    bundle.0.send(&Event::sample("inbrain-forged")).await;
    let told = async {
        let mut told = String::new();
        while !told.contains("\n\n") {
            let frame = body.frame().await.expect("more").expect("a frame");
            told.push_str(&String::from_utf8_lossy(frame.data_ref().expect("data")));
        }
        told
    };
    let told = timeout(TIMEOUTS, told).await.expect("told in time");
    let data = told.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert!(told.starts_with("event: request\n"), "{told}");
    assert_eq!(data["outcome"], "not proved");
    assert!(data["row"].as_str().expect("a row").contains(r#"href="/requests/1""#), "{data}");
}
