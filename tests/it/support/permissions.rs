//! IAM's part: what each function's role allows. The list is `tests/real-parts/permissions.json`, which
//! `tests/real-parts/check_template.py` holds against the template, so that a function which calls what its
//! role does not allow is refused here as on AWS.

use std::collections::HashMap;
use std::sync::LazyLock;

use bundle::provider::PROVIDERS;
use dev_server::functions::{DISPATCH, SCHEDULE, SETTLERS};
use serde_json::Value;

/// What is answered to whom a role does not allow what he asks for.
pub(crate) const DENIED: &str = r#"{"__type":"x#AccessDeniedException"}"#;

type Actions = HashMap<String, Vec<String>>;

/// Actions by the resources that they are allowed on, by the functions' logical ids.
static ALLOWED: LazyLock<HashMap<String, Actions>> = LazyLock::new(|| {
    let file = bundle::project_file("tests/real-parts/permissions.json");
    let list = std::fs::read_to_string(file).expect("a list");
    let mut allowed: HashMap<String, Actions> = serde_json::from_str(&list).expect("permissions");
    let of_receivers = allowed.remove("PROVIDERFunction").expect("what receivers may");
    for id in PROVIDERS.iter().map(|provider| &provider.function) {
        let provider = id.trim_end_matches("Function");
        let own = of_receivers.iter();
        let own =
            own.map(|(place, actions)| (place.replace("PROVIDER", provider), actions.clone()));
        allowed.insert(id.clone(), own.collect());
    }
    allowed
});

/// Whether the role of the function that signed a request, with its name as the id of its access key,
/// allows what the request asks for. Others than functions are not looked at.
pub(crate) fn allows(authorization: Option<&str>, target: &str, body: &[u8]) -> bool {
    let Some(caller) = authorization.and_then(function) else { return true };
    let body = serde_json::from_slice(body).unwrap_or_default();
    let missing: Vec<_> = actions(target, &body)
        .into_iter()
        .filter(|(action, resource)| {
            let allowed = ALLOWED.get(caller).and_then(|resources| resources.get(resource));
            !allowed.is_some_and(|actions| actions.contains(action))
        })
        .collect();
    if !missing.is_empty() {
        eprintln!("{caller} may not do {missing:?}: see tests/real-parts/permissions.json");
    }
    missing.is_empty()
}

/// The logical id of the function whose name is in the credential of a signature.
fn function(authorization: &str) -> Option<&'static str> {
    let name = authorization.split_once("Credential=")?.1.split('/').next()?;
    let receivers = PROVIDERS.iter().map(|provider| (provider.name, provider.function.as_str()));
    let others = SETTLERS.iter().chain([&DISPATCH, &SCHEDULE]);
    let others = others.map(|function| (function.name, function.id));
    receivers.chain(others).find(|(known, _)| *known == name).map(|(_, id)| id)
}

/// The actions that a request needs, each with its resource as the list names it. A transaction needs
/// those of its parts ("IAM and DynamoDB transactions").
fn actions(target: &str, body: &Value) -> Vec<(String, String)> {
    let operation = target.rsplit('.').next().unwrap_or_default();
    if target.starts_with("AmazonSQS.") {
        let url = body["QueueUrl"].as_str().unwrap_or_default();
        let queue = url.rsplit('/').next().unwrap_or_default();
        // A batch needs what each of its parts needs ("Actions, resources, and condition keys for Amazon SQS").
        let action = operation.trim_end_matches("Batch");
        return vec![(format!("sqs:{action}"), format!("{queue}.Arn"))];
    }
    if target.starts_with("AWSEvents.") {
        let entries = body["Entries"].as_array().into_iter().flatten();
        let bus =
            |entry: &Value| format!("{}.Arn", entry["EventBusName"].as_str().unwrap_or_default());
        return entries.map(|entry| (format!("events:{operation}"), bus(entry))).collect();
    }
    let table = |name: &str| match name {
        "callbacks" => "CallbacksTable.Arn".to_owned(),
        "ledger" => "LedgerTable.Arn".to_owned(),
        other => other.to_owned(),
    };
    let on = |operation: &str, input: &Value| {
        let table = table(input["TableName"].as_str().unwrap_or_default());
        let place = match input["IndexName"].as_str() {
            Some(index) => format!("${{{table}}}/index/{index}"),
            None => table,
        };
        (format!("dynamodb:{operation}"), place)
    };
    if operation == "BatchGetItem" {
        let tables = body["RequestItems"].as_object().into_iter().flatten();
        return tables.map(|(name, _)| (format!("dynamodb:{operation}"), table(name))).collect();
    }
    if operation != "TransactWriteItems" {
        return vec![on(operation, body)];
    }
    let items = body["TransactItems"].as_array().into_iter().flatten();
    let parts = items.filter_map(Value::as_object).flatten();
    parts
        .map(|(part, input)| match part.as_str() {
            "ConditionCheck" => on("ConditionCheckItem", input),
            part => on(&format!("{part}Item"), input),
        })
        .collect()
}

