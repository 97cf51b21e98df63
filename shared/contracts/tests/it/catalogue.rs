//! The contracts of the catalogue, each made unsafe in every way that there is a rule against.

use std::path::Path;

use contracts::{Contract, ContractFile, Rule, lint};
use toml::{Table, Value};

/// All contracts, by their names.
pub(crate) fn catalogue() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
    let entries = std::fs::read_dir(folder).expect("the catalogue");
    let paths = entries.map(|entry| entry.expect("a file").path());
    let tomls = paths.filter(|path| path.extension().is_some_and(|it| it == "toml"));
    let mut all: Vec<_> = tomls
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("readable"))
        })
        .collect();
    all.sort();
    assert!(all.len() > 20, "the catalogue");
    all
}

/// The rules that a file breaks, or what is said where it has not the form of a contract.
fn broken(name: &str, table: Table) -> Result<Vec<Rule>, String> {
    let file: ContractFile = Value::Table(table).try_into().map_err(|error| error.to_string())?;
    let findings = match Contract::load(name, file) {
        Ok(contract) => lint::lint(&contract),
        Err(findings) => findings,
    };
    Ok(findings.into_iter().map(|finding| finding.rule).collect())
}

/// A contract of the catalogue.
struct Known {
    name: String,
    table: Table,
}

impl Known {
    fn all() -> impl Iterator<Item = Self> {
        catalogue().into_iter().map(|(name, text)| {
            let table = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
            Self { name, table }
        })
    }

    fn has_accepted(&self, rule: Rule) -> bool {
        self.table.get("accept").is_some_and(|accept| accept.get(rule.name()).is_some())
    }

    /// Asserts that the contract with a change in it is refused for `rule`.
    #[track_caller]
    fn assert_refused(&self, rule: Rule, what: &str, change: impl FnOnce(&mut Table)) {
        let name = &self.name;
        let mut table = self.table.clone();
        change(&mut table);
        assert_ne!(table, self.table, "{name}: {what} changes something");
        let broken = broken(name, table).unwrap_or_else(|error| panic!("{name}: {what}: {error}"));
        assert!(
            rule.is_error() && broken.contains(&rule),
            "{name}: {what}: {rule:?} not in {broken:?}"
        );
    }

    /// What is signed, where it is a template.
    fn template(&self) -> Option<&str> {
        self.table["credential"].get("over")?.as_str()
    }

    /// The fields that are signed one by one.
    fn signed(&self) -> Vec<&str> {
        let fields = self.table["fields"].as_table().expect("a table");
        let over = self.table["credential"].get("over").map(json).unwrap_or_default();
        let is_signed = |name: &&str| {
            over.contains(&format!("{{{name}}}")) || over.contains(&format!("\"{name}\""))
        };
        fields.keys().map(String::as_str).filter(is_signed).collect()
    }
}

/// The table at the end of a path.
fn at<'t>(table: &'t mut Table, path: &[&str]) -> &'t mut Table {
    path.iter()
        .fold(table, |table, key| table.get_mut(*key).and_then(Value::as_table_mut).expect(key))
}

