//! An embedded DynamoDB with the two tables of the bundle.

use dynoxide::Database;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::server::listen;
use crate::template;

/// The name of the table of callbacks.
pub const CALLBACKS: &str = "callbacks";

/// The name of the ledger.
pub const LEDGER: &str = "ledger";

/// The tables: logical id in the template, and name here.
pub const TABLES: [(&str, &str); 2] = [("CallbacksTable", CALLBACKS), ("LedgerTable", LEDGER)];

/// A DynamoDB of one's own, in memory. It is served until the test's runtime ends.
pub struct Tables {
    database: Database,
    url: String,
}

impl Tables {
    /// Serves the tables of the template, empty, on a free port.
    pub async fn serve() -> Self {
        let tables = Self::without_tables().await;
        for (id, name) in TABLES {
            tables.create(template::create_table(id, name));
        }
        tables
    }

    /// The same with the record `id`, which nobody has settled.
    pub async fn serve_record(id: &str) -> Self {
        let tables = Self::serve().await;
        tables.put_record(id, "recorded");
        tables
    }

    /// Serves tables with the key of the template's callbacks and nothing else: no index and no stream,
    /// whose upkeep no caller waits for on AWS.
    pub async fn serve_keyed(names: &[&str]) -> Self {
        let tables = Self::without_tables().await;
        for name in names {
            let whole = template::create_table("CallbacksTable", name);
            let key = &whole["KeySchema"][0]["AttributeName"];
            tables.create(json!({
                "TableName": name,
                "BillingMode": whole["BillingMode"],
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
                "KeySchema": whole["KeySchema"],
            }));
        }
        tables
    }

    async fn without_tables() -> Self {
        let database = Database::memory().expect("a database");
        let (listener, address) = listen().await;
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        Self { database, url: format!("http://{address}") }
    }

    fn create(&self, table: Value) {
        self.database.create_table(input(table)).expect("created");
    }

    /// Where it is served.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database itself.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Puts an item, in DynamoDB's JSON.
    pub fn put(&self, table: &str, item: &Value) {
        let request = json!({"TableName": table, "Item": item});
        self.database.put_item(input(request)).expect("put");
    }

    /// The item with `key`, both in DynamoDB's JSON; null where there is none.
    #[must_use]
    pub fn get(&self, table: &str, key: &Value) -> Value {
        let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        json(self.database.get_item(input(request)).expect("got"))["Item"].take()
    }

    /// Takes the item with `key`, in DynamoDB's JSON, away.
    pub fn delete(&self, table: &str, key: &Value) {
        let request = json!({"TableName": table, "Key": key});
        self.database.delete_item(input(request)).expect("deleted");
    }

    /// Every item of `table`, in DynamoDB's JSON.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<Map<String, Value>> {
        let mut items = Vec::new();
        let mut request = json!({"TableName": table});
        loop {
            let mut page = json(self.database.scan(input(request.clone())).expect("a scan"));
            let read: Vec<_> = serde_json::from_value(page["Items"].take()).expect("items");
            items.extend(read);
            if page["LastEvaluatedKey"].is_null() {
                return items;
            }
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"].take();
        }
    }

    /// Puts a record with nothing but its state there.
    pub fn put_record(&self, id: &str, state: &str) {
        self.put(CALLBACKS, &json!({"id": {"S": id}, "state": {"S": state}}));
    }

    /// The record `id`, in DynamoDB's JSON; null where there is none.
    #[must_use]
    pub fn record(&self, id: &str) -> Value {
        self.get(CALLBACKS, &json!({"id": {"S": id}}))
    }

    /// The attribute `name` of the record `id`, a text or a number, as text.
    #[must_use]
    pub fn text(&self, id: &str, name: &str) -> Option<String> {
        let value = &self.record(id)[name];
        let text = value["S"].as_str().or_else(|| value["N"].as_str());
        text.map(str::to_owned)
    }
}

/// A user's statement as lines: balances, `PROVIDER UNIT AMOUNT`, and then entries, `KIND UNIT AMOUNT`.
#[must_use]
pub fn statement_lines(statement: &impl Serialize) -> Vec<String> {
    let statement = json(statement);
    let lines = |list: &str, first: &str| -> Vec<_> {
        let lines = statement[list].as_array().expect("a list").iter();
        let text = |line: &Value, name: &str| line[name].as_str().expect("text").to_owned();
        lines.map(|line| [first, "unit", "amount"].map(|name| text(line, name)).join(" ")).collect()
    };
    [lines("balances", "provider"), lines("entries", "kind")].concat()
}

fn input<I: DeserializeOwned>(request: Value) -> I {
    serde_json::from_value(request).expect("a request")
}

fn json(output: impl Serialize) -> Value {
    serde_json::to_value(output).expect("JSON")
}
