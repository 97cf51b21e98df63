//! What `docs/costs.md` counts on: requests and log lines, counted here, and its sums.
//!
//! Write units are counted in `tests/capacity`. What Lambda's mapping asks of SQS, one receipt and one deletion for each
//! batch, no function asks itself ("Using Lambda with Amazon SQS"), nor is the access log a function's.

use serde_json::Value;

use crate::support::event::Event;
use crate::support::lambda::{Function, Output, Settings};
use crate::support::metrics::is_document;
use crate::support::settling::Settling;

/// What was written and asked for, from callbacks to credits.
struct Way {
    receiver: Output,
    dispatch: Output,
    ledger: Output,
    /// The operations that dispatch asked of SQS, and the ledger of DynamoDB.
    dispatched: Vec<String>,
    booked: Vec<String>,
}

/// The way of `count` callbacks that are dispatched at once, of `users` users.
async fn way(count: usize, users: usize) -> Way {
    // The default of the template.
    let info = |settings: Settings| settings.with("LOG_LEVEL", "info");
    let mut settling = Settling::start().await;
    settling.receive_with("inbrain", info).await;
    let mut ledger = Function::start("ledger", &info(settling.settings("ledger"))).await;
    for number in 0..count {
        settling.receive(&survey(number, number % users)).await;
    }
    settling.flow().await;
    let mut dispatched = settling.dispatched();
    dispatched.retain(|operation| operation != "PutEvents");
    settling.dynamodb.proxy.asked();
    settling.work("ledger", &mut ledger).await.assert_done(count);
    let booked = settling.dynamodb.proxy.asked();
    let ledger = ledger.stop().await;
    let mut written = settling.stop().await;
    let mut of = |name| written.remove(name).expect("it ran");
    Way { receiver: of("inbrain"), dispatch: of("dispatch"), ledger, dispatched, booked }
}

/// The survey `number` of inBrain's, as its sample is, of the user `user`.
fn survey(number: usize, user: usize) -> Event {
    let payload = format!(
        r#"{{"PanelistId":"2b6f0c1e-94a7-4d0b-8a35-7e1c5d9{user:05}","RewardType":"survey_completed","RewardId":"7d3e9a52-1c48-4f6b-9e07-b2a4c6d8{number:04}","Reward":100,"SessionId":"session-2001","RevenueAmount":1.00,"IsTest":false}}"#
    );
    Event::signed("inbrain", "POST /inbrain/success", &payload)
}

/// The bytes of the lines, and of the lines that are metrics.
fn bytes(output: &Output) -> [usize; 2] {
    let mut bytes = [0, 0];
    for line in output.stdout.lines() {
        let line_read: Value = serde_json::from_str(line).expect("JSON");
        bytes[usize::from(is_document(&line_read))] += line.len();
    }
    bytes
}

fn page() -> String {
    std::fs::read_to_string(bundle::project_file("docs/costs.md")).expect("a page")
}

/// Asserts that `said`, in kB with two digits, is what each of `count` callbacks wrote; times have digits more or less.
#[track_caller]
fn assert_kilobytes(said: &str, bytes: usize, count: usize) {
    let [counted, said] =
        [bytes / count, said.replace('.', "").parse::<usize>().expect("a number") * 10];
    assert!(counted.abs_diff(said) <= 10, "{counted} bytes, and the page says {said}");
}

#[tokio::test]
async fn the_page_says_what_is_written_and_asked_for_one_by_one() {
    let way = way(1, 1).await;
    assert!(page().contains("| CloudWatch Logs | 0.32 kB line, 0.33 kB metrics, 0.24 kB access"));
    let [line, metrics] = bytes(&way.receiver);
    assert_kilobytes("0.32", line, 1);
    assert_kilobytes("0.33", metrics, 1);
    assert!(page().contains("| CloudWatch Logs | 0.30 kB line, 0.26 kB metrics | 0.28 |"));
    let [line, metrics] = bytes(&way.ledger);
    assert_kilobytes("0.30", line, 1);
    assert_kilobytes("0.26", metrics, 1);
    assert_eq!(way.dispatched, ["SendMessageBatch"]);
    // A transaction's reads are no extra units.
    let booked: Vec<_> = way.booked.iter().filter_map(|it| it.rsplit('.').next()).collect();
    assert_eq!(booked, ["BatchGetItem", "TransactWriteItems", "GetItem", "UpdateItem"]);
}

#[tokio::test]
async fn the_page_says_what_is_written_and_asked_for_in_tens() {
    assert!(page().contains("| 0.33 kB | 0.17 | 0.33 kB | 0.17 |"));
    for users in [10, 1] {
        let way = way(10, users).await;
        let [line, metrics] = bytes(&way.ledger);
        assert_kilobytes("0.33", line + metrics, 10);
        assert_eq!(way.dispatched, ["SendMessageBatch"], "{users}");
        let asked = |name: &str| way.booked.iter().filter(|it| it.ends_with(name)).count();
        let booked = ["BatchGetItem", ".GetItem", "TransactWriteItems", "UpdateItem"].map(asked);
        // The records of a user are read at once, each for its own unit.
        assert_eq!(booked, [users, users, users, 10], "{users}");
    }
}

#[tokio::test]
async fn a_dispatch_that_succeeds_writes_nothing() {
    // It is started with the level trace.
    let written = way(1, 1).await.dispatch.stdout;
    let mut lines = written.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    assert!(lines.all(|line| line["level"] == "DEBUG"), "{written}");
}

/// The numbers in the cells of each row of the table that begins with `head`, in hundredths; none for other cells.
fn costs(head: &str) -> Vec<Vec<Option<u32>>> {
    let page = page();
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let hundredths = |cell: &str| {
        let (whole, digits) = cell.trim().trim_matches('*').split_once('.')?;
        (digits.len() == 2).then(|| format!("{whole}{digits}").parse().ok())?
    };
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').skip(1).map(hundredths).collect()).collect()
}

/// The sums of the columns with costs of the table that begins with `head`, which are those of its last row.
fn sums(head: &str) -> Vec<u32> {
    let mut rows = costs(head);
    let last = rows.pop().expect("a row");
    let costs = |place: usize| rows.iter().map(|row| row[place].expect("a cost")).sum::<u32>();
    let columns = last.iter().enumerate().filter_map(|(place, sum)| sum.map(|sum| (place, sum)));
    columns.map(|(place, sum)| (costs(place) == sum).then_some(sum).expect("a sum")).collect()
}

#[test]
fn the_page_adds_up() {
    let [receiving] = sums("| receiving |")[..] else { panic!("a column") };
    let settling = sums("| settling a reward");
    let [alone, at_once] = sums("| the event bus")[..] else { panic!("two columns") };
    let told = [alone, at_once, at_once];
    assert_eq!(settling.len(), told.len());
    let all = settling.iter().zip(told).map(|(settling, told)| {
        let without = receiving + settling;
        vec![Some(without), Some(without + told)]
    });
    assert_eq!(costs("| receiving and crediting"), all.collect::<Vec<_>>());
}
