//! `contracts/contract.schema.json`, which editors complete from: it knows the keys that `file.rs` knows, says of
//! each what `file.rs` says, and refuses nothing that a function would serve.

use std::collections::BTreeSet;

use contracts::encoding::Encoding;
use contracts::field_type::FieldType;
use contracts::file::*;
use contracts::proof::Scheme;
use contracts::{Contract, ContractFile, Rule};
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::page::project;

/// The source of the grammar, for what it says of each key.
const FILE: &str =
    concat!(include_str!("../../src/file.rs"), include_str!("../../src/file/over.rs"));

/// The tables that `over` may be, which are read as one.
const OVER: [&str; 4] = ["BeforeSpec", "SortedSpec", "FieldsSpec", "SelectSpec"];

fn schema() -> Value {
    let text = std::fs::read_to_string(project("contracts/contract.schema.json"));
    serde_json::from_str(&text.expect("a file")).expect("JSON")
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).expect("a schema")
}

/// The contracts of `contracts/` by name, as JSON.
fn catalogue() -> Vec<(String, Value)> {
    let files = std::fs::read_dir(project("contracts")).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let is_contract = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "toml");
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        let first = text.lines().next();
        assert_eq!(first, Some("#:schema ./contract.schema.json"), "{name}: the first line");
        (name, as_json(&text).expect("TOML"))
    };
    paths.filter(is_contract).map(read).collect()
}

fn as_json(text: &str) -> Result<Value, toml::de::Error> {
    toml::from_str::<toml::Value>(text).map(|file| serde_json::to_value(file).expect("JSON"))
}

/// Whether a contract can be read, and whether a function would serve it.
fn judged(name: &str, contract: &Value) -> (bool, bool) {
    let Ok(file) = serde_json::from_value::<ContractFile>(contract.clone()) else {
        return (false, false);
    };
    let safe = |contract: &Contract| {
        contracts::lint::lint(contract).iter().all(|finding| !finding.rule.is_error())
    };
    (true, Contract::load(name, file).is_ok_and(|contract| safe(&contract)))
}

#[test]
fn every_contract_is_valid() {
    let (validator, catalogue) = (validator(), catalogue());
    assert!(catalogue.len() > 20);
    for (name, contract) in &catalogue {
        let first = validator.iter_errors(contract).next();
        assert!(first.is_none(), "{name}: {}", first.expect("an error"));
    }
}

/// The words that serde expects where it reads one that there is not.
fn expected<T: DeserializeOwned>(given: Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(given).err().expect("no such word").to_string();
    let (_, words) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
    words.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn texts(values: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    values.as_array().expect("a list").iter().map(text).collect()
}

#[test]
fn the_schema_has_the_keys_that_a_contract_may_have_and_no_other() {
    let schema = schema();
    let mut described = BTreeSet::new();
    macro_rules! same {
        ($($table:ident),*) => {$(
            let keys = expected::<$table>(json!({ "no such key": 0 }));
            let of = match stringify!($table) {
                "ContractFile" => &schema,
                table => &schema["$defs"][table],
            };
            let properties = of["properties"].as_object().expect(stringify!($table));
            assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), keys);
            assert_eq!(of["additionalProperties"], false, stringify!($table));
            described.insert(stringify!($table).to_owned());
        )*};
    }
    same!(
        ContractFile,
        RouteSpec,
        FieldTable,
        CredentialSpec,
        FetchedSpec,
        WindowSpec,
        NetworksSpec,
        IdentitySpec,
        MeaningSpec,
        CallbackSpec,
        StrippedSpec,
        SettingsSpec,
        AnswersSpec,
        AnswerSpec,
        VectorSpec,
        SampleSpec
    );
    let mut over = BTreeSet::new();
    for table in OVER {
        let properties = schema["$defs"][table]["properties"].as_object().expect(table);
        let fields = documented().into_iter().filter(|(of, ..)| of == table);
        let keys: BTreeSet<_> = fields.filter_map(|(_, key, _)| key).collect();
        assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), keys);
        assert_eq!(schema["$defs"][table]["additionalProperties"], false, "{table}");
        over.extend(keys);
        described.insert(table.to_owned());
    }
    assert_eq!(over, expected::<OverSpec>(json!({ "no such key": 0 })));
    let written: BTreeSet<_> = documented().into_iter().map(|(table, ..)| table).collect();
    assert_eq!(described, written, "the tables of file.rs");
}

