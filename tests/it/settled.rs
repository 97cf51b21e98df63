//! The settling functions' files in `events/`: what becomes of the sample callbacks.
//!
//! What is expected stands in `expectations/settled.json`, written from the providers' contracts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use verify::Amount;

use crate::samples::{EXPECTED, Invoke, stored};
use crate::support::event::Event;
use crate::support::lambda::{Function, Settings};
use crate::support::settling::Settling;
use crate::support::tables::Tables;

/// The settling functions, in the order in which they run.
const SETTLERS: [&str; 4] =
    ["ledger", "appvirality-redemption", "giveaway-delivery", "devtodev-delivery"];

/// What all sample messages together lead to.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settled {
    /// User, unit and amount, in order.
    balances: Vec<[String; 3]>,
    /// User, callback, unit and amount, in order.
    entries: Vec<[String; 4]>,
    /// Every record's state, by its id.
    states: BTreeMap<String, String>,
    /// What the providers' APIs took: path and body. In no order: messages are worked on side by side.
    calls: Vec<(String, Value)>,
}

/// Has every settling function, as `start` starts it, work on its sample messages, and looks at the
/// tables and at what the providers' stand-ins took.
///
/// `tables` have the sample callbacks, where they are not in this process.
pub(crate) async fn as_expected<F: Invoke>(
    start: impl AsyncFn(&'static str, Settings) -> F,
    tables: Option<Tables<'_>>,
) {
    let mut settling = Settling::start().await;
    for (provider, _) in EXPECTED {
        for (event, _) in stored(provider) {
            settling.record(&event).await;
        }
    }
    let tables = tables.unwrap_or(Tables::Here(&settling.dynamodb));
    for name in SETTLERS {
        let mut function = start(name, tables.settings(settling.settings(name))).await;
        let response = function.respond(&Event::sample(&format!("{name}-sqs"))).await;
        let response: Value = serde_json::from_slice(&response).expect("JSON");
        assert_eq!(response, json!({"batchItemFailures": []}), "{name}");
    }
    let mut expected: Settled =
        serde_json::from_str(include_str!("../expectations/settled.json")).expect("JSON");
    expected.calls.sort_by_key(in_order);
    assert_eq!(settled(&settling, tables).await, expected);
}

async fn settled(settling: &Settling, tables: Tables<'_>) -> Settled {
    let ledger = tables.items_of("ledger").await;
    let callbacks = tables.items_of("callbacks").await;
    let states = callbacks.iter().map(|item| (text(item, "id"), text(item, "state")));
    let calls = settling.calls().into_iter().map(|call| {
        let path = call["path"].as_str().expect("a path").to_owned();
        (path, call["body"].clone())
    });
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_key(in_order);
    Settled {
        balances: booked(&ledger, "balance#", ["user", "unit", "amount"]),
        entries: booked(&ledger, "entry#", ["user", "callback", "unit", "amount"]),
        states: states.collect(),
        calls,
    }
}

fn in_order(call: &(String, Value)) -> String {
    format!("{} {}", call.0, call.1)
}

fn booked<const N: usize>(
    ledger: &[Map<String, Value>],
    prefix: &str,
    names: [&str; N],
) -> Vec<[String; N]> {
    let items = ledger.iter().filter(|item| text(item, "entry").starts_with(prefix));
    let mut booked: Vec<_> = items.map(|item| names.map(|name| booked_text(item, name))).collect();
    booked.sort_unstable();
    booked
}

/// The text or the number `name` of an item; an amount as DynamoDB keeps it, without trailing zeros,
/// which imitations do not all drop.
fn booked_text(item: &Map<String, Value>, name: &str) -> String {
    let text = text(item, name);
    if name == "amount" { Amount::parse(&text).expect("an amount").normalized() } else { text }
}

/// The text or the number `name` of an item.
fn text(item: &Map<String, Value>, name: &str) -> String {
    let value = &item[name];
    value
        .as_str()
        .or(value["N"].as_str())
        .unwrap_or_else(|| panic!("{name} of {item:?}"))
        .to_owned()
}

#[tokio::test]
async fn every_sample_callback_is_settled() {
    let start = async |name, settings: Settings| Function::start(name, &settings).await;
    as_expected(start, None).await;
}
