//! Every file in `events/`, twice: once as it is, and once more as API Gateway sends a body that it
//! does not take for text.
//!
//! What is expected of each stands in `expectations.json` in its provider's folder, by the event's name,
//! written from the provider's contract.

use std::collections::BTreeMap;
use std::time::Duration;

use bundle::provider::PROVIDERS;
use bundle::template::Template;
use bytes::Bytes;
use dev_server::settings::EnvVars;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::support::answer::Answer;
use crate::support::digest::Fields;
use crate::support::event::{self, Event};
use crate::support::lambda::Function;
use crate::support::tables::Tables;
use crate::support::{Deployed, deploy, read_expected};

/// What one event leads to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    status: u64,
    /// The field that a refusal names.
    field: Option<String>,
    /// The item that is stored, but for `received_at` and `writer`.
    item: Option<Item>,
}

/// An item of the table.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    /// The parts of the key.
    id: Vec<Part>,
    /// The fields that the fingerprint is made of.
    fingerprint: Fields,
    /// All other attributes.
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

/// A part of a key.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    /// A part that is a digest of fields.
    Digest(Fields),
}

impl Item {
    pub(crate) fn id(&self) -> String {
        let parts = self.id.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Digest(fields) => fields.digest(),
        });
        parts.collect::<Vec<_>>().join("#")
    }

    #[track_caller]
    pub(crate) fn assert_is(&self, mut item: Map<String, Value>) {
        let received_at = item.remove("received_at").expect("a time");
        assert_time(&received_at);
        // One shard, unless a stack says otherwise.
        let provider = item["provider"].as_str().expect("text");
        let day = &received_at.as_str().expect("text")[..10];
        let key = format!("{provider}#{day}#0");
        assert_eq!(item.remove("day"), Some(Value::from(key)));
        if let Some(attention) = item.get_mut("attention") {
            let standing = attention.as_str().and_then(|key| key.strip_suffix("#0"));
            *attention = Value::from(standing.expect("a key of the first shard"));
        }
        let writer = item.remove("writer").expect("a writer");
        let writer = writer.as_str().expect("text");
        assert!(writer.len() == 32 && writer.bytes().all(|b| b.is_ascii_hexdigit()), "{writer}");
        let mut expected = self.attributes.clone();
        expected.insert("id".to_owned(), self.id().into());
        expected.insert("fingerprint".to_owned(), self.fingerprint.digest().into());
        assert_eq!(item, expected);
    }
}

/// RFC 3339 with milliseconds in UTC, and not long ago.
fn assert_time(time: &Value) {
    let time = time.as_str().expect("text");
    let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00.000Z", "{time}");
    let age = jiff::Timestamp::now().duration_since(time.parse().expect("a time"));
    assert!((0..60).contains(&age.as_secs()), "{time}");
}

impl Expectation {
    #[track_caller]
    fn assert_is(&self, answer: &Answer, outcome: &str) {
        match &self.item {
            Some(item) => {
                assert_eq!(self.status, 200);
                answer.assert_kept(outcome);
                assert_eq!(answer.id(), item.id());
            }
            None => answer.assert_problem(self.status),
        }
        assert_eq!(answer.body["field"].as_str(), self.field.as_deref(), "{answer:?}");
    }
}

/// Something that answers events: a function in one way or another.
pub(crate) trait Invoke {
    /// Hands `event` over and takes the response as it is.
    async fn respond(&mut self, event: &Event) -> Bytes;
}

impl Invoke for Function {
    async fn respond(&mut self, event: &Event) -> Bytes {
        Self::respond(self, event.to_string()).await.0
    }
}

async fn answer(function: &mut impl Invoke, event: &Event) -> Answer {
    Answer::read(&function.respond(event).await, Duration::ZERO)
}

/// What is expected of `provider`'s samples, by name.
fn expected(provider: &str) -> BTreeMap<String, Expectation> {
    read_expected(event::entry(provider), "expectations.json")
}

/// The samples of `provider` that are stored, and what is expected of their items.
pub(crate) fn stored(provider: &str) -> Vec<(Event, Item)> {
    let expected = expected(provider).into_iter();
    let stored = expected.filter_map(|(name, expected)| Some((name, expected.item?)));
    stored.map(|(name, item)| (Event::sample(&name), item)).collect()
}

/// Hands every event of `provider` to `function` twice, and looks at the answers and at `provider`'s
/// items in the table.
pub(crate) async fn answered_and_stored(
    provider: &str,
    function: &mut impl Invoke,
    tables: Tables<'_>,
) {
    let expected = expected(provider);
    let names = event::sample_names(provider);
    assert!(
        names.iter().eq(expected.keys()),
        "functions/{provider}/expectations.json says what becomes of {:?}, and events/ has {names:?}",
        expected.keys()
    );
    assert!(expected.values().any(|expected| expected.item.is_some()));

    for (name, expected) in &expected {
        let event = Event::sample(name);
        let answer = answer(function, &event).await;
        expected.assert_is(&answer, "recorded");
        let again = self::answer(function, &event.into_binary()).await;
        expected.assert_is(&again, "duplicate");
    }

    let mut stored: BTreeMap<_, _> = tables
        .items_of("callbacks")
        .await
        .into_iter()
        .filter(|item| item["provider"] == provider)
        .map(|item| (item["id"].as_str().expect("text").to_owned(), item))
        .collect();
    for item in expected.values().filter_map(|expected| expected.item.as_ref()) {
        item.assert_is(stored.remove(&item.id()).expect("stored"));
    }
    assert!(stored.is_empty(), "stored besides: {stored:?}");
}

#[tokio::test]
async fn every_sample_event_is_answered_and_stored() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        let tables = Tables::Here(&dynamodb);
        answered_and_stored(provider, &mut function, tables).await;
    }
}

#[tokio::test]
async fn the_files_in_events_are_up_to_date() {
    let env = EnvVars::read(&bundle::project_file("events/env.json")).expect("sample settings");
    let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
    let mut events = dev_server::samples::events(&env).expect("sample requests");
    events.extend(dev_server::sqs_samples::events(&template, &env).await.expect("sample messages"));
    let stale = "events/ is stale: run `cargo run -- events`, and remove what it does not write";
    assert!(events.keys().eq(&event::all_file_names()), "{stale}");
    for (name, event) in events {
        assert_eq!(Event::sample(&name).0, event, "{name}: {stale}");
    }
}
