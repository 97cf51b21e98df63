//! The tables as `template.yaml` defines them.

use std::fs;
use std::sync::LazyLock;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The template.
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");

/// Its tables, by their logical ids. Read once per process, because it is long.
static TABLES: LazyLock<Value> = LazyLock::new(|| {
    let text = fs::read_to_string(PATH).expect("the template");
    let documents = Yaml::load_from_str(&text).expect("YAML");
    let mut resources = to_json(&documents[0]["Resources"]);
    let tables = resources.as_object_mut().expect("resources");
    tables.retain(|_, resource| resource["Type"] == "AWS::DynamoDB::Table");
    resources
});

/// What of a table `CreateTable` takes as the template has it.
const PARTS: [&str; 5] = [
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "LocalSecondaryIndexes",
    "GlobalSecondaryIndexes",
];

/// What `CreateTable` has to be asked for the table with the logical id `id`, under the name `name`. Its
/// time to live is left out: nothing may vanish while a test looks at it.
#[must_use]
pub fn create_table(id: &str, name: &str) -> Value {
    let table = &TABLES[id]["Properties"];
    assert!(table.is_object(), "the template has no table {id}");
    let parts =
        PARTS.iter().filter_map(|part| Some(((*part).to_owned(), table.get(part)?.clone())));
    let mut request: Map<_, _> = parts.collect();
    request.insert("TableName".to_owned(), json!(name));
    if let Some(stream) = table.get("StreamSpecification") {
        let stream = json!({"StreamEnabled": true, "StreamViewType": stream["StreamViewType"]});
        request.insert("StreamSpecification".to_owned(), stream);
    }
    Value::Object(request)
}

/// What a table is made of: no intrinsic functions, which become null.
fn to_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(members) => {
            let member =
                |(name, value): (&Yaml<'_>, _)| Some((name.as_str()?.to_owned(), to_json(value)));
            Value::Object(members.iter().filter_map(member).collect())
        }
        _ => Value::Null,
    }
}

#[test]
fn the_tables_have_keys_indexes_and_a_stream() {
    let callbacks = create_table("CallbacksTable", "callbacks");
    assert_eq!(callbacks["KeySchema"], json!([{"AttributeName": "id", "KeyType": "HASH"}]));
    assert_eq!(callbacks["StreamSpecification"]["StreamEnabled"], true);
    let indexes = callbacks["GlobalSecondaryIndexes"].as_array().expect("indexes");
    let names: Vec<_> = indexes.iter().map(|index| &index["IndexName"]).collect();
    assert_eq!(names, ["by_day", "by_attention", "by_due"]);
    let ledger = create_table("LedgerTable", "ledger");
    assert_eq!(ledger["KeySchema"].as_array().map(Vec::len), Some(2));
    assert_eq!(ledger.get("StreamSpecification"), None);
}
