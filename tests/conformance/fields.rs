//! That the fields that `docs/openapi.yaml` describes are those that the functions read, each under its
//! very name: a field in which something stands that no field can be is refused, and so it is described.

use std::collections::BTreeSet;

use bundle::provider::ProviderEntry;
use dev_server::samples;
use serde_json::{Value, json};
use settings::Settings;
use verify::Secret;

use crate::deployment::Deployment;
use crate::openapi::DESCRIPTION;

/// The fields of a schema, as JSON pointers; of a list, those of its first item.
fn find_fields(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    if !schema["$ref"].is_null() {
        find_fields(DESCRIPTION.resolve(schema), at, found);
    }
    for branch in ["then", "else"] {
        if schema[branch].is_object() {
            find_fields(&schema[branch], at, found);
        }
    }
    for parts in ["allOf", "anyOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            find_fields(part, at, found);
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        find_fields(field, &at, found);
        found.insert(at);
    }
    if schema["items"].is_object() {
        find_fields(&schema["items"], &format!("{at}/0"), found);
    }
}

/// `body` with a list of lists at `at`, where there is something to put it into.
fn spoilt(body: &Value, at: &str) -> Option<Value> {
    let mut body = body.clone();
    let (parent, name) = at.rsplit_once('/')?;
    body.pointer_mut(parent)?.as_object_mut()?.insert(name.to_owned(), json!([[]]));
    Some(body)
}

#[tokio::test]
async fn described_fields_are_those_that_are_read() {
    let mut seen = BTreeSet::new();
    let mut described = BTreeSet::new();
    for (method, path, name, example) in DESCRIPTION.examples() {
        let provider = path.split('/').nth(1).expect("a provider");
        let entry = ProviderEntry::named(provider).expect("a provider");
        let route = entry.route(&format!("{method} {path}")).expect("a route");
        let keys = json!({"keys": [{"id": "a", "secret": "a secret"}]}).to_string();
        let secret = Secret::new("a secret".to_owned()).expect("not empty");
        let deployment = Deployment::start(provider, &keys, Settings::default()).await;

        let content = &DESCRIPTION.operation(&method, &path)["requestBody"]["content"];
        let mut fields = BTreeSet::new();
        find_fields(&content["application/json"]["schema"], "", &mut fields);
        for field in &fields {
            // A party of a conversion is in the example of one route only.
            let last = (provider.to_owned(), field.rsplit('/').next().expect("a name").to_owned());
            described.insert(last.clone());
            let Some(body) = spoilt(&example, field) else { continue };
            seen.insert(last);
            // What has no signed form cannot be sent under a signature.
            let Ok(signed) = entry.sign(&Settings::default(), &route, &body.to_string(), &secret)
            else {
                continue;
            };
            let request = samples::as_http(&route, signed, "callbacks.example.com");
            let is_refused = deployment.answer(&request).await.status() == 400;
            let checked = DESCRIPTION.check_request(&request);
            assert_eq!(checked.is_err(), is_refused, "{name}: {field}: {checked:?}");
        }
    }
    assert_eq!(seen, described);
}

#[test]
fn a_field_of_an_install_is_described_in_every_place() {
    let mut fields = BTreeSet::new();
    find_fields(&json!({"$ref": "#/components/schemas/InstallFields"}), "", &mut fields);
    for method in ["get", "post"] {
        let parameters = &DESCRIPTION.operation(method, "/devtodev/installs")["parameters"];
        let names = parameters.as_array().expect("parameters").iter();
        let names = names.map(|one| format!("/{}", one["name"].as_str().expect("a name")));
        assert_eq!(names.collect::<BTreeSet<_>>(), fields, "{method}");
    }
}
