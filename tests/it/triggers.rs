//! `trigger`: each state that it lists is brought about, and is what its name says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::dev_server::{DevServer, run};
use crate::support::operator::Operated;

/// What `show` says of the record that a state leads to, and where there is none, what the answer begins with.
const COMES_TO: [(&str, &str); 16] = [
    ("survey", "credited"),
    ("test", "recorded"),
    ("duplicate", "credited"),
    ("conflict", "200 conflict"),
    ("held", "held"),
    ("forged", "401"),
    ("malformed", "400"),
    ("no-route", "404"),
    ("reversal", "reversed"),
    ("reversal-first", "waiting"),
    ("delivered", "delivered"),
    ("upstream-down", "tried, and due again"),
    ("refused", "refused"),
    ("waiting", "waiting"),
    ("rejected", "rejected"),
    ("dead-letter", "dead"),
];

#[tokio::test]
async fn every_state_is_brought_about() {
    // As a person starts it: pauses are as long as on AWS.
    let bundle = Operated(DevServer::start().await);
    let listed = String::from_utf8(run(&["trigger"]).await.stdout).expect("text");
    let listed: Vec<_> =
        listed.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, COMES_TO.map(|(state, _)| state));

    let ports =
        [("--port", "HTTP API"), ("--dynamodb-port", "DynamoDB"), ("--provider-port", "Providers")]
            .map(|(option, name)| [option.to_owned(), bundle.port(name)]);
    let ports: Vec<_> = ports.iter().flatten().map(String::as_str).collect();
    let mut states = BTreeMap::new();
    for (state, comes_to) in COMES_TO {
        let output = run(&[&["trigger", state], &ports[..]].concat()).await;
        let said = String::from_utf8(output.stdout.clone()).expect("text");
        assert!(output.status.success(), "{state}: {output:?}");
        assert!(said.contains(comes_to), "{state}: {said}");
        // What it says to look at is there.
        if let Some((_, id)) = said.split_once("cargo run -- show ") {
            let id = id.split(['\'', ' ', '\n']).find(|word| word.contains('#')).expect("an id");
            let shown = bundle.json(&["show", id]).await;
            states.insert(state, shown["state"].clone());
        }
    }
    for (state, kept) in [
        ("held", "held"),
        ("refused", "refused"),
        ("rejected", "rejected"),
        ("dead-letter", "dead"),
    ] {
        assert_eq!(states[state], Value::from(kept), "{states:?}");
    }
    let conflicts = bundle.json(&["list", "--outcome", "conflict"]).await;
    assert_eq!(conflicts["records"].as_array().expect("records").len(), 1);
}