#[test]
fn the_schema_has_the_words_that_a_contract_may_have_and_no_other() {
    let schema = schema();
    macro_rules! same {
        ($($words:ty => $pointer:literal),*) => {$(
            let words = schema.pointer($pointer).unwrap_or_else(|| panic!($pointer));
            assert_eq!(texts(words), expected::<$words>(json!("no such word")), $pointer);
        )*};
    }
    same!(
        CallerSpec => "/properties/caller/enum",
        BodySpec => "/$defs/RouteSpec/properties/body/enum",
        SecretSpec => "/$defs/CredentialSpec/properties/secret/enum",
        WholeSpec => "/$defs/BeforeSpec/properties/of/enum",
        ParametersSpec => "/$defs/SortedSpec/properties/sorted/enum",
        EncodeSpec => "/$defs/SortedSpec/properties/encode/enum",
        NegativeSpec => "/$defs/MeaningSpec/properties/negative/enum",
        EffectSpec => "/$defs/CallbackSpec/properties/effect/enum"
    );
    let credential = &schema["$defs"]["CredentialSpec"]["properties"];
    let schemes = texts(&credential["is"]["enum"]);
    assert_eq!(schemes.len(), 12, "{schemes:?}");
    assert!(schemes.iter().all(|name| Scheme::named(name).is_some()), "{schemes:?}");
    let encodings = texts(&credential["encoding"]["anyOf"][0]["enum"]);
    assert_eq!(encodings.len(), 5, "{encodings:?}");
    assert!(encodings.iter().all(|name| Encoding::named(name).is_some()), "{encodings:?}");
    assert_eq!(
        credential["encoding"]["anyOf"][0], credential["encoding"]["anyOf"][1]["items"],
        "one encoding, or several"
    );
    let accept = schema["properties"]["accept"]["properties"].as_object().expect("rules");
    let acceptable = Rule::ALL.iter().filter(|rule| rule.is_acceptable());
    let acceptable = acceptable.chain([&Rule::SecretShown]).map(|rule| rule.name().to_owned());
    assert_eq!(accept.keys().cloned().collect::<BTreeSet<_>>(), acceptable.collect());
    for (name, rule) in accept {
        let says = Rule::named(name).expect("a rule").says();
        let description = rule["description"].as_str().expect("a description");
        assert_eq!(description.to_lowercase(), format!("{says}.").to_lowercase(), "{name}");
    }
}

/// What `file.rs` says: table, key (none for the table itself) and sentences.
fn documented() -> Vec<(String, Option<String>, String)> {
    let (mut found, mut table, mut says) = (Vec::new(), String::new(), Vec::new());
    for line in FILE.lines().map(str::trim) {
        let name = |rest: &str| rest.split([':', ' ', '<', '(']).next().expect("a name").to_owned();
        if let Some(text) = line.strip_prefix("/// ") {
            says.push(text);
        } else if let Some(rest) = line.strip_prefix("pub struct ") {
            table = name(rest);
            found.push((table.clone(), None, says.join(" ")));
            says.clear();
        } else if let Some(rest) = line.strip_prefix("pub ").filter(|_| line.ends_with(',')) {
            found.push((table.clone(), Some(name(rest)), says.join(" ")));
            says.clear();
        } else if !line.starts_with("#[") {
            says.clear();
        }
    }
    found
}

