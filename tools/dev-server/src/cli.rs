//! The commands and their options.

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use bundle::folder::Folder;
use bundle::project_file;
use bundle::template::Template;
use clap::{Parser, Subcommand};
use terminal::visible;

use crate::contract::ContractCommand;
use crate::new_provider::NewProvider;
use crate::send::Send;
use crate::serve::Serve;
use crate::settings::EnvVars;
use crate::sign::Sign;
use crate::statement::Statement;
use crate::{openapi, samples, sqs_samples};

/// The crates whose lines are logged: those of the functions.
const LOGGED: &[&str] = &["receiver", "settlement", "tables"];

/// The bundle on one machine: without a command it is served until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "cargo run --", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// The functions' environment variables, in the form of `sam local invoke --env-vars`
    #[arg(long, global = true)]
    env_vars: Option<PathBuf>,
    /// The folder with the contracts, in the place of contracts/
    #[arg(long, global = true, value_name = "FOLDER")]
    contracts: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the sample events into events/
    Events,
    /// Write docs/openapi.yaml
    Openapi,
    /// Write a provider of your own, to begin with, into functions/
    NewProvider(NewProvider),
    /// List, check and try the contracts of contracts/
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Send a sample event to an API
    Send(Send),
    /// Print a signed request for a payload of your own
    Sign(Sign),
    /// Print a user's balances and entries
    Statement(Statement),
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let path = cli.env_vars.unwrap_or_else(|| project_file("events/env.json"));
    let env = match EnvVars::read(&path) {
        Ok(env) => env,
        Err(error) => return failed(&error),
    };
    let contracts = cli.contracts.map_or_else(Folder::default, Folder::at);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match cli.command {
        None => {
            platform::logging::start(env::var("LOG_LEVEL").ok().as_deref(), LOGGED);
            finished(runtime.block_on(cli.serve.run(&env, contracts)))
        }
        Some(Command::Events) => finished(runtime.block_on(write_events(&env))),
        Some(Command::Openapi) => finished(write_description(&env)),
        Some(Command::NewProvider(new)) => printed(new.run()),
        Some(Command::Sign(sign)) => printed(sign.run(&env, &contracts)),
        Some(Command::Contract(command)) => match runtime.block_on(command.run(&env, &contracts)) {
            Ok((text, as_due)) => match terminal::print(text) {
                Ok(()) if as_due => ExitCode::SUCCESS,
                Ok(()) => ExitCode::FAILURE,
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        },
        Some(Command::Statement(statement)) => printed(runtime.block_on(statement.run())),
        Some(Command::Send(send)) => match runtime.block_on(send.run()) {
            Ok((status, body)) => {
                match terminal::print(format_args!("{status} {}", visible(&body))) {
                    Ok(()) if status == 200 => ExitCode::SUCCESS,
                    Ok(()) => ExitCode::FAILURE,
                    Err(error) => failed(&error),
                }
            }
            Err(error) => failed(&error),
        },
    }
}

async fn write_events(env: &EnvVars) -> Result<(), Box<dyn std::error::Error>> {
    let mut events = samples::events(env)?;
    let template = Template::read(&project_file("template.yaml"))?;
    events.extend(sqs_samples::events(&template, env).await?);
    for (name, event) in events {
        let file = project_file(&format!("events/{name}.json"));
        fs::write(&file, format!("{}\n", serde_json::to_string_pretty(&event)?))?;
        terminal::print(format_args!("events/{name}.json"))?;
    }
    Ok(())
}

fn write_description(env: &EnvVars) -> Result<(), Box<dyn std::error::Error>> {
    fs::write(project_file(openapi::FILE), openapi::document(env)?)?;
    terminal::print(openapi::FILE)?;
    Ok(())
}

/// Prints what a command found.
fn printed<E: Display>(result: Result<String, E>) -> ExitCode {
    match result {
        Ok(text) => finished(terminal::print(text)),
        Err(error) => failed(&error),
    }
}

fn finished<E: Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn Display) -> ExitCode {
    terminal::tell(format_args!("error: {error}"));
    ExitCode::FAILURE
}
