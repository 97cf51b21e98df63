//! What CloudWatch makes of a log: its metrics, by the rules of "Specification: Embedded metric format"
//! in the CloudWatch user guide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The namespace that the tests' functions measure into.
pub(crate) const NAMESPACE: &str = "callbacks-test";

/// The units that CloudWatch knows, as far as anything here has them.
const UNITS: [&str; 4] = ["Count", "Milliseconds", "Seconds", "None"];

/// The values of one metric in one document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// The metric's name.
    pub(crate) name: String,
    /// Its dimensions.
    pub(crate) dimensions: BTreeMap<String, String>,
    /// Its values.
    pub(crate) values: Vec<f64>,
}

/// Whether `line` of a log is a document with metrics.
pub(crate) fn is_document(line: &Value) -> bool {
    line.get("_aws").is_some()
}

/// Everything in `log`.
#[track_caller]
pub(crate) fn measured(log: &str) -> Vec<Measured> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"));
    lines.filter(is_document).flat_map(|document| read(&document)).collect()
}

/// The sum of what a metric's values with these dimensions are.
pub(crate) fn sum(measured: &[Measured], name: &str, dimensions: &[(&str, &str)]) -> f64 {
    let wanted = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let wanted: BTreeMap<_, _> = wanted.collect();
    let of = measured.iter().filter(|measured| measured.name == name);
    of.filter(|measured| measured.dimensions == wanted).flat_map(|measured| &measured.values).sum()
}

/// The metrics with the names of their dimensions.
pub(crate) fn names(measured: &[Measured]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names = BTreeMap::new();
    for Measured { name, dimensions, .. } in measured {
        let dimensions: BTreeSet<_> = dimensions.keys().cloned().collect();
        let known = names.entry(name.clone()).or_insert_with(|| dimensions.clone());
        assert_eq!(*known, dimensions, "{name}");
    }
    names
}

/// Reads a document, whose every member is needed.
#[track_caller]
fn read(document: &Value) -> Vec<Measured> {
    let root = document.as_object().expect("an object");
    assert!(document.to_string().len() < 256 * 1024, "{document}");
    let metadata = document["_aws"].as_object().expect("an object");
    let mut used = BTreeSet::from(["_aws"]);
    assert!(metadata["Timestamp"].as_u64().is_some_and(|at| at > 1_600_000_000_000), "{document}");
    let directives = metadata["CloudWatchMetrics"].as_array().expect("directives");
    assert_eq!((metadata.len(), directives.is_empty()), (2, false), "{document}");
    let mut measured = Vec::new();
    for directive in directives {
        assert_eq!(directive.as_object().map(serde_json::Map::len), Some(3), "{document}");
        assert_eq!(directive["Namespace"], NAMESPACE, "{document}");
        let sets = directive["Dimensions"].as_array().expect("dimension sets");
        assert!(!sets.is_empty(), "{document}");
        let metrics = directive["Metrics"].as_array().expect("metrics");
        assert!((1..=100).contains(&metrics.len()), "{document}");
        for set in sets {
            let keys = set.as_array().expect("a dimension set");
            assert!(keys.len() <= 30, "{document}");
            let dimension = |key: &'_ Value| {
                let key = key.as_str().expect("a dimension's name").to_owned();
                let value = document[&key].as_str().expect("a dimension's value").to_owned();
                assert!((1..=255).contains(&key.len()), "{document}");
                assert!((1..=1024).contains(&value.len()) && value.is_ascii(), "{document}");
                (key, value)
            };
            let dimensions: BTreeMap<_, _> = keys.iter().map(dimension).collect();
            used.extend(keys.iter().filter_map(Value::as_str));
            for metric in metrics {
                let name = metric["Name"].as_str().expect("a metric's name");
                assert!((1..=255).contains(&name.len()), "{document}");
                assert!(metric["Unit"].as_str().is_some_and(|u| UNITS.contains(&u)), "{document}");
                assert_eq!(metric.as_object().map(serde_json::Map::len), Some(2), "{document}");
                let values = match &document[name] {
                    Value::Array(values) => values.clone(),
                    value => vec![value.clone()],
                };
                assert!((1..=100).contains(&values.len()), "{document}");
                let values = values.iter().map(|value| value.as_f64().expect("a number"));
                used.insert(name);
                measured.push(Measured {
                    name: name.to_owned(),
                    dimensions: dimensions.clone(),
                    values: values.collect(),
                });
            }
        }
    }
    let members: BTreeSet<_> = root.keys().map(String::as_str).collect();
    assert_eq!(members, used, "{document}");
    measured
}
