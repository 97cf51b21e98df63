//! An embedded DynamoDB with the two tables of the bundle.

use std::net::Ipv4Addr;

use dynoxide::Database;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The name of the table of callbacks.
pub const CALLBACKS: &str = "callbacks";

/// The name of the ledger.
pub const LEDGER: &str = "ledger";

/// A DynamoDB of one's own, in memory.
pub struct Tables {
    database: Database,
    url: String,
}

impl Tables {
    /// Serves empty tables, with the keys that the template gives them, on a free port.
    pub async fn serve() -> Self {
        let database = Database::memory().expect("a database");
        let tables = Self { database: database.clone(), url: serve(database).await };
        tables.create(CALLBACKS, &["id"], &json!([]));
        tables.create(
            LEDGER,
            &["user", "entry"],
            &json!([{
                "IndexName": "by_time",
                "KeySchema": key(&["user", "at"]),
                "Projection": {"ProjectionType": "ALL"},
            }]),
        );
        tables
    }

    /// Where it is served.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Puts an item, in DynamoDB's JSON.
    pub fn put(&self, table: &str, item: &Value) {
        let request = json!({"TableName": table, "Item": item});
        let request = serde_json::from_value(request).expect("a request");
        self.database.put_item(request).expect("put");
    }

    /// The item with `key`, both in DynamoDB's JSON; null where there is none.
    #[must_use]
    pub fn get(&self, table: &str, key: &Value) -> Value {
        let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let request = serde_json::from_value(request).expect("a request");
        let response = self.database.get_item(request).expect("got");
        serde_json::to_value(response).expect("JSON")["Item"].take()
    }

    /// Takes the item with `key`, in DynamoDB's JSON, away.
    pub fn delete(&self, table: &str, key: &Value) {
        let request = json!({"TableName": table, "Key": key});
        let request = serde_json::from_value(request).expect("a request");
        self.database.delete_item(request).expect("deleted");
    }

    fn create(&self, name: &str, keys: &[&str], indexes: &Value) {
        let mut request = json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": key(keys),
        });
        let mut attributes = keys.to_vec();
        if indexes != &json!([]) {
            request["LocalSecondaryIndexes"] = indexes.clone();
            attributes.push("at");
        }
        let of_text = |name: &&str| json!({"AttributeName": name, "AttributeType": "S"});
        request["AttributeDefinitions"] = attributes.iter().map(of_text).collect();
        let request = serde_json::from_value(request).expect("a request");
        self.database.create_table(request).expect("created");
    }
}

fn key(names: &[&str]) -> Value {
    let part = |(name, kind): (&&str, &str)| json!({"AttributeName": name, "KeyType": kind});
    names.iter().zip(["HASH", "RANGE"]).map(part).collect()
}

async fn serve(database: Database) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    url
}
