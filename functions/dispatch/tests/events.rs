//! The events of `docs/events/`: what is sent, what the schemas say, and what they refuse.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dispatch::Happening;
use dispatch::stream::{Audience, read};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events")
}

fn schemas() -> Validator {
    let text = fs::read_to_string(docs().join("events.schema.json")).expect("the schemas");
    let schemas: Value = serde_json::from_str(&text).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schemas));
    jsonschema::validator_for(&schemas).expect("schemas")
}

/// The events in `docs/events/examples`, by their files' names. They were written by hand, their ids made by Python.
fn examples() -> Vec<(String, Value)> {
    let files = fs::read_dir(docs().join("examples")).expect("a folder");
    let read = files.map(|file| {
        let path = file.expect("a file").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&path).expect("readable");
        (name, serde_json::from_str(&text).expect("JSON"))
    });
    read.collect()
}

/// The record of the stream that `event` is to be told of.
fn record(event: &Value) -> Value {
    let detail = event["detail"].as_object().expect("an object");
    let happening = event["detail-type"].as_str().expect("a text");
    let text = |value: &Value| json!({"S": value.as_str().expect("a text")});
    let mut item = Map::new();
    for name in ["id", "provider", "kind", "user", "effect", "effect_of", "settler", "received_at"]
    {
        item.insert(name.to_owned(), text(&detail[name]));
    }
    item.insert("key_id".to_owned(), text(&detail["key_id"]));
    item.insert("test".to_owned(), json!({"BOOL": detail["test"]}));
    item.insert("payload".to_owned(), json!({"S": "{}"}));
    let state = if happening == "accepted" { "recorded" } else { happening };
    item.insert("state".to_owned(), json!({"S": state}));
    let is_new = matches!(happening, "recorded" | "held" | "conflict");
    let at = if happening == "accepted" { "accepted_at" } else { "settled_at" };
    if !is_new {
        item.insert(at.to_owned(), text(&detail["happened_at"]));
    }
    for (name, attribute) in [
        ("payload", "payload"),
        ("conflicts_with", "conflicts_with"),
        ("reason", if happening == "held" { "held" } else { "reason" }),
    ] {
        if let Some(value) = detail.get(name) {
            item.insert(attribute.to_owned(), text(value));
        }
    }
    // Where something was booked the callback may have said anything.
    let (amount, unit) = if detail.contains_key("balance") {
        item.insert("amount".to_owned(), json!({"S": "999"}));
        item.insert("unit".to_owned(), json!({"S": "other"}));
        item.insert("balance".to_owned(), json!({"N": detail["balance"]["amount"]}));
        let entries = detail["balance"]["entries"].to_string();
        item.insert("balance_entries".to_owned(), json!({"N": entries}));
        ("booked_amount", "booked_unit")
    } else {
        ("amount", "unit")
    };
    if detail.contains_key("amount") {
        item.insert(amount.to_owned(), text(&detail["amount"]));
        item.insert(unit.to_owned(), text(&detail["unit"]));
    }
    let event_name = if is_new { "INSERT" } else { "MODIFY" };
    json!({"eventName": event_name, "dynamodb": {"SequenceNumber": "1", "NewImage": item}})
}

#[test]
fn what_is_sent_is_the_example_and_as_the_schemas_say() {
    let schemas = schemas();
    let mut told = BTreeSet::new();
    for (name, example) in examples() {
        let news = read(&record(&example).to_string(), Audience::Everyone).expect("read");
        let news = news.unwrap_or_else(|| panic!("{name} is not told"));
        assert_eq!(example["detail-type"], news.happening().as_str(), "{name}");
        let event = news.event().to_json().expect("written");
        assert_eq!(
            serde_json::from_str::<Value>(&event).expect("JSON"),
            example["detail"],
            "{name}"
        );
        assert_eq!(problems(&schemas, &example), [""; 0], "{name}");
        told.insert(news.happening());
    }
    assert!(told.into_iter().eq(Happening::all().collect::<BTreeSet<_>>()), "an example of each");
}

