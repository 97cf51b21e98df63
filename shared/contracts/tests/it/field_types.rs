//! Every type of field at its limits: in JSON, whose values have types, and in parameters, which are all text.

use contracts::field_type::{FieldType, Value};
use contracts::fields::{Content, Declared, Place};
use contracts::file::FieldSpec;
use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use verify::{Form, Object, Refusal};

fn kind(spec: &str) -> Option<FieldType> {
    #[derive(serde::Deserialize)]
    struct Only {
        f: FieldSpec,
    }
    let only: Only = toml::from_str(&format!("f = {spec}")).unwrap_or_else(|it| panic!("{it}"));
    FieldType::read(&only.f)
}

fn declared(spec: &str) -> Declared {
    let kind = kind(spec).unwrap_or_else(|| panic!("{spec} is a type"));
    Declared { name: "f", place: Place::of("f").expect("a place"), kind }
}

/// What a field is read as: its text or amount, `-` for nothing, or the reason that it is refused for.
fn outcome(read: Result<Option<Value>, Refusal>) -> String {
    match read {
        Ok(Some(Value::Text(text))) => format!("text {text}"),
        Ok(Some(Value::Amount(amount))) => format!("amount {amount}"),
        Ok(None) => "-".to_owned(),
        Err(refusal) => refusal.reason().to_owned(),
    }
}

fn json(spec: &str, object: &str) -> String {
    let declared = declared(spec);
    let content = Content::Json(Object::parse(object.as_bytes()).expect(object));
    outcome(declared.read(&declared.kind, &content, &HeaderMap::new()))
}

fn parameter(spec: &str, query: &str) -> String {
    let declared = declared(spec);
    let content = Content::Parameters(Form::parse(query, "the query string").expect(query));
    outcome(declared.read(&declared.kind, &content, &HeaderMap::new()))
}

const MALFORMED: &str = "malformed";

/// A type, what stands in its place, and what that is read as in JSON and as a parameter; `None` where it cannot be
/// written there.
type Row = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

const IDS: &[Row] = &[
    ("\"id(3)\"", "\"abc\"", Some("text abc"), Some("text abc")),
    ("\"id(3)\"", "\"abcd\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"id(3)\"", "\"éé😀\"", Some("text éé😀"), Some("text éé😀")),
    ("\"id(3)\"", "\"\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"id(3)\"", "\"a\\n\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"id(3)\"", "\"001\"", Some("text 001"), Some("text 001")),
    ("\"id(3)\"", "12", Some(MALFORMED), None),
    ("\"id(3)\"", "true", Some(MALFORMED), None),
    ("\"id(3)\"", "{}", Some(MALFORMED), None),
    ("\"id(3)\"", "[\"a\"]", Some(MALFORMED), None),
    ("\"id(3)\"", "null", Some("missing"), None),
    ("\"id(3)?\"", "null", Some("-"), None),
    ("\"id(3)?\"", "\"\"", Some("-"), Some("-")),
    ("\"id(3)?\"", "\"abcd\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ is = \"id(3)\", number = true }", "12", Some("text 12"), None),
    ("{ is = \"id(3)\", number = true }", "-12", Some("text -12"), None),
    ("{ is = \"id(3)\", number = true }", "1234", Some(MALFORMED), None),
    ("{ is = \"id(3)\", number = true }", "1.0", Some(MALFORMED), None),
    ("{ is = \"id(3)\", number = true }", "1e2", Some(MALFORMED), None),
    ("{ is = \"id(3)\", number = true }", "true", Some(MALFORMED), None),
    ("{ is = \"id(3)\", number = true }", "\"1.0\"", Some("text 1.0"), Some("text 1.0")),
    ("{ is = \"id(3)\", without = \":-\" }", "\"a:b\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ is = \"id(3)\", without = \":-\" }", "\"a.b\"", Some("text a.b"), Some("text a.b")),
    ("{ is = \"id(3)\", without = \"-\", number = true }", "-12", Some(MALFORMED), None),
    ("{ is = \"id(3)\", optional = true }", "null", Some("-"), None),
];

