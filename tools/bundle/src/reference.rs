//! Which resource of the template a value names.

use serde_json::Value;

/// The logical id in `!Ref Id`, `!GetAtt Id.Attribute` or `!GetAtt [Id, Attribute]`.
#[must_use]
pub fn logical_id(value: &Value) -> Option<&str> {
    if let Some(id) = value["Ref"].as_str() {
        return Some(id);
    }
    match &value["Fn::GetAtt"] {
        Value::String(path) => path.split('.').next(),
        path => path[0].as_str(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_get_att_name_a_resource() {
        for value in [
            json!({"Ref": "Queue"}),
            json!({"Fn::GetAtt": "Queue.Arn"}),
            json!({"Fn::GetAtt": ["Queue", "Arn"]}),
        ] {
            assert_eq!(logical_id(&value), Some("Queue"), "{value}");
        }
        for value in [json!("arn:aws:sqs:us-east-1:1:q"), json!({"Fn::Sub": "${Queue}"}), json!(1)]
        {
            assert_eq!(logical_id(&value), None, "{value}");
        }
    }
}