fn problems(schemas: &Validator, event: &Value) -> Vec<String> {
    schemas.iter_errors(event).map(|error| error.to_string()).collect()
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    let schemas = schemas();
    let mut refused = 0;
    for (name, example) in examples() {
        let detail = example["detail"].as_object().expect("an object");
        let mut refuse = |case: &str, change: &dyn Fn(&mut Value)| {
            let mut wrong = example.clone();
            change(&mut wrong);
            assert_ne!(wrong, example, "{name}: {case}");
            assert!(!schemas.is_valid(&wrong), "{name}: {case}");
            refused += 1;
        };
        // What may be absent in some events, is not where its event always has it.
        let always = match example["detail-type"].as_str().expect("a text") {
            "recorded" | "accepted" => &["payload"][..],
            "held" => &["payload", "reason"],
            "conflict" => &["payload", "conflicts_with"],
            "credited" | "debited" | "reversed" => &["amount"],
            "refused" | "dead" => &["reason"],
            _ => &[],
        };
        let sometimes = ["amount", "unit", "balance", "reason", "conflicts_with", "payload"];
        for (member, value) in detail {
            let may_lack =
                sometimes.contains(&member.as_str()) && !always.contains(&member.as_str());
            if !may_lack {
                refuse(&format!("without {member}"), &|it| {
                    it["detail"].as_object_mut().expect("an object").remove(member);
                });
            }
            let other = if value.is_string() { json!(1) } else { json!("1") };
            refuse(&format!("{member} of another type"), &|it| {
                it["detail"][member] = other.clone();
            });
        }
        refuse("an unknown happening", &|it| it["detail-type"] = json!("retrying"));
        refuse("another's event", &|it| it["source"] = json!("aws.s3"));
        refuse("no detail", &|it| it["detail"] = Value::Null);
        refuse("another effect", &|it| it["detail"]["effect"] = json!("pay"));
        refuse("a short id", &|it| it["detail"]["event_id"] = json!("a1"));
        refuse("a time of another form", &|it| it["detail"]["happened_at"] = json!("2026-11-21"));
        let paid = |amount: Value, unit: Value| {
            move |it: &mut Value| {
                it["detail"]["amount"] = amount.clone();
                it["detail"]["unit"] = unit.clone();
            }
        };
        refuse("an amount that is a number", &paid(json!(1.5), json!("xp")));
        for amount in ["1e2", "1,5", "", ".5", "+1", "NaN"] {
            refuse(amount, &paid(json!(amount), json!("xp")));
        }
        if detail.contains_key("payload") {
            refuse("a balance before it is booked", &|it| {
                it["detail"]["amount"] = json!("1");
                it["detail"]["unit"] = json!("xp");
                it["detail"]["balance"] = json!({"amount": "1", "entries": 1});
            });
        } else {
            refuse("a payload afterwards", &|it| it["detail"]["payload"] = json!("{}"));
        }
        if detail.contains_key("balance") {
            refuse("entries as text", &|it| it["detail"]["balance"]["entries"] = json!("4"));
            refuse("a float", &|it| it["detail"]["balance"]["amount"] = json!(1.5));
            refuse("no unit", &|it| {
                it["detail"].as_object_mut().expect("an object").remove("unit");
            });
        }
        // What a later version may add is not.
        let mut newer = example.clone();
        newer["detail"]["added_later"] = json!({"a": 1});
        newer["replay-name"] = json!("a replay");
        assert_eq!(problems(&schemas, &newer), [""; 0], "{name}");
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn every_member_is_described() {
    let text = fs::read_to_string(docs().join("events.schema.json")).expect("the schemas");
    let schemas: Value = serde_json::from_str(&text).expect("JSON");
    let described = |of: &Value, place: &str| {
        for (name, member) in of["properties"].as_object().expect("members") {
            let reference = member["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/"));
            let target = reference.map_or(member, |name| &schemas["$defs"][name]);
            let description = member["description"].as_str().or(target["description"].as_str());
            assert!(description.is_some_and(|text| text.len() > 10), "{place}{name}");
        }
    };
    described(&schemas, "");
    described(&schemas["$defs"]["detail"], "detail.");
    described(&schemas["$defs"]["balance"], "detail.balance.");
    for happening in Happening::all() {
        let description = schemas["$defs"][happening.as_str()]["description"].as_str();
        assert!(description.is_some_and(|text| text.len() > 10), "{happening}");
    }
}
