//! A stack on AWS, as CloudFormation knows it.

use std::collections::HashMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;

use super::clients::{self, Clients};
use super::{Stack, Target};
use crate::command::Commands;
use crate::error::Error;

/// The service that is asked, as errors name it.
const SERVICE: &str = "CloudFormation";

/// What `DescribeStacks` says of a name that no stack has, as of one that none can have.
const NO_SUCH_STACK: &str = "ValidationError";

/// The output with the API's URL, and the one with that of a domain name.
const API_URL: &str = "ApiUrl";
const CUSTOM_URL: &str = "CustomUrl";

/// Finds the stack `name`.
pub(super) async fn find(name: &str, place: &Target, commands: Commands) -> Result<Stack, Error> {
    let config = clients::config(place).await;
    let client = Client::new(&config);

    let described = client.describe_stacks().stack_name(name).send().await;
    let no_stack = |said: &str| Error::NoStack { name: name.to_owned(), said: said.to_owned() };
    let described = described.map_err(|error| match error.as_service_error() {
        Some(refused) if refused.code() == Some(NO_SUCH_STACK) => {
            no_stack(refused.message().unwrap_or(NO_SUCH_STACK))
        }
        _ => Error::of(SERVICE, None)(error),
    })?;
    let stack = described.stacks.unwrap_or_default().pop();
    let stack = stack.ok_or_else(|| no_stack("it describes none"))?;
    let outputs = stack.outputs.unwrap_or_default();
    let output = |name: &str| {
        let output = outputs.iter().find(|output| output.output_key() == Some(name))?;
        output.output_value.clone()
    };
    let (api, domain) = (output(API_URL), output(CUSTOM_URL));
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    let parameters: HashMap<_, _> =
        parameters.filter_map(|it| Some((it.parameter_key?, it.parameter_value?))).collect();

    let mut names = HashMap::new();
    let mut pages = client.list_stack_resources().stack_name(name).into_paginator().items().send();
    while let Some(resource) = pages.next().await {
        let resource = resource.map_err(Error::of(SERVICE, None))?;
        if let (Some(id), Some(name)) =
            (resource.logical_resource_id, resource.physical_resource_id)
        {
            names.insert(id, name);
        }
    }
    // A table that was restored is in the place of the stack's own.
    for id in ["CallbacksTable", "LedgerTable"] {
        if let Some(name) = parameters.get(&format!("Restored{id}")).filter(|name| !name.is_empty())
        {
            names.insert(id.to_owned(), name.clone());
        }
    }
    Ok(Stack {
        name: name.to_owned(),
        domain,
        clients: Clients::deployed(&config),
        api: api.ok_or_else(|| Error::Lacks(format!("output {API_URL}")))?,
        template: super::template(parameters.get("Contracts").map_or("", String::as_str))?,
        commands,
        here: None,
        names,
        parameters,
    })
}
