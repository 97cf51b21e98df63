//! The function with all that is around it, and what became of that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use appvirality_redemption::Redemption;
use serde_json::{Value, json};
use settlement::{Attempt, Record, Settle as _, Verdict};
use tables::ledger::Ledger;
use test_support::tables::{CALLBACKS, LEDGER};
use test_support::{Answer, Server, Tables, server};
use verify::Amount;

use crate::api::Api;
use crate::crash_point::{Crash, CrashPoint};
use crate::samples::attempt;

const ACCESS_DENIED: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException"}"#;

/// The operations of DynamoDB that are refused, once each.
type Refused = Arc<Mutex<Vec<&'static str>>>;

/// The function, its tables, and the stand-in.
pub(crate) struct Harness {
    /// The stand-in.
    pub(crate) api: Api,
    gate: Arc<CrashPoint>,
    refused: Refused,
    tables: Arc<Tables>,
    function: Redemption,
    ledger: Ledger,
}

impl Harness {
    /// Empty tables, and a stand-in without rewards.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with `more` settings.
    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        let gate = Arc::<CrashPoint>::default();
        let refused = Refused::default();
        let tables = Arc::new(Tables::serve().await);
        let wire = wire(tables.url(), &gate, &refused).await;
        let mut settings = test_support::settings("DYNAMODB", &wire)
            .with("API_KEYS", r#"{"apikey":"api-key","privatekey":"private"}"#)
            .with("RECHECK_DAYS", "10");
        let api = Api::start(Arc::clone(&gate)).await;
        settings.extend(more.iter().copied());
        let settings = settings.with("UPSTREAM_URL", api.url.as_str());
        let function = Redemption::configure(&settings).expect("usable settings");
        let ledger = Ledger::connect(&settings).expect("usable settings");
        Self { api, gate, refused, tables, function, ledger }
    }

    /// Puts `record` into the table.
    pub(crate) fn keep(&self, record: &Record) {
        self.tables.put_record(&record.id, "recorded");
    }

    /// Says on `record` that there were so many attempts.
    pub(crate) fn attempted(&self, record: &Record, attempts: u32) {
        let mut item = self.tables.record(&record.id);
        item["attempts"] = json!({"N": attempts.to_string()});
        self.tables.put(CALLBACKS, &item);
    }

    /// Lets a person close `record` while the next call of the name `call` is on its way.
    pub(crate) fn close_during(&self, call: &'static str, record: &Record) {
        let (tables, id) = (Arc::clone(&self.tables), record.id.clone());
        self.api.meanwhile(call, move || close(&tables, &id));
    }

    /// Lets a person close `record`.
    pub(crate) fn close(&self, record: &Record) {
        close(&self.tables, &record.id);
    }

    /// Lets `record` say that somebody or something has to come back to it.
    pub(crate) fn attend(&self, record: &Record, attention: &str) {
        let mut item = self.tables.record(&record.id);
        item["attention"] = json!({"S": attention});
        self.tables.put(CALLBACKS, &item);
    }

    /// The claims to a reward, as they stand in the table.
    pub(crate) fn claims(&self, rewarddtlid: &str) -> Value {
        self.tables.get(LEDGER, &claims_key(rewarddtlid))
    }

    /// Takes the claims to a reward away, as a person does who knows whose it is.
    pub(crate) fn forget_claims(&self, rewarddtlid: &str) {
        assert!(!self.claims(rewarddtlid).is_null());
        self.tables.delete(LEDGER, &claims_key(rewarddtlid));
    }

    /// Refuses the next request to DynamoDB of each of `operations`.
    pub(crate) fn refuse(&self, operations: &[&'static str]) {
        self.refused.lock().expect("no panic").extend(operations);
    }

    /// Makes an attempt. Where there is to be another one it is [`Verdict::Again`], whether that stands on the record
    /// or not.
    pub(crate) async fn settle(&self, attempt: &Attempt) -> Verdict {
        match self.function.settle(std::slice::from_ref(attempt)).await.remove(0) {
            Verdict::Due { after, reason } => Verdict::Again { after, reason },
            verdict => verdict,
        }
    }

    /// Keeps `record` and makes the first attempt.
    pub(crate) async fn settle_first(&self, record: &Record) -> Verdict {
        self.keep(record);
        self.settle(&attempt(record, 1, 0)).await
    }

    /// Makes an attempt that ends at `crash`; its verdict, if it never gets there.
    pub(crate) async fn crash(&self, attempt: &Attempt, crash: Crash) -> Option<Verdict> {
        self.gate.crash_at(Some(crash));
        let verdict = tokio::select! {
            verdict = self.settle(attempt) => Some(verdict),
            () = self.gate.crashed() => None,
        };
        self.gate.crash_at(None);
        verdict
    }

    /// What `record` says of its settlement; empty where it says nothing.
    pub(crate) fn noted(&self, record: &Record, name: &str) -> String {
        self.tables.text(&record.id, name).unwrap_or_default()
    }

    /// State, reason and what came of the details.
    pub(crate) fn state(&self, record: &Record) -> [String; 3] {
        ["state", "reason", "step_details"].map(|name| self.noted(record, name))
    }

    /// The entries of `user`, as amount and unit, and the balances, which have to be their sums.
    pub(crate) async fn entries(&self, user: &str) -> Vec<String> {
        let statement = self.ledger.statement(user).await.expect("a statement");
        let mut sums = BTreeMap::<String, Amount>::new();
        for entry in &statement.entries {
            assert_eq!(entry.provider, "appvirality");
            let amount = Amount::parse(&entry.amount).expect("an amount");
            let sum = sums.get(&entry.unit).map_or(Some(amount), |sum| sum.plus(amount));
            sums.insert(entry.unit.clone(), sum.expect("a sum"));
        }
        for balance in &statement.balances {
            let sum = sums.remove(&balance.unit).expect("entries");
            assert_eq!(Some(sum), Amount::parse(&balance.amount));
        }
        assert!(sums.is_empty(), "{sums:?}");
        let mut entries: Vec<_> = statement
            .entries
            .iter()
            .map(|entry| format!("{} {}", entry.amount, entry.unit))
            .collect();
        entries.sort();
        entries
    }
}

fn close(tables: &Tables, id: &str) {
    let mut item = tables.record(id);
    item["state"] = json!({"S": "closed"});
    tables.put(CALLBACKS, &item);
}

/// What hands requests on to the tables, but for those that are refused and those at which an attempt ends:
/// its URL.
async fn wire(tables: &str, gate: &Arc<CrashPoint>, refused: &Refused) -> String {
    let shared = Arc::new((tables.to_owned(), Arc::clone(gate), Arc::clone(refused)));
    let server = Server::start(move |request| {
        let shared = Arc::clone(&shared);
        async move {
            let (tables, gate, refused) = &*shared;
            let is_refused = || {
                let mut refused = refused.lock().expect("no panic");
                let asked = server::operation(&request);
                let place = refused.iter().position(|known| *known == asked);
                place.map(|place| refused.remove(place)).is_some()
            };
            let work = async {
                if is_refused() {
                    return Answer::new(400, ACCESS_DENIED);
                }
                Answer::Reply(server::forward(tables, request.clone()).await)
            };
            gate.pass(work).await
        }
    });
    server.await.url()
}

fn claims_key(rewarddtlid: &str) -> Value {
    let user = format!("~appvirality#reward#{rewarddtlid}");
    json!({"user": {"S": user}, "entry": {"S": "~claims"}})
}
