//! The event bus's API, as far as the bundle and whoever operates it need it. Nothing here has rules: an event that is
//! taken is gone.
//!
//! Source: the `EventBridge` API reference, `PutEvents` and `DescribeEventBus`.

use std::net::SocketAddr;

use bundle::names;
use bundle::template::Template;
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::aws_json::{Refused, Result, Service, text, unknown};
use crate::event::HttpRequest;
use crate::http_server::Answer;

/// `EventBridge`, as its requests and errors name it.
pub const SERVICE: Service = Service { target: "AWSEvents", namespace: "", version: "1.1" };

/// How many events are taken at once.
const LARGEST_BATCH: usize = 10;

/// `EventBridge`'s endpoint: what is put onto a bus goes into the queues of its rules.
#[derive(Debug)]
pub struct Events {
    buses: Vec<String>,
}

impl Events {
    /// The endpoint for the buses of `template`.
    #[must_use]
    pub fn new(template: &Template) -> Self {
        let buses = template.resources("AWS::Events::EventBus").map(|(id, _)| id.to_owned());
        Self { buses: buses.collect() }
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
            self.bus(text(entry, "EventBusName")?)?;
            put.push(if is_event(entry) {
                json!({"EventId": names::uuid()})
            } else {
                json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."})
            });
        }
        let failed = put.iter().filter(|entry| entry["EventId"].is_null()).count();
        Ok(json!({"FailedEntryCount": failed, "Entries": put}))
    }
}

fn is_event(entry: &Value) -> bool {
    let detail = entry["Detail"].as_str().map(serde_json::from_str);
    entry["Source"].is_string()
        && entry["DetailType"].is_string()
        && matches!(detail, Some(Ok(Value::Object(_))))
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
