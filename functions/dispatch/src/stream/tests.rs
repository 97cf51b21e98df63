use serde_json::{Value, json};
use settlement::Detail;
use tables::callbacks::State;

use super::*;

const RECEIVED_AT: &str = "2026-08-01T12:00:00.000Z";
const ACCEPTED_AT: &str = "2026-08-02T12:00:00.000Z";
const SETTLED_AT: &str = "2026-08-03T12:00:00.000Z";

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

/// What is sent of a record to everyone.
fn news(record: &Value) -> Option<News> {
    read(&record.to_string(), Audience::Everyone).expect("read")
}

/// The message of a record that is sent.
fn message(record: &Value) -> Detail {
    news(record).expect("told of").message().expect("a message")
}

/// The event of a record that is sent.
fn event(record: &Value) -> Value {
    let news = news(record).expect("told of");
    serde_json::from_str(&news.event().to_json().expect("written")).expect("JSON")
}

/// A record that has been settled, and what was booked for it.
fn settled(state: &str) -> Value {
    let mut record = record("MODIFY", state);
    let image = image(&mut record);
    image["settled_at"] = json!({"S": SETTLED_AT});
    image["attempts"] = json!({"N": "1"});
    image["booked_amount"] = json!({"S": "-2.50"});
    image["booked_unit"] = json!({"S": "points"});
    image["balance"] = json!({"N": "12345678901234567890.5"});
    image["balance_entries"] = json!({"N": "10"});
    record
}

#[test]
fn a_new_record_is_sent_to_its_settler_as_it_is() {
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
        received_at: RECEIVED_AT.to_owned(),
        key_id: "k1".to_owned(),
        payload: r#"{"a":"\"\u0000\n"}"#.to_owned(),
    };
    assert_eq!(message(&record("INSERT", "recorded")), expected);
}

#[test]
fn subscribers_are_told_what_came() {
    let mut record = record("INSERT", "recorded");
    let told = json!({
        // Not of this program's making: SHA-256 of the three fields, each a name, the octet 1 and a value, names and
        // values behind their lengths in eight octets; by Python's hashlib.
        "event_id": "de682bd9eed9b8bc144ced8ecc6cdd2a20cedb62812f31bba6e71c05ef142c92",
        "happened_at": RECEIVED_AT,
        "id": "a", "provider": "p", "kind": "k", "user": "ü", "effect": "credit", "effect_of": "",
        "settler": "ledger", "amount": "1.50", "unit": "xp", "test": false,
        "received_at": RECEIVED_AT, "key_id": "k1", "payload": r#"{"a":"\"\u0000\n"}"#,
    });
    assert_eq!(event(&record), told);
    // Whatever came of it before it is sent once more.
    for (name, value) in settled("credited")["dynamodb"]["NewImage"].as_object().expect("an object")
    {
        if name != "state" {
            image(&mut record)[name] = value.clone();
        }
    }
    assert_eq!(event(&record), told);
}

#[test]
fn subscribers_are_told_what_became_of_it() {
    let told = json!({
        "event_id": "d822fa943ba00a51188ccd40821bf23fae84f807a076be852f172801bebd52b7",
        "happened_at": SETTLED_AT,
        "id": "a", "provider": "p", "kind": "k", "user": "ü", "effect": "credit", "effect_of": "",
        "settler": "ledger", "amount": "-2.50", "unit": "points",
        "balance": {"amount": "12345678901234567890.5", "entries": 10},
        "test": false, "received_at": RECEIVED_AT, "key_id": "k1",
    });
    assert_eq!(event(&settled("credited")), told);
    // What was settled by a version that said nothing of bookings.
    let mut old = settled("credited");
    let attributes = image(&mut old).as_object_mut().expect("an object");
    for name in ["booked_amount", "booked_unit", "balance", "balance_entries"] {
        attributes.remove(name);
    }
    let old = event(&old);
    assert_eq!((&old["amount"], &old["unit"]), (&json!("1.50"), &json!("xp")));
    assert_eq!(old.get("balance"), None);
}

#[test]
fn a_reason_is_told_of_the_state_that_it_belongs_to() {
    let with_reasons = |mut record: Value| {
        image(&mut record)["reason"] = json!({"S": "upstream_refused"});
        image(&mut record)["held"] = json!({"S": "over_cap"});
        image(&mut record)["accepted_at"] = json!({"S": ACCEPTED_AT});
        event(&record).get("reason").cloned()
    };
    assert_eq!(with_reasons(record("INSERT", "held")), Some(json!("over_cap")));
    for state in ["refused", "dead", "rejected", "redeemed"] {
        assert_eq!(with_reasons(settled(state)), Some(json!("upstream_refused")), "{state}");
    }
    for record in [record("INSERT", "conflict"), record("MODIFY", "recorded"), settled("closed")] {
        assert_eq!(with_reasons(record), None);
    }
}

#[test]
fn one_happening_has_one_id() {
    let id = |record: &Value| event(record)["event_id"].as_str().expect("text").to_owned();
    let dead = settled("dead");
    let mut noted = dead.clone();
    image(&mut noted)["step_detail"] = json!({"S": "a later note"});
    noted["dynamodb"]["SequenceNumber"] = json!("2");
    assert_eq!(id(&noted), id(&dead), "told again");
    let mut again = dead.clone();
    image(&mut again)["settled_at"] = json!({"S": "2026-08-04T12:00:00.000Z"});
    let mut other = dead.clone();
    image(&mut other)["id"] = json!({"S": "b"});
    let ids: std::collections::HashSet<_> =
        [&dead, &again, &other, &settled("closed")].into_iter().map(id).collect();
    assert_eq!(ids.len(), 4, "dead, put back and dead again is two happenings");
}