fn set(table: &mut Table, path: &[&str], value: impl Into<Value>) {
    let (key, path) = path.split_last().expect("a key");
    at(table, path).insert((*key).to_owned(), value.into());
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Counts how often a change was possible, which is to be so in more than one contract or the test says nothing.
struct Tried(usize);

impl Drop for Tried {
    fn drop(&mut self) {
        assert!(std::thread::panicking() || self.0 > 1, "it was tried {} times", self.0);
    }
}

#[test]
fn the_catalogue_is_safe_as_it_is() {
    for Known { name, table } in Known::all() {
        let errors = broken(&name, table).expect(&name).into_iter().filter(|rule| rule.is_error());
        assert_eq!(errors.collect::<Vec<_>>(), [], "{name}");
    }
}

#[test]
fn an_identity_that_is_not_signed_is_found() {
    let mut tried = Tried(0);
    for known in Known::all().filter(|known| !known.has_accepted(Rule::IdentityUnsigned)) {
        let Some(template) = known.template() else { continue };
        for field in texts(&known.table["identity"]["key"]) {
            let without = template.replace(&format!("{{{field}}}"), "");
            if without != template {
                tried.0 += 1;
                known.assert_refused(Rule::IdentityUnsigned, &field, |table| {
                    set(table, &["credential", "over"], without);
                });
            }
        }
    }
}

#[test]
fn a_secret_that_is_not_there_once_is_found() {
    let mut tried = Tried(0);
    for known in Known::all() {
        let Some(template) = known.template().filter(|it| it.contains("{secret}")) else {
            continue;
        };
        tried.0 += 1;
        for (text, rule) in [("", Rule::SecretMissing), ("{secret}.{secret}", Rule::SecretRepeated)]
        {
            let over = template.replace("{secret}", text);
            known.assert_refused(rule, text, |table| set(table, &["credential", "over"], over));
        }
    }
}

#[test]
fn what_stands_in_for_a_signature_is_missed() {
    let mut tried = Tried(0);
    let weak = [Rule::IdentityUnsigned, Rule::TemplateAmbiguous, Rule::CredentialNone];
    for known in Known::all() {
        if !weak.iter().any(|rule| known.has_accepted(*rule)) {
            continue;
        }
        tried.0 += 1;
        known.assert_refused(Rule::IdentityUnguarded, "no token, no networks", |table| {
            table.remove("token");
            if let Some(networks) = table.get_mut("networks").and_then(Value::as_table_mut) {
                networks.remove("required");
            }
        });
    }
}

#[test]
fn each_weakness_has_to_be_named_and_no_other() {
    let mut tried = Tried(0);
    for known in Known::all() {
        let accept = known.table.get("accept").and_then(Value::as_table);
        for name in accept.into_iter().flat_map(Table::keys) {
            let rule = Rule::named(name).expect(name);
            // A flow of the provider's of which the contract knows nothing else.
            if rule != Rule::SecretShown {
                tried.0 += 1;
                known.assert_refused(rule, name, |table| {
                    at(table, &["accept"]).remove(name);
                });
            }
        }
        for name in ["no-such-weakness", Rule::VectorFails.name(), Rule::Md5.name()] {
            known.assert_refused(Rule::UnusedAccept, name, |table| {
                table.entry("accept").or_insert_with(|| Table::new().into());
                set(table, &["accept", name], "why not");
            });
        }
    }
}

#[test]
fn a_text_that_could_be_split_otherwise_is_found() {
    let mut tried = Tried(0);
    for known in Known::all().filter(|known| !known.has_accepted(Rule::TemplateAmbiguous)) {
        let signed = known.signed();
        let has_without = |name: &&&str| known.table["fields"][**name].get("without").is_some();
        // One field that may be anything beside those that may not still comes apart.
        if signed.len() < 2 || signed.iter().filter(has_without).count() == 0 {
            continue;
        }
        tried.0 += 1;
        known.assert_refused(Rule::TemplateAmbiguous, "without nothing", |table| {
            for name in &signed {
                if let Some(field) =
                    at(table, &["fields"]).get_mut(*name).and_then(Value::as_table_mut)
                {
                    field.remove("without");
                }
            }
        });
    }
    for known in Known::all().filter(|known| !known.has_accepted(Rule::TemplateAmbiguous)) {
        let Some(template) = known.template() else { continue };
        let kind = |name: &str| json(&known.table["fields"][name]);
        let is_fixed = |name: &&&str| kind(name).contains("guid") || kind(name).contains("hex(");
        let signed = known.signed();
        for name in signed.iter().filter(is_fixed) {
            let beside = |other: &&&str| {
                !is_fixed(other)
                    && (template.contains(&format!("{{{name}}}{{{other}}}"))
                        || template.contains(&format!("{{{other}}}{{{name}}}")))
            };
            if signed.iter().any(|other| beside(&other)) {
                tried.0 += 1;
                known.assert_refused(Rule::TemplateAmbiguous, name, |table| {
                    set(table, &["fields", name], "id(64)");
                });
            }
        }
    }
}

#[test]
fn a_field_that_is_used_has_to_be_declared() {
    let mut tried = Tried(0);
    for known in Known::all() {
        let used: String = ["identity", "meaning", "callbacks", "credential"]
            .iter()
            .map(|part| json(&known.table[*part]))
            .collect();
        let fields = known.table["fields"].as_table().expect("a table");
        for name in fields.keys() {
            let ways = [format!("\"{name}\""), format!("{{{name}}}")];
            let is_used = ways.iter().any(|text| used.contains(text));
            if is_used {
                tried.0 += 1;
                known.assert_refused(Rule::UndeclaredField, name, |table| {
                    at(table, &["fields"]).remove(name);
                });
            }
        }
    }
}

/// Another digit in place of the first behind `before`.
fn other_digit(text: &str, before: &str) -> Option<String> {
    let at = text.find(before)? + before.len();
    let digit = if text[at..].starts_with('A') { "B" } else { "A" };
    let rest = text[at..].char_indices().nth(1).map_or("", |(next, _)| &text[at + next..]);
    Some(format!("{}{digit}{rest}", &text[..at]))
}

#[test]
fn a_vector_with_another_digit_fails() {
    let mut tried = Tried(0);
    for known in Known::all() {
        let credential =
            known.table["credential"].get("at").and_then(Value::as_str).unwrap_or_default();
        let (place, name) = credential.split_once('.').unwrap_or_default();
        let prefix = known.table["credential"].get("prefix").map(texts).unwrap_or_default();
        let prefix = prefix.first().map(String::as_str).unwrap_or_default();
        let vectors = known.table.get("vectors").and_then(Value::as_array);
        for number in 0..vectors.map_or(0, Vec::len) {
            tried.0 += 1;
            known.assert_refused(Rule::VectorFails, credential, |table| {
                let vector = table["vectors"][number].as_table_mut().expect("a table");
                if place == "header" {
                    let headers = vector["headers"].as_table_mut().expect("a table");
                    let key = headers
                        .keys()
                        .find(|key| key.eq_ignore_ascii_case(name))
                        .expect(name)
                        .clone();
                    let value = headers[&key].as_str().expect("text").to_owned();
                    let value = other_digit(&value, prefix).expect(prefix);
                    headers.insert(key, value.into());
                    return;
                }
                let before =
                    if place == "body" { format!("\"{name}\":\"ME") } else { format!("{name}=") };
                let parts = ["url", "query", "body"].map(|part| (part, vector.get(part)));
                let (part, text) = parts
                    .into_iter()
                    .find_map(|(part, text)| Some((part, other_digit(text?.as_str()?, &before)?)))
                    .unwrap_or_else(|| panic!("{}: {before}", known.name));
                vector.insert(part.to_owned(), text.into());
            });
        }
    }
}

#[test]
fn a_sample_that_is_not_as_it_says_is_found() {
    let mut tried = Tried(0);
    for known in Known::all() {
        let samples = known.table.get("samples").and_then(Value::as_array);
        for number in 0..samples.map_or(0, Vec::len) {
            tried.0 += 1;
            let change = |what: &str, change: &dyn Fn(&mut Table)| {
                known.assert_refused(Rule::SampleFails, what, |table| {
                    change(table["samples"][number].as_table_mut().expect("a table"));
                });
            };
            change("another reason", &|sample| {
                if sample.remove("refused").is_none() {
                    sample.insert("refused".to_owned(), "repeated".into());
                }
            });
            change("another name", &|sample| {
                sample.insert("name".to_owned(), "someone-else".into());
            });
            change("another route", &|sample| {
                sample.insert("route".to_owned(), "PUT /somewhere".into());
            });
        }
    }
}

#[test]
fn our_outage_is_told_as_one() {
    for known in Known::all() {
        for (outcome, status) in [
            ("unavailable", 200),
            ("unavailable", 404),
            ("recorded", 500),
            ("refused", 503),
            ("duplicate", 302),
        ] {
            known.assert_refused(Rule::BadAnswer, outcome, |table| {
                table.entry("answers").or_insert_with(|| Table::new().into());
                let answer = Table::from_iter([("status".to_owned(), Value::Integer(status))]);
                set(table, &["answers", outcome], answer);
            });
        }
        known.assert_refused(Rule::BadAnswer, "a field that is no identity", |table| {
            table.entry("answers").or_insert_with(|| Table::new().into());
            let body = Table::from_iter([("body".to_owned(), Value::from("{no_such_field}"))]);
            set(table, &["answers", "recorded"], body);
        });
    }
}

/// Tables whose keys are fields, headers or rules, and no words of the grammar.
const OPEN: [&str; 7] = ["fields", "when", "test", "headers", "payload", "accept", "cases"];

/// Every table whose keys are words of the grammar, each handed to `change` in a copy of the whole.
fn each_table(whole: &Value, change: &dyn Fn(&mut Table) -> Vec<Table>) -> Vec<Value> {
    let mut changed = Vec::new();
    match whole {
        Value::Table(table) => {
            changed.extend(change(&mut table.clone()).into_iter().map(Value::Table));
            for (key, value) in table.iter().filter(|(key, _)| !OPEN.contains(&key.as_str())) {
                for value in each_table(value, change) {
                    let mut copy = table.clone();
                    copy.insert(key.clone(), value);
                    changed.push(Value::Table(copy));
                }
            }
            // A type may be a table.
            for (name, value) in table.get("fields").and_then(Value::as_table).into_iter().flatten()
            {
                for value in each_table(value, change) {
                    let mut copy = table.clone();
                    set(&mut copy, &["fields", name], value);
                    changed.push(Value::Table(copy));
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                for item in each_table(item, change) {
                    let mut copy = items.clone();
                    copy[at] = item;
                    changed.push(Value::Array(copy));
                }
            }
        }
        _ => {}
    }
    changed
}

#[test]
fn no_word_that_is_not_of_the_grammar_is_passed_over() {
    let mut tried = Tried(0);
    let with_another = |table: &mut Table| {
        table.insert("zzz".to_owned(), "x".into());
        vec![table.clone()]
    };
    let with_one_misspelled = |table: &mut Table| {
        let misspelled = |key: &String| {
            let mut table = table.clone();
            let value = table.remove(key).expect("it is there");
            table.insert(format!("{key}x"), value);
            table
        };
        table.keys().map(misspelled).collect()
    };
    for Known { name, table } in Known::all() {
        let whole = Value::Table(table);
        let another = each_table(&whole, &with_another).into_iter().map(|it| (it, "zzz`"));
        let misspelled = each_table(&whole, &with_one_misspelled).into_iter().map(|it| (it, "x`"));
        for (changed, word) in another.chain(misspelled) {
            tried.0 += 1;
            let Value::Table(changed) = changed else { panic!("a table") };
            let said = broken(&name, changed.clone()).expect_err(&format!("{name}: {changed:?}"));
            assert!(said.contains("unknown field `") && said.contains(word), "{name}: {said}");
        }
    }
}
