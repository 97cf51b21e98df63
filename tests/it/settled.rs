//! The settling functions' files in `events/`: what becomes of the sample callbacks.
//!
//! What is expected stands in `settled.json` in each provider's folder, written from the provider's contract.

use std::collections::BTreeMap;

use bundle::provider::PROVIDERS;
use dev_server::functions::SETTLERS;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::samples::{Invoke, stored};
use crate::support::event::Event;
use crate::support::lambda::{Function, Settings};
use crate::support::read_expected;
use crate::support::settling::{ENTRY, Settling, booked};
use crate::support::tables::Tables;

/// What all sample messages together lead to.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settled {
    /// User, unit and amount, in order.
    pub(crate) balances: Vec<[String; 3]>,
    /// User, callback, unit and amount, in order.
    entries: Vec<[String; 4]>,
    /// Every record's state, by its id.
    pub(crate) states: BTreeMap<String, String>,
    /// What the providers' APIs took: path and body. In no order: messages are worked on side by side.
    calls: Vec<(String, Value)>,
}

impl Settled {
    /// What the providers' folders say.
    pub(crate) fn expected() -> Self {
        let mut expected = Self::default();
        for provider in PROVIDERS.iter() {
            expected.extend(read_expected(provider, "settled.json"));
        }
        expected.sort();
        expected
    }

    fn extend(&mut self, other: Self) {
        self.balances.extend(other.balances);
        self.entries.extend(other.entries);
        self.states.extend(other.states);
        self.calls.extend(other.calls);
    }

    fn sort(&mut self) {
        self.balances.sort();
        self.entries.sort();
        self.calls.sort_by_key(in_order);
    }
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
    for provider in PROVIDERS.iter() {
        for (event, _) in stored(provider.name) {
            settling.record(&event).await;
        }
    }
    let tables = tables.unwrap_or(Tables::Here(&settling.dynamodb));
    for name in SETTLERS.map(|function| function.name) {
        let mut function = start(name, tables.settings(settling.settings(name))).await;
        let response = function.respond(&Event::sample(&format!("{name}-sqs"))).await;
        let response: Value = serde_json::from_slice(&response).expect("JSON");
        assert_eq!(response, json!({"batchItemFailures": []}), "{name}");
    }
    assert_eq!(settled(&settling, tables).await, Settled::expected());
}

async fn settled(settling: &Settling, tables: Tables<'_>) -> Settled {
    let ledger = tables.items_of("ledger").await;
    let callbacks = tables.items_of("callbacks").await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let states = callbacks.iter().map(|item| (text(&item["id"]), text(&item["state"])));
    let calls =
        settling.calls().into_iter().map(|call| (text(&call["path"]), call["body"].clone()));
    let mut settled = Settled {
        balances: booked(&ledger, "balance#", ["user", "unit", "amount"]),
        entries: booked(&ledger, ENTRY, ["user", "callback", "unit", "amount"]),
        states: states.collect(),
        calls: calls.collect(),
    };
    settled.sort();
    settled
}

fn in_order(call: &(String, Value)) -> String {
    format!("{} {}", call.0, call.1)
}

#[tokio::test]
async fn every_sample_callback_is_settled() {
    let start = async |name, settings: Settings| Function::start(name, &settings).await;
    as_expected(start, None).await;
}
