//! One request to the bundle on this machine, as the way that it went.

use bundle::provider::ProviderEntry;
use dev_server::diagnosis::Seen;
use dev_server::event::{self, Context};
use dev_server::feed::Exchange;
use dev_server::{curl, event::HttpRequest};
use maud::{Markup, html};
use serde_json::Value;

use super::{Frame, copied, link, table, way};
use crate::command::CommandError;
use crate::record::Record;
use crate::source::Bundle;

/// One request; `id` is the id of its record, where it has one, and `record` that, or why it cannot be shown; `api` is the
/// URL of the HTTP API.
#[must_use]
pub fn request(
    frame: &Frame<'_>,
    exchange: &Exchange,
    id: Option<&str>,
    record: Option<&Result<Record, CommandError>>,
    bundle: &Bundle,
    api: &str,
) -> Markup {
    let request = &bundle.diagnosis.redactor().request(&exchange.request);
    let shown = |text: &str| bundle.diagnosis.redactor().shown(text);
    let title = format!("{} {}", request.method, request.path);
    let said: Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
    let detail = || said["detail"].as_str().unwrap_or("see the answer").to_owned();
    let why = shown(&exchange.why.clone().unwrap_or_else(detail));
    let seen = bundle.diagnosis.seen(&exchange.request);
    let key = seen.as_ref().and_then(|seen| seen.key.as_deref());
    let steps = way::of_request(exchange.status, &exchange.outcome(), why, key, record);
    let content = html! {
        h1 { (title) }
        p { "Request " (exchange.number) }
        div #live data-fresh data-record=(id.unwrap_or_default()) { (way::list(&steps)) }
        @if let Some(id) = id { p { "Its record: " (link(id)) } }
        @if let Some(seen) = &seen { (proof(seen, &shown)) }
        h2 { "Request" }
        dl {
            dt { "Received" } dd { (exchange.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")) " from " (exchange.source_ip) }
            @if !request.query.is_empty() { dt { "Query" } dd { code { (request.query) } } }
        }
        h3 { "Headers" }
        (table("Header by header", &["Name", "Value"], &html! {
            @for (name, value) in &request.headers { tr {
                td { (name) } td { code { (String::from_utf8_lossy(value.as_bytes())) } }
            } }
        }))
        @if !request.body.is_empty() {
            h3 { "Body" } pre tabindex="0" { (String::from_utf8_lossy(&request.body)) }
        }
        h2 { "Answer" }
        p { (exchange.status) " in " (exchange.took.as_millis()) " ms" }
        pre tabindex="0" { (shown(&String::from_utf8_lossy(&exchange.answer))) }
        (again(frame, exchange.number, request, seen.as_ref(), &shown))
        h2 { "Take it elsewhere" }
        p { code { "[REDACTED]" } " stands where one of your keys is." }
        h3 { "As a command" }
        (copied("curl", &curl::command(api, request)))
        h3 { "As a test event" }
        @if let Some(command) = invoke(request) { p { "Saved as event.json: " code { (command) } } }
        (copied("event", &test_event(exchange, request)))
    };
    frame.whole(&format!("{} {title}", exchange.status), &content)
}

/// What proves it, or was to.
fn proof(seen: &Seen, shown: &impl Fn(&str) -> String) -> Markup {
    html! {
        h2 { "Signature" }
        dl {
            dt { "Looked for in the" } dd { (seen.place) }
            dt { "What came" }
            dd { @match &seen.came { Some(came) => code { (shown(came)) }, None => "nothing" } }
            @if let Some(signed) = &seen.signed { dt { "Has to be" } dd { (signed.scheme) " of" } }
            @else { dt { "Has to be" } dd { "one of the keys itself" } }
        }
        @if let Some(signed) = &seen.signed { (copied("signed", &shown(&signed.text))) }
    }
}

/// How it is sent once more, as it is or with another content.
fn again(
    frame: &Frame<'_>,
    number: u64,
    request: &HttpRequest,
    seen: Option<&Seen>,
    shown: &impl Fn(&str) -> String,
) -> Markup {
    html! {
        h2 { "Do it again" }
        form method="post" action={ "/requests/" (number) "/send" } {
            (frame.token())
            button { "Send it again" }
        }
        @if let Some(seen) = seen {
            form.tall method="post" action={ "/requests/" (number) "/sign" } {
                (frame.token())
                label { "Payload, without its signature"
                    textarea name="payload" rows="8" spellcheck="false" { (shown(&seen.payload)) }
                }
                button { "Sign and send" }
                code { (sign(request)) }
            }
        }
    }
}

/// The command that signs a payload for where `request` went.
fn sign(request: &HttpRequest) -> String {
    let provider = request.path.split('/').nth(1).unwrap_or_default();
    let route = format!("{} {}", request.method, request.path);
    let [provider, route] = [provider, &route].map(terminal::word);
    format!("cargo run -- sign {provider} payload.json --route {route}")
}

/// The command that hands a test event to the function that `request` went to, where that is one of the template's own.
fn invoke(request: &HttpRequest) -> Option<String> {
    let provider = ProviderEntry::named(request.path.split('/').nth(1)?)?;
    let options = "--event event.json --env-vars events/env.json";
    Some(format!("sam local invoke {} {options}", provider.function))
}

/// The event that a function gets for it; `request` is what is shown of it.
fn test_event(exchange: &Exchange, request: &HttpRequest) -> String {
    let context = Context {
        request_id: format!("console-{}", exchange.number),
        source_ip: exchange.source_ip.clone(),
        at: exchange.at,
    };
    let event = event::from_http(request, &context);
    serde_json::to_string_pretty(&event).unwrap_or_default()
}