#[test]
fn every_change_is_told_or_means_nothing_new() {
    for (event, state, accepted, attempted, told, has_message) in [
        ("INSERT", "recorded", false, false, Some("recorded"), true),
        ("INSERT", "held", false, false, Some("held"), true),
        ("INSERT", "conflict", false, false, Some("conflict"), false),
        ("MODIFY", "recorded", true, false, Some("accepted"), true),
        ("MODIFY", "recorded", false, false, None, false),
        ("MODIFY", "recorded", true, true, None, false),
        ("MODIFY", "credited", true, false, Some("credited"), false),
        ("MODIFY", "held", false, false, None, false),
        ("MODIFY", "conflict", false, false, None, false),
        ("MODIFY", "retrying", true, true, None, false),
        ("MODIFY", "waiting", false, true, None, false),
        ("MODIFY", "of_a_newer_version", false, true, None, false),
        ("REMOVE", "recorded", false, false, None, false),
    ] {
        let mut record = record(event, state);
        image(&mut record)["settled_at"] = json!({"S": SETTLED_AT});
        if accepted {
            image(&mut record)["accepted_at"] = json!({"S": ACCEPTED_AT});
        }
        if attempted {
            image(&mut record)["attempts"] = json!({"N": "1"});
        }
        let case = format!("{event} {state} {accepted} {attempted}");
        let news = news(&record);
        assert_eq!(news.as_ref().map(|news| news.happening().as_str()), told, "{case}");
        assert_eq!(news.and_then(|news| news.message()).is_some(), has_message, "{case}");
        // Without a bus nothing else is looked at.
        let read = read(&record.to_string(), Audience::Settlers).expect("read");
        assert_eq!(read.is_some(), has_message, "{case}");
    }
    // A record that expired has no image.
    let gone = r#"{"eventName":"REMOVE","dynamodb":{"Keys":{},"SequenceNumber":"1"}}"#;
    assert!(read(gone, Audience::Everyone).expect("read").is_none());
}

#[test]
fn every_state_that_is_an_end_is_an_event_of_its_name() {
    for state in State::all() {
        let news = news(&settled(state.as_str()));
        let told = news.map(|news| news.happening().as_str());
        assert_eq!(told, state.is_final().then_some(state.as_str()), "{state}");
    }
}

#[test]
fn where_nothing_is_paid_there_is_neither_amount_nor_unit() {
    let mut record = record("INSERT", "recorded");
    let attributes = image(&mut record).as_object_mut().expect("an object");
    attributes.remove("amount");
    attributes.remove("unit");
    let detail = message(&record);
    assert_eq!((detail.amount, detail.unit), (None, None));
    let event = event(&record);
    assert_eq!((event.get("amount"), event.get("unit")), (None, None));
}

#[test]
fn a_record_from_before_there_were_effects_is_the_ledgers() {
    let mut record = record("INSERT", "recorded");
    let attributes = image(&mut record).as_object_mut().expect("an object");
    for name in ["effect", "effect_of", "settler"] {
        attributes.remove(name);
    }
    let detail = message(&record);
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
        assert!(read(&record, Audience::Everyone).is_err(), "{old} {new}");
    }
    let good = settled("credited").to_string();
    assert!(read(&good, Audience::Everyone).is_ok());
    for (old, new) in [
        (r#""settled_at":{"S":"2026-08-03T12:00:00.000Z"},"#, ""),
        (r#""booked_unit":{"S":"points"},"#, ""),
        (r#"{"N":"10"}"#, r#"{"N":"1.5"}"#),
        (r#"{"N":"10"}"#, r#"{"N":10}"#),
        (r#""balance_entries":{"N":"10"},"#, ""),
        (r#"{"N":"12345678901234567890.5"}"#, r#"{"S":"12345678901234567890.5"}"#),
    ] {
        let record = good.replacen(old, new, 1);
        assert_ne!(record, good, "{old}");
        assert!(read(&record, Audience::Everyone).is_err(), "{old} {new}");
        // It is nobody's to settle.
        assert!(matches!(read(&record, Audience::Settlers), Ok(None)), "{old} {new}");
    }
}

#[test]
fn an_item_is_told_of_as_it_came_or_was_accepted() {
    let of = |state: &str, accepted: bool| {
        let mut record = record("INSERT", state);
        if accepted {
            image(&mut record)["accepted_at"] = json!({"S": ACCEPTED_AT});
        }
        News::of_item(&image(&mut record).to_string()).map(|news| news.happening())
    };
    assert_eq!(of("recorded", false), Ok(Happening::Recorded));
    assert_eq!(of("recorded", true), Ok(Happening::Accepted));
    assert_eq!(of("held", false), Ok(Happening::Held));
    for state in ["conflict", "credited", "dead"] {
        assert_eq!(of(state, true), Err(Unreadable), "{state}");
    }
}

#[test]
fn a_record_without_its_place_cannot_be_told() {
    let raw = |record: &str| RawValue::from_string(record.to_owned()).expect("JSON");
    for record in ["{}", "1", r#"{"dynamodb":{"SequenceNumber":1}}"#] {
        let raw = raw(record);
        let read = StreamRecord::read(&raw, Audience::Everyone).map(|_| ());
        assert_eq!(read, Err(NoSequenceNumber), "{record}");
    }
    let raw = raw(r#"{"dynamodb":{"SequenceNumber":"1"}}"#);
    let read = StreamRecord::read(&raw, Audience::Everyone).expect("a place");
    assert_eq!((read.sequence_number.as_str(), read.news.is_err()), ("1", true));
}
