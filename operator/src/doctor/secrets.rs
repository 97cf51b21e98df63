//! The secrets, read by the very code that the functions read them with. None is ever shown.

use std::collections::HashMap;

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use local::bundle::RECEIVERS;
use local::reference::logical_id;
use settlement::Credentials;
use verify::Keys;

use super::Finding;
use crate::explain::Explained;
use crate::failure::Failure;
use crate::stack::Stack;

/// The members of the third parties' credentials, by the logical ids of the functions that read them.
const MEMBERS: [(&str, &[&str]); 3] = [
    ("AppviralityRedemptionFunction", &["apikey", "privatekey"]),
    ("GiveawayDeliveryFunction", &["api_key"]),
    ("DevtodevDeliveryFunction", &["api_key"]),
];

/// The usable keys, by the logical ids of the functions that prove callbacks with them.
pub(super) type KeysByFunction = HashMap<&'static str, Keys>;

/// Checks them.
pub(super) async fn check(stack: &Stack) -> (KeysByFunction, Vec<Finding>) {
    let mut keys = KeysByFunction::new();
    let mut findings = Vec::new();
    for (function, _) in stack.template.resources("AWS::Serverless::Function") {
        for (variable, value) in stack.template.environment(function) {
            let Some(id) = logical_id(value) else { continue };
            let found = match variable {
                "KEYS_SECRET" => key_list(stack, id).await.map(|(found, usable)| {
                    let receiver = RECEIVERS.iter().find(|receiver| receiver.id == function);
                    keys.extend(receiver.map(|it| it.id).zip(usable));
                    found
                }),
                "API_SECRET" => credentials(stack, id, members(function)).await,
                _ => continue,
            };
            findings.push(found.unwrap_or_else(|failure| unreadable(id, &failure)));
        }
    }
    (keys, findings)
}

/// The members of the credentials that `function` reads.
fn members(function: &str) -> &'static [&'static str] {
    let known = MEMBERS.iter().find(|(id, _)| *id == function);
    known.map(|(_, members)| *members).unwrap_or_default()
}

fn unreadable(id: &str, failure: &Failure) -> Finding {
    let explained = Explained::new(
        "Without its secret a receiving function answers 503, and a settling one tries again later. Nothing is lost.",
        "See that the secret is there, and that these credentials may read it; then put its value in, as README.md says under Keys.",
    );
    Finding::problem("secret", id, failure.to_string(), explained)
}

async fn value(stack: &Stack, id: &str) -> Result<String, Failure> {
    let get = stack.clients.secrets.get_secret_value().secret_id(stack.name_of(id)?);
    match get.send().await {
        Ok(value) => Ok(value.secret_string.unwrap_or_default()),
        // The template makes secrets without a value; Secrets Manager finds no version of them then.
        Err(error) if error.as_service_error().is_some_and(has_no_value) => Ok(String::new()),
        Err(error) => Err(stack.failed("Secrets Manager")(error)),
    }
}

/// Whether the secret is there and has no value yet. Secrets Manager gives one code for that and for a secret
/// that is not there, and two texts: "can't find the specified secret value for staging label: AWSCURRENT".
fn has_no_value(error: &GetSecretValueError) -> bool {
    error.is_resource_not_found_exception()
        && error.meta().message().is_some_and(|text| text.contains("staging label"))
}

async fn key_list(stack: &Stack, id: &str) -> Result<(Finding, Option<Keys>), Failure> {
    match Keys::from_json(&value(stack, id).await?) {
        Ok(keys) => Ok((Finding::ok("secret", id, "a usable list of keys"), Some(keys))),
        Err(unusable) => {
            let explained = Explained::new(
                "The provider's routes answer 503 until it is usable; the provider sends again.",
                "aws secretsmanager put-secret-value with {\"keys\":[{\"id\":\"…\",\"secret\":\"…\"}]}; functions take it within 30 s.",
            );
            Ok((Finding::problem("secret", id, unusable.to_string(), explained), None))
        }
    }
}

async fn credentials(
    stack: &Stack,
    id: &str,
    members: &[&'static str],
) -> Result<Finding, Failure> {
    let given = value(stack, id).await?;
    let setting = |name: &str| (name == "API_KEYS").then(|| given.clone());
    let mut missing = members.to_vec();
    if let Ok(credentials) = Credentials::configure(&setting) {
        for member in members {
            if credentials.get(member).await.is_ok() {
                missing.retain(|name| name != member);
            }
        }
    }
    if missing.is_empty() {
        return Ok(Finding::ok("secret", id, "usable credentials"));
    }
    missing.sort_unstable();
    let explained = Explained::new(
        "Nothing that needs it is delivered or redeemed; each attempt is made again later, until the queue gives up.",
        "aws secretsmanager put-secret-value with a JSON object that has these members; functions take it within 30 s.",
    );
    let found = format!("no text under {}", missing.join(", "));
    Ok(Finding::problem("secret", id, found, explained))
}
