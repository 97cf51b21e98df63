//! The corpus, for whoever has a receiver of another kind: its form, and the examples of `docs/corpus/`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jsonschema::Validator;
use serde_json::{Value, json};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn json_of(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn form() -> Validator {
    let schema = json_of(&project("tests/contracts/corpus.schema.json"));
    jsonschema::validator_for(&schema).expect("a schema")
}

#[test]
fn every_corpus_has_the_form_that_the_schema_describes() {
    let form = form();
    let folder = std::fs::read_dir(project("tests/contracts/corpus")).expect("the corpus");
    let mut read = 0;
    for file in folder {
        let path = file.expect("a file").path();
        let corpus = json_of(&path);
        let first = form.iter_errors(&corpus).next();
        assert!(first.is_none(), "{}: {}", path.display(), first.expect("an error"));
        read += 1;
    }
    assert_eq!(read, catalogue::names().count());
}

#[test]
fn the_schema_refuses_what_is_no_corpus() {
    let form = form();
    let genuine = json_of(&project("tests/contracts/corpus/cpx.json"));
    assert!(form.is_valid(&genuine));
    let recorded = genuine["cases"][0].clone();
    assert_eq!(recorded["verdict"], "recorded");
    for (member, value) in [
        ("verdict", json!("refused")),
        ("reason", json!("malformed")),
        ("id_parts", json!([])),
        ("id_parts", Value::Null),
        ("amount", json!(120)),
        ("amount", Value::Null),
        ("unit", Value::Null),
        ("effect", json!("pay")),
        ("effect", json!("reverse")),
        ("effect", json!("credit")),
        ("of", Value::Null),
        ("held", json!("tired")),
        ("at", json!("27.11.2026")),
        ("source_ip", json!("localhost")),
        ("note", json!("")),
    ] {
        let mut corpus = genuine.clone();
        corpus["cases"][0][member] = value.clone();
        assert!(!form.is_valid(&corpus), "{member}: {value}");
    }
    for member in recorded.as_object().expect("a case").keys() {
        let mut corpus = genuine.clone();
        corpus["cases"][0].as_object_mut().expect("a case").remove(member);
        assert!(!form.is_valid(&corpus), "without {member}");
    }
    for (member, value) in
        [("headers", json!([["a", "b"]])), ("headers", json!({"A": "b"})), ("body", Value::Null)]
    {
        let mut corpus = genuine.clone();
        corpus["cases"][0]["request"][member] = value.clone();
        assert!(!form.is_valid(&corpus), "{member}: {value}");
    }
    for (member, value) in [
        ("version", json!(2)),
        ("cases", json!([])),
        ("keys", json!({})),
        ("keys", json!({"keys": [{"id": "main", "secret": "s"}]})),
    ] {
        let mut corpus = genuine.clone();
        corpus[member] = value.clone();
        assert!(!form.is_valid(&corpus), "{member}: {value}");
    }
}

/// Holds a receiver of `docs/corpus/` to the corpus of its contract; none where the program is not here.
fn checked(program: &str, script: &str, corpus: &Path) -> Option<Output> {
    let script = project(&format!("docs/corpus/{script}"));
    let ran = Command::new(program).arg(script).arg(corpus).arg("--reasons").output();
    match ran {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        ran => Some(ran.expect("started")),
    }
}

/// Whether a receiver passes the corpus, and fails another one: its signatures, held to another secret, are wrong.
fn passes(program: &str, script: &str) -> Option<()> {
    let path = project("tests/contracts/corpus/cpx.json");
    let mut corpus = json_of(&path);
    let cases = corpus["cases"].as_array().expect("cases").len();
    let output = checked(program, script, &path)?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim_end(), format!("cpx: {cases} cases, 0 failed"));
    assert!(output.status.success());
    assert!(
        std::fs::read_to_string(project("docs/corpus.md"))
            .expect("a page")
            .contains(&format!("Each says `{}`", said.trim_end())),
        "docs/corpus.md"
    );
    corpus["keys"] = json!({"other": "another secret"});
    let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{script}.json"));
    std::fs::write(&other, corpus.to_string()).expect("written");
    let output = checked(program, script, &other)?;
    assert!(!output.status.success(), "{script} accepts what no key has signed");
    Some(())
}

#[test]
fn the_receiver_in_python_passes_the_corpus() {
    passes("python3", "check.py").expect("the checks need Python");
}

#[test]
fn the_receiver_in_node_does_the_same() {
    // Nothing else here needs Node.js, so a machine without it may go without this.
    if passes("node", "check.mjs").is_none() {
        println!("there is no node on this machine: check.mjs is not run");
    }
}

#[test]
fn the_receiver_in_php_does_the_same() {
    if passes("php", "check.php").is_none() {
        println!("there is no php on this machine: check.php is not run");
    }
}
