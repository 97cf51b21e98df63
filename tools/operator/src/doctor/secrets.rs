//! The secrets, read by the very code that the functions read them with. None is ever shown.

use std::collections::HashMap;

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use bundle::folder::Folder;
use bundle::reference::logical_id;
use bundle::template::Template;
use settings::Settings;
use settlement::{Credentials, CredentialsUnavailable};
use verify::Keys;

use super::Finding;
use crate::error::Error;
use crate::explain::Explained;
use crate::stack::Stack;

/// The members of the third parties' credentials, by the logical ids of the functions that read them.
const MEMBERS: [(&str, &[&str]); 3] = [
    ("AppviralityRedemptionFunction", &["apikey", "privatekey"]),
    ("GiveawayDeliveryFunction", &["api_key"]),
    ("DevtodevDeliveryFunction", &["api_key"]),
];

/// The usable keys, by the logical ids of the functions that prove callbacks with them.
pub(super) type KeysByFunction = HashMap<String, Keys>;

/// Whether every secret is usable; the keys that prove callbacks, where they are.
pub(super) async fn check(stack: &Stack) -> (KeysByFunction, Vec<Finding>) {
    let mut keys = KeysByFunction::new();
    let mut findings = Vec::new();
    for (function, _) in stack.template.resources("AWS::Serverless::Function") {
        for (variable, value) in stack.template.environment(function) {
            let Some(id) = logical_id(value) else { continue };
            let found = match variable {
                "KEYS_SECRET" if publishes_keys(&stack.template, function) => Ok(Finding::ok(
                    "secret",
                    id,
                    "nothing, and nothing is needed: keys are published",
                )),
                "KEYS_SECRET" => key_list(stack, id).await.map(|(found, usable)| {
                    keys.extend(usable.map(|keys| (function.to_owned(), keys)));
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

/// Whether `function` serves a contract whose provider publishes its keys, or signs with none.
pub(super) fn publishes_keys(template: &Template, function: &str) -> bool {
    let contract = template.contracts().find(|(_, id)| *id == function);
    let contract = contract.and_then(|(name, _)| Folder::default().contract(name).ok());
    contract.is_some_and(|contract| contract.public_keys().is_some())
}

/// The members of the credentials that `function` reads.
fn members(function: &str) -> &'static [&'static str] {
    let known = MEMBERS.iter().find(|(id, _)| *id == function);
    known.map(|(_, members)| *members).unwrap_or_default()
}

fn unreadable(id: &str, failure: &Error) -> Finding {
    let explained = Explained::new(
        "Without its secret a receiving function answers 503, and a settling one tries again later. Nothing is lost.",
        "See that the secret is there, and that these credentials may read it; then put its value in, as README.md says under Keys.",
    );
    Finding::problem("secret", id, failure.to_string(), explained)
}

async fn value(stack: &Stack, id: &str) -> Result<String, Error> {
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

async fn key_list(stack: &Stack, id: &str) -> Result<(Finding, Option<Keys>), Error> {
    let keys = Keys::from_json(&value(stack, id).await?);
    let wrong: Vec<_> = match &keys {
        Ok(keys) => keys.pasted_wrongly().iter().map(ToString::to_string).collect(),
        Err(unusable) => vec![unusable.to_string()],
    };
    let found = if wrong.is_empty() {
        Finding::ok("secret", id, "a usable list of keys")
    } else {
        let means = if keys.is_ok() {
            "It is not used. What is signed with it, and whatever no other key proves, is answered 503 until it is put right; the provider sends again."
        } else {
            "The provider's routes answer 503 until it is usable; the provider sends again."
        };
        let explained = Explained::new(
            means,
            format!(
                "Write it anew, without anything before or behind a secret{}",
                form(stack, r#"{"keys":[{"id":"2026-11","secret":"…"}]}"#)
            ),
        )
        .run(put(stack, id)?);
        Finding::problem("secret", id, wrong.join("; "), explained)
    };
    Ok((found, keys.ok()))
}

async fn credentials(stack: &Stack, id: &str, members: &[&'static str]) -> Result<Finding, Error> {
    let given = value(stack, id).await?;
    let settings = Settings::from([("API_KEYS", given)]);
    let mut wrong = Vec::new();
    for member in members {
        let credential = match Credentials::configure(&settings) {
            Ok(credentials) => credentials.get(member).await.map(drop),
            Err(_) => Err(CredentialsUnavailable::Unusable),
        };
        match credential {
            Ok(()) => {}
            Err(pasted @ CredentialsUnavailable::PastedWrongly(..)) => {
                wrong.push(pasted.to_string());
            }
            Err(_) => wrong.push(format!("no text under {member}")),
        }
    }
    if wrong.is_empty() {
        return Ok(Finding::ok("secret", id, "usable credentials"));
    }
    let explained = Explained::new(
        "Nothing that needs it is delivered or redeemed; each attempt is made again later, until the queue gives up.",
        format!(
            "Write it anew, with nothing before or behind a credential{}",
            form(stack, r#"{"MEMBER":"…"}"#)
        ),
    )
    .run(put(stack, id)?);
    Ok(Finding::problem("secret", id, wrong.join("; "), explained))
}

/// How the sentence goes on that says to write a secret anew: where, when it is taken, its form.
fn form(stack: &Stack, form: &str) -> String {
    if stack.here.is_some() {
        format!(", in events/env.json, and start `cargo run` again. Its form: {form}")
    } else {
        format!("; functions take it within 30 s. Its form, in a file: {form}")
    }
}

/// The command that writes the secret `id` anew, from a file: what is typed stays in a shell's history.
fn put(stack: &Stack, id: &str) -> Result<Option<String>, Error> {
    let name = stack.name_of(id)?;
    let arguments = [
        "secretsmanager",
        "put-secret-value",
        "--secret-id",
        name,
        "--secret-string",
        "file://FILE",
    ];
    Ok(stack.here.is_none().then(|| stack.commands.aws(&arguments)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_publishes_its_keys_needs_none() {
        let text = include_str!("../../../../template.yaml");
        let contracts = [("Contracts", "Admob,Skadnetwork,Cpx,Adgate")];
        let template = Template::parse_with(text, contracts).expect("YAML");
        let mut published: Vec<_> = template.contracts().map(|(_, function)| function).collect();
        published.retain(|function| publishes_keys(&template, function));
        assert_eq!(published, ["AdmobFunction", "SkadnetworkFunction"]);
        assert!(!publishes_keys(&template, "InbrainFunction"));
    }

    #[test]
    fn the_members_of_all_credentials_are_known() {
        let template = Template::parse(include_str!("../../../../template.yaml")).expect("YAML");
        let mut readers = 0;
        for (function, _) in template.resources("AWS::Serverless::Function") {
            if template.environment(function).any(|(name, _)| name == "API_SECRET") {
                assert!(!members(function).is_empty(), "{function}");
                readers += 1;
            }
        }
        assert_eq!(readers, MEMBERS.len());
    }
}
