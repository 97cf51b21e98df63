//! `Fn::If` decided as where every parameter has its default, which is what runs on this machine.
//!
//! Source: "Condition functions" in the CloudFormation template reference. Of those this is what the bundle's template
//! uses: `Fn::Equals` of a parameter and a text or a number, `Fn::Not`, `Fn::And`, and a condition by its name.

use serde_json::{Map, Value};

use super::{TemplateError, literal};

/// The sections in which `Fn::If` may stand.
const SECTIONS: [&str; 2] = ["Resources", "Outputs"];

/// The template without `Fn::If`, and without what is `AWS::NoValue` then.
pub(super) fn decide(mut template: Value) -> Result<Value, TemplateError> {
    for section in SECTIONS {
        if let Some(members) = template.get_mut(section) {
            let members = members.take();
            template[section] = decided(members, &template)?.unwrap_or_default();
        }
    }
    Ok(template)
}

/// `value` with the branch that holds in the place of each `Fn::If`; `None` where that is no value.
fn decided(value: Value, template: &Value) -> Result<Option<Value>, TemplateError> {
    match value {
        Value::Array(values) => {
            let values = values.into_iter().map(|value| decided(value, template));
            let values = values.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            Ok(Some(Value::Array(values)))
        }
        Value::Object(mut members) => {
            if let Some(choice) = members.get_mut("Fn::If") {
                let name = choice[0].as_str().unwrap_or_default();
                let branch = if holds(&template["Conditions"][name], template)
                    .ok_or_else(|| TemplateError::Undecided(choice[0].to_string()))?
                {
                    1
                } else {
                    2
                };
                return decided(choice[branch].take(), template);
            }
            if members.get("Ref").is_some_and(|name| name == "AWS::NoValue") {
                return Ok(None);
            }
            let members = members.into_iter().filter_map(|(name, value)| {
                decided(value, template).transpose().map(|value| Ok((name, value?)))
            });
            members.collect::<Result<Map<_, _>, _>>().map(|members| Some(Value::Object(members)))
        }
        other => Ok(Some(other)),
    }
}

/// Whether `condition` holds; `None` where it is of another form.
fn holds(condition: &Value, template: &Value) -> Option<bool> {
    let (function, value) = condition.as_object()?.iter().next()?;
    match function.as_str() {
        "Condition" => holds(&template["Conditions"][value.as_str()?], template),
        "Fn::Not" => Some(!holds(&value[0], template)?),
        "Fn::And" => {
            let all: Option<Vec<_>> =
                value.as_array()?.iter().map(|part| holds(part, template)).collect();
            Some(all?.into_iter().all(|holds| holds))
        }
        "Fn::Equals" => {
            let text = |value: &Value| match value["Ref"].as_str() {
                Some(name) => literal(&template["Parameters"][name]["Default"]),
                None => literal(value),
            };
            Some(text(&value[0])? == text(&value[1])?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conditions() -> Value {
        json!({
            "Parameters": {
                "Other": {"Default": ""},
                "Reserved": {"Default": 0},
                "Bus": {"Default": "true"},
            },
            "Conditions": {
                "HasOther": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Other"}, ""]}]},
                "Reserves": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Reserved"}, 0]}]},
                "HasBus": {"Fn::Equals": [{"Ref": "Bus"}, "true"]},
                "HasBoth": {"Fn::And": [{"Condition": "HasBus"}, {"Condition": "HasOther"}]},
                "Odd": {"Fn::Or": [{"Condition": "HasBus"}, {"Condition": "HasOther"}]},
            },
        })
    }

    #[test]
    fn each_condition_is_as_the_parameters_defaults_have_it() {
        for (name, wanted) in [
            ("HasOther", Some("no")),
            ("Reserves", Some("no")),
            ("HasBus", Some("yes")),
            ("HasBoth", Some("no")),
            ("Odd", None),
            ("Nobody", None),
        ] {
            let mut template = conditions();
            template["Resources"] = json!({"One": {"Fn::If": [name, "yes", "no"]}});
            match (decide(template), wanted) {
                (Ok(template), Some(wanted)) => assert_eq!(template["Resources"]["One"], wanted),
                (Err(error), None) => {
                    assert_eq!(error.to_string(), format!("nobody knows whether \"{name}\" holds"));
                }
                (found, wanted) => panic!("{name}: {found:?} and not {wanted:?}"),
            }
        }
    }

    #[test]
    fn what_has_no_value_is_not_there() {
        let nothing = json!({"Fn::If": ["HasOther", 1, {"Ref": "AWS::NoValue"}]});
        let mut template = conditions();
        template["Resources"] = json!({"list": [nothing, {"Ref": "Other"}], "member": nothing});
        let template = decide(template).expect("conditions");
        assert_eq!(template["Resources"], json!({"list": [{"Ref": "Other"}]}));
    }
}
