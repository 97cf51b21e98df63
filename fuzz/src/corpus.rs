//! The inputs that a target starts from.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bundle::provider::{PROVIDERS, ProviderEntry};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use verify::Form;

use crate::targets::{Target, query};

/// So many inputs are taken from the conformance corpus, spread over all of it.
const FROM_CONFORMANCE: usize = 300;

/// The files of `target`: what libFuzzer found worth keeping, and what broke it once.
#[must_use]
pub fn kept(target: Target) -> Vec<Vec<u8>> {
    let mut files = files(&project(&target.corpus()));
    files.extend(self::files(&artifacts(target)));
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// Where inputs that break `target` are written to.
#[must_use]
pub fn artifacts(target: Target) -> PathBuf {
    project("fuzz/artifacts").join(target.name())
}

/// The inputs for `target` that are made from the samples and the conformance corpus.
#[must_use]
pub fn seeds(target: Target) -> Vec<Vec<u8>> {
    let credentials = target.provider().map(query::credentials).unwrap_or_default();
    let make = |request: &Request| match target {
        Target::Event => request.event(),
        Target::Body(_) => request.body(),
        Target::Query(_) => request.lines(&credentials),
        Target::Key => request.id(),
        Target::Amount => request.amount(),
    };
    let mut seeds: Vec<_> = requests(target.provider()).iter().map(make).collect();
    seeds.retain(|seed| !seed.is_empty());
    seeds.sort();
    seeds.dedup();
    let step = seeds.len().div_ceil(FROM_CONFORMANCE).max(1);
    let mut seeds: Vec<_> = seeds.into_iter().step_by(step).collect();
    if target == Target::Event {
        seeds.extend(samples().iter().filter_map(|file| fs::read(file).ok()));
    }
    seeds
}

/// One request, with what is expected of it.
#[derive(Default)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    id: String,
    amount: String,
}

impl Request {
    fn event(&self) -> Vec<u8> {
        let body = std::str::from_utf8(&self.body).unwrap_or("bm8gdGV4dA==");
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let http = json!({"method": self.method, "path": self.path, "protocol": "HTTP/1.1"});
        let event = json!({
            "version": "2.0",
            "routeKey": format!("{} {}", self.method, self.path),
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {"http": http, "stage": "$default", "timeEpoch": 0},
            "body": body,
            "isBase64Encoded": std::str::from_utf8(&self.body).is_err(),
        });
        event.to_string().into_bytes()
    }

    /// The body; of a request that has none, the members of its query string as JSON.
    fn body(&self) -> Vec<u8> {
        let form = Form::parse(&self.query, "the query string");
        match form {
            Ok(form) if self.body.is_empty() => form.to_json_without(&[]).into_bytes(),
            _ => self.body.clone(),
        }
    }

    fn lines(&self, credentials: &[String]) -> Vec<u8> {
        let kind = self.headers.iter().find(|(name, _)| name == "content-type");
        let kind = kind.map(|(_, value)| value.as_str()).unwrap_or_default();
        let is_credential = |pair: &str| {
            pair.split_once('=').is_some_and(|(name, _)| credentials.iter().any(|it| it == name))
        };
        let query = self.query.split('&').filter(|pair| !is_credential(pair));
        let query = query.collect::<Vec<_>>().join("&");
        [query.as_bytes(), kind.as_bytes(), &self.body].join(&b'\n')
    }

    fn id(&self) -> Vec<u8> {
        self.id.replace('#', "\n").into_bytes()
    }

    fn amount(&self) -> Vec<u8> {
        self.amount.clone().into_bytes()
    }
}

/// The requests of the conformance corpus: those of `provider`, or of all.
fn requests(provider: Option<&str>) -> Vec<Request> {
    let mut requests = Vec::new();
    let wanted = |entry: &&ProviderEntry| provider.is_none_or(|it| it == entry.name);
    for entry in PROVIDERS.iter().filter(wanted) {
        let text = fs::read_to_string(entry.file("conformance/cases.json")).unwrap_or_default();
        let Ok(corpus) = serde_json::from_str::<Value>(&text) else { continue };
        for group in corpus["groups"].as_array().into_iter().flatten() {
            requests.extend(group["cases"].as_array().into_iter().flatten().map(request));
        }
    }
    requests
}

fn request(case: &Value) -> Request {
    let request = &case["request"];
    let text = |value: &Value| String::from_utf8_lossy(&bytes(value)).into_owned();
    let headers = request["headers"].as_array().into_iter().flatten();
    Request {
        method: text(&request["method"]),
        path: text(&request["path"]),
        query: text(&request["query"]),
        headers: headers.map(|header| (text(&header[0]), text(&header[1]))).collect(),
        body: bytes(&request["body"]),
        id: text(&case["answer"]["id"]),
        amount: text(&case["item"]["amount"]),
    }
}

/// A request of the conformance corpus, as it is sent.
#[derive(Debug)]
pub struct Called {
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The rest of it.
    pub request: verify::Request,
}

/// The request that a case of the corpus has.
#[must_use]
pub fn called(request: &Value) -> Called {
    let bytes = |value: &Value| pieces(value, u64::MAX);
    let text = |value: &Value| String::from_utf8_lossy(&bytes(value)).into_owned();
    let mut called = Called {
        method: text(&request["method"]),
        path: text(&request["path"]),
        request: verify::Request { query: text(&request["query"]), ..verify::Request::default() },
    };
    called.request.body = match request["body"]["base64"].as_str() {
        Some(body) => STANDARD.decode(body).unwrap_or_default(),
        None => bytes(&request["body"]),
    };
    for header in request["headers"].as_array().into_iter().flatten() {
        let name = HeaderName::from_bytes(&bytes(&header[0]));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&bytes(&header[1]))) {
            called.request.headers.append(name, value);
        }
    }
    called
}

/// A text of the corpus, or pieces of one. What is there thousands of times is there a few times here.
fn bytes(value: &Value) -> Vec<u8> {
    pieces(value, 300)
}

/// The same, of which nothing is there more than `most` times in a row.
fn pieces(value: &Value, most: u64) -> Vec<u8> {
    match value {
        Value::String(text) => text.clone().into_bytes(),
        Value::Array(all) => all.iter().flat_map(|one| pieces(one, most)).collect(),
        Value::Object(piece) => {
            let times = piece.get("times").and_then(Value::as_u64).unwrap_or_default().min(most);
            let repeat = piece.get("repeat").and_then(Value::as_str).unwrap_or_default();
            repeat.repeat(usize::try_from(times).unwrap_or_default()).into_bytes()
        }
        _ => Vec::new(),
    }
}

/// The sample events.
fn samples() -> Vec<PathBuf> {
    let mut samples = files(&project("events"));
    samples.retain(|file| file.file_stem().is_some_and(|name| name != "env"));
    samples
}

/// The files in `folder`, in order; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn project(path: &str) -> PathBuf {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    fuzz.parent().unwrap_or(fuzz).join(path)
}
