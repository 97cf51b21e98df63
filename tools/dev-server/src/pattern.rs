//! Event patterns: which events a rule or a pipe lets through.
//!
//! Source: "Amazon `EventBridge` event patterns" and "Comparison operators for use in event patterns" in
//! the `EventBridge` user guide. Of the operators there are the exact value, `prefix`, `exists` and
//! `anything-but`; a pattern with any other is refused when it is read, not passed over.

use serde_json::{Map, Value};

/// An event pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Vec<(String, Node)>);

/// What a field of a pattern asks for.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// The fields of an object: all of them.
    Fields(Pattern),
    /// The value of a leaf: any of them.
    AnyOf(Vec<Test>),
}

/// One alternative for a leaf.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Exactly(Value),
    Prefix(String),
    Exists(bool),
    AnythingBut(Vec<Value>),
    AnythingButPrefix(String),
}

/// A pattern that cannot be used, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event pattern cannot be used{}: {problem}", place(.path))]
pub struct PatternError {
    path: String,
    problem: String,
}

impl PatternError {
    fn new(path: &str, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), problem: problem.into() }
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at {path}") }
}

impl Pattern {
    /// Reads a pattern: an object, or a text that holds one, which is how templates write them.
    ///
    /// # Errors
    ///
    /// [`PatternError`], also for an operator that is not known here.
    pub fn read(pattern: &Value) -> Result<Self, PatternError> {
        let Value::String(text) = pattern else { return Self::of(pattern, "") };
        let pattern = serde_json::from_str(text)
            .map_err(|error| PatternError::new("", format!("it is no JSON: {error}")))?;
        Self::of(&pattern, "")
    }

    fn of(pattern: &Value, path: &str) -> Result<Self, PatternError> {
        let fields = pattern
            .as_object()
            .filter(|fields| !fields.is_empty())
            .ok_or_else(|| PatternError::new(path, "it has to be an object with fields"))?;
        let nodes = fields.iter().map(|(name, wanted)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            Ok((name.clone(), Node::of(name, wanted, &path)?))
        });
        nodes.collect::<Result<_, _>>().map(Self)
    }

    /// Whether `event` has everything that the pattern asks for.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.iter().all(|(name, node)| node.matches(event.get(name)))
    }
}

impl Node {
    fn of(name: &str, wanted: &Value, path: &str) -> Result<Self, PatternError> {
        if name.starts_with('$') {
            return Err(PatternError::new(path, "this operator is not known here"));
        }
        match wanted {
            Value::Object(_) => Pattern::of(wanted, path).map(Self::Fields),
            Value::Array(tests) if !tests.is_empty() => {
                let tests = tests.iter().map(|test| Test::of(test, path));
                tests.collect::<Result<_, _>>().map(Self::AnyOf)
            }
            _ => Err(PatternError::new(path, "it has to be an object or a list of values")),
        }
    }

    fn matches(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            // A list of objects matches where one of them does.
            (Self::Fields(pattern), Some(Value::Array(items))) => {
                items.iter().any(|item| pattern.matches(item))
            }
            (Self::Fields(pattern), found) => pattern.matches(found.unwrap_or(&Value::Null)),
            (Self::AnyOf(tests), found) => {
                let leaves = leaves(found);
                tests.iter().any(|test| test.passes(&leaves))
            }
        }
    }
}

impl Test {
    fn of(test: &Value, path: &str) -> Result<Self, PatternError> {
        let wrong = |problem: String| Err(PatternError::new(path, problem));
        match test {
            Value::Object(operator) => match single(operator) {
                Some(("prefix", Value::String(prefix))) => Ok(Self::Prefix(prefix.clone())),
                Some(("exists", Value::Bool(exists))) => Ok(Self::Exists(*exists)),
                Some(("anything-but", value)) => Self::anything_but(value, path),
                Some((name, value)) => wrong(format!("{name} of {value} is not known here")),
                None => wrong("a list has values and single operators".to_owned()),
            },
            Value::Array(_) => wrong("a list has values and single operators".to_owned()),
            exact => Ok(Self::Exactly(exact.clone())),
        }
    }

    /// One text or number, a list of texts or numbers, or a prefix.
    fn anything_but(value: &Value, path: &str) -> Result<Self, PatternError> {
        let plain = |value: &Value| value.is_string() || value.is_number();
        match value {
            value if plain(value) => Ok(Self::AnythingBut(vec![value.clone()])),
            Value::Array(values) if !values.is_empty() && values.iter().all(plain) => {
                Ok(Self::AnythingBut(values.clone()))
            }
            Value::Object(operator) => match single(operator) {
                Some(("prefix", Value::String(prefix))) => {
                    Ok(Self::AnythingButPrefix(prefix.clone()))
                }
                _ => {
                    Err(PatternError::new(path, format!("anything-but {value} is not known here")))
                }
            },
            _ => Err(PatternError::new(path, format!("anything-but {value} is not known here"))),
        }
    }

    /// Whether one of the values that a field has passes.
    fn passes(&self, leaves: &[&Value]) -> bool {
        let any = |test: &dyn Fn(&Value) -> bool| leaves.iter().any(|leaf| test(leaf));
        let begins =
            |leaf: &Value, prefix: &str| leaf.as_str().is_some_and(|text| text.starts_with(prefix));
        match self {
            Self::Exactly(value) => any(&|leaf| leaf == value),
            Self::Prefix(prefix) => any(&|leaf| begins(leaf, prefix)),
            Self::Exists(exists) => leaves.is_empty() != *exists,
            Self::AnythingBut(values) => any(&|leaf| !values.contains(leaf)),
            Self::AnythingButPrefix(prefix) => any(&|leaf| !begins(leaf, prefix)),
        }
    }
}

