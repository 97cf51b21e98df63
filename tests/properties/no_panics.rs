//! Whatever is sent, nothing panics.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use bundle::provider::{PROVIDERS, Visitor};
use bundle::registry::visit;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use verify::Sender;

use crate::pipeline::facts;
use crate::strategies::{json_text, object_text};
use crate::tried;

/// The names that some provider looks for: those in what its corpus has recorded.
static FIELDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    for provider in PROVIDERS.iter() {
        let corpus = fs::read_to_string(provider.file("conformance/cases.json")).expect("a corpus");
        let corpus: Value = serde_json::from_str(&corpus).expect("JSON");
        let groups = corpus["groups"].as_array().expect("groups").iter();
        let cases = groups.flat_map(|group| group["cases"].as_array().expect("cases"));
        for case in cases.filter(|case| case["answer"]["outcome"] == "recorded") {
            let text = |part: &str| case["request"][part].as_str().unwrap_or_default();
            let pairs = text("query").split('&').filter_map(|pair| pair.split_once('='));
            names.extend(pairs.map(|(name, _)| name.to_owned()));
            add_names(serde_json::from_str(text("body")).unwrap_or_default(), &mut names);
        }
    }
    assert!(names.len() > 50, "{names:?}");
    names.into_iter().map(|name| &*name.leak()).collect()
});

/// Adds the names of all members in `value`.
fn add_names(value: Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                names.insert(name);
                add_names(member, names);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| add_names(item, names)),
        _ => {}
    }
}

/// The names of an event.
const EVENT: &[&str] = &[
    "version",
    "routeKey",
    "rawPath",
    "rawQueryString",
    "cookies",
    "headers",
    "queryStringParameters",
    "pathParameters",
    "stageVariables",
    "requestContext",
    "http",
    "method",
    "path",
    "protocol",
    "sourceIp",
    "domainName",
    "stage",
    "timeEpoch",
    "authorizer",
    "body",
    "isBase64Encoded",
    "host",
    "content-type",
    "x-forwarded-proto",
];

/// Has every route of every provider read a payload, where it can be signed at all.
struct Reading<'a>(&'a str);

impl Visitor for Reading<'_> {
    fn visit<P: Sender>(&mut self) {
        let secret = verify::Secret::new("s".to_owned()).expect("not empty");
        let provider = crate::pipeline::provider::<P>();
        for (_, hook) in provider.routes() {
            if provider.sign(*hook, self.0, &secret).is_ok() {
                let _: Result<_, _> = facts::<P>(*hook, self.0);
            }
        }
    }
}

/// An event in which most is as it should be and something is not.
fn event() -> impl Strategy<Value = String> {
    let anything = || json_text(EVENT);
    let or_anything = |json: &'static str| prop_oneof![4 => Just(json.to_owned()), 1 => anything()];
    let headers = prop_oneof![
        Just(r#"{"host":"a.example","content-type":"application/json"}"#.to_owned()),
        (any::<String>(), any::<String>())
            .prop_map(|(host, other)| serde_json::json!({"host": host, "x": other}).to_string()),
        anything(),
    ];
    let text = || any::<String>().prop_map(|text| serde_json::Value::from(text).to_string());
    let query = prop_oneof!["\"[a-z=&%+ \\[\\]<>{}|^`#?/0-9]{0,12}\"", text(), anything(),];
    let path = prop_oneof![
        Just("\"/inbrain/success\"".to_owned()),
        "\"[/a-z%. ?#\\[]{0,12}\"",
        text(),
        anything(),
    ];
    let body = prop_oneof!["\"[A-Za-z0-9+/=]{0,12}\"", text(), anything()];
    let http = or_anything(r#"{"method":"POST","path":"/inbrain/success"}"#);
    let base64 = prop_oneof![any::<bool>().prop_map(|value| value.to_string()), anything()];
    let key = prop_oneof![Just("\"POST /inbrain/success\"".to_owned()), text(), anything()];
    (path, query, headers, http, body, base64, key).prop_map(
        |(path, query, headers, http, body, base64, key)| {
            format!(
                r#"{{"version":"2.0","routeKey":{key},"rawPath":{path},"rawQueryString":{query},
                    "headers":{headers},"requestContext":{{"http":{http},"timeEpoch":1}},
                    "body":{body},"isBase64Encoded":{base64}}}"#
            )
        },
    )
}

fn read_event(event: &str) {
    let event: &RawValue = serde_json::from_str(event).expect("JSON");
    if let Ok(arrived) = receiver::event::read(event) {
        assert!(arrived.request.body.len() <= receiver::event::LARGEST_BODY);
    }
}

proptest! {
    #![proptest_config(tried(256))]

    #[test]
    fn any_object(payload in object_text(&FIELDS, json_text(&FIELDS))) {
        visit(&mut Reading(&payload));
    }

    #[test]
    fn any_event(event in event()) {
        read_event(&event);
    }

    #[test]
    fn any_json_for_an_event(event in prop_oneof![json_text(EVENT), object_text(EVENT, json_text(EVENT))]) {
        read_event(&event);
    }
}
