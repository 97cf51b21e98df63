//! The `callbacks` table.

use serde_json::json;
use test_support::Tables;

use super::API_KEY;

/// An embedded DynamoDB.
pub struct Table(Tables);

impl Table {
    /// Starts it, with a record of the id `record` that nobody has settled; it ends with the test.
    pub async fn start() -> Self {
        let table = Self(Tables::serve().await);
        table.put("record", "recorded");
        table
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Puts a record there.
    pub fn put(&self, id: &str, state: &str) {
        let item = json!({"id": {"S": id}, "state": {"S": state}});
        self.0.put(test_support::tables::CALLBACKS, &item);
    }

    /// The attribute `name` of the record `id`, as text.
    #[must_use]
    pub fn text(&self, id: &str, name: &str) -> Option<String> {
        let item = self.0.get(test_support::tables::CALLBACKS, &json!({"id": {"S": id}}));
        let value = item.get(name)?;
        let text = value.get("S").or_else(|| value.get("N"))?;
        text.as_str().map(str::to_owned)
    }

    /// The settings of a function that keeps its records here and delivers them to `upstream`.
    pub fn settings(&self, upstream: &str) -> impl Fn(&str) -> Option<String> + use<> {
        let aws = test_support::settings("DYNAMODB", self.0.url());
        let upstream = upstream.to_owned();
        move |name| match name {
            "UPSTREAM_URL" => Some(upstream.clone()),
            "API_KEYS" => Some(json!({"api_key": API_KEY}).to_string()),
            name => aws(name),
        }
    }
}
