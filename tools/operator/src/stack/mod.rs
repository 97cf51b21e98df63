//! The stack that is looked at: its names, its clients.

mod clients;
mod deployed;
mod local_stack;

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use bundle::folder::Folder;
use bundle::names::{API_PORT, DYNAMODB_PORT, SQS_PORT};
use bundle::provider::{ProviderEntry, function_id};
use bundle::template::{Template, literal};
use clap::Args;
use settings::Settings;
use tables::callbacks::{Shards, Store};
use tables::ledger::Ledger;

pub use clients::Clients;

use crate::command::{self, Commands};
use crate::error::Error;

/// The template that this command was built with.
const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// What `--help` says above these options.
const PLACE: &str = "Which stack";

/// The options that say which stack to look at: that of `cargo run` on this machine, unless it is named.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The CloudFormation stack, with the usual AWS credentials; without it what runs on this machine
    #[arg(long, value_name = "NAME", help_heading = PLACE)]
    pub stack: Option<String>,
    /// The profile of the AWS configuration; without it the usual one
    #[arg(long, requires = "stack", help_heading = PLACE)]
    pub profile: Option<String>,
    /// The AWS region; without it the usual one
    #[arg(long, requires = "stack", help_heading = PLACE)]
    pub region: Option<String>,
    /// On this machine: the port of the HTTP API
    #[arg(long, conflicts_with = "stack", default_value_t = API_PORT, help_heading = PLACE)]
    pub port: u16,
    /// On this machine: the port of the embedded DynamoDB
    #[arg(long, conflicts_with = "stack", default_value_t = DYNAMODB_PORT, help_heading = PLACE)]
    pub dynamodb_port: u16,
    /// On this machine: the port of the SQS endpoint
    #[arg(long, conflicts_with = "stack", default_value_t = SQS_PORT, help_heading = PLACE)]
    pub sqs_port: u16,
}

impl Target {
    /// The bundle on this machine, at these ports.
    #[must_use]
    pub const fn here(port: u16, dynamodb_port: u16, sqs_port: u16) -> Self {
        Self { stack: None, profile: None, region: None, port, dynamodb_port, sqs_port }
    }

    /// The options that say where the bundle on this machine is, where it is not at its usual ports.
    #[must_use]
    pub fn other_ports(&self) -> Vec<String> {
        [
            ("--port", self.port, API_PORT),
            ("--dynamodb-port", self.dynamodb_port, DYNAMODB_PORT),
            ("--sqs-port", self.sqs_port, SQS_PORT),
        ]
        .into_iter()
        .filter(|(_, port, usual)| port != usual)
        .flat_map(|(name, port, _)| [name.to_owned(), port.to_string()])
        .collect()
    }
}

/// A stack.
#[derive(Debug)]
pub struct Stack {
    /// What it is called.
    pub name: String,
    /// The clients of its services.
    pub clients: Clients,
    /// The URL of its HTTP API, without a slash at its end.
    pub api: String,
    /// The URL of its domain name, where it has one.
    pub domain: Option<String>,
    /// The template that this command was built with.
    pub template: Template,
    /// The command lines that lead to it.
    pub commands: Commands,
    /// Where it is on this machine; none where it is on AWS.
    pub here: Option<Target>,
    /// Names that AWS gave, by logical ids: a table's name, a queue's URL, a secret's ARN.
    names: HashMap<String, String>,
    /// Its parameters, where they are not the template's defaults.
    parameters: HashMap<String, String>,
}

/// The template that this command was built with, with what a stack has whose parameter `Contracts` is this.
fn template(contracts: &str) -> Result<Template, Error> {
    let template = Template::parse_with(TEMPLATE, [("Contracts", contracts)]);
    template.map_err(|error| Error::Template(error.to_string()))
}

impl Stack {
    /// Finds the stack.
    pub async fn find(place: &Target) -> Result<Self, Error> {
        let commands = Commands::of(place, command::is_by_cargo());
        match &place.stack {
            Some(name) => deployed::find(name, place, commands).await,
            None => Ok(local_stack::find(place, template("")?, commands)),
        }
    }

    /// The name that AWS gave the resource `id` of the template.
    pub fn name_of(&self, id: &str) -> Result<&str, Error> {
        let name = self.names.get(id).map(String::as_str);
        name.ok_or_else(|| Error::Lacks(id.to_owned()))
    }

    /// The resources of the type `kind`: their logical ids.
    #[must_use]
    pub fn resources<'a>(&'a self, kind: &'a str) -> Vec<&'a str> {
        self.template.resources(kind).map(|(id, _)| id).collect()
    }

    /// The settings of `provider`'s function that its code may ask for.
    #[must_use]
    pub fn settings(&self, provider: &ProviderEntry) -> Settings {
        let variables = self.template.environment(&provider.function);
        let variables = variables.filter_map(|(name, value)| {
            let parameter = || self.parameter(value["Ref"].as_str()?);
            Some((name.to_owned(), literal(value).or_else(parameter)?))
        });
        variables.collect()
    }

    /// The value of the parameter `name`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).cloned().or_else(|| self.template.parameter(name))
    }

    /// What providers are told to call: what the parameter `PublicUrl` says, or else its domain name, or the API itself.
    #[must_use]
    pub fn public_url(&self) -> String {
        let said = self.parameter("PublicUrl").filter(|url| !url.is_empty());
        said.or_else(|| self.domain.clone()).unwrap_or_else(|| self.api.clone())
    }

    /// The providers that it receives by contracts, by their names: on this machine all of the folder, on AWS those
    /// that its parameter `Contracts` names as the template does.
    #[must_use]
    pub fn contracts(&self) -> Vec<String> {
        let mut names = Folder::default().described().unwrap_or_default();
        if self.here.is_none() {
            let listed = self.parameter("Contracts").unwrap_or_default();
            let functions: Vec<_> =
                listed.split(',').map(|it| format!("{}Function", it.trim())).collect();
            names.retain(|name| functions.contains(&function_id(name)));
        }
        names
    }

    /// The callbacks table.
    pub fn store(&self) -> Result<Store, Error> {
        let table = self.name_of("CallbacksTable")?.to_owned();
        Ok(Store::with_client(self.clients.dynamodb.clone(), table, self.shards()))
    }

    /// Over how many partitions each key of an index is spread.
    #[must_use]
    pub fn shards(&self) -> Shards {
        let shards =
            self.parameter("IndexShards").and_then(|count| Shards::new(count.parse().ok()?));
        shards.unwrap_or(Shards::ONE)
    }

    /// The ledger's table.
    pub fn ledger(&self) -> Result<Ledger, Error> {
        let table = self.name_of("LedgerTable")?.to_owned();
        Ok(Ledger::with_client(self.clients.dynamodb.clone(), table))
    }

    /// What a failed call of `service` means.
    pub fn failed<E, R>(&self, service: &'static str) -> impl Fn(SdkError<E, R>) -> Error
    where
        E: ProvideErrorMetadata,
    {
        Error::of(service, self.address(service))
    }

    /// Where `service` is reached on this machine, where that is so.
    #[must_use]
    pub fn address(&self, service: &str) -> Option<String> {
        let here = self.here.as_ref()?;
        let port = if service == "DynamoDB" { here.dynamodb_port } else { here.sqs_port };
        Some(format!("http://127.0.0.1:{port}"))
    }
}
