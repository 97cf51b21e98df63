//! The console of a stack on AWS: what its logs say of requests, and what a person confirms.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::browser::Browser;
use crate::support::event::Event;
use crate::support::fake_aws::{CALLER, STACK, stack_of};
use crate::support::operator::{Operated, run, run_with};
use crate::support::{TIMEOUTS, binaries};

/// A function's line about a request.
fn line(log: &str, fields: &Value) -> (String, Value) {
    let mut line =
        json!({"timestamp": "2026-11-28T01:28:59.000Z", "level": "INFO", "message": "callback"});
    line.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
    (log.to_owned(), line)
}

/// Starts the page of the stack in the environment `variables`; where it is.
async fn start(variables: &[(&str, String)]) -> (Child, String) {
    let mut command = Command::new(binaries::path("callbacks"));
    command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
    command.args(["console", "--stack", STACK, "--console-port", "0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut console = command.spawn().expect("a process");
    let mut said = String::new();
    let mut output = BufReader::new(console.stdout.take().expect("its output"));
    timeout(TIMEOUTS, output.read_line(&mut said)).await.expect("in time").expect("a line");
    let url = said.split_whitespace().nth(1).expect("a URL");
    let address = url.trim_start_matches("http://").to_owned();
    (console, address)
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
    let logs = vec![
        line(
            "InbrainLog",
            &json!({"provider": "inbrain", "kind": "survey_completed", "status": 200, "outcome": "recorded", "id": id}),
        ),
        line(
            "InbrainLog",
            &json!({"provider": "inbrain", "status": 401, "outcome": "refused", "reason": "unauthenticated"}),
        ),
        line(
            "ClaimrLog",
            &json!({"provider": "claimr", "status": 400, "outcome": "refused", "reason": "malformed", "field": hostile}),
        ),
        (
            "AccessLog".to_owned(),
            json!({"routeKey": "-", "status": "404", "integrationStatus": "-", "sourceIp": "192.0.2.1"}),
        ),
        (
            "AccessLog".to_owned(),
            json!({"routeKey": "POST /inbrain/success", "status": "200", "integrationStatus": "200"}),
        ),
        ("LedgerLog".to_owned(), attempt),
    ];
    let (_console, address) = start(&stack_of(&bundle, logs).await).await;
    let browser = Browser::at(&address);
    let list = browser.get("/").await.text;
    assert_eq!(list.matches("<tr class=").count(), 4, "{list}");
    for part in [
        "<td>recorded</td>",
        "<td>not proved unauthenticated</td>",
        "<td>refused malformed &lt;script&gt;alert(1)&lt;/script&gt;</td>",
        "<td>no route</td>",
        "to no function",
        "Stack callbacks-test",
        r#"<span id="attention-count">0</span>"#,
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
    for (query, number) in
        [("provider=inbrain", 2), ("outcome=no+route", 1), ("search=192.0.2.1", 1)]
    {
        let list = browser.get(&format!("/?{query}")).await.text;
        assert_eq!(list.matches("<tr class=").count(), number, "{query}: {list}");
    }
    let refused = browser.get("/requests/2").await.text;
    let stopped = "<strong>proved</strong> (it stopped here): unauthenticated";
    assert!(refused.contains(stopped), "{refused}");
    let lines: Value =
        serde_json::from_str(&browser.get("/requests.json").await.text).expect("JSON");
    assert_eq!(lines[3]["line"]["id"], id.as_str());
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
    let (_console, address) = start(&stack_of(&bundle, Vec::new()).await).await;
    let browser = Browser::at(&address);
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
    let mut variables = stack_of(&bundle, Vec::new()).await;
    variables.retain(|(name, _)| !name.ends_with("LOGS"));
    let nowhere = format!("http://{nobody}");
    variables.push(("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", nowhere));
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let place = ["--stack", STACK, "--console-port", "0"];
    let blind = run_with(&variables, &place, &["console"]).await.ended(3);
    assert!(blind.errors.contains("CloudWatch Logs"), "{}", blind.errors);
    assert_eq!(blind.errors.lines().count(), 1, "{}", blind.errors);
}
