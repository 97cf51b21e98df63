//! The commands about the project's own files, and about requests.

use std::error::Error;
use std::fs;

use bundle::folder::Folder;
use bundle::project_file;
use bundle::template::Template;
use clap::Subcommand;
use dev_server::contract::ContractCommand;
use dev_server::new_provider::NewProvider;
use dev_server::send::Send;
use dev_server::settings::EnvVars;
use dev_server::sign::Sign;
use dev_server::{openapi, samples, sqs_samples};
use terminal::visible;
use trigger::Trigger;

/// A command about the project's own files, or about a request.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Send a sample event to an API
    Send(Send),
    /// Bring a state about, to look at: `trigger` alone lists them
    Trigger(Trigger),
    /// Print a signed request for a payload of your own
    Sign(Sign),
    /// List, check and try the contracts of contracts/
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Write a provider of your own, to begin with, into functions/
    NewProvider(NewProvider),
    /// Write the sample events into events/
    Events,
    /// Write docs/openapi.yaml
    Openapi,
}

impl ProjectCommand {
    /// What is to be printed, and whether it is as it should be.
    pub(crate) async fn run(
        self,
        env: &EnvVars,
        contracts: &Folder,
    ) -> Result<(String, bool), Box<dyn Error>> {
        Ok(match self {
            Self::Send(send) => {
                let (status, body) = send.run().await?;
                (format!("{status} {}", visible(&body)), status == 200)
            }
            Self::Trigger(trigger) => (trigger.said(env, contracts).await?, true),
            Self::Sign(sign) => (sign.run(env, contracts)?, true),
            Self::Contract(command) => command.run(env, contracts).await?,
            Self::NewProvider(new) => (new.run()?, true),
            Self::Events => (write_events(env).await?, true),
            Self::Openapi => {
                fs::write(project_file(openapi::FILE), openapi::document(env)?)?;
                (openapi::FILE.to_owned(), true)
            }
        })
    }
}

/// Writes the sample events; which ones.
async fn write_events(env: &EnvVars) -> Result<String, Box<dyn Error>> {
    let mut events = samples::events(env)?;
    let template = Template::read(&project_file("template.yaml"))?;
    events.extend(sqs_samples::events(&template, env).await?);
    let mut written = Vec::new();
    for (name, event) in events {
        let name = format!("events/{name}.json");
        let json = serde_json::to_string_pretty(&event)?;
        fs::write(project_file(&name), format!("{json}\n"))?;
        written.push(name);
    }
    Ok(written.join("\n"))
}
