//! The list of all requests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dev_server::feed::Exchange;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{body, encoded, link, whole};

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

    /// Whether it takes all.
    const fn is_empty(&self) -> bool {
        self.provider.is_empty() && self.outcome.is_empty() && self.search.is_empty()
    }
}

/// The list, the last request first.
#[must_use]
pub fn list(exchanges: &[Arc<Exchange>], filter: &Filter) -> Markup {
    let mut outcomes = BTreeMap::<String, usize>::new();
    for exchange in exchanges {
        *outcomes.entry(exchange.outcome()).or_default() += 1;
    }
    let shown: Vec<_> = exchanges.iter().filter(|exchange| filter.takes(exchange)).collect();
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
        (search(exchanges, outcomes.keys(), filter))
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
                tbody #requests data-live=(filter.is_empty()) {
                    @for exchange in &shown { (row(exchange)) }
                }
            }
        }
    };
    whole("Requests", &content)
}

/// The form that chooses what is listed.
fn search<'a>(
    exchanges: &[Arc<Exchange>],
    outcomes: impl Iterator<Item = &'a String>,
    filter: &Filter,
) -> Markup {
    let providers: BTreeSet<_> = exchanges.iter().map(|exchange| exchange.provider()).collect();
    html! {
        form method="get" action="/" role="search" {
            label { "Provider "
                select name="provider" {
                    option value="" { "all" }
                    @for provider in providers {
                        option value=(provider) selected[*provider == *filter.provider] { (provider) }
                    }
                }
            }
            label { "Outcome "
                select name="outcome" {
                    option value="" { "all" }
                    @for outcome in outcomes {
                        option value=(outcome) selected[*outcome == filter.outcome] { (outcome) }
                    }
                }
            }
            label { "Search " input type="search" name="search" value=(filter.search); }
            button { "Show" }
        }
    }
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
            td { @if let Some(id) = exchange.record() { (link(&id)) } }
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
