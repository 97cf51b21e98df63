//! One request, as the way that it went.

use dev_server::curl;
use dev_server::feed::Exchange;
use http::HeaderValue;
use maud::{Markup, html};
use serde_json::Value;

use super::{body, link, whole};
use crate::record::Record;

/// One request; `record` is its record, where it has one, or why that cannot be shown, and `api` the URL of the HTTP API.
#[must_use]
pub fn request(
    exchange: &Exchange,
    record: Option<&Result<Record, String>>,
    token: &str,
    api: &str,
) -> Markup {
    let request = &exchange.request;
    let title = format!("{} {}", request.method, request.path);
    let content = html! {
        h1 { (title) }
        ol.way { @for step in steps(exchange, record) {
            li class=(if step.stopped { "stopped" } else { "passed" }) {
                strong { (step.name) } @if step.stopped { " (it stopped here)" } ": " (step.says)
            }
        } }
        @if let Some(id) = exchange.record() { p { "Its record: " (link(&id)) } }
        h2 { "Request" }
        dl {
            dt { "Came" } dd { (exchange.at) " from " (exchange.source_ip) }
            @if !request.query.is_empty() { dt { "Query" } dd { code { (request.query) } } }
        }
        h3 { "Headers" }
        div.wide { table {
            caption { "Header by header" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } } }
            tbody { @for (name, value) in &request.headers {
                tr { td { (name) } td { code { (header(value)) } } }
            } }
        } }
        @if !request.body.is_empty() { h3 { "Body" } pre tabindex="0" { (body(&request.body)) } }
        h2 { "Answer" }
        p { (exchange.status) " in " (exchange.took.as_millis()) " ms" }
        pre tabindex="0" { (body(&exchange.answer)) }
        h2 { "Do it again" }
        form method="post" action={ "/requests/" (exchange.number) "/send" } {
            input type="hidden" name="token" value=(token);
            button { "Send it again" }
        }
        h3 { "As a command" }
        pre tabindex="0" { (curl::command(api, request)) }
    };
    whole(&title, &content)
}

/// A step of the way.
struct Step {
    name: &'static str,
    stopped: bool,
    says: String,
}

/// The way that a request went, to where it stopped.
fn steps(exchange: &Exchange, record: Option<&Result<Record, String>>) -> Vec<Step> {
    let passed = |name, says: &str| Step { name, stopped: false, says: says.to_owned() };
    let stopped = |name, says: String| Step { name, stopped: true, says };
    let said: Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
    let detail = said["detail"].as_str().unwrap_or("see the answer").to_owned();
    let mut way = vec![passed("arrived", "the HTTP API has it")];
    let last = match (exchange.status, record) {
        (404 | 405, _) => stopped("routed", "no route takes this method and path".to_owned()),
        (401, _) => stopped("proved", exchange.why.clone().unwrap_or(detail)),
        (403, _) => stopped("proved", "it comes from a network that is not allowed".to_owned()),
        (400 | 413, _) => stopped("read", detail),
        (500.., _) => stopped("recorded", detail),
        (_, None) => passed("answered", &exchange.outcome()),
        (_, Some(record)) => {
            way.push(passed("proved", "a known key has signed it"));
            way.push(passed("read", "every field has its form"));
            way.push(passed("recorded", &exchange.outcome()));
            match record {
                Ok(record) => Step {
                    name: "settled",
                    stopped: matches!(&*record.state, "dead" | "refused" | "held" | "conflict"),
                    says: format!("{}: {}", record.state, record.means),
                },
                Err(error) => stopped("settled", error.clone()),
            }
        }
    };
    way.push(last);
    way
}

fn header(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