#[test]
fn the_schema_says_of_each_key_what_the_engine_says() {
    let schema = schema();
    let documented = documented();
    assert!(documented.len() > 80, "{}", documented.len());
    for (table, key, says) in documented {
        let of = if table == "ContractFile" { &schema } else { &schema["$defs"][&*table] };
        let described = key.as_ref().map_or(of, |key| &of["properties"][key]);
        let description = described["description"].as_str().unwrap_or_default();
        assert!(!says.is_empty() && description.starts_with(&says), "{table} {key:?}: {says}");
    }
}

#[test]
fn the_schema_has_the_types_that_the_engine_reads() {
    let schema = schema();
    let of = json!({ "$defs": schema["$defs"], "$ref": "#/$defs/FieldSpec" });
    let validator = jsonschema::validator_for(&of).expect("a schema");
    let plain = ["guid", "decimal", "decimal>=0", "integer", "integer>=0", "bool", "epoch-s"];
    let plain = plain
        .iter()
        .chain(&["epoch-ms", "written", "any", "id", "text", "word", "hex", "digits", ""]);
    let wrong = ["uuid", "string", "decimal>0", "id 64", "decimal >= 0", "id(64", "ID(64)"];
    for name in plain.chain(&wrong) {
        for form in
            ["", "?", "??", "(0)", "(1)", "(64)?", "(999)", "(4096)", "(4097)", "(-1)", "()"]
        {
            let text = format!("{name}{form}");
            let read = FieldType::read(&FieldSpec::Text(text.clone().into())).is_some();
            assert_eq!(validator.is_valid(&json!(text)), read, "{text}");
            assert_eq!(validator.is_valid(&json!({ "is": text })), read, "is = {text}");
        }
    }
}

/// A contract without a fault, of which each of the mistakes makes a wrong one.
fn first_contract() -> String {
    let page = crate::page::read("docs/contracts.md");
    let examples = crate::examples::of(&page);
    let complete = examples.into_iter().find(|example| example.toml.contains("contract = 1"));
    complete.expect("a first contract").toml
}

