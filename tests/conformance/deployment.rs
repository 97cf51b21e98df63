//! One provider's function behind an API of its own, and its table, all in this process.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use bytes::Bytes;
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::AttributeValue;
use http::Response;
use jiff::Timestamp;
use local::bundle::RECEIVERS;
use local::event::HttpRequest;
use local::gateway::Gateway;
use local::tables;
use local::template::Template;
use serde_json::json;
use settings::Settings;
use tokio::net::TcpListener;

/// Where the clock stands, as in `source/corpus.py`.
pub(crate) const NOW: &str = "2026-08-01T12:00:00.000Z";

/// The bundle's template: its routes and its table.
static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::read(&local::project_file("template.yaml")).expect("a template"));

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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let dynamodb = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(tables::serve(database.clone(), listener));

        let mut functions = RECEIVERS.iter();
        let function = functions.find(|known| known.provider == provider).expect("a provider");
        let settings = settings
            .with("KEYS", keys)
            .with("CALLBACKS_TABLE", "callbacks")
            .with("AWS_ENDPOINT_URL_DYNAMODB", dynamodb)
            .with("AWS_REGION", "us-east-1")
            .with("AWS_ACCESS_KEY_ID", "local")
            .with("AWS_SECRET_ACCESS_KEY", "local");
        let invoke = function.start(&settings, clock).expect("settings");
        let mut routes = TEMPLATE.routes();
        routes.retain(|route| route.function == function.id);
        assert!(!routes.is_empty(), "{provider} has no route");
        let functions = [(function.id.to_owned(), invoke)].into();
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
