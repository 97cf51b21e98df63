//! The consumers of `docs/events/`, run with its examples: twice, and in whatever order.

use std::io;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// The examples of the page, as the bus sends them, each on a line.
fn examples() -> Vec<String> {
    let folder = bundle::project_file("docs/events/examples");
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort_unstable();
    let read = |file| std::fs::read_to_string(file).expect("text");
    let line = |text: String| serde_json::from_str::<Value>(&text).expect("JSON").to_string();
    files.into_iter().map(read).map(line).collect()
}

/// What the program says of `events`, where it can be started.
async fn consumed(program: &str, script: &str, events: &[String]) -> io::Result<Value> {
    let script = bundle::project_file(&format!("docs/events/{script}"));
    let mut child =
        Command::new(program).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all((events.join("\n") + "\n").as_bytes()).await.expect("written");
    drop(input);
    let output = child.wait_with_output().await.expect("an end");
    assert!(output.status.success(), "{program}");
    Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Hands the examples over in three orders, all of them twice.
async fn check(program: &str, script: &str) -> io::Result<()> {
    let events = examples();
    let mut backwards = events.clone();
    backwards.reverse();
    let mut turned = events.clone();
    turned.rotate_left(events.len() / 2);
    for order in [events, backwards, turned] {
        let twice = [order.clone(), order].concat();
        assert_eq!(consumed(program, script, &twice).await?, expected(), "{program}");
    }
    Ok(())
}

/// What the examples come to, by hand.
fn expected() -> Value {
    json!({
        // Two credits and a reversal of one user, and a debit of another.
        "told": 4,
        "balances": {
            "claimr cu-1001 xp": {"amount": "70", "entries": 2},
            "inbrain 2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001 IAC": {"amount": "102.75", "entries": 6},
        },
    })
}

#[tokio::test]
async fn the_consumer_in_python_counts_each_event_once_and_keeps_the_latest_balance() {
    check("python3", "consumer.py").await.expect("the checks need Python");
}

#[tokio::test]
async fn the_consumer_in_node_does_the_same() {
    // Nothing else here needs Node.js, so a machine without it may go without this.
    match check("node", "consumer.mjs").await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("there is no node on this machine: consumer.mjs is not run");
        }
        ran => ran.expect("started"),
    }
}
