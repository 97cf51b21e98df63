//! The loops of a template written out: `Fn::ForEach`, and the `Fn::FindInMap` and `Fn::Sub` within them.
//!
//! Sources: `Fn::ForEach`, `Fn::FindInMap` and `Fn::Sub` in the CloudFormation template reference. Of the
//! transform `AWS::LanguageExtensions` this is what the bundle's template uses; `loops.json` beside this file is
//! what the SAM CLI makes of `loops.yaml`. Parameters stay references.

use serde_json::{Map, Value, json};

use super::TemplateError;

/// What the name of a loop begins with.
const LOOP: &str = "Fn::ForEach::";

/// The sections in which loops may stand.
const SECTIONS: [&str; 3] = ["Conditions", "Resources", "Outputs"];

/// The template without loops.
pub(super) fn write_out(mut template: Value) -> Result<Value, TemplateError> {
    let mappings = template["Mappings"].clone();
    for section in SECTIONS {
        if let Some(members) = template.get_mut(section).and_then(Value::as_object_mut) {
            let members = without_loops(std::mem::take(members))?;
            template[section] = resolved(Value::Object(members), &mappings)?;
        }
    }
    Ok(template)
}

/// `members`, and in the place of each loop what it makes. A loop may stand in a loop.
fn without_loops(members: Map<String, Value>) -> Result<Map<String, Value>, TemplateError> {
    let mut all = Map::new();
    for (name, value) in members {
        if !name.starts_with(LOOP) {
            insert(&mut all, name, value)?;
            continue;
        }
        let (variable, items, body) =
            parts(&value).ok_or_else(|| TemplateError::NoLoop(name.clone()))?;
        for item in items {
            for (name, value) in without_loops(with_members(body, variable, item))? {
                insert(&mut all, name, value)?;
            }
        }
    }
    Ok(all)
}

/// The variable of a loop, what it stands for in turn, and what is made each time.
fn parts(value: &Value) -> Option<(&str, Vec<&str>, &Map<String, Value>)> {
    let [variable, items, body] = value.as_array()?.as_slice() else { return None };
    let items = items.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    Some((variable.as_str()?, items, body.as_object()?))
}

fn insert(all: &mut Map<String, Value>, name: String, value: Value) -> Result<(), TemplateError> {
    match all.insert(name.clone(), value) {
        None => Ok(()),
        Some(_) => Err(TemplateError::Twice(name)),
    }
}

/// `value` with `item` in the place of `${variable}` and of `!Ref variable`.
fn with(value: &Value, variable: &str, item: &str) -> Value {
    match value {
        Value::String(text) => Value::from(text.replace(&format!("${{{variable}}}"), item)),
        Value::Array(values) => values.iter().map(|value| with(value, variable, item)).collect(),
        Value::Object(_) if *value == json!({"Ref": variable}) => Value::from(item),
        Value::Object(members) => Value::Object(with_members(members, variable, item)),
        other => other.clone(),
    }
}

fn with_members(members: &Map<String, Value>, variable: &str, item: &str) -> Map<String, Value> {
    let name = |name: &str| name.replace(&format!("${{{variable}}}"), item);
    members.iter().map(|(key, value)| (name(key), with(value, variable, item))).collect()
}

/// `value` with what `mappings` have in the place of `Fn::FindInMap`, and without the variables that an
/// `Fn::Sub` brings with it.
fn resolved(value: Value, mappings: &Value) -> Result<Value, TemplateError> {
    let members = match value {
        Value::Array(values) => {
            return values.into_iter().map(|value| resolved(value, mappings)).collect();
        }
        Value::Object(members) => members,
        other => return Ok(other),
    };
    let members = members
        .into_iter()
        .map(|(name, value)| Ok((name, resolved(value, mappings)?)))
        .collect::<Result<Map<_, _>, TemplateError>>()?;
    if let Some(path) = members.get("Fn::FindInMap") {
        return found(mappings, path).ok_or_else(|| TemplateError::Unmapped(path.to_string()));
    }
    let text = members.get("Fn::Sub").and_then(substituted);
    Ok(match text {
        Some(text) if text.contains("${") => json!({"Fn::Sub": text}),
        Some(text) => Value::from(text),
        None => Value::Object(members),
    })
}

/// The value of a mapping; `None` where a key is not known yet, or is in no mapping.
fn found(mappings: &Value, path: &Value) -> Option<Value> {
    let [map, row, column] = path.as_array()?.as_slice() else { return None };
    mappings.get(map.as_str()?)?.get(row.as_str()?)?.get(column.as_str()?).cloned()
}

/// The text of an `Fn::Sub` with its own variables in place; `None` where one is no text.
fn substituted(sub: &Value) -> Option<String> {
    let Some([text, variables]) = sub.as_array().map(Vec::as_slice) else {
        return sub.as_str().map(str::to_owned);
    };
    let mut text = text.as_str()?.to_owned();
    for (name, value) in variables.as_object()? {
        text = text.replace(&format!("${{{name}}}"), value.as_str()?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::read_yaml;

    fn made_of(text: &str) -> Result<Value, TemplateError> {
        write_out(read_yaml(text).expect("YAML"))
    }

    #[test]
    fn loops_are_written_out_as_the_sam_cli_writes_them() {
        let expected: Value = serde_json::from_str(include_str!("loops.json")).expect("JSON");
        assert_eq!(made_of(include_str!("loops.yaml")).expect("loops"), expected);
    }

    #[test]
    fn what_is_no_loop_is_named() {
        for text in [
            "Resources: {Fn::ForEach::Queues: [Name, [A, B]]}",
            "Resources: {Fn::ForEach::Queues: [Name, !Ref Names, {'${Name}Queue': {}}]}",
            "Resources: {Fn::ForEach::Queues: [Name, [A, 1], {'${Name}Queue': {}}]}",
            "Resources: {Fn::ForEach::Queues: [Name, [A], []]}",
            "Outputs: {Fn::ForEach::Queues: {A: B}}",
        ] {
            let error = made_of(text).expect_err(text);
            assert!(matches!(&error, TemplateError::NoLoop(name) if name == "Fn::ForEach::Queues"));
        }
    }

    #[test]
    fn a_name_is_given_once() {
        for text in [
            "Resources: {Fn::ForEach::Queues: [Name, [A, B], {Queue: {}}]}",
            "Resources: {AQueue: {}, Fn::ForEach::Queues: [Name, [A], {'${Name}Queue': {}}]}",
        ] {
            let error = made_of(text).expect_err(text);
            assert!(matches!(error, TemplateError::Twice(name) if name.ends_with("Queue")));
        }
    }

    #[test]
    fn a_row_that_is_not_there_is_named() {
        let text = "
Mappings: {Rows: {A: {Count: 1}}}
Resources:
  Fn::ForEach::Queues: [Row, [A, B], {'${Row}Queue': !FindInMap [Rows, !Ref Row, Count]}]
";
        let error = made_of(text).expect_err("no row B");
        assert!(
            matches!(error, TemplateError::Unmapped(path) if path == r#"["Rows","B","Count"]"#)
        );
    }
}