const TEXTS: &[Row] = &[
    ("\"text(3)\"", "\"\"", Some("text "), Some("text ")),
    ("\"text(3)\"", "\"a\\n\"", Some("text a\n"), Some("text a\n")),
    ("\"text(3)\"", "\"abcd\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"text(3)\"", "1", Some(MALFORMED), None),
    ("\"text(3)?\"", "\"\"", Some("-"), Some("-")),
    ("\"word(3)\"", "\"a_9\"", Some("text a_9"), Some("text a_9")),
    ("\"word(3)\"", "\"a-9\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"word(3)\"", "\"é\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"word(3)\"", "\"\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"word(3)\"", "\"abcd\"", Some(MALFORMED), Some(MALFORMED)),
    (
        "\"guid\"",
        "\"01234567-89ab-cdef-0123-456789ABCDEF\"",
        Some("text 01234567-89ab-cdef-0123-456789ABCDEF"),
        Some("text 01234567-89ab-cdef-0123-456789ABCDEF"),
    ),
    ("\"guid\"", "\"0123456789abcdef0123456789ABCDEF\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"guid\"", "\"0123456-789ab-cdef-0123-456789ABCDEF\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"guid\"", "\"{0123456-89ab-cdef-0123-456789ABCDE}\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"hex(4)\"", "\"aF09\"", Some("text aF09"), Some("text aF09")),
    ("\"hex(4)\"", "\"aF0\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"hex(4)\"", "\"aF091\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"hex(4)\"", "\"aG09\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"digits(3)\"", "\"007\"", Some("text 007"), Some("text 007")),
    ("\"digits(3)\"", "\"٣\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"digits(3)\"", "\"-1\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"digits(3)\"", "7", Some(MALFORMED), None),
    ("{ is = \"digits(3)\", number = true }", "7", Some("text 7"), None),
    ("{ is = \"digits(3)\", number = true }", "-7", Some(MALFORMED), None),
    ("{ one_of = [\"1\", \"2\"] }", "\"1\"", Some("text 1"), Some("text 1")),
    ("{ one_of = [\"1\", \"2\"] }", "1", Some("text 1"), None),
    ("{ one_of = [\"1\", \"2\"] }", "1.0", Some(MALFORMED), None),
    ("{ one_of = [\"1\", \"2\"] }", "\"3\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ one_of = [\"true\", \"2\"] }", "true", Some("text true"), None),
    ("{ one_of = [\"1\", \"2\"] }", "\"\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ one_of = [\"1\", \"\"] }", "\"\"", Some("text "), Some("text ")),
    ("{ one_of = [\"1\"], optional = true }", "\"\"", Some("-"), Some("-")),
    ("{ one_of = [\"1\"], optional = true }", "\"2\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ one_of = [\"1\"] }", "null", Some("missing"), None),
];

const NUMBERS: &[Row] = &[
    ("\"decimal\"", "-1.50", Some("amount -1.50"), None),
    ("\"decimal\"", "\"-1.50\"", Some("amount -1.50"), Some("amount -1.50")),
    ("\"decimal\"", "\"1,50\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"decimal\"", "\"+1\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"decimal\"", "1e3", Some("amount 1000"), None),
    (
        "\"decimal\"",
        "9999999999999999999999999999",
        Some("amount 9999999999999999999999999999"),
        None,
    ),
    ("\"decimal\"", "10000000000000000000000000000", Some(MALFORMED), None),
    ("\"decimal\"", "true", Some(MALFORMED), None),
    ("\"decimal\"", "\"\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"decimal?\"", "\"\"", Some(MALFORMED), Some("-")),
    ("\"decimal?\"", "null", Some("-"), None),
    ("\"decimal>=0\"", "0", Some("amount 0"), None),
    ("\"decimal>=0\"", "-0.0", Some("amount 0.0"), None),
    ("\"decimal>=0\"", "\"-0.01\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"decimal>=0?\"", "\"-1\"", Some(MALFORMED), Some(MALFORMED)),
    // The amount is read from a text that may not have the character, however the amount is written.
    ("{ is = \"decimal\", without = \".\" }", "1.5", Some(MALFORMED), None),
    ("{ is = \"decimal\", without = \".\" }", "\"1.5\"", Some(MALFORMED), Some(MALFORMED)),
    ("{ is = \"decimal\", without = \"eE\" }", "1e3", Some(MALFORMED), None),
    ("{ is = \"decimal\", without = \".\" }", "\"15\"", Some("amount 15"), Some("amount 15")),
    ("\"integer\"", "\"-7\"", Some("amount -7"), Some("amount -7")),
    ("\"integer\"", "7.0", Some(MALFORMED), None),
    ("\"integer\"", "7e0", Some(MALFORMED), None),
    ("\"integer>=0\"", "\"-7\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"integer>=0\"", "0", Some("amount 0"), None),
    ("\"bool\"", "true", Some("text true"), None),
    ("\"bool\"", "\"true\"", Some(MALFORMED), Some("text true")),
    ("\"bool\"", "\"1\"", Some(MALFORMED), Some("text true")),
    ("\"bool\"", "\"0\"", Some(MALFORMED), Some("text false")),
    ("\"bool\"", "1", Some(MALFORMED), None),
    ("\"bool\"", "\"TRUE\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"bool\"", "\"\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"bool?\"", "\"\"", Some(MALFORMED), Some("-")),
    ("\"epoch-s\"", "\"1795780800\"", Some("text 1795780800"), Some("text 1795780800")),
    ("\"epoch-s\"", "1795780800", Some("text 1795780800"), None),
    ("\"epoch-s\"", "\"-1\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"epoch-s\"", "1.5", Some(MALFORMED), None),
    (
        "\"epoch-ms\"",
        "\"1234567890123456\"",
        Some("text 1234567890123456"),
        Some("text 1234567890123456"),
    ),
    ("\"epoch-ms\"", "\"12345678901234567\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"any\"", "\"x\"", Some("text x"), Some("text x")),
    ("\"any\"", "\"1.50\"", Some("text 1.50"), Some("text 1.50")),
    ("\"any\"", "1.50", Some("text 1.50"), None),
    ("\"any\"", "[]", Some("-"), None),
    ("\"any\"", "true", Some("-"), None),
    ("\"any\"", "\"true\"", Some("text true"), Some("text true")),
    ("{ is = \"any\", without = \"x\" }", "\"x\"", Some(MALFORMED), Some(MALFORMED)),
    ("\"any\"", "null", Some("missing"), None),
    ("\"written\"", "1.50", Some("text 1.50"), None),
    ("\"written\"", "\"1.50\"", Some("text 1.50"), Some("text 1.50")),
    ("\"written\"", "true", Some(MALFORMED), None),
    ("\"written\"", "[]", Some(MALFORMED), None),
];

