//! Secrets Manager's part: the secrets of the template, from the functions' environment variables.
//!
//! Source: the Secrets Manager API reference, `GetSecretValue`. A secret's name on this machine is its
//! logical id; what it holds is what `sam local invoke --env-vars` gives the function that reads it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bundle::names;
use bundle::reference::logical_id;
use bundle::template::Template;
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use verify::Secret;

use crate::aws_json::{Refused, Result, Service, text, unknown};
use crate::event::HttpRequest;
use crate::http_server::Answer;
use crate::settings::EnvVars;

/// Secrets Manager, as its requests and errors name it.
pub const SERVICE: Service = Service { target: "secretsmanager", namespace: "", version: "1.1" };

/// The variables that name a secret, and those that stand for it on one machine.
const VARIABLES: [(&str, &str); 2] = [("KEYS_SECRET", "KEYS"), ("API_SECRET", "API_KEYS")];

/// Secrets Manager's endpoint: the secrets are those of `events/env.json`.
#[derive(Debug)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// The secrets that the functions of `template` read, as `env` has them.
    #[must_use]
    pub fn of(template: &Template, env: &EnvVars) -> Self {
        let mut secrets = BTreeMap::new();
        for (function, _) in template.resources("AWS::Serverless::Function") {
            let given = env.of(function);
            for (variable, value) in template.environment(function) {
                let stands_for = VARIABLES.iter().find(|(name, _)| *name == variable);
                let value =
                    logical_id(value).zip(stands_for.and_then(|(_, name)| given.optional(name)));
                if let Some((id, text)) = value
                    && let Some(secret) = Secret::new(text.to_owned())
                {
                    secrets.insert(id.to_owned(), secret);
                }
            }
        }
        Self(secrets)
    }

    fn operate(&self, operation: &str, input: &Value) -> Result<Value> {
        if operation != "GetSecretValue" {
            return Err(unknown(operation));
        }
        let id = text(input, "SecretId")?;
        let Some(secret) = self.0.get(id) else {
            let problem = "Secrets Manager can't find the specified secret.".to_owned();
            return Err(Refused("ResourceNotFoundException", problem));
        };
        Ok(json!({
            "ARN": names::arn("secretsmanager", &format!("secret:{id}")),
            "Name": id,
            "SecretString": secret.expose_text(),
        }))
    }
}

impl Answer for Secrets {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        let result = SERVICE.read(&request);
        let result = result.and_then(|(operation, input)| self.operate(operation, &input));
        Some(SERVICE.answer(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_json::testing::ask;

    #[tokio::test]
    async fn a_secret_is_what_the_function_is_given() {
        let text = "
Resources:
  AFunction:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables: {KEYS_SECRET: !Ref Keys, API_SECRET: !Ref Api, OTHER: !Ref Other}
";
        let template = Template::parse(text).expect("YAML");
        let env = json!({"AFunction": {"KEYS": "the keys", "API_KEYS": "", "OTHER": "x"}});
        let secrets = Secrets::of(&template, &serde_json::from_value(env).expect("variables"));
        let get = |id: &str| json!({"SecretId": id});
        let (status, keys) = ask(&secrets, "secretsmanager.GetSecretValue", get("Keys")).await;
        assert_eq!((status, &keys["SecretString"]), (200, &json!("the keys")));
        for id in ["Api", "Other", "Nobody"] {
            let (status, none) = ask(&secrets, "secretsmanager.GetSecretValue", get(id)).await;
            let missing = json!("ResourceNotFoundException");
            assert_eq!((status, &none["__type"]), (400, &missing), "{id}");
        }
        assert!(!format!("{secrets:?}").contains("the keys"));
    }
}
