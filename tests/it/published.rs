//! The examples on the providers' own pages, each with a genuine signature put in.
//!
//! `published.json` in a provider's folder has its own, signed by another program (Python's `hmac` and
//! `hashlib`); it is empty where a provider publishes none.
//! Those of one group share a table. AppVirality's bodies are the files that its crate tests with: the
//! published ones but for the addresses of people.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use bundle::provider::PROVIDERS;
use dev_server::event::HttpRequest;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::event::Event;
use crate::support::{deploy_with, read_expected};

#[derive(Deserialize)]
struct Group {
    keys: BTreeMap<String, String>,
    requests: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    name: String,
    route: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    /// The file with the body.
    file: Option<String>,
    outcome: String,
    id: String,
    #[serde(flatten)]
    attributes: BTreeMap<String, Value>,
}

impl Example {
    fn request(&self) -> HttpRequest {
        let (method, path) = self.route.split_once(' ').expect("a route");
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).expect("a header's name");
            headers.insert(name, value.parse().expect("a header's value"));
        }
        let file = self.file.as_ref().map(|file| {
            fs::read_to_string(bundle::project_file(file)).expect("the provider's example")
        });
        HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: self.query.clone(),
            headers,
            body: file.or(self.body.clone()).unwrap_or_default().into_bytes(),
        }
    }
}

#[tokio::test]
async fn published_examples_go_through_once_they_are_signed() {
    let mut examples = 0;
    for registered in PROVIDERS.iter() {
        let provider = registered.name;
        let groups: Vec<Group> = read_expected(registered, "published.json");
        for group in &groups {
            examples += group.requests.len();
            let keys: Vec<_> = group.keys.iter().map(|(id, key)| (&**id, &**key)).collect();
            let mut deployed = deploy_with(provider, |settings| settings.with_keys(&keys)).await;
            for example in &group.requests {
                let answer = deployed.function.invoke(Event::of(&example.request())).await;
                answer.assert_kept(&example.outcome);
                // Giveaway.com's "Check API callback" waits no longer.
                assert!(answer.took < Duration::from_secs(1), "{answer:?}");
                assert_eq!(answer.id(), example.id, "{provider}: {}", example.name);
                let items = deployed.dynamodb.items();
                let item = items.iter().find(|item| item["id"] == json!(example.id));
                let item = item.expect("stored");
                for (name, value) in &example.attributes {
                    let stored = item.get(name).unwrap_or(&Value::Null);
                    assert_eq!(stored, value, "{provider}: {}: {name}", example.name);
                }
            }
        }
    }
    assert!(examples >= 18, "{examples} examples");
}