#[test]
fn what_a_role_does_not_allow_is_refused() {
    let signed = |name| format!("AWS4-HMAC-SHA256 Credential={name}/20261126/us-east-1/x, …");
    let inbrain = signed("inbrain");
    let put = br#"{"TableName":"callbacks"}"#;
    assert!(allows(Some(&inbrain), "DynamoDB_20120810.PutItem", put));
    assert!(!allows(Some(&inbrain), "DynamoDB_20120810.GetItem", put));
    assert!(!allows(Some(&inbrain), "DynamoDB_20120810.PutItem", br#"{"TableName":"ledger"}"#));
    let transaction =
        br#"{"TransactItems":[{"Put":{"TableName":"ledger"}},{"Update":{"TableName":"ledger"}}]}"#;
    assert!(allows(Some(&signed("ledger")), "DynamoDB_20120810.TransactWriteItems", transaction));
    assert!(!allows(Some(&inbrain), "DynamoDB_20120810.TransactWriteItems", transaction));
    let deleted = br#"{"TransactItems":[{"Delete":{"TableName":"ledger"}}]}"#;
    assert!(!allows(Some(&signed("ledger")), "DynamoDB_20120810.TransactWriteItems", deleted));
    let queue = br#"{"QueueUrl":"http://h/1/GiveawayDeliveryQueue"}"#;
    let giveaway = signed("giveaway-delivery");
    assert!(allows(Some(&giveaway), "AmazonSQS.ChangeMessageVisibility", queue));
    assert!(!allows(Some(&giveaway), "AmazonSQS.PurgeQueue", queue));
    assert!(!allows(Some(&signed("devtodev-delivery")), "AmazonSQS.ReceiveMessage", queue));
    assert!(allows(Some(&signed("somebody")), "AmazonSQS.SendMessage", queue));
    assert!(allows(None, "AmazonSQS.SendMessage", queue));
    let dispatch = signed("dispatch");
    assert!(allows(Some(&dispatch), "AmazonSQS.SendMessageBatch", queue));
    assert!(!allows(Some(&dispatch), "AmazonSQS.ReceiveMessage", queue));
    let schedule = signed("schedule");
    let asked = br#"{"TableName":"callbacks","IndexName":"by_due"}"#;
    assert!(allows(Some(&schedule), "DynamoDB_20120810.Query", asked));
    assert!(!allows(Some(&schedule), "DynamoDB_20120810.Query", put));
    let many = br#"{"RequestItems":{"callbacks":{"Keys":[]}}}"#;
    assert!(allows(Some(&schedule), "DynamoDB_20120810.BatchGetItem", many));
    assert!(!allows(Some(&giveaway), "DynamoDB_20120810.BatchGetItem", many));
    let event = |bus: &str| format!(r#"{{"Entries":[{{"EventBusName":"{bus}"}}]}}"#);
    let puts = |bus| allows(Some(&dispatch), "AWSEvents.PutEvents", event(bus).as_bytes());
    assert!(puts("CallbacksBus") && !puts("default"));
}
