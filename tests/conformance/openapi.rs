//! `docs/openapi.yaml`, held against requests and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use bundle::template::read_yaml;
use bytes::Bytes;
use dev_server::event::HttpRequest;
use http::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use verify::Form;

/// The description, with its schemas made ready.
pub(crate) static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::read);

/// The member of an operation with the schema of what its query string and its body have to be together: two
/// places, of which no schema of an `OpenAPI` document's own can say it.
const TOGETHER: &str = "x-together";

/// What a request or an answer does not conform to.
type Difference = String;

/// A description of the HTTP API.
pub(crate) struct Description {
    document: Value,
    /// By the schema's own JSON.
    validators: BTreeMap<String, Validator>,
}

impl Description {
    fn read() -> Self {
        let text = fs::read_to_string(bundle::project_file("docs/openapi.yaml")).expect("a file");
        let document = read_yaml(&text).expect("YAML");
        let mut description = Self { document, validators: BTreeMap::new() };
        let mut schemas = Vec::new();
        find_schemas(&description.document, &mut schemas);
        for schema in schemas {
            let validator = description.validator(&schema);
            description.validators.insert(schema.to_string(), validator);
        }
        description
    }

    /// A validator of `schema`, which may refer to components.
    fn validator(&self, schema: &Value) -> Validator {
        // OpenAPI 3.1 means JSON Schema 2020-12 unless it says otherwise.
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.document["components"],
        });
        jsonschema::validator_for(&whole).expect("a schema")
    }

    fn check_against(&self, schema: &Value, instance: &Value) -> Result<(), Difference> {
        let validator = self.validators.get(&schema.to_string()).expect("a schema");
        validator.validate(instance).map_err(|error| {
            format!("{} is not as described at {}", error.instance(), error.schema_path())
        })
    }

    /// The routes: method and path.
    pub(crate) fn routes(&self) -> BTreeSet<(String, String)> {
        let paths = self.document["paths"].as_object().expect("paths").iter();
        let routes = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").keys();
            methods.map(|method| (method.to_uppercase(), path.clone()))
        });
        routes.collect()
    }

    /// What is described of a route; nothing where it is none.
    pub(crate) fn operation(&self, method: &str, path: &str) -> &Value {
        &self.document["paths"][path][method.to_lowercase()]
    }

    /// What `value` refers to, where it is a reference.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).expect("what is referred to"),
            None => value,
        }
    }

    /// Whether query string and body are as described; the credential in a header or in the query is not
    /// looked at.
    pub(crate) fn check_request(&self, request: &HttpRequest) -> Result<(), Difference> {
        let operation = self.operation(&request.method, &request.path);
        let mut fields = self.check_query(operation, &request.query)?;
        if let Some(body) = self.check_body(operation, request)? {
            fields.extend(body);
        }
        if let Some(together) = operation.get(TOGETHER) {
            self.check_against(together, &fields.into())?;
        }
        Ok(())
    }

    fn check_query(
        &self,
        operation: &Value,
        query: &str,
    ) -> Result<Map<String, Value>, Difference> {
        let Some(parameters) = operation["parameters"].as_array() else { return Ok(Map::new()) };
        let query = Form::parse(query, "the query").map_err(|refusal| refusal.to_string())?;
        let sent = query.to_json_without(&self.query_credentials());
        let sent: Map<String, Value> = serde_json::from_str(&sent).expect("an object");
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            match sent.get(name) {
                Some(value) => self.check_against(&parameter["schema"], value)?,
                None if parameter["required"] == json!(true) => {
                    return Err(format!("{name} is not there"));
                }
                None => {}
            }
        }
        Ok(sent)
    }

    /// The names of credentials that are parameters of a query string.
    fn query_credentials(&self) -> Vec<&str> {
        let schemes = self.document["components"]["securitySchemes"].as_object();
        let schemes = schemes.into_iter().flat_map(Map::values);
        schemes.filter(|it| it["in"] == "query").filter_map(|it| it["name"].as_str()).collect()
    }

    fn check_body(
        &self,
        operation: &Value,
        request: &HttpRequest,
    ) -> Result<Option<Map<String, Value>>, Difference> {
        let described = &operation["requestBody"];
        let required = described["required"] == json!(true);
        if described.is_null() || (request.body.is_empty() && !required) {
            return Ok(None);
        }
        let sent = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = sent.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let content = &described["content"];
        // A body of any other type is read as JSON, as the description says.
        let mut kinds = content.as_object().into_iter().flat_map(Map::keys);
        let kind = kinds.find(|kind| kind.eq_ignore_ascii_case(essence));
        let kind = kind.map_or("application/json", String::as_str);
        let body = if kind == "application/json" {
            serde_json::from_slice(&request.body).map_err(|error| error.to_string())?
        } else {
            let text = str::from_utf8(&request.body).map_err(|error| error.to_string())?;
            let form = Form::parse(text, "the body").map_err(|refusal| refusal.to_string())?;
            serde_json::from_str(&form.to_json_without(&[])).expect("an object")
        };
        self.check_against(&content[kind]["schema"], &body)?;
        Ok(body.as_object().cloned())
    }

    /// Whether an answer to a request of this method and path is as described.
    pub(crate) fn check_answer(
        &self,
        method: &str,
        path: &str,
        answer: &Response<Bytes>,
    ) -> Result<(), Difference> {
        let status = answer.status().as_u16();
        let responses = &self.document["components"]["responses"];
        let response = match status {
            404 => &responses["NotFound"],
            405 => &responses["MethodNotAllowed"],
            _ => {
                let responses = &self.operation(method, path)["responses"];
                self.resolve(&responses[status.to_string()])
            }
        };
        if response.is_null() {
            return Err(format!("{status} is not described"));
        }
        let kind = answer.headers()[CONTENT_TYPE].to_str().expect("text");
        let content = &response["content"][kind];
        if content.is_null() {
            return Err(format!("{status} as {kind} is not described"));
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            let value = value.ok_or_else(|| format!("{status} is without {name}"))?;
            let number = value.parse::<u32>().map(Value::from);
            self.check_against(&header["schema"], &number.unwrap_or_else(|_| value.into()))?;
        }
        if answer.headers().contains_key(RETRY_AFTER) && status != 503 {
            return Err(format!("{status} with Retry-After is not described"));
        }
        let body = serde_json::from_slice(answer.body()).map_err(|error| error.to_string())?;
        self.check_against(&content["schema"], &body)
    }

    /// The examples of bodies: by method and path, each with its name.
    pub(crate) fn examples(&self) -> Vec<(String, String, String, Value)> {
        let mut all = Vec::new();
        for (method, path) in self.routes() {
            let content = &self.operation(&method, &path)["requestBody"]["content"];
            let examples = &content["application/json"]["examples"];
            for (name, example) in examples.as_object().into_iter().flatten() {
                let value = example["value"].clone();
                all.push((method.clone(), path.clone(), name.clone(), value));
            }
        }
        all
    }

    /// The examples of answers: schema and value.
    pub(crate) fn check_examples_of_answers(&self) -> Result<usize, Difference> {
        let responses = self.document["components"]["responses"].as_object().expect("responses");
        let mut count = 0;
        for content in responses.values().filter_map(|response| response["content"].as_object()) {
            for described in content.values() {
                for example in described["examples"].as_object().into_iter().flat_map(Map::values) {
                    self.check_against(&described["schema"], &example["value"])?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}

/// Every value under the name `schema`, and every component.
fn find_schemas(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "schema" || name == TOGETHER {
                    found.push(member.clone());
                }
                if name == "schemas" {
                    let names = member.as_object().expect("schemas").keys();
                    found.extend(
                        names.map(|name| json!({"$ref": format!("#/components/schemas/{name}")})),
                    );
                }
                find_schemas(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_schemas(item, found)),
        _ => {}
    }
}
