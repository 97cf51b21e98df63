//! DynamoDB's part: the embedded server with the template's table, behind a [`Proxy`].

use dynoxide::Database;
use serde_json::{Map, Value};
use test_support::Tables;
use test_support::tables::CALLBACKS;

use super::proxy::Proxy;

/// The tables in memory, made from `template.yaml`.
pub(crate) struct DynamoDb {
    tables: Tables,
    /// What stands between the functions and the table.
    pub(crate) proxy: Proxy,
}

impl DynamoDb {
    /// Starts it; it ends with the test's runtime.
    pub(crate) async fn start() -> Self {
        let tables = Tables::serve().await;
        let proxy = Proxy::start(tables.url()).await;
        Self { tables, proxy }
    }

    /// The tables themselves.
    pub(crate) const fn database(&self) -> &Database {
        self.tables.database()
    }

    /// Every callback, by its `id` in order.
    pub(crate) fn items(&self) -> Vec<Map<String, Value>> {
        let mut items = self.items_of(CALLBACKS);
        items.sort_by_key(|item| item["id"].to_string());
        items
    }

    /// Every item of `table`; attributes by name: strings and booleans as they are, the other types in
    /// DynamoDB's JSON.
    pub(crate) fn items_of(&self, table: &str) -> Vec<Map<String, Value>> {
        self.tables.items(table).into_iter().map(plain).collect()
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