#[test]
fn a_typical_mistake_is_one_to_the_schema_and_to_the_engine() {
    let (validator, genuine) = (validator(), first_contract());
    for (text, mistake) in [
        ("contract = 1\n", "contract = 2\n"),
        ("contract = 1\n", "contract = \"1\"\n"),
        ("contract = 1\n", "contract = 1\ncredentials = \"hash\"\n"),
        ("title = ", "titel = "),
        ("sources = [\"https://docs.acme.example/postbacks\"]", "sources = []"),
        ("sources = [\"https://docs.acme.example/postbacks\"]", "sources = \"docs.acme.example\""),
        ("get = \"/acme\"", "get = \"acme\""),
        ("get = \"/acme\"", "get = \"/acme/{id}\""),
        ("get = \"/acme\"", "put = \"/acme\""),
        ("get = \"/acme\"", "get = \"/acme\"\npost = \"/acme\""),
        ("get = \"/acme\"", "get = \"/acme\"\nbody = \"json\""),
        ("amount = \"decimal>=0\"", "amount = \"float\""),
        ("amount = \"decimal>=0\"", "amount = \"decimal>0\""),
        ("amount = \"decimal>=0\"", "amount = { type = \"decimal\" }"),
        ("tx = \"guid\"", "tx = \"id\""),
        ("tx = \"guid\"", "tx = \"id(5000)\""),
        ("{ one_of = [\"1\", \"2\"] }", "{ one_of = [] }"),
        ("is = \"hmac-sha256\"", "is = \"sha-256\""),
        ("is = \"hmac-sha256\"", "is = \"HMAC-SHA256\""),
        ("is = \"hmac-sha256\"", "is = \"none\""),
        ("is = \"hmac-sha256\"", "is = \"ecdsa-p256\""),
        ("at = \"query.hash\"", "at = \"hash\""),
        ("at = \"query.hash\"\n", ""),
        ("encoding = \"hex\"", "encoding = \"HEX\""),
        ("over = \"{tx}:", "over = \"{tx:"),
        ("over = \"{tx}:{user}:{amount}:{status}\"\n", ""),
        ("over = \"{tx}:{user}:{amount}:{status}\"", "over = { before = \"hash=\", of = \"url\" }"),
        ("over = \"{tx}:{user}:{amount}:{status}\"", "over = { before = \"&hash=\" }"),
        ("key = [\"tx\"]", "key = []"),
        ("key = [\"tx\"]", "key = \"tx\""),
        ("user = \"user\"", "user = []"),
        ("cap = \"10000\"", "cap = 10000"),
        ("cap = \"10000\"", "cap = \"-1\""),
        ("kind = \"offer_completed\"", "kind = \"Offer completed\""),
        ("effect = \"complete\"", "effect = \"pay\""),
        ("effect = \"complete\"\n", ""),
        ("recorded = { status = 200, body = \"OK\" }", "recorded = { status = 500 }"),
        ("recorded = { status = 200, body = \"OK\" }", "recorded = { code = 200 }"),
        ("recorded = { status = 200, body = \"OK\" }", "accepted = { status = 200 }"),
        ("forged = true", "refused = \"forged\""),
    ] {
        assert!(genuine.contains(text), "{text}");
        let wrong = genuine.replacen(text, mistake, 1);
        let contract = as_json(&wrong).unwrap_or_else(|error| panic!("{mistake}: {error}"));
        assert!(!validator.is_valid(&contract), "the schema takes {mistake}");
        let served = contracts::check("acme", &wrong).is_ok_and(|it| it.safe().is_some());
        assert!(!served, "the engine takes {mistake}");
    }
    assert!(validator.is_valid(&as_json(&genuine).expect("TOML")));
}

/// Every place in a contract that is not a sample's payload.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            let escape = |key: &String| key.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(key, value)| (escape(key), value)).collect()
        }
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in below.into_iter().filter(|(key, _)| key != "payload") {
        let place = format!("{at}/{key}");
        places(value, &place, found);
        found.push(place);
    }
}

/// The contract without what stands at `place`, or with another text there.
fn changes(contract: &Value, place: &str) -> Vec<Value> {
    let (above, key) = place.rsplit_once('/').expect("a place");
    let mut without = contract.clone();
    match without.pointer_mut(above).expect("a place") {
        Value::Object(members) => {
            let key = key.replace("~1", "/").replace("~0", "~");
            Map::remove(members, &key);
        }
        Value::Array(list) => {
            list.remove(key.parse().expect("a number"));
        }
        _ => unreachable!("a place is in an object or a list"),
    }
    let texts =
        ["", "~"].into_iter().filter(|_| contract.pointer(place).is_some_and(Value::is_string));
    let with = texts.map(|text| {
        let mut with = contract.clone();
        *with.pointer_mut(place).expect("a place") = json!(text);
        with
    });
    std::iter::once(without).chain(with).collect()
}

#[test]
fn the_schema_refuses_what_cannot_be_read_and_nothing_that_is_served() {
    let validator = validator();
    let (mut refused, mut served) = (0, 0);
    for (name, contract) in catalogue() {
        let mut found = Vec::new();
        places(&contract, "", &mut found);
        for place in found {
            for changed in changes(&contract, &place) {
                let valid = validator.is_valid(&changed);
                let (read, safe) = judged(&name, &changed);
                let now = changed.pointer(&place);
                assert!(read || !valid, "{name}{place}: {now:?} is valid, and cannot be read");
                assert!(valid || !safe, "{name}{place}: {now:?} is served, and not valid");
                refused += usize::from(!valid);
                served += usize::from(safe);
            }
        }
    }
    assert!(refused > 1000 && served > 1000, "{refused} {served}");
}
