//! The console of a stack on AWS: what its logs say of requests, and what a person confirms.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::browser::Browser;
use crate::support::event::Event;
use crate::support::fake_aws::{CALLER, Logs, STACK, stack_of};
use crate::support::operator::{Operated, run, run_with};
use crate::support::{TIMEOUTS, binaries};

/// A function's line about a request.
fn line(fields: &Value) -> Value {
    let mut line = json!({"level": "INFO", "message": "callback"});
    line.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
    line
}

/// The page of a stack.
struct Console {
    _process: Child,
    address: String,
    /// What a browser has once it has opened the address that was printed.
    cookie: String,
}

impl Console {
    /// Starts that of the stack in the environment `variables`.
    async fn start(variables: &[(&str, String)]) -> Self {
        let mut command = Command::new(binaries::path("callbacks"));
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        command.args(["console", "--stack", STACK, "--console-port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("a process");
        let mut said = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        timeout(TIMEOUTS, output.read_line(&mut said)).await.expect("in time").expect("a line");
        let url = said.split_whitespace().nth(1).expect("a URL").trim_start_matches("http://");
        let (address, key) = url.split_once('/').expect("a key");
        let opened = Browser::at(address, "").get(&format!("/{key}")).await;
        assert_eq!((opened.status, opened.location.as_str()), (303, "/"), "{}", opened.text);
        let cookie = opened.cookie.split(';').next().expect("a cookie").to_owned();
        for part in ["HttpOnly", "SameSite=Strict"] {
            assert!(opened.cookie.contains(part), "{}", opened.cookie);
        }
        Self { _process: process, address: address.to_owned(), cookie }
    }

    fn browser(&self) -> Browser<'_> {
        Browser::at(&self.address, &self.cookie)
    }
}

fn survey(number: u32, reward: u32) -> Event {
    let payload = json!({
        "PanelistId": "p", "RewardType": "survey_completed", "Reward": reward, "RevenueAmount": 1,
        "RewardId": format!("7d3e9a52-1c48-4f6b-9e07-b2a4c6d8{number:04}"), "IsTest": false,
    });
    Event::signed("inbrain", "POST /inbrain/success", &payload.to_string())
}

#[tokio::test]
async fn requests_are_those_of_the_logs_and_records_those_of_the_tables() {
    let bundle = Operated::start().await;
    let id = bundle.record(&survey(1, 100)).await;
    bundle.settles(&id, "credited").await;
    let hostile = "<script>alert(1)</script>";
    let attempt = json!({
        "message": "attempt", "provider": "inbrain", "id": id, "outcome": "retried",
        "reason": "upstream_failed", "total_ms": 12.5,
    });
    let logs = Arc::new(Mutex::new(Logs::default()));
    let add = |log: &str, line| logs.lock().expect("no panic").add(log, 0, line);
    let genuine = json!({"provider": "inbrain", "kind": "survey_completed", "status": 200, "outcome": "recorded", "id": id});
    add("InbrainLog", line(&genuine));
    let forged = json!({"provider": "inbrain", "status": 401, "outcome": "refused", "reason": "unauthenticated"});
    add("InbrainLog", line(&forged));
    let malformed = json!({"provider": "claimr", "status": 400, "outcome": "refused", "reason": "malformed", "field": hostile});
    add("ClaimrLog", line(&malformed));
    for (route, status, integration) in [
        ("-", "404", "-"),
        ("POST /inbrain/success", "502", "200"),
        ("POST /inbrain/success", "503", "503"),
        ("POST /inbrain/success", "200", "200"),
    ] {
        let fields = json!({"routeKey": route, "status": status, "integrationStatus": integration, "sourceIp": "192.0.2.1"});
        add("AccessLog", fields);
    }
    add("LedgerLog", attempt);
    let console = Console::start(&stack_of(&bundle, logs).await).await;
    let browser = console.browser();
    let list = browser.get("/").await.text;
    assert_eq!(list.matches("<tr class=").count(), 5, "{list}");
    for part in [
        "<td>recorded</td>",
        "<td>not proved unauthenticated</td>",
        "<td>refused malformed &lt;script&gt;alert(1)&lt;/script&gt;</td>",
        "<td>no route</td>",
        "to no route",
        "<td>unavailable</td>",
        ">POST /inbrain/success</a>",
        "Stack callbacks-test",
        r#"<span id="attention-count">0</span>"#,
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
    for (query, number) in
        [("provider=inbrain", 2), ("outcome=no+route", 1), ("search=192.0.2.1", 2)]
    {
        let list = browser.get(&format!("/?{query}")).await.text;
        assert_eq!(list.matches("<tr class=").count(), number, "{query}: {list}");
    }
    let refused = browser.get("/?outcome=not+proved").await.text;
    let number = refused.split(r#"href="/requests/"#).nth(1).and_then(|it| it.split('"').next());
    let refused = browser.get(&format!("/requests/{}", number.expect("a number"))).await.text;
    let stopped = "<strong>proved</strong> (it stopped here): unauthenticated";
    assert!(refused.contains(stopped), "{refused}");
    let lines: Value =
        serde_json::from_str(&browser.get("/requests.json").await.text).expect("JSON");
    let recorded = lines.as_array().expect("lines").iter().find(|it| it["outcome"] == "recorded");
    assert_eq!(recorded.expect("a line")["line"]["id"], id.as_str());
    let record = browser.get(&format!("/records?id={}", id.replace('#', "%23"))).await.text;
    for part in ["<td>retried</td><td>upstream_failed</td><td>12.5 ms</td>", "100 IAC", "credited"]
    {
        assert!(record.contains(part), "{part}: {record}");
    }
    // What is for one machine alone is not there.
    assert_eq!(browser.get("/try").await.status, 404);
    let held = bundle.record(&survey(2, 20_000)).await;
    let token = browser.token(&format!("/records?id={}", held.replace('#', "%23"))).await;
    for path in
        ["/requests/1/send", "/requests/1/sign", "/try/state", "/try/recover", "/try/sample"]
    {
        let form = format!("token={token}&payload=x&state=held&provider=claimr&name=x");
        assert_eq!(browser.post(path, &form).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_decision_is_confirmed_for_the_stack_and_kept_with_who_made_it() {
    let bundle = Operated::start().await;
    let id = bundle.record(&survey(1, 20_000)).await;
    let console = Console::start(&stack_of(&bundle, Arc::default()).await).await;
    let browser = console.browser();
    let encoded = id.replace('#', "%23");
    let path = format!("/records?id={encoded}");
    let page = browser.get(&path).await.text;
    assert!(page.contains("yes, in the stack callbacks-test"), "{page}");
    assert!(page.contains(&format!("--stack {STACK}")), "{page}");
    let token = browser.token(&path).await;
    let order = format!("token={token}&act=accept&id={encoded}&reason=checked");
    for unconfirmed in ["", "&stack=", "&stack=another"] {
        let answer = browser.post("/act", &format!("{order}{unconfirmed}")).await;
        assert_eq!(answer.status, 422, "{unconfirmed}: {}", answer.text);
    }
    assert_eq!(bundle.json(&["show", &id]).await["state"], "held");
    let done = browser.post("/act", &format!("{order}&stack={STACK}")).await;
    assert_eq!((done.status, &done.location), (303, &path), "{}", done.text);
    let shown = bundle.settles(&id, "credited").await;
    let by = format!("accepted by {CALLER}: checked");
    assert!(shown["history"].to_string().contains(&by), "{shown:#}");
}

#[tokio::test]
async fn without_a_stack_or_its_logs_it_says_so() {
    let bundle = Operated::start().await;
    let here = bundle.port("Console");
    let said = run(&["--console-port", &here], &["console"]).await.ended(0);
    assert_eq!(said.text.trim(), format!("http://127.0.0.1:{here}"));
    let nobody = test_support::nobody().await;
    let port = nobody.to_string().rsplit(':').next().expect("a port").to_owned();
    let nothing = run(&["--console-port", &port], &["console"]).await.ended(3);
    assert!(nothing.errors.contains("--stack NAME"), "{}", nothing.errors);
    let mut variables = stack_of(&bundle, Arc::default()).await;
    variables.retain(|(name, _)| !name.ends_with("LOGS"));
    let nowhere = format!("http://{nobody}");
    variables.push(("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", nowhere));
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let place = ["--stack", STACK, "--console-port", "0"];
    let blind = run_with(&variables, &place, &["console"]).await.ended(3);
    assert!(blind.errors.contains("CloudWatch Logs"), "{}", blind.errors);
    assert_eq!(blind.errors.lines().count(), 1, "{}", blind.errors);
}

#[tokio::test]
async fn what_is_logged_later_comes_once_and_an_outage_is_said() {
    let bundle = Operated::start().await;
    let logs = Arc::new(Mutex::new(Logs::default()));
    let numbered = |number: u32| {
        line(&json!({"provider": "inbrain", "status": 200, "outcome": format!("n{number}")}))
    };
    let add = |number, seconds_ago| {
        logs.lock().expect("no panic").add("InbrainLog", seconds_ago, numbered(number));
    };
    add(1, 10);
    // Longer ago than is looked back.
    add(2, 3_600);
    let console = Console::start(&stack_of(&bundle, Arc::clone(&logs)).await).await;
    let browser = console.browser();
    let list = browser.get("/").await.text;
    assert!(list.contains("<td>n1</td>") && !list.contains("<td>n2</td>"), "{list}");
    let until = async |wanted: &str, is_there: bool| {
        let seen = async {
            while browser.get("/").await.text.contains(wanted) != is_there {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(TIMEOUTS, seen).await.is_ok(), "{wanted} {is_there}");
    };
    // The second one comes into the log later than a line that was logged after it.
    add(3, 0);
    until("<td>n3</td>", true).await;
    add(4, 40);
    until("<td>n4</td>", true).await;
    logs.lock().expect("no panic").closed = true;
    until("The logs cannot be read now", true).await;
    add(5, 0);
    logs.lock().expect("no panic").closed = false;
    until("The logs cannot be read now", false).await;
    until("<td>n5</td>", true).await;
    let list = browser.get("/").await.text;
    for number in [1, 3, 4, 5] {
        assert_eq!(list.matches(&format!("<td>n{number}</td>")).count(), 1, "{number}: {list}");
    }
}

#[tokio::test]
async fn who_has_not_the_key_of_the_address_sees_and_changes_nothing() {
    let bundle = Operated::start().await;
    let console = Console::start(&stack_of(&bundle, Arc::default()).await).await;
    let (name, _) = console.cookie.split_once('=').expect("a name");
    for cookie in ["", &format!("{name}="), &format!("{name}=0123456789abcdef0123456789abcdef")] {
        let stranger = Browser::at(&console.address, cookie);
        for path in [
            "/",
            "/?key=",
            "/?key=0",
            "/events",
            "/requests.json",
            "/standing.json",
            "/attention",
            "/console.js",
        ] {
            let page = stranger.get(path).await;
            assert_eq!((page.status, page.cookie.as_str()), (403, ""), "{path}");
        }
        for path in ["/act", "/try/state"] {
            assert_eq!(stranger.post(path, "token=").await.status, 403, "{path}");
        }
    }
    assert_eq!(console.browser().get("/").await.status, 200);
}
