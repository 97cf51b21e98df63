use serde_json::{Value, json};

use super::*;

/// The record of the stream for an item, in `state`.
fn record(event: &str, state: &str) -> Value {
    json!({
        "eventID": "1", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "eventName": event,
        "awsRegion": "us-east-1", "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/c/stream/x",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_479_499_740.5,
            "Keys": {"id": {"S": "a"}},
            "NewImage": {
                "id": {"S": "a"}, "provider": {"S": "p"}, "kind": {"S": "k"}, "user": {"S": "ü"},
                "effect": {"S": "credit"}, "effect_of": {"S": ""}, "settler": {"S": "ledger"},
                "amount": {"S": "1.50"}, "unit": {"S": "xp"}, "test": {"BOOL": false},
                "state": {"S": state}, "received_at": {"S": "2026-08-01T12:00:00.000Z"},
                "key_id": {"S": "k1"}, "payload": {"S": "{\"a\":\"\\\"\\u0000\\n\"}"},
                "fingerprint": {"S": "f"}, "writer": {"S": "w"}, "expires_at": {"N": "1"},
                "conflicts": {"SS": ["f"]},
            },
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
    })
}

fn image(record: &mut Value) -> &mut Value {
    &mut record["dynamodb"]["NewImage"]
}

#[test]
fn a_new_record_is_told_of_as_it_is() {
    let read = read(&record("INSERT", "recorded").to_string()).expect("read");
    let expected = Detail {
        id: "a".to_owned(),
        provider: "p".to_owned(),
        kind: "k".to_owned(),
        user: "ü".to_owned(),
        effect: "credit".to_owned(),
        effect_of: String::new(),
        settler: "ledger".to_owned(),
        amount: Some("1.50".to_owned()),
        unit: Some("xp".to_owned()),
        test: false,
        state: "recorded".to_owned(),
        received_at: "2026-08-01T12:00:00.000Z".to_owned(),
        key_id: "k1".to_owned(),
        payload: r#"{"a":"\"\u0000\n"}"#.to_owned(),
    };
    assert_eq!(read, Some(expected));
}

#[test]
fn only_what_is_new_or_accepted_is_told_of() {
    let at = json!({"S": "2026-08-01T12:00:00.000Z"});
    for (event, state, accepted, attempted, is_told) in [
        ("INSERT", "recorded", false, false, true),
        ("INSERT", "held", false, false, true),
        ("INSERT", "conflict", false, false, false),
        ("MODIFY", "recorded", true, false, true),
        ("MODIFY", "recorded", false, false, false),
        ("MODIFY", "recorded", true, true, false),
        ("MODIFY", "credited", true, false, false),
        ("MODIFY", "held", false, false, false),
        ("REMOVE", "recorded", false, false, false),
    ] {
        let mut record = record(event, state);
        if accepted {
            image(&mut record)["accepted_at"] = at.clone();
        }
        if attempted {
            image(&mut record)["attempts"] = json!({"N": "1"});
        }
        let read = read(&record.to_string()).expect("read");
        assert_eq!(read.is_some(), is_told, "{event} {state} {accepted} {attempted}");
    }
    // A record that expired has no image.
    let gone = r#"{"eventName":"REMOVE","dynamodb":{"Keys":{},"SequenceNumber":"1"}}"#;
    assert_eq!(read(gone), Ok(None));
}

#[test]
fn where_nothing_is_paid_there_is_neither_amount_nor_unit() {
    let mut record = record("INSERT", "recorded");
    let image = image(&mut record).as_object_mut().expect("an object");
    image.remove("amount");
    image.remove("unit");
    let detail = read(&record.to_string()).expect("read").expect("told of");
    assert_eq!((detail.amount, detail.unit), (None, None));
}

#[test]
fn a_record_from_before_there_were_effects_is_the_ledgers() {
    let mut record = record("INSERT", "recorded");
    let image = image(&mut record).as_object_mut().expect("an object");
    for name in ["effect", "effect_of", "settler"] {
        image.remove(name);
    }
    let detail = read(&record.to_string()).expect("read").expect("told of");
    let said = [detail.effect, detail.effect_of, detail.settler];
    assert_eq!(said, ["unknown", "", "ledger"]);
}

#[test]
fn anything_else_is_unreadable() {
    let good = record("INSERT", "recorded").to_string();
    for (old, new) in [
        (r#""INSERT""#, r#""UPSERT""#),
        (r#""recorded""#, r#""forgotten""#),
        (r#""id":{"S":"a"},"key_id""#, r#""key_id""#),
        (r#"{"S":"1.50"}"#, r#"{"N":"1.50"}"#),
        (r#"{"S":"1.50"}"#, r#"{"S":1.50}"#),
        (r#""amount":{"S":"1.50"},"#, ""),
        (r#","unit":{"S":"xp"}"#, ""),
        (r#"{"BOOL":false}"#, r#"{"BOOL":"false"}"#),
        (r#"{"BOOL":false}"#, r#"{"BOOL":false,"S":""}"#),
        (r#""NewImage""#, r#""OldImage""#),
    ] {
        let record = good.replacen(old, new, 1);
        assert_ne!(record, good, "{old}");
        assert_eq!(read(&record), Err(Unreadable), "{old} {new}");
    }
}

#[test]
fn a_record_without_its_place_cannot_be_told() {
    let raw = |record: &str| RawValue::from_string(record.to_owned()).expect("JSON");
    for record in ["{}", "1", r#"{"dynamodb":{"SequenceNumber":1}}"#] {
        let raw = raw(record);
        assert_eq!(StreamRecord::read(&raw).map(|_| ()), Err(NoSequenceNumber), "{record}");
    }
    let raw = raw(r#"{"dynamodb":{"SequenceNumber":"1"}}"#);
    let read = StreamRecord::read(&raw).expect("a place");
    assert_eq!((read.sequence_number.as_str(), read.detail), ("1", Err(Unreadable)));
}
