//! The tables of `docs/contracts.md` that follow from the engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::mem::discriminant;

use contracts::field_type::{FieldType, Form, Of};
use contracts::file::FieldSpec;
use contracts::{Finding, Rule};
use serde_json::{Value, json};
use verify::{UnprovedForm, UnprovedObject};

use crate::page::hold;

const PAGE: &str = "docs/contracts.md";

#[test]
fn the_page_has_every_rule() {
    let mut table =
        "| rule | | what is wrong | what to do |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in Rule::ALL {
        let severity = match (rule.is_error(), rule.is_acceptable()) {
            (true, true) => "error, unless accepted",
            (true, false) => "error",
            (false, _) => "warning",
        };
        let (name, says, way_out) = (rule.name(), rule.says(), rule.way_out());
        let _ = writeln!(table, "| `{name}` | {severity} | {says} | {way_out} |");
        // What the linter prints has the same words.
        assert!(Finding::new(*rule, "x").to_string().ends_with(&format!(": {says}. {way_out}.")));
    }
    assert!(!table.contains("||"), "a bar in a sentence");
    hold(PAGE, "rules", &table);
}

/// The types, each with what it takes and what it does not: in JSON, and as texts of a query, form or header.
fn types() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let types: [(_, &[_], &[_]); 15] = [
        ("id(64)", &[json!("tx-1"), json!("ä b")], &[json!(""), json!("a\nb")]),
        ("text(64)", &[json!(""), json!("a\nb")], &[json!("x".repeat(65)), json!(7)]),
        ("word(16)", &[json!("tx_1"), json!("EUR")], &[json!("tx-1"), json!("é")]),
        (
            "guid",
            &[
                json!("7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001"),
                json!("7D3E9A52-1C48-4F6B-9E07-B2A4C6D80001"),
            ],
            &[
                json!("7d3e9a521c484f6b9e07b2a4c6d80001"),
                json!("{7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001}"),
            ],
        ),
        ("hex(8)", &[json!("deadbeef"), json!("00C0FFEE")], &[json!("c0ffee"), json!("0xdeadbe")]),
        ("digits(20)", &[json!("0042"), json!("7")], &[json!("-7"), json!("7.0")]),
        ("decimal", &[json!("1.50"), json!("-0.5")], &[json!("1,5"), json!("NaN")]),
        ("decimal>=0", &[json!("1e3"), json!(2.5)], &[json!("-1"), json!("+1")]),
        ("integer", &[json!("-3"), json!(3)], &[json!("3.0"), json!("1e3")]),
        ("integer>=0", &[json!("0"), json!(12)], &[json!("-1"), json!("0x10")]),
        ("bool", &[json!(true), json!(false)], &[json!("yes"), json!(1)]),
        (
            "epoch-s",
            &[json!("1795780800"), json!(1_795_780_800_u64)],
            &[json!("2026-11-27"), json!("1795780800.5")],
        ),
        (
            "epoch-ms",
            &[json!("1795780800000"), json!(1_795_780_800_000_u64)],
            &[json!("now"), json!("-1")],
        ),
        ("written", &[json!("a, b"), json!(-7.5)], &[json!(true), json!({})]),
        ("any", &[json!("a, b"), json!(-7.5)], &[]),
    ];
    types.map(|(name, takes, refuses)| (name, takes.to_vec(), refuses.to_vec())).to_vec()
}

/// What a field of this type is read as in JSON; none where it is refused.
fn in_json(kind: &FieldType, value: &Value) -> Option<()> {
    let body = json!({ "x": value }).to_string();
    let object =
        UnprovedObject::parse(body.as_bytes()).expect("an object").strict().expect("strict");
    let field = object.optional("x").expect("there once").expect("there");
    kind.value(&field, Of::Json).ok()?.map(drop)
}

fn in_query(kind: &FieldType, text: &str) -> Option<()> {
    let query = text.bytes().fold("x=".to_owned(), |query, byte| format!("{query}%{byte:02x}"));
    let form = UnprovedForm::parse(&query, "the query string").strict().expect("strict");
    // Empty is absent in a query, and an optional field may be that.
    let Some(field) = form.optional("x") else { return kind.optional.then_some(()) };
    kind.value(&field, Of::Parameters).ok()?.map(drop)
}

/// A number that differs between forms, of which each has one here.
fn number(form: &Form) -> usize {
    match form {
        Form::Id(_) => 0,
        Form::Text(_) => 1,
        Form::Word(_) => 2,
        Form::Guid => 3,
        Form::Hex(_) => 4,
        Form::Digits(_) => 5,
        Form::Decimal { not_negative } => 6 + usize::from(*not_negative),
        Form::Integer { not_negative } => 8 + usize::from(*not_negative),
        Form::Bool => 10,
        Form::EpochSeconds => 11,
        Form::EpochMillis => 12,
        Form::Any => 13,
        Form::OneOf(_) => 14,
        Form::Written => 15,
    }
}

#[test]
fn the_page_has_every_type_with_what_it_takes() {
    let mut table =
        "| type | what it is | takes | refuses |\n| --- | --- | --- | --- |\n".to_owned();
    let mut numbers = BTreeSet::new();
    for (name, takes, refuses) in types() {
        let kind = FieldType::read(&FieldSpec::Text(name.to_owned().into())).expect(name);
        numbers.insert(number(&kind.form));
        for value in &takes {
            assert!(in_json(&kind, value).is_some(), "{name} refuses {value}");
            let text = value.as_str().filter(|text| !text.is_empty());
            assert!(
                text.is_none_or(|text| in_query(&kind, text).is_some()),
                "{name} refuses {value}"
            );
        }
        for value in &refuses {
            assert!(in_json(&kind, value).is_none(), "{name} takes {value}");
            let text = value.as_str();
            assert!(
                text.is_none_or(|text| in_query(&kind, text).is_none()),
                "{name} takes {value}"
            );
        }
        let write = |value: &Value| match value {
            Value::String(text) if text.len() > 40 => {
                format!("{} characters", text.chars().count())
            }
            value => format!("`{value}`"),
        };
        let values = |values: &[Value]| values.iter().map(write).collect::<Vec<_>>().join(", ");
        let says = kind.form.expected();
        let (takes, refuses) = (values(&takes), values(&refuses));
        // What is neither says nothing, and is as though it were not there.
        let refuses = if refuses.is_empty() { "nothing".to_owned() } else { refuses };
        let _ = writeln!(table, "| `{name}` | {says} | {takes} | {refuses} |");
    }
    let one_of =
        FieldType::read(&serde_json::from_value(json!({"one_of": ["1", "2"]})).expect("a type"));
    let one_of = one_of.expect("a type").form;
    numbers.insert(number(&one_of));
    assert_eq!(numbers, (0..16).collect(), "every type");
    assert_ne!(discriminant(&one_of), discriminant(&Form::Any));
    let _ = writeln!(
        table,
        "| `{{ one_of = [\"1\", \"2\"] }}` | {} | `\"1\"`, `2` | `\"3\"`, `\"\"` |",
        one_of.expected()
    );
    let kind =
        FieldType::read(&serde_json::from_value(json!({"one_of": ["1", "2"]})).expect("a type"));
    let kind = kind.expect("a type");
    for (value, taken) in
        [(json!("1"), true), (json!(2), true), (json!("3"), false), (json!(""), false)]
    {
        assert_eq!(in_json(&kind, &value).is_some(), taken, "one_of {value}");
    }
    hold(PAGE, "types", &table);
}