#[test]
fn a_field_is_read_by_its_type() {
    for (spec, value, in_json, as_parameter) in [IDS, TEXTS, NUMBERS].concat() {
        if let Some(expected) = in_json {
            assert_eq!(json(spec, &format!("{{\"f\":{value}}}")), expected, "{spec} of {value}");
        }
        if let Some(expected) = as_parameter {
            let text: String = serde_json::from_str(value).expect("text");
            let escaped = utf8_percent_encode(&text, NON_ALPHANUMERIC);
            assert_eq!(parameter(spec, &format!("f={escaped}")), expected, "{spec} of {value}");
        }
    }
}

#[test]
fn an_absent_field_is_missing_unless_it_may_be() {
    for spec in ["\"id(3)", "\"text(3)", "\"guid", "\"decimal", "\"bool", "\"epoch-s", "\"any"] {
        for (optional, expected) in [("\"", "missing"), ("?\"", "-")] {
            let spec = format!("{spec}{optional}");
            assert_eq!(json(&spec, "{\"g\":1}"), expected, "{spec}");
            assert_eq!(parameter(&spec, "g=1"), expected, "{spec}");
        }
    }
}

#[test]
fn there_are_no_other_types() {
    for spec in [
        "\"\"",
        "\"id\"",
        "\"id()\"",
        "\"id(0)\"",
        "\"id(4097)\"",
        "\"id(-1)\"",
        "\"id(3\"",
        "\"id(3)??\"",
        "\"ID(3)\"",
        "\"guid(36)\"",
        "\"decimal>0\"",
        "\"decimal >= 0\"",
        "\"integer(3)\"",
        "\"string\"",
        "{ one_of = [] }",
        "{ is = \"id(3)\", one_of = [\"a\"] }",
        "{ without = \":\" }",
        "{ optional = true }",
    ] {
        assert_eq!(kind(spec), None, "{spec}");
    }
    assert!(kind("\"id(4096)\"").is_some());
}

#[test]
fn a_dot_goes_into_an_object() {
    for (kind, object, expected) in [
        ("\"id(3)\"", r#"{"a":{"b":{"f":"x"}}}"#, "text x"),
        ("\"id(3)\"", r#"{"a":{"b":{}}}"#, "missing"),
        ("\"id(3)\"", r#"{"a":null}"#, "missing"),
        ("\"id(3)?\"", r#"{"a":{"b":null}}"#, "-"),
        ("\"id(3)?\"", r#"{"a":7}"#, MALFORMED),
        ("\"id(3)?\"", r#"{"a":[{"b":{"f":"x"}}]}"#, MALFORMED),
        ("\"id(3)\"", r#"{"a.b.f":"x"}"#, "missing"),
        // What may be anything may be nothing.
        ("\"any?\"", r#"{"a":7}"#, "-"),
    ] {
        let place = Place::of("a.b.f").expect("a place");
        let declared = Declared { name: "a.b.f", place, ..declared(kind) };
        let content = Content::Json(Object::parse(object.as_bytes()).expect(object));
        let read = declared.read(&declared.kind, &content, &HeaderMap::new());
        assert_eq!(outcome(read), expected, "{kind} of {object}");
    }
    // In a query a name is as it is.
    let place = Place::of("a.f").expect("a place");
    let declared = Declared { name: "a.f", place, ..declared("\"id(3)\"") };
    let content = Content::Parameters(Form::parse("a.f=x", "the query string").expect("a query"));
    assert_eq!(outcome(declared.read(&declared.kind, &content, &HeaderMap::new())), "text x");
}

#[test]
fn a_header_is_there_once_and_text() {
    let place = Place::of("header.x-id").expect("a place");
    let declared = Declared { name: "header.x-id", place, ..declared("\"id(3)?\"") };
    for (values, expected) in [
        (&[][..], "-"),
        (&[""], "-"),
        (&["abc"], "text abc"),
        (&["abcd"], MALFORMED),
        (&["a", "a"], "repeated"),
    ] {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-id", value.parse().expect("a value"));
        }
        let content = Content::Parameters(Form::parse("", "the query string").expect("a query"));
        let read = declared.read(&declared.kind, &content, &headers);
        assert_eq!(outcome(read), expected, "{values:?}");
    }
    assert!(Place::of("header.x id").is_none());
}
