//! The event bus's API, as far as whoever operates the bundle needs it.
//!
//! Source: the `EventBridge` API reference, `PutEvents` and `DescribeEventBus`.

use std::net::SocketAddr;
use std::sync::Arc;

use bundle::names;
use bundle::template::Template;
use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::aws_json::{Refused, Result, Service, text, unknown};
use crate::bus::{self, Bus};
use crate::event::HttpRequest;
use crate::http_server::Answer;
use crate::pipe::Entry;
use crate::queues::Queues;

/// The service.
pub const SERVICE: Service = Service { target: "AWSEvents", namespace: "", version: "1.1" };

/// How many events are taken at once.
const LARGEST_BATCH: usize = 10;

/// The endpoint.
#[derive(Debug)]
pub struct Events {
    buses: Vec<String>,
    bus: Arc<Bus>,
    queues: Arc<Queues>,
}

impl Events {
    /// The endpoint for the buses of `template`, whose rules are `bus` and put events into `queues`.
    #[must_use]
    pub fn new(template: &Template, bus: Arc<Bus>, queues: Arc<Queues>) -> Self {
        let buses = template.resources("AWS::Events::EventBus").map(|(id, _)| id.to_owned());
        Self { buses: buses.collect(), bus, queues }
    }

    fn operate(&self, operation: &str, input: &Value) -> Result<Value> {
        match operation {
            "PutEvents" => self.put_events(input),
            "DescribeEventBus" => {
                let name = self.bus(text(input, "Name")?)?;
                Ok(json!({"Name": name, "Arn": names::arn("events", &format!("event-bus/{name}"))}))
            }
            _ => Err(unknown(operation)),
        }
    }

    /// The bus of a name or an ARN.
    fn bus(&self, name: &str) -> Result<&str> {
        let last = name.rsplit('/').next().unwrap_or_default();
        let missing = || {
            let problem = format!("Event bus {name} does not exist.");
            Refused("ResourceNotFoundException", problem)
        };
        self.buses.iter().map(String::as_str).find(|bus| *bus == last).ok_or_else(missing)
    }

    fn put_events(&self, input: &Value) -> Result<Value> {
        let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.is_empty() || entries.len() > LARGEST_BATCH {
            let problem = format!("Entries has to have from 1 to {LARGEST_BATCH} members");
            return Err(Refused("ValidationException", problem));
        }
        let mut put = Vec::with_capacity(entries.len());
        for entry in entries {
            put.push(match read(entry) {
                Some(read) => {
                    let id = names::uuid();
                    let bus = self.bus(text(entry, "EventBusName")?)?;
                    self.send(bus, &bus::event(&read, &id, Timestamp::now()))?;
                    json!({"EventId": id})
                }
                None => json!({
                    "ErrorCode": "MalformedDetail",
                    "ErrorMessage": "Detail is malformed.",
                }),
            });
        }
        let failed = put.iter().filter(|entry| entry["EventId"].is_null()).count();
        Ok(json!({"FailedEntryCount": failed, "Entries": put}))
    }

    fn send(&self, bus: &str, event: &Value) -> Result<()> {
        let queues = self.bus.queues(bus, event).into_iter().filter_map(|id| self.queues.get(id));
        for queue in queues {
            self.queues.send(queue, &event.to_string(), "{}", None)?;
        }
        Ok(())
    }
}

fn read(entry: &Value) -> Option<Entry> {
    let text = |name: &str| entry[name].as_str().map(str::to_owned);
    let detail: Value = serde_json::from_str(entry["Detail"].as_str()?).ok()?;
    let detail = detail.is_object().then_some(detail)?;
    Some(Entry { source: text("Source")?, detail_type: text("DetailType")?, detail })
}

impl Answer for Events {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        let result = SERVICE.read(&request);
        let result = result.and_then(|(operation, input)| self.operate(operation, &input));
        Some(SERVICE.answer(result))
    }
}

#[cfg(test)]
mod tests;
