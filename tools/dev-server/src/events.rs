//! The event bus's API, as far as the bundle and whoever operates it need it. Nothing here has rules: an event that is
//! taken is printed, where that is asked for, and gone.
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
use crate::event::HttpRequest;
use crate::feed::Feed;
use crate::http_server::Answer;

/// `EventBridge`, as its requests and errors name it.
pub const SERVICE: Service = Service { target: "AWSEvents", namespace: "", version: "1.1" };

/// How many events are taken at once.
const LARGEST_BATCH: usize = 10;

/// `EventBridge`'s endpoint.
#[derive(Debug)]
pub struct Events {
    buses: Vec<String>,
    prints: bool,
    /// Who is shown each event.
    feed: Option<Arc<Feed>>,
}

impl Events {
    /// The endpoint for the buses of `template`.
    #[must_use]
    pub fn new(template: &Template) -> Self {
        let buses = template.resources("AWS::Events::EventBus").map(|(id, _)| id.to_owned());
        Self { buses: buses.collect(), prints: false, feed: None }
    }

    /// The same, which prints each event if `prints`: a line of JSON, as a rule's target gets it.
    #[must_use]
    pub fn printing(self, prints: bool) -> Self {
        Self { prints, ..self }
    }

    /// The same, which shows `feed` each event.
    #[must_use]
    pub fn telling(self, feed: Arc<Feed>) -> Self {
        Self { feed: Some(feed), ..self }
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
            put.push(match event(entry) {
                Some(event) => {
                    if self.prints {
                        print(&event);
                    }
                    if let Some(feed) = &self.feed {
                        feed.told(&event);
                    }
                    json!({"EventId": event["id"]})
                }
                None => {
                    json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."})
                }
            });
        }
        let failed = put.iter().filter(|entry| entry["EventId"].is_null()).count();
        Ok(json!({"FailedEntryCount": failed, "Entries": put}))
    }
}

/// The event that an entry becomes, as a rule's target gets it; none where it cannot be one.
/// Source: "AWS service event metadata" in the `EventBridge` user guide.
fn event(entry: &Value) -> Option<Value> {
    let detail: Value = serde_json::from_str(entry["Detail"].as_str()?).ok()?;
    Some(json!({
        "version": "0",
        "id": names::uuid(),
        "detail-type": entry["DetailType"].as_str()?,
        "source": entry["Source"].as_str()?,
        "account": names::ACCOUNT,
        "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": names::REGION,
        "resources": [],
        "detail": detail.is_object().then_some(detail)?,
    }))
}

/// Where nobody reads any more the bus takes events all the same.
fn print(event: &Value) {
    if let Ok(line) = terminal::json_line(event) {
        let _ = terminal::print(line);
    }
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
