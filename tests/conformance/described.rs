//! That `docs/openapi.yaml` describes what the bundle is: its routes, every answer, the samples.

use std::collections::BTreeSet;
use std::fs;

use bundle::provider::{PROVIDERS, ProviderEntry};
use bundle::template::Template;
use bytes::Bytes;
use dev_server::event::HttpRequest;
use dev_server::openapi;
use dev_server::settings::EnvVars;
use http::Response;
use receiver::answer::Outage;
use receiver::key_ring::KeysUnavailable;
use serde_json::Value;
use tables::callbacks::{Outcome, TableError};
use verify::{Caller, IdempotencyKey, Refusal};

use crate::openapi::DESCRIPTION;

/// What API Gateway answers by itself, besides 404 and 405: throttled, and a function that failed.
const GATEWAY: [u16; 2] = [429, 500];

#[test]
fn every_route_of_the_template_is_described_and_no_other() {
    let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
    let routes = template.routes().into_iter().map(|route| (route.method, route.path));
    assert_eq!(DESCRIPTION.routes(), routes.collect::<BTreeSet<_>>());
}

#[test]
fn the_description_is_up_to_date() {
    let env = EnvVars::read(&bundle::project_file("events/env.json")).expect("sample settings");
    let document = openapi::document(&env).unwrap_or_else(|error| panic!("{error}"));
    let there = fs::read_to_string(bundle::project_file(openapi::FILE)).expect("a description");
    assert!(document == there, "docs/openapi.yaml is stale: run `cargo run -- openapi`");
}

/// Every status is decided in one function, whose text is looked at: a status that is added there and
/// not described is found without anybody having thought of it here.
#[test]
fn every_status_is_described_and_no_other() {
    let source = fs::read_to_string(bundle::project_file("shared/receiver/src/answer.rs"));
    let source = source.expect("the source");
    let (_, function) = source.split_once("fn status(&self) -> u16 {").expect("the function");
    let (function, _) = function.split_once("\n    }\n").expect("its end");
    let words = function.split(|c: char| !c.is_ascii_alphanumeric());
    let mut statuses: BTreeSet<u16> = words.filter_map(|word| word.parse().ok()).collect();
    assert!(statuses.len() >= 8, "{statuses:?}");
    // These are described for the whole API: no operation has them.
    assert!(statuses.remove(&404) && statuses.remove(&405));
    statuses.extend(GATEWAY);
    for (method, path) in DESCRIPTION.routes() {
        let responses = &DESCRIPTION.operation(&method, &path)["responses"];
        let described = responses.as_object().expect("responses").keys();
        let described: BTreeSet<u16> =
            described.map(|key| key.parse().expect("a status")).collect();
        let mut statuses = statuses.clone();
        if caller(&path) == Caller::Provider {
            assert!(statuses.remove(&409));
        }
        assert_eq!(described, statuses, "{method} {path}");
    }
}

/// Who calls `path`. That it is so by the provider's contract is what conflicts of its corpus say.
fn caller(path: &str) -> Caller {
    let is_called = |provider: &&ProviderEntry| provider.routes().iter().any(|it| it.path == path);
    PROVIDERS.iter().find(is_called).expect("a provider").caller
}

#[test]
fn every_answer_is_as_described() {
    let id = || IdempotencyKey::new("provider", "class").part("é#~ @");
    let refused = receiver::Answer::Refused;
    let unavailable = receiver::Answer::Unavailable;
    let answers = [
        receiver::Answer::Kept { outcome: Outcome::Recorded, id: id() },
        receiver::Answer::Kept { outcome: Outcome::Duplicate, id: id() },
        refused(Refusal::TooLarge { limit: receiver::event::LARGEST_BODY }),
        refused(Refusal::ForeignNetwork),
        refused(Refusal::NoSuchRoute),
        refused(Refusal::WrongMethod),
        refused(Refusal::Undecodable { what: "the body" }),
        refused(Refusal::Unauthenticated),
        refused(Refusal::repeated("a")),
        refused(Refusal::missing("a")),
        refused(Refusal::malformed("a", "b")),
        unavailable(Outage::Keys(KeysUnavailable::Missing)),
        unavailable(Outage::Keys(KeysUnavailable::Unreachable)),
        unavailable(Outage::Keys(KeysUnavailable::Unusable)),
        unavailable(Outage::Store(TableError::Refused)),
        unavailable(Outage::TooSlow),
        unavailable(Outage::NoRandomness),
    ];
    for (method, path) in DESCRIPTION.routes() {
        let conflict = receiver::Answer::Conflict { id: id(), caller: caller(&path) };
        for answer in answers.iter().chain([&conflict]) {
            let response: Response<Bytes> =
                dev_server::event::to_response(answer.clone().into_response("GET, POST", None));
            let checked = DESCRIPTION.check_answer(&method, &path, &response);
            assert_eq!(checked, Ok(()), "{method} {path}: {answer:?}");
        }
    }
    assert!(DESCRIPTION.check_examples_of_answers().expect("as described") > 0);
}

/// A request of `events/`.
fn sample(event: &Value) -> HttpRequest {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut headers = http::HeaderMap::new();
    for (name, value) in event["headers"].as_object().expect("headers") {
        let name = http::HeaderName::try_from(name).expect("a name");
        headers.insert(name, value.as_str().expect("text").try_into().expect("a value"));
    }
    HttpRequest {
        method: text("/requestContext/http/method").to_owned(),
        path: text("/rawPath").to_owned(),
        query: text("/rawQueryString").to_owned(),
        headers,
        body: text("/body").to_owned().into_bytes(),
    }
}

#[test]
fn samples_are_as_described_unless_they_are_malformed() {
    let mut seen = 0;
    for file in fs::read_dir(bundle::project_file("events")).expect("a folder") {
        let path = file.expect("a file").path();
        let event: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
        if !event["requestContext"].is_object() {
            continue;
        }
        let checked = DESCRIPTION.check_request(&sample(&event));
        let malformed = path.to_string_lossy().ends_with("-malformed.json");
        assert_eq!(checked.is_err(), malformed, "{}: {checked:?}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen} samples");
}

#[test]
fn examples_are_the_samples_of_their_names() {
    let examples = DESCRIPTION.examples();
    assert!(examples.len() > 10, "{} examples", examples.len());
    for (method, path, name, example) in examples {
        let file = bundle::project_file("events").join(&name).with_extension("json");
        let event = fs::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        assert_eq!(event["routeKey"], format!("{method} {path}"), "{name}");
        let body: Value =
            serde_json::from_str(event["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(example, body, "{name}");
    }
}
