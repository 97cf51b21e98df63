//! The examples of `docs/contracts.md`: each is read, checked, and found to be what it says of itself.
//!
//! One with `contract = 1` is a whole file. Any other is a part, which stands in the place of the same part of the
//! first one: `[fields]` are added to its fields, all else replaces. A line `# wrong: RULE` names the errors that are
//! to be found; where there is none, there is to be no error.

use std::collections::BTreeSet;

use contracts::Rule;
use toml::{Table, Value};

use crate::page::read;

/// An example.
#[derive(Debug)]
pub(crate) struct Example {
    /// The line of the page that it begins on.
    line: usize,
    /// Its text.
    pub(crate) toml: String,
}

/// The examples of a page.
pub(crate) fn of(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (at, line) in page.lines().enumerate() {
        if inside && line == "```" {
            inside = false;
        } else if inside {
            let example = examples.last_mut().expect("an example");
            example.toml.push_str(line);
            example.toml.push('\n');
        } else if line == "```toml" {
            inside = true;
            examples.push(Example { line: at + 1, toml: String::new() });
        }
    }
    examples
}

impl Example {
    fn is_whole(&self) -> bool {
        self.toml.contains("contract = 1\n")
    }

    /// The errors that it is to have.
    fn wrong(&self) -> BTreeSet<String> {
        let named = self.toml.lines().filter_map(|line| line.strip_prefix("# wrong: "));
        named.flat_map(|names| names.split(", ")).map(str::to_owned).collect()
    }

    /// The file that it is, or is a part of.
    fn file(&self, first: &Table) -> Table {
        let part: Table = toml::from_str(&self.toml)
            .unwrap_or_else(|error| panic!("line {}: {error}", self.line));
        if self.is_whole() {
            return part;
        }
        let mut whole = first.clone();
        let has = |key| part.contains_key(key);
        if has("credential") && !has("vectors") {
            assert!(!self.wrong().is_empty(), "line {}: a recipe without an example", self.line);
        }
        // What another recipe has signed, or other fields have, says nothing of this one.
        if has("credential") || has("routes") {
            whole.remove("vectors");
            whole.remove("samples");
            whole.insert("unconfirmed".to_owned(), "It is made up.".into());
        }
        for (key, value) in part {
            match (key.as_str(), whole.get_mut(&key), value) {
                ("fields", Some(Value::Table(fields)), Value::Table(more)) => fields.extend(more),
                (_, _, value) => drop(whole.insert(key, value)),
            }
        }
        whole
    }
}

#[test]
fn every_example_of_the_page_is_what_it_says() {
    let page = read("docs/contracts.md");
    let examples = of(&page);
    let first: Table = toml::from_str(&examples[0].toml).expect("TOML");
    assert!(examples[0].is_whole(), "the first example is a whole file");
    let mut seen = BTreeSet::new();
    for example in &examples {
        let text = toml::Value::Table(example.file(&first));
        let file = serde_json::from_value::<contracts::ContractFile>(
            serde_json::to_value(&text).expect("JSON"),
        );
        let file = file.unwrap_or_else(|error| panic!("line {}: {error}", example.line));
        let findings = match contracts::Contract::load("acme", file) {
            Ok(contract) => contracts::lint::lint(&contract),
            Err(findings) => findings,
        };
        let errors = findings.iter().filter(|finding| finding.rule.is_error());
        let found: BTreeSet<_> = errors.clone().map(|it| it.rule.name().to_owned()).collect();
        let sentences: Vec<_> = errors.map(ToString::to_string).collect();
        assert_eq!(found, example.wrong(), "line {}: {sentences:#?}", example.line);
        seen.extend(found);
    }
    assert!(examples.len() > 20 && seen.len() >= 5, "{} {seen:?}", examples.len());
}

#[test]
fn every_rule_that_the_page_names_is_there() {
    let page = read("docs/contracts.md");
    for example in of(&page) {
        for name in example.wrong() {
            assert!(Rule::named(&name).is_some(), "line {}: {name}", example.line);
        }
    }
}
