//! Every contract, held to the corpus: requests that were signed by other programs, from the providers' own pages,
//! with what each of them is.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalogue::BuiltIn;
use contracts::{Contract, Served};
use http::{HeaderName, HeaderValue, header};
use jiff::Timestamp;
use serde::Deserialize;
use settings::Settings;
use verify::{Keys, ParsedCallback, Provider, Refusal, Request};

/// The corpus of one contract.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    version: u8,
    contract: String,
    keys: BTreeMap<String, String>,
    cases: Vec<Case>,
}

/// A request, and what it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    request: Sent,
    at: String,
    source_ip: Option<String>,
    verdict: String,
    reason: Option<String>,
    kind: Option<String>,
    id_parts: Option<Vec<String>>,
    user: Option<String>,
    amount: Option<String>,
    unit: Option<String>,
    effect: Option<String>,
    #[serde(default)]
    of: Option<String>,
    test: bool,
    held: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contracts/corpus")
}

fn corpora() -> Vec<Corpus> {
    let files = std::fs::read_dir(folder()).expect("the corpus");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("readable");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.map(|file| read(file.expect("a file").path())).collect()
}

/// The name that the requests of the corpora are sent to.
const HOST: &str = "callbacks.example.com";

/// The provider as a function has it, with the keys of a corpus; `public_url` is the setting.
fn provider(corpus: &Corpus, public_url: &str) -> (Served<BuiltIn>, Keys) {
    let settings =
        Settings::from([("CONTRACT", corpus.contract.as_str()), ("PUBLIC_URL", public_url)]);
    let served = Served::<BuiltIn>::configure(&settings).expect("configured");
    let keys: Vec<_> = corpus
        .keys
        .iter()
        .map(|(id, secret)| serde_json::json!({ "id": id, "secret": secret }))
        .collect();
    let list = if keys.is_empty() {
        match served.public_keys() {
            Some(verify::PublicKeys::Fixed(list)) => list,
            other => panic!("{}: nothing is signed, and {other:?}", corpus.contract),
        }
    } else {
        serde_json::json!({ "keys": keys }).to_string()
    };
    (served, Keys::from_json(&list).expect("usable"))
}

fn request(sent: &Sent, host: &'static str) -> Request {
    let query = sent.url.split_once('?').map_or("", |(_, query)| query);
    let mut request = Request {
        query: query.to_owned(),
        body: sent.body.clone().into_bytes(),
        ..Request::default()
    };
    for (name, value) in &sent.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header");
        request.headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    request.headers.insert(header::HOST, HeaderValue::from_static(host));
    request
}

/// What a function makes of a request, but for where it is stored.
fn received(
    served: &Served<BuiltIn>,
    keys: &Keys,
    case: &Case,
    host: &'static str,
) -> Result<ParsedCallback, Refusal> {
    let networks = receiver_networks(served);
    if !networks.is_empty() && !networks.iter().any(|network| within(network, case)) {
        return Err(Refusal::ForeignNetwork);
    }
    let url = case.request.url.split('?').next().unwrap_or_default();
    let path = url.strip_prefix("https://callbacks.example.com").expect("the host");
    let matches = |route: &verify::Route| route.path == path && route.method == case.request.method;
    let route = served.routes().iter().find(|(route, _)| matches(route));
    let (_, hook) = *route.ok_or(Refusal::NoSuchRoute)?;
    let request = request(&case.request, host);
    let claim = served.signed_content(hook, &request)?;
    let proved = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
    let at: Timestamp = case.at.parse().expect("a time");
    let read = |content| served.read(hook, content, at);
    let callback = proved.into_callback(served.name(), at, read)?;
    Ok(callback.parsed().clone())
}

fn receiver_networks(served: &Served<BuiltIn>) -> Vec<ipnet::IpNet> {
    let networks = served.networks().unwrap_or_default();
    networks.iter().map(|network| network.parse().expect("a network")).collect()
}

fn within(network: &ipnet::IpNet, case: &Case) -> bool {
    let address = case.source_ip.as_deref().and_then(|address| address.parse().ok());
    let is_in = |address: std::net::IpAddr| network.contains(&address.to_canonical());
    address.is_some_and(is_in)
}

