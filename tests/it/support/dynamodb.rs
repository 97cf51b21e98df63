//! DynamoDB's part: the embedded server with the template's table, behind a [`Proxy`].

use std::net::Ipv4Addr;

use bundle::template::Template;
use dynoxide::Database;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::proxy::Proxy;

/// The tables in memory, made from `template.yaml`.
pub(crate) struct DynamoDb {
    database: Database,
    /// What stands between the functions and the table.
    pub(crate) proxy: Proxy,
}

impl DynamoDb {
    /// Starts it; it ends with the test's runtime.
    pub(crate) async fn start() -> Self {
        let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
        let database = dev_server::tables::open(&template, None).expect("tables");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(dev_server::tables::serve(database.clone(), listener));
        Self { database, proxy: Proxy::start(address) }
    }

    /// The tables themselves.
    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// Every callback, by its `id` in order.
    pub(crate) fn items(&self) -> Vec<Map<String, Value>> {
        let mut items = self.items_of("callbacks");
        items.sort_by_key(|item| item["id"].to_string());
        items
    }

    /// Every item of `table`; attributes by name: strings and booleans as they are, the other types in
    /// DynamoDB's JSON.
    pub(crate) fn items_of(&self, table: &str) -> Vec<Map<String, Value>> {
        let scan = serde_json::from_value(json!({"TableName": table})).expect("a request");
        let scan = self.database.scan(scan).expect("a scan");
        assert!(scan.last_evaluated_key.is_none(), "the table has more than one page");
        let items = serde_json::to_value(scan.items.unwrap_or_default()).expect("JSON");
        let items: Vec<Map<String, Value>> = serde_json::from_value(items).expect("items");
        items.into_iter().map(plain).collect()
    }

    /// Waits until there is an item.
    pub(crate) async fn written(&self) {
        while self.items().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// The only item.
    #[track_caller]
    pub(crate) fn only_item(&self) -> Map<String, Value> {
        let mut items = self.items();
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }
}

/// An item with strings and booleans as they are, the other types in DynamoDB's JSON.
pub(crate) fn plain(item: Map<String, Value>) -> Map<String, Value> {
    let plain = |value: Value| match &value {
        Value::Object(typed) if typed.contains_key("S") => typed["S"].clone(),
        Value::Object(typed) if typed.contains_key("BOOL") => typed["BOOL"].clone(),
        _ => value,
    };
    item.into_iter().map(|(name, value)| (name, plain(value))).collect()
}
