//! The `callbacks` table.

use emulator::Tables;
use serde_json::json;
use settings::Settings;

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
        self.0.put(emulator::tables::CALLBACKS, &item);
    }

    /// The attribute `name` of the record `id`, as text.
    #[must_use]
    pub fn text(&self, id: &str, name: &str) -> Option<String> {
        let item = self.0.get(emulator::tables::CALLBACKS, &json!({"id": {"S": id}}));
        let value = item.get(name)?;
        let text = value.get("S").or_else(|| value.get("N"))?;
        text.as_str().map(str::to_owned)
    }

    /// The settings of a function that keeps its records here and delivers them to `upstream`.
    #[must_use]
    pub fn settings(&self, upstream: &str) -> Settings {
        emulator::settings("DYNAMODB", self.0.url())
            .with("UPSTREAM_URL", upstream)
            .with("API_KEYS", json!({"api_key": API_KEY}).to_string())
    }
}
