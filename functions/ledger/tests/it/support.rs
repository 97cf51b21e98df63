//! The function, its tables, and messages for it.

use jiff::Timestamp;
use ledger::LedgerFunction;
use serde_json::{Value, json};
use settlement::Worker;
use tables::ledger::Ledger;
use test_support::tables::statement_lines;
use test_support::{Tables, settings, sqs, with};

/// The id that an offer's callbacks share.
pub(crate) const OFFER: &str = "9f1c2b70-1f32-4c21-a5ad-3a74c4a7e7f9";

/// The function with tables of its own.
pub(crate) struct Harness {
    pub(crate) tables: Tables,
    worker: Worker<LedgerFunction>,
    ledger: Ledger,
}

impl Harness {
    pub(crate) async fn new() -> Self {
        let tables = Tables::serve().await;
        let worker = worker(tables.url());
        let ledger = Ledger::connect(&settings("DYNAMODB", tables.url())).expect("configured");
        Self { tables, worker, ledger }
    }

    /// Hands these records over in one batch; the positions of those that come back.
    pub(crate) async fn settle(&self, records: &[Value]) -> Vec<String> {
        settle(&self.worker, records).await
    }

    /// Puts the record into the table, as its receiver does.
    pub(crate) fn record(&self, record: &Value) {
        let text = |name: &str| record[name].as_str().expect("text");
        self.tables.put_record(text("id"), text("state"));
    }

    /// The attribute of the record as text.
    pub(crate) fn says(&self, record: &Value, attribute: &str) -> Option<String> {
        self.tables.text(record["id"].as_str().expect("text"), attribute)
    }

    /// The user's balances and entries, one line each: `PROVIDER UNIT AMOUNT` and `KIND UNIT AMOUNT`.
    pub(crate) async fn shows(&self, user: &str) -> Vec<String> {
        statement_lines(&self.ledger.statement(user).await.expect("a statement"))
    }
}

/// The function over DynamoDB at `url`.
pub(crate) fn worker(url: &str) -> Worker<LedgerFunction> {
    let setting = settings("DYNAMODB", url);
    let function = LedgerFunction::configure(&setting).expect("configured");
    Worker::configure(&setting, function, || Timestamp::UNIX_EPOCH).expect("configured")
}

/// Hands records over in one batch; the positions of those that come back.
pub(crate) async fn settle(worker: &Worker<LedgerFunction>, records: &[Value]) -> Vec<String> {
    let numbered = records.iter().enumerate();
    let messages: Vec<_> =
        numbered.map(|(i, record)| sqs::message(&i.to_string(), &sqs::body(record))).collect();
    sqs::failed(worker.handle(sqs::event(&messages)).await)
}

/// A record as its event tells of it; `amount` is empty where nothing is paid.
pub(crate) fn record(provider: &str, kind: &str, user: &str, amount: &str) -> Value {
    let unit = if provider == "inbrain" { "IAC" } else { "xp" };
    let class = match kind {
        "offer_completion_reversed" => "reversal",
        "offer_clicked" => "click",
        _ => "reward",
    };
    // What the receivers say; of what none of them reads there is no effect.
    let (effect, effect_of) = match (provider, kind) {
        ("inbrain", "offer_completion_reversed") => ("reverse", OFFER),
        ("inbrain", "offer_clicked") | ("appvirality", "referral_conversion") => ("nothing", ""),
        ("inbrain" | "claimr", "unheard_of") => ("unheard_of", ""),
        ("inbrain" | "claimr", _) | (_, "notice") if amount.is_empty() => ("nothing", ""),
        ("giveaway", _) => ("deliver", ""),
        ("inbrain", "offer_completed") => ("complete", OFFER),
        ("inbrain" | "claimr", _) => ("credit", ""),
        ("appvirality", _) => ("redeem", ""),
        _ => ("unheard_of", ""),
    };
    let id = format!("{provider}#{class}#{kind} of {user}");
    let record = with(
        test_support::record(&id, provider, kind),
        json!({"user": user, "effect": effect, "effect_of": effect_of, "settler": "ledger"}),
    );
    if amount.is_empty() {
        return record;
    }
    with(record, json!({"amount": amount, "unit": unit}))
}
