//! One provider's function behind an API of its own, and its table, all in this process.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use bundle::template::Template;
use bytes::Bytes;
use dev_server::event::HttpRequest;
use dev_server::functions::ReceivingFunction;
use dev_server::gateway::Gateway;
use dev_server::tables;
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::AttributeValue;
use http::Response;
use jiff::Timestamp;
use serde_json::json;
use settings::Settings;
use test_support::listen;

/// Where the clock stands, as in `source/corpus.py`.
pub(crate) const NOW: &str = "2026-08-01T12:00:00.000Z";

/// The bundle's template: its routes and its table.
static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::read(&bundle::project_file("template.yaml")).expect("a template"));

/// Attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A function and its table. The table is served as long as the runtime runs that it was made in.
pub(crate) struct Deployment {
    gateway: Gateway,
    database: Database,
}

impl Deployment {
    /// Deploys `provider`'s function with an empty table.
    pub(crate) async fn start(provider: &str, keys: &str, settings: Settings) -> Self {
        let database = tables::open(&TEMPLATE, None).expect("tables");
        let (listener, address) = listen().await;
        let dynamodb = format!("http://{address}");
        tokio::spawn(tables::serve(database.clone(), listener));

        let function = ReceivingFunction::of(provider).expect("a provider");
        let id = &function.provider.function;
        let settings = settings
            .with("KEYS", keys)
            .with("CALLBACKS_TABLE", "callbacks")
            .with("AWS_ENDPOINT_URL_DYNAMODB", dynamodb)
            .with("AWS_REGION", "us-east-1")
            .with("AWS_ACCESS_KEY_ID", "local")
            .with("AWS_SECRET_ACCESS_KEY", "local");
        let invoke = function.start(&settings, clock).expect("settings");
        let mut routes = TEMPLATE.routes();
        routes.retain(|route| route.function == *id);
        assert!(
            !routes.is_empty(),
            "template.yaml has no row for {provider}: none of its routes is there"
        );
        let functions = [(id.clone(), invoke)].into();
        Self { gateway: Gateway::new(routes, &functions).expect("functions"), database }
    }

    /// The answer to `request`.
    pub(crate) async fn answer(&self, request: &HttpRequest) -> Response<Bytes> {
        self.gateway.respond(request, "192.0.2.1").await
    }

    /// The whole table, by id.
    pub(crate) fn items(&self) -> BTreeMap<String, Item> {
        let mut items = BTreeMap::new();
        let mut start = None;
        loop {
            let request = json!({"TableName": "callbacks"});
            let mut request: ScanRequest = serde_json::from_value(request).expect("a request");
            request.exclusive_start_key = start;
            let page = self.database.scan(request).expect("a scan");
            for item in page.items.into_iter().flatten() {
                let id = text(&item, "id").expect("an id").to_owned();
                items.insert(id, item);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }
}

/// The text attribute `name` of `item`.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}

fn clock() -> Timestamp {
    NOW.parse().expect("a time")
}
