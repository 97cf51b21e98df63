//! What is read from `template.yaml`, so that what runs on this machine is what is deployed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Map, Value, json};

mod conditions;
mod for_each;

/// The template, as JSON: intrinsic functions in their long form, `{"Ref": …}`, `{"Fn::Sub": …}`, its
/// loops written out, and `Fn::If` and `Condition` decided as where every parameter has its default.
#[derive(Debug, Clone)]
pub struct Template(Value);

/// A route of the HTTP API, and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRoute {
    /// The HTTP method in upper case.
    pub method: String,
    /// The path, as `/inbrain/success`.
    pub path: String,
    /// The logical id of the function.
    pub function: String,
}

/// Why the template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("the template cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no YAML.
    #[error("the template is no YAML: {0}")]
    NotYaml(String),
    /// Something that has to be in it is not.
    #[error("the template has no {0}")]
    Lacks(&'static str),
    /// An `Fn::ForEach` of another form than a variable, a list of texts, and members.
    #[error("{0} is no loop over a list of texts")]
    NoLoop(String),
    /// A name that two loops make, or a loop twice.
    #[error("the template has {0} twice")]
    Twice(String),
    /// An `Fn::FindInMap` that finds nothing.
    #[error("the template's mappings have no value for {0}")]
    Unmapped(String),
    /// A condition that is not there, or of another form than is read here.
    #[error("nobody knows whether {0} holds")]
    Undecided(String),
}

impl Template {
    /// Reads a template.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        Self::parse(&fs::read_to_string(path)?)
    }

    /// Reads a template's text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::parse_with(text, [])
    }

    /// Reads a template's text as it is with these parameters, by name, in the place of their defaults. One that it does
    /// not have is left out.
    pub fn parse_with<'a>(
        text: &str,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, TemplateError> {
        let mut template = read_yaml(text).and_then(for_each::write_out)?;
        for (name, value) in parameters {
            if let Some(parameter) = template["Parameters"].get_mut(name) {
                parameter["Default"] = Value::from(value);
            }
        }
        conditions::decide(template).map(Self)
    }

    /// The resources of the type `kind`, with their logical ids.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0["Resources"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
    }

    /// Whether there is a resource `id` of the type `kind`.
    #[must_use]
    pub fn is_a(&self, id: &str, kind: &str) -> bool {
        self.0["Resources"][id]["Type"] == kind
    }

    /// The resource `id`'s properties.
    #[must_use]
    pub fn properties(&self, id: &str) -> &Value {
        &self.0["Resources"][id]["Properties"]
    }

    /// The routes of the HTTP API, in the order of the template.
    #[must_use]
    pub fn routes(&self) -> Vec<TemplateRoute> {
        let mut routes = Vec::new();
        for (function, properties) in self.resources("AWS::Serverless::Function") {
            for event in properties["Events"].as_object().into_iter().flatten().map(|(_, e)| e) {
                let text = |name: &str| event["Properties"][name].as_str().map(str::to_owned);
                if event["Type"] != "HttpApi" {
                    continue;
                }
                if let (Some(method), Some(path)) = (text("Method"), text("Path")) {
                    let method = method.to_uppercase();
                    routes.push(TemplateRoute { method, path, function: function.to_owned() });
                }
            }
        }
        routes
    }

    /// The default of the parameter `name`, as text.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        literal(&self.0["Parameters"][name]["Default"])
    }

    /// A number, as it stands there or as the default of a parameter.
    #[must_use]
    pub fn number(&self, value: &Value) -> Option<u64> {
        match value["Ref"].as_str() {
            Some(parameter) => self.parameter(parameter)?.parse().ok(),
            None => value.as_u64(),
        }
    }

    /// How long the function `id` may run.
    #[must_use]
    pub fn timeout(&self, id: &str) -> Duration {
        let own = self.properties(id)["Timeout"].as_u64();
        let seconds = own.or_else(|| self.0["Globals"]["Function"]["Timeout"].as_u64());
        // Lambda's default.
        Duration::from_secs(seconds.unwrap_or(3))
    }

    /// The environment variables of the function `id`.
    pub fn environment(&self, id: &str) -> impl Iterator<Item = (&str, &Value)> {
        let variables = self.properties(id)["Environment"]["Variables"].as_object();
        variables.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    /// The contracts that it deploys: the provider's name, and the logical id of its function.
    pub fn contracts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources("AWS::Serverless::Function").filter_map(|(function, properties)| {
            Some((properties["Environment"]["Variables"]["CONTRACT"].as_str()?, function))
        })
    }

    /// What `CreateTable` has to be asked for the table `id`, under the name `name`.
    ///
    /// # Errors
    ///
    /// [`TemplateError::Lacks`] when there is no such table.
    pub fn create_table(&self, id: &str, name: &str) -> Result<Value, TemplateError> {
        let properties =
            self.properties(id).as_object().ok_or(TemplateError::Lacks("such table"))?;
        let mut request = Map::new();
        request.insert("TableName".to_owned(), json!(name));
        for part in [
            "AttributeDefinitions",
            "KeySchema",
            "BillingMode",
            "LocalSecondaryIndexes",
            "GlobalSecondaryIndexes",
        ] {
            if let Some(value) = properties.get(part) {
                request.insert(part.to_owned(), value.clone());
            }
        }
        if let Some(stream) = properties.get("StreamSpecification") {
            let view = &stream["StreamViewType"];
            request.insert(
                "StreamSpecification".to_owned(),
                json!({"StreamEnabled": true, "StreamViewType": view}),
            );
        }
        Ok(Value::Object(request))
    }
}

