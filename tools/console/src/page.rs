//! The pages. Whatever somebody sent is escaped by the templates.

use std::sync::Arc;

use dev_server::curl;
use dev_server::feed::{Exchange, Here};
use http::HeaderValue;
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::act::Act;
use crate::record::Record;

/// The usual port of the HTTP API.
const API_PORT: u16 = 3000;

/// How much of a body is shown, in bytes.
const SHOWN: usize = 64 * 1024;

/// Which requests a list has.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Filter {
    /// Of this provider only; empty for all.
    #[serde(default)]
    provider: String,
    /// With this outcome only; empty for all.
    #[serde(default)]
    outcome: String,
    /// With this in its body, its query, its path or its answer only; empty for all.
    #[serde(default)]
    search: String,
}

impl Filter {
    /// Whether `exchange` is one of them.
    #[must_use]
    pub fn takes(&self, exchange: &Exchange) -> bool {
        let is = |wanted: &str, said: &str| wanted.is_empty() || wanted == said;
        let request = &exchange.request;
        let has = |text: &str| text.contains(&self.search);
        is(&self.provider, exchange.provider())
            && is(&self.outcome, &exchange.outcome())
            && (self.search.is_empty()
                || has(&String::from_utf8_lossy(&request.body))
                || has(&request.query)
                || has(&request.path)
                || has(&String::from_utf8_lossy(&exchange.answer)))
    }
}

/// The list, the last request first.
#[must_use]
pub fn list(exchanges: &[Arc<Exchange>], filter: &Filter) -> Markup {
    let mut outcomes: Vec<(String, usize)> = Vec::new();
    let mut providers: Vec<&str> = Vec::new();
    for exchange in exchanges {
        let outcome = exchange.outcome();
        match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, count)) => *count += 1,
            None => outcomes.push((outcome, 1)),
        }
        if !providers.contains(&exchange.provider()) {
            providers.push(exchange.provider());
        }
    }
    outcomes.sort();
    providers.sort_unstable();
    let shown: Vec<_> = exchanges.iter().filter(|exchange| filter.takes(exchange)).collect();
    let is_live =
        filter.provider.is_empty() && filter.outcome.is_empty() && filter.search.is_empty();
    let content = html! {
        h1 { "Requests" }
        p { span #connection role="status" { "Not connected" } }
        h2 { "Outcomes" }
        ul #counts {
            @for (outcome, count) in &outcomes {
                li data-outcome=(outcome) {
                    a href={ "/?outcome=" (encoded(outcome)) } { (outcome) } " " span.count { (count) }
                }
            }
        }
        form method="get" action="/" role="search" {
            label { "Provider "
                select name="provider" {
                    option value="" { "all" }
                    @for provider in &providers {
                        option value=(provider) selected[**provider == *filter.provider] { (provider) }
                    }
                }
            }
            label { "Outcome "
                select name="outcome" {
                    option value="" { "all" }
                    @for (outcome, _) in &outcomes {
                        option value=(outcome) selected[*outcome == filter.outcome] { (outcome) }
                    }
                }
            }
            label { "Search " input type="search" name="search" value=(filter.search); }
            button { "Show" }
        }
        @if shown.is_empty() {
            p #none { "Nothing came yet. In another terminal: " code { "cargo run -- trigger survey" } }
        }
        div.wide {
            table {
                caption { "The last request first" }
                thead { tr {
                    th scope="col" { "Time" } th scope="col" { "Request" }
                    th scope="col" { "Status" } th scope="col" { "Outcome" } th scope="col" { "Record" }
                } }
                tbody #requests data-live=(is_live) { @for exchange in &shown { (row(exchange)) } }
            }
        }
    };
    whole("Requests", &content)
}

/// A line of the list.
#[must_use]
pub fn row(exchange: &Exchange) -> Markup {
    let request = &exchange.request;
    html! {
        tr class=(class(exchange)) {
            td { time datetime=(exchange.at) { (exchange.at.strftime("%H:%M:%SZ")) } }
            td { a href={ "/requests/" (exchange.number) } { (request.method) " " (request.path) } }
            td { (exchange.status) }
            td { (exchange.outcome()) }
            td { @if let Some(id) = exchange.record() { (terminal::shortened(&id, 40)) } }
        }
    }
}

fn class(exchange: &Exchange) -> &'static str {
    match exchange.status {
        200..300 if exchange.outcome() == "conflict" => "down",
        200..300 => "fine",
        500.. => "down",
        _ => "wrong",
    }
}

