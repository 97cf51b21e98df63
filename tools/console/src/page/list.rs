//! The list of all requests.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Frame, encoded, link};
use crate::item::Item;
use crate::record::{MOST, Standing};
use crate::source::Source;

/// How much of a method and a path a list has, in bytes.
const LONGEST_TITLE: usize = 200;

/// Which requests a list has.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Filter {
    /// Of this provider only; empty for all.
    #[serde(default)]
    provider: String,
    /// With this outcome only; empty for all.
    #[serde(default)]
    outcome: String,
    /// With this in what is known of it only: body, query, path and answer, or the log line; empty for all.
    #[serde(default)]
    search: String,
}

impl Filter {
    /// Whether `item` is one of them.
    #[must_use]
    pub fn takes(&self, item: &Item) -> bool {
        let is = |wanted: &str, said: &str| wanted.is_empty() || wanted == said;
        is(&self.provider, item.provider())
            && is(&self.outcome, &item.outcome())
            && (self.search.is_empty() || item.has(&self.search))
    }

    /// Whether it takes all.
    const fn is_empty(&self) -> bool {
        self.provider.is_empty() && self.outcome.is_empty() && self.search.is_empty()
    }
}

/// What stands above the list.
#[derive(Debug, Default)]
pub struct Top {
    /// How many records wait.
    pub standing: Option<Standing>,
    /// Why the list is not all that there is.
    pub problem: Option<String>,
}

/// The list, the last request first.
#[must_use]
pub fn list(frame: &Frame<'_>, source: &Source, filter: &Filter, top: &Top) -> Markup {
    let items = source.recent();
    let mut outcomes = BTreeMap::<String, usize>::new();
    for item in &items {
        *outcomes.entry(item.outcome()).or_default() += 1;
    }
    let shown: Vec<_> = items.iter().filter(|item| filter.takes(item)).collect();
    let content = html! {
        h1 { "Requests" }
        div #problem data-fresh role="alert" { @if let Some(problem) = &top.problem { p.stopped { (problem) } } }
        (standing(top.standing))
        h2 { "Outcomes" }
        ul #counts data-fresh {
            @for (outcome, count) in &outcomes {
                li data-outcome=(outcome) {
                    a href={ "/?outcome=" (encoded(outcome)) } { (outcome) } " " span.count { (count) }
                }
            }
        }
        (search(&items, outcomes.keys(), filter))
        div #none data-fresh { @if shown.is_empty() { (none(frame, filter)) } }
        div.wide tabindex="0" role="region" aria-label="Requests" {
            table {
                caption { "The last request first" }
                thead { tr {
                    th scope="col" { "Time" } th scope="col" { "Status" } th scope="col" { "Outcome" }
                    th scope="col" { "Request" } th scope="col" { "Record" }
                } }
                tbody #requests data-fresh data-live=(filter.is_empty()) {
                    @for item in &shown { (row(source, item)) }
                }
            }
        }
        h2 { "Look up" }
        form method="get" action="/users" {
            label { "User " input name="user" required; } button { "Show user" }
        }
        form method="get" action="/records" {
            label { "Id of a record, or a part of it " input name="id" required; }
            button { "Show record" }
        }
    };
    frame.whole("Requests", &content)
}

/// Why the list has nothing.
fn none(frame: &Frame<'_>, filter: &Filter) -> Markup {
    html! {
        p {
            @if !filter.is_empty() { "Nothing matches." }
            @else if frame.stack.is_some() { "Nothing came since then." }
            @else { "Nothing came yet. In another terminal: " code { "cargo run -- trigger survey" } }
        }
    }
}

/// How many records wait, each number with where they are listed.
fn standing(standing: Option<Standing>) -> Markup {
    let number = |count: usize| if count < MOST { count.to_string() } else { format!("{MOST}+") };
    let (attention, retrying) = match standing {
        Some(Standing { attention, retrying }) => (number(attention), number(retrying)),
        None => ("?".to_owned(), "?".to_owned()),
    };
    html! {
        p #standing data-fresh {
            a href="/attention" { "Needs a person: " span #attention-count { (attention) } }
            " · "
            a href="/attention#again" { "Retrying: " span #retrying-count { (retrying) } }
        }
    }
}

/// The form that chooses what is listed.
fn search<'a>(
    items: &[Item],
    outcomes: impl Iterator<Item = &'a String>,
    filter: &Filter,
) -> Markup {
    let providers: BTreeSet<_> = items.iter().map(Item::provider).collect();
    html! {
        form method="get" action="/" role="search" {
            label { "Provider "
                select name="provider" {
                    option value="" { "all" }
                    @for provider in providers.into_iter().filter(|name| !name.is_empty()) {
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
pub fn row(source: &Source, item: &Item) -> Markup {
    // What a log line says of why; the bundle on this machine says it on the request's own page.
    let outcome = item.outcome();
    let said = ["reason", "field"].map(|name| item.line()[name].as_str().unwrap_or_default());
    let words = [outcome.as_str(), said[0], said[1]];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    html! {
        tr class=(class(item)) data-number=(item.number()) {
            td { time datetime=(item.at()) { (item.at().strftime("%m-%d %H:%M:%SZ")) } }
            td { (item.status()) }
            td { (words.join(" ")) }
            td { a href={ "/requests/" (item.number()) } { (source.first(&item.title(), LONGEST_TITLE)) } }
            td { @if let Some(id) = item.record() { (link(&id)) } }
        }
    }
}

fn class(item: &Item) -> &'static str {
    match item.status() {
        200..300 if item.outcome() == "conflict" => "down",
        200..300 => "fine",
        500.. => "down",
        _ => "wrong",
    }
}

/// A request as `/requests.json` has it: without keys, or the line that a stack has logged.
#[must_use]
pub fn json(source: &Source, item: &Item) -> Value {
    let shown = |text: &str| source.shown(text);
    let body = |bytes: &[u8]| shown(&String::from_utf8_lossy(bytes));
    let mut json = json!({
        "number": item.number(), "at": item.at().to_string(), "provider": item.provider(),
        "status": item.status(), "outcome": item.outcome(), "record": item.record(),
    });
    match item {
        Item::Logged(logged) => json["line"] = logged.line.said.clone(),
        Item::Exchange(exchange) => {
            let request = &exchange.request;
            json["source_ip"] = exchange.source_ip.as_str().into();
            json["method"] = shown(&request.method).into();
            json["path"] = shown(&request.path).into();
            json["query"] = shown(&request.query).into();
            json["body"] = body(&request.body).into();
            json["why"] = exchange.why.as_deref().map(shown).into();
            json["answer"] = body(&exchange.answer).into();
            json["took_ms"] = u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX).into();
        }
    }
    json
}
