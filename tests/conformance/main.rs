//! The conformance corpus: some hundred requests per provider, each with what has to become of it.
//!
//! The cases are data, `conformance/cases.json` in the provider's folder. They are written by `sign.py`
//! beside this file, in another language and from the providers' contracts alone: `cases.py` beside the
//! data says in words what is sent and what is expected, `corpus.py` here works out signatures and
//! identities once more. After a change of a source, `python3 tests/conformance/sign.py` writes the data
//! anew; with `--check` it fails where source and data differ.
//!
//! Each request goes the whole way of the bundle in one process: through API Gateway's part, the
//! provider's function and the AWS SDK to the embedded DynamoDB. The cases of a group are one sequence;
//! after each, the answer and the whole table are compared with what is expected.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`case`] | the form of the data |
//! | [`text`] | texts in it that are long |
//! | [`deployment`] | one provider's function behind an API of its own, and its table |
//! | [`judge`] | what is compared |
//! | [`openapi`] | `docs/openapi.yaml`, held against every request and every answer |
//! | [`described`] | that it describes what the bundle is |
//! | [`fields`] | that it has the fields that are read, each under its name |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod case;
mod deployment;
mod described;
mod fields;
mod judge;
mod openapi;
mod text;

use std::collections::BTreeSet;
use std::fs;

use bundle::provider::{PROVIDERS, ProviderEntry};
use case::{Case, Corpus, Refused};
use deployment::Deployment;
use dev_server::event::HttpRequest;
use judge::Judge;
use openapi::DESCRIPTION;

/// A corpus with fewer cases has not been read.
const FEWEST: usize = 24;

/// The corpus of `function`'s provider.
fn corpus(provider: &ProviderEntry) -> Corpus {
    let file = provider.file("conformance/cases.json");
    let data = fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: say in functions/{}/conformance/cases.py what is sent and what becomes of it, \
             and run `python3 tests/conformance/sign.py`",
            file.display(),
            provider.name
        )
    });
    let corpus: Corpus =
        serde_json::from_str(&data).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(corpus.provider, provider.name);
    corpus
}

/// Every case of a provider; what differs, a line each.
async fn differences(entry: &ProviderEntry) -> Vec<String> {
    let provider = entry.name;
    let corpus = corpus(entry);
    let cases: usize = corpus.groups.iter().map(|group| group.cases.len()).sum();
    assert!(
        cases >= FEWEST,
        "functions/{provider}/conformance/cases.py has {cases} cases, and should have {FEWEST} or more"
    );

    let mut differences = Vec::new();
    for group in &corpus.groups {
        let keys = group.keys.to_string();
        let settings = group.settings.clone().into_iter().collect();
        let deployment = Deployment::start(provider, &keys, settings).await;
        let mut judge = Judge::new(&group.keys);
        for case in &group.cases {
            let request = case.request.to_http();
            let answer = deployment.answer(&request).await;
            let described = DESCRIPTION.check_answer(&request.method, &request.path, &answer);
            if let Err(difference) = described.and_then(|()| check_described(case, &request)) {
                differences
                    .push(format!("{provider}: {} / {}: {difference}", group.name, case.name));
            }
            if let Err(difference) = judge.check(case, &answer, deployment.items()) {
                differences
                    .push(format!("{provider}: {} / {}: {difference}", group.name, case.name));
            }
        }
    }
    differences
}

/// In the names of cases that are refused for what no schema can say.
const BEYOND_SCHEMAS: [&str; 21] = [
    // What the provider's corpus says is so.
    "which no schema says",
    // What a parameter decides.
    "which a setting lists",
    // How a number is written: to a schema, 7.0 and 7e0 are 7.
    "a number with a point",
    "a number with an exponent",
    // How many digits there are in all.
    "29 digits",
    "29 decimals",
    "a tiny exponent",
    "11111111111111111111111111111",
    "1e29",
    "more than an amount can hold",
    "65 digits",
    // What is in the calendar, and on the map.
    "no time",
    "29-Feb-2015",
    "31-Apr-2015",
    "0-Aug-2016",
    "country_code: ",
    // What comes before what.
    "a click after the install",
    "a click in a second",
    "an install a second further ahead",
    "an install in another millennium",
    "the same in another zone",
];

/// A genuine callback is as described, and one that breaks a rule is not.
fn check_described(case: &Case, request: &HttpRequest) -> Result<(), String> {
    let checked = DESCRIPTION.check_request(request);
    match (case.answer.outcome, case.answer.refused) {
        (Some(_), _) => checked,
        (None, Some(Refused::Missing | Refused::Malformed))
            if checked.is_ok() && !BEYOND_SCHEMAS.iter().any(|part| case.name.contains(part)) =>
        {
            Err("it is refused, and as described".to_owned())
        }
        // Credentials, encodings, sizes and what is there twice are described in words.
        _ => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_provider_conforms() {
    let all = PROVIDERS.iter().map(|provider| tokio::spawn(differences(provider)));
    let mut found = Vec::new();
    for provider in all.collect::<Vec<_>>() {
        found.extend(provider.await.expect("a corpus"));
    }
    assert!(found.is_empty(), "{} cases:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_corpus_is_a_providers() {
    let providers: BTreeSet<_> =
        PROVIDERS.iter().map(|provider| provider.name.to_owned()).collect();
    let mut corpora = BTreeSet::new();
    for folder in fs::read_dir(bundle::project_file("functions")).expect("a folder") {
        let folder = folder.expect("a folder").path();
        if folder.join("conformance").exists() {
            corpora.insert(folder.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    assert_eq!(corpora, providers, "the folders with a corpus, and the providers in the registry");
}

#[test]
fn a_name_stands_for_one_case() {
    for provider in PROVIDERS.iter() {
        let mut names = BTreeSet::new();
        for group in &corpus(provider).groups {
            for case in &group.cases {
                let name = format!("{} / {}", group.name, case.name);
                assert!(names.insert(name.clone()), "{}: {name}", provider.name);
            }
        }
    }
}