/// One request, as the way that it went.
#[must_use]
pub fn detail(
    exchange: &Exchange,
    record: Option<&Result<Record, String>>,
    token: &str,
    here: Option<Here>,
) -> Markup {
    let request = &exchange.request;
    let api = format!("http://127.0.0.1:{}", here.map_or(API_PORT, |here| here.api));
    let title = format!("{} {}", request.method, request.path);
    let content = html! {
        p { a href="/" { "All requests" } }
        h1 { (title) }
        ol.way { @for step in steps(exchange, record) {
            li class=(if step.stopped { "stopped" } else { "passed" }) {
                strong { (step.name) } @if step.stopped { " (it stopped here)" } ": " (step.says)
            }
        } }
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
        @if let Some(Ok(record)) = record { (of_record(record)) (decisions(exchange, record, token)) }
        h2 { "Do it again" }
        form method="post" action={ "/requests/" (exchange.number) "/send" } {
            input type="hidden" name="token" value=(token);
            button { "Send it again" }
        }
        h3 { "As a command" }
        pre tabindex="0" { (curl::command(&api, request)) }
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
    let stopped = |name, says: String| vec![Step { name, stopped: true, says }];
    let said: Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
    let detail = said["detail"].as_str().unwrap_or("see the answer").to_owned();
    let mut way = vec![passed("arrived", "the HTTP API has it")];
    let rest = match (exchange.status, record) {
        (404 | 405, _) => stopped("routed", "no route takes this method and path".to_owned()),
        (401, _) => {
            let why = exchange.why.clone().unwrap_or(detail);
            stopped("proved", why)
        }
        (403, _) => stopped("proved", "it comes from a network that is not allowed".to_owned()),
        (400 | 413, _) => {
            way.push(passed("proved", "a known key has signed it"));
            stopped("read", detail)
        }
        (500.., _) => stopped("recorded", detail),
        (_, None) => vec![passed("answered", &exchange.outcome())],
        (_, Some(record)) => {
            way.push(passed("proved", "a known key has signed it"));
            way.push(passed("read", "every field has its form"));
            way.push(passed("recorded", &exchange.outcome()));
            vec![match record {
                Ok(record) => Step {
                    name: "settled",
                    stopped: matches!(&*record.state, "dead" | "refused" | "held" | "conflict"),
                    says: format!("{}: {}", record.state, record.means),
                },
                Err(error) => Step { name: "settled", stopped: true, says: error.clone() },
            }]
        }
    };
    way.extend(rest);
    way
}

fn of_record(record: &Record) -> Markup {
    html! {
        h2 { "Record" }
        dl {
            dt { "State" } dd { (record.state) " " (record.reason) }
            dt { "Means" } dd { (record.means) }
            dt { "User" } dd { (record.user) }
            @if !record.amount.is_empty() { dt { "Reward" } dd { (record.amount) " " (record.unit) } }
            dt { "Attempts" } dd { (record.attempts) }
            @if !record.due_at.is_empty() { dt { "Looked at again" } dd { (record.due_at) } }
            @if !record.next.is_empty() {
                dt { "Next" } @for step in record.next.lines() { dd { code { (step) } } }
            }
        }
        h3 { "History" }
        ul { @for happened in &record.history { li { (happened.at) ": " (happened.what) } } }
        h3 { "Ledger" }
        @if record.entries.is_empty() { p { "There is no entry of it." } }
        ul { @for entry in &record.entries { li { (entry.amount) " " (entry.unit) " for " (entry.kind) } } }
    }
}

/// What a person can do about a record, each with the command that does the same.
fn decisions(exchange: &Exchange, record: &Record, token: &str) -> Markup {
    let acts = Act::of(&record.state);
    let id = exchange.record().unwrap_or_default();
    html! {
        @if !acts.is_empty() { h2 { "Decide" } }
        @for act in acts {
            form method="post" action={ "/requests/" (exchange.number) "/" (act.command()) } {
                input type="hidden" name="token" value=(token);
                label { "Why " input name="reason" required; }
                button { (act.command()) }
                code { "cargo run -- " (act.command()) " " (terminal::word(&id)) " --reason WHY" }
            }
        }
    }
}

/// A page that says what is wrong.
#[must_use]
pub fn problem(title: &str, text: &str) -> Markup {
    whole(title, &html! { p { a href="/" { "All requests" } } h1 { (title) } p { (text) } })
}

/// A request as `/requests.json` has it.
#[must_use]
pub fn json(exchange: &Exchange) -> Value {
    let request = &exchange.request;
    json!({
        "number": exchange.number, "at": exchange.at.to_string(), "source_ip": exchange.source_ip,
        "method": request.method, "path": request.path, "query": request.query,
        "body": body(&request.body), "provider": exchange.provider(), "status": exchange.status,
        "outcome": exchange.outcome(), "record": exchange.record(), "why": exchange.why,
        "answer": body(&exchange.answer),
        "took_ms": u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
    })
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn header(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// A body as text, as much of it as is shown.
fn body(bytes: &[u8]) -> String {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
    if bytes.len() > SHOWN { format!("{shown}\n… of {} bytes", bytes.len()) } else { shown }
}

fn whole(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · callbacks" }
                link rel="stylesheet" href="/console.css";
                script src="/console.js" defer {}
            }
            body { main { (content) } }
        }
    }
}