/// How what was made of a case differs from what it is.
fn difference(
    contract: &Contract,
    case: &Case,
    made: Result<ParsedCallback, Refusal>,
) -> Option<String> {
    let parsed = match (made, case.verdict.as_str()) {
        (Err(refusal), "refused") => {
            let same = case.reason.as_deref() == Some(refusal.reason());
            return (!same).then(|| format!("{refusal}, wanted {:?}", case.reason));
        }
        (Ok(parsed), "recorded") => parsed,
        (made, verdict) => {
            let made = made.map(|parsed| parsed.kind);
            return Some(format!("{made:?}, wanted {verdict} {:?}", case.reason));
        }
    };
    let reward = parsed.effect.reward();
    let is = |what: &str, made: Option<String>, wanted: &Option<String>| {
        (made != *wanted).then(|| format!("{what} {made:?}, wanted {wanted:?}"))
    };
    let key = parsed.key.as_str();
    let parts = case.id_parts.as_deref().unwrap_or_default();
    let ends = parts.iter().fold(String::new(), |key, part| {
        let part = verify::IdempotencyKey::new("p", "c").part(part).to_string();
        key + part.trim_start_matches("p#c")
    });
    let id = key.starts_with(&format!("{}#", contract.name())) && key.ends_with(&ends);
    let of = Some(parsed.effect.of().to_owned()).filter(|of| !of.is_empty());
    [
        is("kind", Some(parsed.kind.to_owned()), &case.kind),
        (!id).then(|| format!("id {key}, wanted {parts:?}")),
        is("user", Some(parsed.user.clone()), &case.user),
        is(
            "amount",
            reward.map(|it| it.amount.normalized()),
            &case.amount.as_deref().map(normalized),
        ),
        is(
            "unit",
            reward.map(|it| it.unit.clone()),
            &case.unit.clone().filter(|_| reward.is_some()),
        ),
        is("effect", Some(parsed.effect.as_str().to_owned()), &case.effect),
        case.of.as_ref().and_then(|_| is("of", of, &case.of)),
        (parsed.test != case.test).then(|| format!("test {}", parsed.test)),
        is("held", parsed.held.map(|held| held.as_str().to_owned()), &case.held),
    ]
    .into_iter()
    .flatten()
    .next()
}

fn normalized(amount: &str) -> String {
    verify::Amount::parse(amount).map_or(amount.to_owned(), verify::Amount::normalized)
}

#[test]
fn every_contract_has_a_corpus_and_is_held_to_it() {
    let corpora = corpora();
    let mut held: Vec<_> = corpora.iter().map(|corpus| corpus.contract.as_str()).collect();
    held.sort_unstable();
    assert_eq!(held, catalogue::names().collect::<Vec<_>>(), "a corpus for each contract");
    let mut differences = Vec::new();
    for corpus in &corpora {
        assert_eq!(corpus.version, 1, "{}", corpus.contract);
        let recorded = corpus.cases.iter().filter(|case| case.verdict == "recorded").count();
        assert!(
            recorded > 0 && recorded < corpus.cases.len(),
            "{}: both verdicts",
            corpus.contract
        );
        // The URL that is signed is the setting's, or that of whatever the API was called by.
        for (public_url, host) in
            [("https://callbacks.example.com/", "api.example.com"), ("", HOST)]
        {
            let (served, keys) = provider(corpus, public_url);
            for case in &corpus.cases {
                let made = received(&served, &keys, case, host);
                let differs = difference(served.contract(), case, made);
                differences
                    .extend(differs.map(|it| format!("{}: {}: {it}", corpus.contract, case.name)));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_url_that_was_called_by_another_name_is_not_what_was_signed() {
    let corpora = corpora();
    let corpus = corpora.iter().find(|corpus| corpus.contract == "bitlabs").expect("BitLabs");
    let (served, keys) = provider(corpus, "");
    for case in corpus.cases.iter().filter(|case| case.verdict == "recorded") {
        let made = received(&served, &keys, case, "api.example.com");
        assert_eq!(made.expect_err(&case.name).reason(), "unauthenticated", "{}", case.name);
    }
}
