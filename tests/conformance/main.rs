//! The conformance corpus: some hundred requests per provider, each with what has to become of it.
//!
//! The cases are data, `PROVIDER.json` beside this file. They are written by `sign.py`, in another
//! language and from the providers' contracts alone: `source/PROVIDER.py` says in words what is sent
//! and what is expected, `source/corpus.py` works out signatures and identities once more. After a
//! change there, `python3 tests/conformance/sign.py` writes the data anew; with `--check` it fails where
//! source and data differ.
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

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod case;
mod deployment;
mod described;
mod fields;
mod judge;
mod openapi;
mod text;

use std::collections::BTreeSet;
use std::fs;

use case::{Case, Corpus, Refused};
use deployment::Deployment;
use judge::Judge;
use local::bundle::RECEIVERS;
use local::event::HttpRequest;
use openapi::DESCRIPTION;

/// A corpus with fewer cases has not been read.
const FEWEST: usize = 24;

/// The files beside this one.
const CORPORA: [(&str, &str); 5] = [
    ("appvirality", include_str!("appvirality.json")),
    ("claimr", include_str!("claimr.json")),
    ("devtodev", include_str!("devtodev.json")),
    ("giveaway", include_str!("giveaway.json")),
    ("inbrain", include_str!("inbrain.json")),
];

/// The corpus of `provider`.
fn corpus(provider: &str) -> Corpus {
    let mut corpora = CORPORA.into_iter();
    let (_, data) = corpora.find(|(name, _)| *name == provider).expect("a corpus");
    let corpus: Corpus = serde_json::from_str(data).expect("a corpus");
    assert_eq!(corpus.provider, provider);
    corpus
}

async fn conforms(provider: &str) {
    let corpus = corpus(provider);
    let cases: usize = corpus.groups.iter().map(|group| group.cases.len()).sum();
    assert!(cases >= FEWEST, "{provider} has {cases} cases");

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
                differences.push(format!("{} / {}: {difference}", group.name, case.name));
            }
            if let Err(difference) = judge.check(case, &answer, deployment.items()) {
                differences.push(format!("{} / {}: {difference}", group.name, case.name));
            }
        }
    }
    let count = differences.len();
    assert!(count == 0, "{count} of {cases} cases:\n{}", differences.join("\n"));
}

/// In the names of cases that are refused for what no schema can say.
const BEYOND_SCHEMAS: [&str; 20] = [
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

#[tokio::test]
async fn giveaway_conforms() {
    conforms("giveaway").await;
}

#[tokio::test]
async fn claimr_conforms() {
    conforms("claimr").await;
}

#[tokio::test]
async fn devtodev_conforms() {
    conforms("devtodev").await;
}

#[tokio::test]
async fn inbrain_conforms() {
    conforms("inbrain").await;
}

#[tokio::test]
async fn appvirality_conforms() {
    conforms("appvirality").await;
}

#[test]
fn every_provider_has_a_corpus_and_every_corpus_is_read() {
    let read: BTreeSet<_> = CORPORA.iter().map(|(name, _)| (*name).to_owned()).collect();
    let providers = RECEIVERS.iter().map(|function| function.provider.to_owned());
    assert_eq!(providers.collect::<BTreeSet<_>>(), read);
    let files = fs::read_dir(local::project_file("tests/conformance")).expect("a folder");
    let files = files.map(|file| file.expect("a file").path());
    let data = files.filter(|file| file.extension().is_some_and(|kind| kind == "json"));
    let names = data.map(|file| file.file_stem().expect("a name").to_string_lossy().into_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), read);
}

#[test]
fn a_name_stands_for_one_case() {
    for (provider, _) in CORPORA {
        let mut names = BTreeSet::new();
        for group in &corpus(provider).groups {
            for case in &group.cases {
                let name = format!("{} / {}", group.name, case.name);
                assert!(names.insert(name.clone()), "{provider}: {name}");
            }
        }
    }
}
