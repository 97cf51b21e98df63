//! `Fn::If` and `Condition` decided by what the parameters' defaults are, which is what runs on this machine.
//!
//! Source: "Condition functions" in the CloudFormation template reference. Of those this is what the bundle's template
//! uses: `Fn::Equals` of texts and numbers, `Fn::Not`, `Fn::And`, and a condition by its name. A text may be made of
//! parameters, by `Fn::Sub`, `Fn::Split` and `Fn::Select`.

use serde_json::{Map, Value};

use super::{TemplateError, literal};

/// The sections in which `Fn::If` may stand, and whose members may have a `Condition`.
const SECTIONS: [&str; 2] = ["Resources", "Outputs"];

/// The template without `Fn::If`, and without what is `AWS::NoValue` then or whose `Condition` does not hold.
pub(super) fn decide(mut template: Value) -> Result<Value, TemplateError> {
    for section in SECTIONS {
        if let Some(members) = template.get_mut(section) {
            let members = there(members.take(), &template)?;
            template[section] = decided(members, &template)?.unwrap_or_default();
        }
    }
    Ok(template)
}

/// The members of a section that are there.
fn there(section: Value, template: &Value) -> Result<Value, TemplateError> {
    let Value::Object(members) = section else { return Ok(section) };
    let there = |member: &Value| match member["Condition"].as_str() {
        Some(name) => is_met(name, template),
        None => Ok(true),
    };
    let members = members.into_iter().filter_map(|(name, member)| match there(&member) {
        Ok(true) => Some(Ok((name, member))),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    });
    members.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

/// Whether the condition called `name` holds.
fn is_met(name: &str, template: &Value) -> Result<bool, TemplateError> {
    let met = holds(&template["Conditions"][name], template);
    met.ok_or_else(|| TemplateError::Undecided(name.to_owned()))
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
                let met = is_met(choice[0].as_str().unwrap_or_default(), template)?;
                return decided(choice[if met { 1 } else { 2 }].take(), template);
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
        "Fn::Equals" => Some(text(&value[0], template)? == text(&value[1], template)?),
        _ => None,
    }
}

/// A text or a number, as the parameters' defaults make it; `None` where it is of another form.
fn text(value: &Value, template: &Value) -> Option<String> {
    let parameter = |name: &str| literal(&template["Parameters"][name]["Default"]);
    let Some((function, given)) = value.as_object().and_then(|members| members.iter().next())
    else {
        return literal(value);
    };
    match function.as_str() {
        "Ref" => parameter(given.as_str()?),
        "Fn::Sub" => {
            let (mut made, mut left) = (String::new(), given.as_str()?);
            while let Some((before, rest)) = left.split_once("${") {
                let (name, behind) = rest.split_once('}')?;
                made = made + before + &parameter(name)?;
                left = behind;
            }
            Some(made + left)
        }
        "Fn::Select" => {
            let (delimiter, whole) = (&given[1]["Fn::Split"][0], &given[1]["Fn::Split"][1]);
            let at = usize::try_from(given[0].as_u64()?).ok()?;
            text(whole, template)?.split(delimiter.as_str()?).nth(at).map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whether the list in `Names` has this name.
    fn names(name: &str) -> Value {
        let list = json!({"Fn::Sub": ",${Names},"});
        let first = json!({"Fn::Select": [0, {"Fn::Split": [format!(",{name},"), list]}]});
        json!({"Fn::Not": [{"Fn::Equals": [first, list]}]})
    }

    fn conditions() -> Value {
        json!({
            "Parameters": {
                "Other": {"Default": ""},
                "Reserved": {"Default": 0},
                "Bus": {"Default": "true"},
                "Names": {"Default": "Cpx,AdgemV3"},
            },
            "Conditions": {
                "HasOther": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Other"}, ""]}]},
                "Reserves": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Reserved"}, 0]}]},
                "HasBus": {"Fn::Equals": [{"Ref": "Bus"}, "true"]},
                "HasBoth": {"Fn::And": [{"Condition": "HasBus"}, {"Condition": "HasOther"}]},
                "Cpx": names("Cpx"),
                "Adgem": names("Adgem"),
                "AdgemV3": names("AdgemV3"),
                "Odder": {"Fn::Equals": [{"Fn::Sub": "${Nobody}"}, ""]},
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
            ("Cpx", Some("yes")),
            ("Adgem", Some("no")),
            ("AdgemV3", Some("yes")),
            ("Odder", None),
            ("Odd", None),
            ("Nobody", None),
        ] {
            let mut template = conditions();
            template["Resources"] = json!({"One": {"Fn::If": [name, "yes", "no"]}});
            match (decide(template), wanted) {
                (Ok(template), Some(wanted)) => assert_eq!(template["Resources"]["One"], wanted),
                (Err(error), None) => {
                    assert_eq!(error.to_string(), format!("nobody knows whether {name} holds"));
                }
                (found, wanted) => panic!("{name}: {found:?} and not {wanted:?}"),
            }
        }
    }

    #[test]
    fn what_has_a_condition_is_there_when_it_holds() {
        let mut template = conditions();
        template["Resources"] = json!({
            "One": {"Condition": "Cpx"},
            "Other": {"Condition": "Adgem"},
            "Any": {"Properties": {"Condition": "Adgem"}},
        });
        let decided = decide(template.clone()).expect("conditions");
        let there: Vec<_> = decided["Resources"].as_object().expect("resources").keys().collect();
        assert_eq!(there, ["Any", "One"]);
        template["Resources"]["One"]["Condition"] = json!("Odd");
        assert!(matches!(decide(template), Err(TemplateError::Undecided(name)) if name == "Odd"));
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
