//! Every route, asked with a callback that it refuses only once it has authenticated it.

use std::time::Duration;

use bundle::folder::Folder;
use bundle::probe::Probe;
use bundle::provider::{PROVIDERS, ProviderEntry};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use settlement::outbound::{Client, Reply};
use verify::{Keys, Route};

use super::Finding;
use super::secrets::{KeysByFunction, publishes_keys};
use crate::error::Error;
use crate::explain::Explained;
use crate::stack::Stack;

/// How long an answer may take; a cold start is in it.
const TIMEOUTS: Duration = Duration::from_secs(10);

/// Whether every route answers a probe as it should.
pub(super) async fn check(stack: &Stack, keys: &KeysByFunction) -> Vec<Finding> {
    let client = match Client::new(TIMEOUTS) {
        Ok(client) => client,
        Err(error) => {
            let failure = Error::Refused(format!("no certificates: {error}"));
            return vec![Finding::unknown("route", &stack.api, &failure)];
        }
    };
    let mut findings = Vec::new();
    let mut providers = PROVIDERS.clone();
    for (name, function) in stack.template.contracts() {
        match Folder::default().contract(name) {
            Ok(contract) => {
                let answers = contract.file().answers.as_ref();
                let one_answer = answers.is_some_and(|answers| answers.refused.is_some());
                match why_not(publishes_keys(&stack.template, function), one_answer) {
                    None => providers.push(ProviderEntry::described(contract)),
                    Some(why) => findings.push(Finding::ok("route", name, why)),
                }
            }
            Err(error) => {
                let failure = Error::Refused(error.to_string());
                findings.push(Finding::unknown("route", name, &failure));
            }
        }
    }
    for provider in &providers {
        for route in provider.routes() {
            findings.push(match keys.get(&provider.function) {
                Some(keys) => ask(stack, &client, provider, &route, keys).await,
                None => Finding::note(
                    "route",
                    &route.to_string(),
                    "not asked",
                    Explained::new(
                        "Without a usable key there is nothing to sign with.",
                        "See its secret.",
                    ),
                ),
            });
        }
    }
    findings
}

/// Why nothing is to be learnt from asking the routes of a contract.
const fn why_not(publishes_keys: bool, one_answer: bool) -> Option<&'static str> {
    if publishes_keys {
        Some("not asked: nobody but its provider can sign")
    } else if one_answer {
        Some("not asked: its provider wants one answer to whatever is refused")
    } else {
        None
    }
}

async fn ask(
    stack: &Stack,
    client: &Client,
    provider: &ProviderEntry,
    route: &Route,
    keys: &Keys,
) -> Finding {
    let name = route.to_string();
    let unknown = |problem: String| Finding::unknown("route", &name, &Error::Refused(problem));
    let settings = stack.settings(provider);
    // Some sign what they called.
    let called = settings.optional("PUBLIC_URL").unwrap_or(&stack.api).to_owned();
    let settings = settings.with("PUBLIC_URL", called);
    let Probe { request, refusal } = match provider.probe(&settings, route, keys, Timestamp::now())
    {
        Ok(probe) => probe,
        Err(error) => return unknown(error.to_string()),
    };
    let uri = format!("{}{}?{}", stack.api, route.path, request.query);
    let mut asked = http::Request::builder().method(route.method).uri(uri.trim_end_matches('?'));
    if let Some(headers) = asked.headers_mut() {
        headers.extend(request.headers);
    }
    let Ok(asked) = asked.body(Bytes::from(request.body)) else {
        return unknown("no request can be made of it".to_owned());
    };
    match client.send(asked).await {
        Ok(reply) => judge(&name, &reply, refusal.field()),
        Err(no_reply) => Finding::problem(
            "route",
            &name,
            no_reply.to_string(),
            Explained::new(
                "The provider gets no answer, and sends again later.",
                "See that the API is there: the stack's output ApiUrl, or `cargo run` on this machine.",
            ),
        ),
    }
}

/// What an answer to a callback without `field` means.
fn judge(route: &str, reply: &Reply, field: Option<&str>) -> Finding {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let problem = |means: &str, next: &str| {
        let explained = Explained::new(means, next);
        Finding::problem("route", route, format!("answered {}", reply.status), explained)
    };
    match reply.status {
        400 if body["field"].as_str() == field => {
            Finding::ok("route", route, "authenticates, and refuses what is incomplete")
        }
        400 => problem(
            "It is refused for another reason than this version of the code would.",
            "Deploy the version that this command was built from.",
        ),
        200 | 409 => problem(
            "A callback that lacks a required field was taken. Its answer names the record.",
            "Deploy the version that this command was built from; then see what became of that record, and close it where that is possible.",
        ),
        403 if body["title"] == "Forbidden" => Finding::note(
            "route",
            route,
            "answered 403",
            Explained::new(
                "Only the networks of its provider may call it, and this machine is in none of them.",
                "To see whether it authenticates, call from one of them; see the parameter of its networks.",
            ),
        ),
        401 | 403 => problem(
            "The function does not know the first key of the secret; genuine callbacks are refused as well.",
            "After a change of the secret wait 30 s and ask again. For claimr see the parameter ClaimrSignatureHeader.",
        ),
        404 | 405 => problem(
            "The API has no such route.",
            "Deploy the stack again; see that the URL is that of this stack.",
        ),
        429 => problem(
            "API Gateway throttles the route; the provider sends again.",
            "See the parameters ThrottleRate and ThrottleBurst, and who calls that often.",
        ),
        503 => problem(
            "The function has no usable keys, or is not let run.",
            "See the provider's secret, and the function's log for the reason.",
        ),
        _ => problem("The function fails.", "See its log."),
    }
}
