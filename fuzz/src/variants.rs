//! Variants of a JSON object: one member of it at a time is something else, absent or there twice.

use serde_json::Value;

/// What a member may be in place of what it is, as JSON. Each of them is read in a way of its own somewhere.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    r#""true""#,
    "{}",
    "[]",
    "[7]",
    r#"{"id":1}"#,
    r#"{"id":"7","id":"7"}"#,
    r#""""#,
    r#"" ""#,
    r#""x""#,
    r#""7""#,
    r#""07""#,
    r#""7.0""#,
    r#""-7""#,
    r#""1e2""#,
    "7",
    "7.0",
    "7e0",
    "-7",
    "-7.5",
    "0",
    "-0.0",
    "100",
    "100.00",
    "1e2",
    "1000000",
    "1e999999999",
    "1e-99999",
    "9007199254740993",
    "9999999999999999999999999999",
    "99999999999999999999999999999",
    "0.00000000000000000000000000001",
    r#""a\u0000b""#,
    r#""a\u0085b""#,
    r#""\ud800""#,
    r#""\u00e9""#,
    r#""é""#,
    r#""ann@example.com""#,
    r#""user_activity""#,
    r#""user_reward""#,
    r#""offer_completed""#,
    r#""offer_clicked""#,
    r#""survey_completed""#,
    r#""survey_disqualified""#,
    r#""offer_completion_reversed""#,
    r#""ad_hoc""#,
    r#""C55B3483-5755-42F8-9bc5-5c185862e35a""#,
];

/// Lengths of texts, around those that fields are limited to.
const LENGTHS: [usize; 6] = [128, 129, 256, 257, 4096, 4097];

/// What stands in for a value until it is written.
const PLACEHOLDER: &str = "\u{1}the value\u{1}";

/// The names on the way to every member of `object`, at any depth.
#[must_use]
pub fn paths(object: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        paths.push(vec![name.clone()]);
        for mut path in self::paths(value) {
            path.insert(0, name.clone());
            paths.push(path);
        }
    }
    paths
}

/// `object` with each of the values at `path`, without the member, with it twice, and as another name.
#[must_use]
pub fn at(object: &Value, path: &[String]) -> Vec<String> {
    let long = LENGTHS.map(|length| format!("\"{}\"", "x".repeat(length)));
    let values = VALUES.iter().copied().chain(long.iter().map(String::as_str));
    let mut variants: Vec<_> = values.map(|value| with(object, path, value)).collect();
    let member = object.pointer(&pointer(path)).map(ToString::to_string);
    variants.extend(member.map(|member| twice(object, path, &member)));
    variants.extend(without(object, path));
    variants
}

/// `object` with the JSON `value` at `path`; what stands on the way and is no object becomes one.
#[must_use]
pub fn with(object: &Value, path: &[String], value: &str) -> String {
    let mut changed = object.clone();
    let mut place = &mut changed;
    for name in path {
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        place = &mut place[name.as_str()];
    }
    *place = Value::from(PLACEHOLDER);
    changed.to_string().replace(&Value::from(PLACEHOLDER).to_string(), value)
}

fn twice(object: &Value, path: &[String], member: &str) -> String {
    let name = path.last().map(|name| Value::from(name.as_str()).to_string()).unwrap_or_default();
    with(object, path, &format!("{member},{name}:{member}"))
}

fn without(object: &Value, path: &[String]) -> Option<String> {
    let mut changed = object.clone();
    let (last, way) = path.split_last()?;
    changed.pointer_mut(&pointer(way))?.as_object_mut()?.remove(last)?;
    Some(changed.to_string())
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |pointer, name| pointer + "/" + name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_member_is_another_at_a_time() {
        let object = json!({"a": 1, "b": {"c": "x"}});
        let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(paths(&object), [path(&["a"]), path(&["b"]), path(&["b", "c"])]);
        let variants = at(&object, &path(&["b", "c"]));
        for variant in
            [r#"{"a":1,"b":{"c":7.0}}"#, r#"{"a":1,"b":{"c":"x","c":"x"}}"#, r#"{"a":1,"b":{}}"#]
        {
            assert!(variants.iter().any(|it| it == variant), "{variant}");
        }
        assert_eq!(with(&object, &path(&["a", "d"]), "1e2"), r#"{"a":{"d":1e2},"b":{"c":"x"}}"#);
    }
}
