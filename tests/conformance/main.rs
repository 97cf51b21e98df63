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

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod case;
mod deployment;
mod judge;
mod text;

use std::collections::BTreeSet;
use std::fs;

use case::Corpus;
use deployment::Deployment;
use judge::Judge;
use local::bundle::RECEIVERS;

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
        let deployment = Deployment::start(provider, &keys, &group.settings).await;
        let mut judge = Judge::new(&group.keys);
        for case in &group.cases {
            let answer = deployment.answer(&case.request.to_http()).await;
            if let Err(difference) = judge.check(case, &answer, deployment.items()) {
                differences.push(format!("{} / {}: {difference}", group.name, case.name));
            }
        }
    }
    let count = differences.len();
    assert!(count == 0, "{count} of {cases} cases:\n{}", differences.join("\n"));
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
