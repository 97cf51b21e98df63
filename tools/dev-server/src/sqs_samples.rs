//! The sample events of the functions behind the stream: the sample callbacks, recorded and dispatched as anywhere
//! else, with fixed ids and times.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use bundle::names;
use bundle::template::{Template, TemplateError};
use dispatch::stream::{Audience, Unreadable};
use dynoxide::Database;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Context;
use serde_json::Value;

use crate::event;
use crate::functions::{RECEIVERS, SETTLERS};
use crate::mapping::{Mapping, MappingError};
use crate::messages::Message;
use crate::queue::QueueError;
use crate::queues::Queues;
use crate::samples::{self, SampleError};
use crate::settings::EnvVars;
use crate::settle::on_this_machine;
use crate::sqs_event;
use crate::state::StateError;
use crate::stream::{Reader, Start, StreamError};
use crate::tables::{self, TablesError};

/// When the sample callbacks are received.
const RECEIVED_AT: Timestamp = Timestamp::constant(1_785_585_600, 0);

/// Why there are no sample events.
#[derive(Debug, thiserror::Error)]
pub enum SqsSampleError {
    /// The sample callbacks.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The tables cannot be opened.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The state beside the tables cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The queues.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The stream of the callbacks table cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A record that is no event.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// An event source mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A function's settings.
    #[error("{0}: {1}")]
    ConfigError(&'static str, settings::ConfigError),
    /// No port of the loopback can be listened on.
    #[error("the loopback cannot be listened on: {0}")]
    Io(#[from] std::io::Error),
    /// An event that is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The sample event of each settling function, by its name.
pub async fn events(
    template: &Template,
    env: &EnvVars,
) -> Result<BTreeMap<String, Value>, SqsSampleError> {
    let database = tables::open(template, None)?;
    let mut reader = Reader::open(database.clone(), names::CALLBACKS, Start::First)?;
    record_samples(database, env).await?;
    let records = reader.next(1000)?;

    let queues = Queues::of(template, 1)?;
    let mut sent = Vec::new();
    for record in &records {
        let news = dispatch::stream::read(&record.value.to_string(), Audience::Settlers)?;
        sent.extend(news.and_then(|news| news.message()));
    }
    let mappings = Mapping::all(template)?;
    let mut events = BTreeMap::new();
    for function in &SETTLERS {
        let mapping = mappings.iter().find(|mapping| mapping.function == function.id);
        let Some(mapping) = mapping else { continue };
        let Some(queue) = queues.get(&mapping.queue) else { continue };
        let own = sent.iter().filter(|detail| detail.settler() == Some(function.name));
        let batch = own
            .take(mapping.batch)
            .zip(1_u128..)
            .map(|(detail, number)| Ok(message(detail.to_message()?, number)))
            .collect::<Result<Vec<_>, serde_json::Error>>()?;
        events.insert(format!("{}-sqs", function.name), sqs_event::event(queue, &batch));
    }
    Ok(events)
}

/// Has every sample callback recorded by its function.
async fn record_samples(database: Database, env: &EnvVars) -> Result<(), SqsSampleError> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let settings = on_this_machine(&format!("http://{}", listener.local_addr()?));
    let server = tokio::spawn(tables::serve(database, listener));
    for receiver in RECEIVERS.iter() {
        let id = receiver.provider.function.as_str();
        let mut own = env.of(id);
        own.extend(settings.clone());
        let invoke = receiver
            .start(&own, || RECEIVED_AT)
            .map_err(|error| SqsSampleError::ConfigError(id, error))?;
        for (_, request) in samples::requests(&receiver.provider, env, "callbacks.example.com")? {
            let event = event::from_http(&request, &samples::context());
            invoke(Context::default(), serde_json::value::to_raw_value(&event)?).await;
        }
    }
    server.abort();
    Ok(())
}

/// The message with this body, received for the first time.
fn message(body: String, number: u128) -> Message {
    let after = |milliseconds| {
        let at = RECEIVED_AT.checked_add(SignedDuration::from_millis(milliseconds));
        at.unwrap_or(RECEIVED_AT).as_millisecond()
    };
    Message {
        id: names::uuid_of(number << 64),
        receipt: format!("sample-receipt-{number}"),
        body,
        attributes: "{}".to_owned(),
        sent_at: after(200),
        first_received_at: after(250),
        receives: 1,
        visible_at: 0,
        died_in: None,
    }
}

#[cfg(test)]
mod tests {
    use bundle::project_file;

    use super::*;

    #[tokio::test]
    async fn the_files_in_events_are_up_to_date() {
        let template = Template::read(&project_file("template.yaml")).expect("the template");
        let env = EnvVars::read(&project_file("events/env.json")).expect("sample settings");
        let events = events(&template, &env).await.expect("sample events");
        assert_eq!(events.len(), SETTLERS.len());
        for (name, event) in events {
            let file = project_file(&format!("events/{name}.json"));
            let text = std::fs::read_to_string(file).expect(&name);
            let kept: Value = serde_json::from_str(&text).expect(&name);
            assert_eq!(kept, event, "{name}: events/ is stale: run `cargo run -- events`");
            assert!(
                event["Records"].as_array().is_some_and(|records| !records.is_empty()),
                "{name}"
            );
        }
    }
}