/// A text, a number or a truth value as text.
#[must_use]
pub fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A YAML text as JSON, with `!Ref x` as `{"Ref": x}` and `!Sub x` as `{"Fn::Sub": x}`.
pub fn read_yaml(text: &str) -> Result<Value, TemplateError> {
    let documents =
        Yaml::load_from_str(text).map_err(|error| TemplateError::NotYaml(error.to_string()))?;
    let document = documents.into_iter().next().ok_or(TemplateError::Lacks("document"))?;
    Ok(to_json(document))
}

fn to_json(yaml: Yaml<'_>) -> Value {
    match yaml {
        Yaml::Tagged(tag, inner) => intrinsic(&tag.suffix, &to_json(*inner)),
        Yaml::Representation(text, _, tag) => match tag {
            Some(tag) => intrinsic(&tag.suffix, &Value::from(text.into_owned())),
            None => Value::from(text.into_owned()),
        },
        Yaml::Value(scalar) => match scalar {
            saphyr::Scalar::Null => Value::Null,
            saphyr::Scalar::Boolean(value) => Value::from(value),
            saphyr::Scalar::Integer(value) => Value::from(value),
            saphyr::Scalar::FloatingPoint(value) => Value::from(value.into_inner()),
            saphyr::Scalar::String(text) => Value::from(text.into_owned()),
        },
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect(),
        Yaml::Mapping(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let name = match to_json(name) {
                        Value::String(name) => name,
                        other => other.to_string(),
                    };
                    (name, to_json(value))
                })
                .collect(),
        ),
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn intrinsic(tag: &str, value: &Value) -> Value {
    match tag {
        "Ref" | "Condition" => json!({ tag: value }),
        _ => json!({ format!("Fn::{tag}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
Resources:
  AFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: post, Path: /a/b}
        Other:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn}
  ATable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-a'
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
";

    #[test]
    fn routes_are_those_of_the_http_api() {
        let template = Template::parse(TEXT).expect("YAML");
        let route = TemplateRoute {
            method: "POST".to_owned(),
            path: "/a/b".to_owned(),
            function: "AFunction".to_owned(),
        };
        assert_eq!(template.routes(), [route]);
    }

    #[test]
    fn parameters_decide_what_is_there() {
        let text = "
Parameters: {Names: {Default: ''}}
Conditions: {Named: !Not [!Equals [!Ref Names, '']]}
Resources: {Other: {Type: AWS::SQS::Queue, Condition: Named}}
";
        let there = |names| {
            let template = Template::parse_with(text, [("Names", names), ("Nobody", "1")]);
            template.expect("YAML").is_a("Other", "AWS::SQS::Queue")
        };
        assert!(there("Cpx") && !there(""));
    }

    #[test]
    fn contracts_are_those_that_the_parameter_names() {
        let text = include_str!("../../../template.yaml");
        let named = |names| {
            let template = Template::parse_with(text, [("Contracts", names)]).expect("YAML");
            let contracts: Vec<_> =
                template.contracts().map(|(name, function)| format!("{name} {function}")).collect();
            let routes = template.routes().into_iter().map(|route| route.path);
            (contracts, routes.filter(|path| path.matches('/').count() == 1).collect::<Vec<_>>())
        };
        assert_eq!(named(""), (vec![], vec![]));
        let (contracts, routes) = named("Cpx,AdgemV3");
        assert_eq!(contracts, ["adgem-v3 AdgemV3Function", "cpx CpxFunction"]);
        assert_eq!(routes, ["/adgem-v3", "/cpx"]);
    }

    #[test]
    fn tables_are_asked_for_as_the_template_defines_them() {
        let template = Template::parse(TEXT).expect("YAML");
        assert_eq!(
            template.create_table("ATable", "a").expect("a table"),
            json!({
                "TableName": "a",
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
            })
        );
        assert!(template.create_table("Other", "a").is_err());
    }

    #[test]
    fn intrinsic_functions_have_their_long_form() {
        let template = Template::parse(TEXT).expect("YAML");
        assert_eq!(
            template.properties("ATable")["TableName"],
            json!({"Fn::Sub": "${AWS::StackName}-a"})
        );
    }
}