/// The values that a field has: of a list each, of an object none, because it is no leaf.
fn leaves(found: Option<&Value>) -> Vec<&Value> {
    match found {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(items)) => items.iter().filter(|item| !item.is_object()).collect(),
        Some(leaf) => vec![leaf],
    }
}

/// The only member of an object.
fn single(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut members = object.iter();
    let (name, value) = members.next()?;
    members.next().is_none().then_some((name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whether each of `yes` matches `pattern`, and none of `no`.
    #[track_caller]
    fn check(pattern: &Value, yes: &[Value], no: &[Value]) {
        let read = Pattern::read(pattern).expect("a pattern");
        for event in yes {
            assert!(read.matches(event), "{pattern} has to match {event}");
        }
        for event in no {
            assert!(!read.matches(event), "{pattern} must not match {event}");
        }
    }

    #[test]
    fn fields_are_and_values_are_or() {
        check(
            &json!({"source": ["a"], "detail": {"state": ["b", "c"], "test": [false]}}),
            &[
                json!({"source": "a", "detail": {"state": "b", "test": false}, "more": 1}),
                json!({"source": "a", "detail": {"state": "c", "test": false, "more": {}}}),
            ],
            &[
                json!({"source": "a", "detail": {"state": "d", "test": false}}),
                json!({"source": "a", "detail": {"state": "b", "test": "false"}}),
                json!({"source": "a", "detail": {"state": "b"}}),
                json!({"source": "A", "detail": {"state": "b", "test": false}}),
                json!({"detail": {"state": "b", "test": false}}),
                json!({"source": "a", "detail": "b"}),
                json!({"source": "a"}),
            ],
        );
    }

    #[test]
    fn values_are_compared_with_their_types() {
        check(
            &json!({"a": [1, null, ""]}),
            &[json!({"a": 1}), json!({"a": null}), json!({"a": ""})],
            &[json!({"a": "1"}), json!({"a": true}), json!({"a": 0}), json!({})],
        );
    }

    #[test]
    fn a_list_in_an_event_matches_where_one_of_its_values_does() {
        check(
            &json!({"a": ["x"], "b": {"c": [1]}}),
            &[json!({"a": ["w", "x"], "b": [{"c": 2}, {"c": 1}]})],
            &[json!({"a": ["w"], "b": {"c": 1}}), json!({"a": [], "b": {"c": 1}})],
        );
    }

    #[test]
    fn exists_looks_at_leaves() {
        let has = json!({"a": {"S": [{"exists": true}]}});
        let lacks = json!({"a": {"S": [{"exists": false}]}});
        let with = [json!({"a": {"S": "x"}}), json!({"a": {"S": ""}}), json!({"a": {"S": null}})];
        let without = [json!({"a": {"N": "1"}}), json!({"b": 1}), json!({}), json!({"a": "S"})];
        check(&has, &with, &without);
        check(&lacks, &without, &with);
        check(&json!({"a": [{"exists": true}]}), &[json!({"a": 0})], &[json!({"a": {"b": 1}})]);
    }

    #[test]
    fn prefixes_are_of_texts() {
        check(
            &json!({"time": [{"prefix": "2017-10-02"}]}),
            &[json!({"time": "2017-10-02T18:43:48Z"})],
            &[json!({"time": "2017-10-03"}), json!({"time": 2017}), json!({})],
        );
    }

    #[test]
    fn anything_but_needs_a_value() {
        check(
            &json!({"state": [{"anything-but": "initializing"}]}),
            &[json!({"state": "running"}), json!({"state": 1})],
            &[json!({"state": "initializing"}), json!({})],
        );
        check(
            &json!({"x": [{"anything-but": [100, 200]}]}),
            &[json!({"x": 300})],
            &[json!({"x": 100}), json!({"x": 200})],
        );
        check(
            &json!({"region": [{"anything-but": {"prefix": "us-"}}]}),
            &[json!({"region": "eu-west-1"})],
            &[json!({"region": "us-east-1"})],
        );
    }

    #[test]
    fn alternatives_of_different_kinds_may_stand_side_by_side() {
        check(
            &json!({"a": ["x", {"prefix": "y"}, {"exists": false}]}),
            &[json!({"a": "x"}), json!({"a": "yes"}), json!({})],
            &[json!({"a": "z"})],
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for pattern in [
            json!({}),
            json!([]),
            json!("not JSON"),
            json!({"a": "x"}),
            json!({"a": []}),
            json!({"a": {}}),
            json!({"a": [["x"]]}),
            json!({"a": [{"numeric": [">", 0]}]}),
            json!({"a": [{"suffix": ".png"}]}),
            json!({"a": [{"equals-ignore-case": "x"}]}),
            json!({"a": [{"wildcard": "*"}]}),
            json!({"a": [{"cidr": "10.0.0.0/24"}]}),
            json!({"a": [{"prefix": {"equals-ignore-case": "x"}}]}),
            json!({"a": [{"exists": "true"}]}),
            json!({"a": [{"anything-but": {"suffix": "x"}}]}),
            json!({"a": [{"anything-but": []}]}),
            json!({"a": [{"anything-but": [null]}]}),
            json!({"a": [{"prefix": "x", "exists": true}]}),
            json!({"$or": [{"a": [1]}, {"b": [2]}]}),
        ] {
            assert!(Pattern::read(&pattern).is_err(), "{pattern}");
        }
        let error = Pattern::read(&json!({"a": {"b": [{"suffix": "x"}]}})).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "the event pattern cannot be used at a.b: suffix of \"x\" is not known here"
        );
    }

    #[test]
    fn a_pattern_may_be_a_text() {
        check(&json!("{\"a\": [false]}\n"), &[json!({"a": false})], &[json!({"a": "false"})]);
    }
}
