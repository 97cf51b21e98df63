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

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod case;
mod deployment;
mod judge;
mod text;

use case::Corpus;
use deployment::Deployment;
use judge::Judge;

/// A corpus with fewer cases has not been read.
const FEWEST: usize = 24;

async fn conforms(provider: &str, data: &str) {
    let corpus: Corpus = serde_json::from_str(data).expect("a corpus");
    assert_eq!(corpus.provider, provider);
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
    conforms("giveaway", include_str!("giveaway.json")).await;
}

#[tokio::test]
async fn claimr_conforms() {
    conforms("claimr", include_str!("claimr.json")).await;
}

#[tokio::test]
async fn devtodev_conforms() {
    conforms("devtodev", include_str!("devtodev.json")).await;
}

#[tokio::test]
async fn inbrain_conforms() {
    conforms("inbrain", include_str!("inbrain.json")).await;
}

#[tokio::test]
async fn appvirality_conforms() {
    conforms("appvirality", include_str!("appvirality.json")).await;
}

#[test]
fn a_name_stands_for_one_case() {
    for data in [
        include_str!("giveaway.json"),
        include_str!("claimr.json"),
        include_str!("devtodev.json"),
        include_str!("inbrain.json"),
        include_str!("appvirality.json"),
    ] {
        let corpus: Corpus = serde_json::from_str(data).expect("a corpus");
        let mut names = std::collections::HashSet::new();
        for group in &corpus.groups {
            for case in &group.cases {
                let name = (&group.name, &case.name);
                assert!(names.insert(name), "{}: {name:?}", corpus.provider);
            }
        }
    }
}
