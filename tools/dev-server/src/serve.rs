//! `cargo run`: all of the bundle in one process.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use bundle::folder::Folder;
use bundle::template::{Template, TemplateError, TemplateRoute};
use bundle::{names, project_file};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

use crate::access::{Access, parse_host};
use crate::clock;
use crate::data_dir::{DataDir, DataDirError};
use crate::diagnosis::Diagnosis;
use crate::dynamodb::DynamoDb;
use crate::endpoint::Endpoint;
use crate::events::Events;
use crate::feed::{Feed, Here};
use crate::functions::{Invoke, RECEIVERS};
use crate::gateway::Gateway;
use crate::lines::Log;
use crate::live::Live;
use crate::port::{Port, PortError};
use crate::providers::{ProviderError, Providers};
use crate::queue::QueueError;
use crate::queues::Queues;
use crate::secrets::Secrets;
use crate::settings::EnvVars;
use crate::settle::{self, SettleError, Urls, on_this_machine};
use crate::sqs::Sqs;
use crate::state::{State, StateError};
use crate::tables::{self, TablesError};

/// Where to serve.
#[derive(Debug, Clone, clap::Args)]
pub struct Serve {
    /// The port of the HTTP API
    #[arg(long, default_value_t = names::API_PORT)]
    pub port: u16,
    /// The port of the embedded DynamoDB
    #[arg(long, default_value_t = names::DYNAMODB_PORT)]
    pub dynamodb_port: u16,
    /// The port of the stand-ins for the providers' APIs
    #[arg(long, default_value_t = names::PROVIDER_PORT)]
    pub provider_port: u16,
    /// The port of the SQS endpoint
    #[arg(long, default_value_t = names::SQS_PORT)]
    pub sqs_port: u16,
    /// Let DynamoDB, SQS and the stand-ins be reached from containers, at ADDRESS of this machine, or at
    /// all of its addresses. Whoever reaches them can read and change all that is in them
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "0.0.0.0")]
    pub listen_for_containers: Option<Ipv4Addr>,
    /// A host that requests to the HTTP API may be for, beside this machine: a tunnel's name
    #[arg(long, value_name = "NAME", value_parser = parse_host)]
    pub allow_host: Vec<String>,
    /// Where to keep the tables and what the stand-ins were sent; without it they are in memory
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// How many times shorter a message waits in a queue than on AWS: 100 makes 3 minutes 1.8 seconds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub time_scale: u32,
    /// Leave what is recorded as it is, for functions that are called by hand, in a container: nothing is sent to a
    /// queue by itself
    #[arg(long)]
    pub no_dispatch: bool,
    /// What is printed of requests and attempts; without it short lines on a terminal, and JSON otherwise
    #[arg(long, value_enum, value_name = "FORM")]
    pub log: Option<Log>,
    /// Print what the event bus is told, a line of JSON per event, as a rule's target gets it; payloads included
    #[arg(long)]
    pub print_events: bool,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The process cannot be told to end.
    #[error("signals cannot be listened for: {0}")]
    Signals(io::Error),
    /// A port cannot be listened on.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has a route to a function that is not here.
    #[error("the template routes {} {} to {}, which is not in the bundle", .0.method, .0.path, .0.function)]
    NoFunction(TemplateRoute),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// There are no tables.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// A function's settings cannot be used.
    #[error("{0}: {1}")]
    ConfigError(&'static str, settings::ConfigError),
    /// What is kept beside the tables cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The template's queues cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Messages would not be worked off.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The stand-ins for the providers' APIs cannot start.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl Serve {
    /// Serves until Ctrl-C, with the providers that `contracts` describe. `feed` is shown what comes, and `diagnosis` says
    /// why nothing proves it; `console` is the URL of the page that shows both.
    pub async fn run(
        self,
        env: &EnvVars,
        contracts: Folder,
        feed: Arc<Feed>,
        diagnosis: Arc<Diagnosis>,
        console: &str,
    ) -> Result<(), ServeError> {
        let template = Template::read(&project_file("template.yaml"))?;
        let callers = Access { hosts: self.allow_host.clone(), ..Access::default() };
        let api = Port::open(callers, None, self.port, "--port").await?;
        let containers = self.listen_for_containers;
        let open = |port, option| {
            let access = Access { containers: containers.is_some(), ..Access::default() };
            Port::open(access, containers, port, option)
        };
        let dynamodb = open(self.dynamodb_port, "--dynamodb-port").await?;
        let stand_ins = open(self.provider_port, "--provider-port").await?;
        let sqs = open(self.sqs_port, "--sqs-port").await?;
        let api_url = api.url();
        let here = Here {
            api: api.number(),
            dynamodb: dynamodb.number(),
            sqs: sqs.number(),
            providers: stand_ins.number(),
        };
        feed.is_at(here);
        let urls = Urls { dynamodb: dynamodb.url(), sqs: sqs.url(), providers: stand_ins.url() };

        // Held until the end.
        let directory = self.data_dir.as_deref().map(DataDir::open).transpose()?;
        let database = tables::open(&template, directory.as_ref())?;
        self.log.unwrap_or_else(Log::usual).start(&database, Arc::clone(&feed));
        let state = Arc::new(State::open(directory.as_ref())?);
        dynamodb.serve(DynamoDb::new(database.clone()));
        clock::start(self.time_scale);
        let queues = Queues::of(&template, self.time_scale)?;
        let queues = Arc::new(queues);
        let endpoint = Endpoint {
            sqs: Sqs::new(Arc::clone(&queues), urls.sqs.clone()),
            events: Events::new(&template).printing(self.print_events).telling(Arc::clone(&feed)),
            secrets: Secrets::of(&template, env),
        };
        sqs.serve(endpoint);
        let providers = Providers::open(env, &database, Arc::clone(&state))?;
        stand_ins.serve(providers);
        let dynamodb_url = urls.dynamodb.clone();
        let live = Live::new(contracts.clone(), env.clone(), dynamodb_url, Arc::clone(&state));
        let live = Arc::new(live);
        settle::start(&template, env, &urls, &queues)?;
        if !self.no_dispatch {
            settle::start_dispatch(&template, env, &urls, &queues, &database)?;
            let served = Arc::clone(&live);
            let (scale, described) = (self.time_scale, move || served.names());
            settle::start_schedule(&template, env, &urls, &queues, scale, described).await?;
        }

        let functions = functions(env, &urls.dynamodb)?;
        let routes = template.routes();
        let gateway = Gateway::new(routes.clone(), &functions).map_err(ServeError::NoFunction)?;
        api.serve(
            gateway.with_contracts(live).with_diagnosis(diagnosis).with_feed(Arc::clone(&feed)),
        );

        if let Some(address) = containers {
            terminal::tell(warning(address));
        }
        let kept = match &directory {
            Some(directory) => format!("everything in {}", directory.path().display()),
            None => "everything in memory".to_owned(),
        };
        let others = match contracts.names() {
            Ok(names) => names.len(),
            Err(error) => {
                terminal::tell(format_args!("warning: {error}"));
                0
            }
        };
        for receiver in RECEIVERS.iter() {
            let provider = &receiver.provider;
            if provider.keys(&env.of(&provider.function)).is_none() {
                // Served all the same, as on AWS.
                let (id, name) = (&provider.function, provider.name);
                terminal::tell(format_args!(
                    "warning: {id} has no usable KEYS: /{name} answers 503"
                ));
            }
        }
        say(format_args!("Console    {console}"));
        let own = RECEIVERS.len();
        say(format_args!(
            "HTTP API   {api_url}   ({own} providers, and {others} that files describe)"
        ));
        say(format_args!("DynamoDB   {}   ({kept})", urls.dynamodb));
        say(format_args!("SQS        {}", urls.sqs));
        say(format_args!("Providers  {}   (stand-ins: /calls, /faults, /rewards)", urls.providers));
        say(format_args!("\nIn another terminal:"));
        for command in to_try(here, &api_url) {
            say(format_args!("  {command}"));
        }
        // From here on a signal is waited for, so that none ends the process by itself.
        let stopped = stopped()?;
        say(format_args!("\nReady. Ctrl-C ends it."));
        stopped.await;
        Ok(())
    }
}

/// A few commands to go on with, at the ports that the bundle has.
fn to_try(here: Here, api: &str) -> [String; 3] {
    let option = |name: &str, port: u16, usual: u16| {
        if port == usual { String::new() } else { format!(" {name} {port}") }
    };
    let port = option("--port", here.api, names::API_PORT);
    let url = if port.is_empty() { String::new() } else { format!(" --url {api}") };
    let dynamodb = option("--dynamodb-port", here.dynamodb, names::DYNAMODB_PORT);
    let sqs = option("--sqs-port", here.sqs, names::SQS_PORT);
    [
        format!("cargo run -- send events/inbrain-survey-completed.json{url}"),
        format!("cargo run -- list{port}{dynamodb}{sqs}"),
        format!("cargo run -- doctor{port}{dynamodb}{sqs}"),
    ]
}

/// Prints a line. Where nobody reads any more, as behind `| head`, the bundle is served all the same.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = terminal::print(line);
}

/// The receiving functions, by logical id.
fn functions(env: &EnvVars, dynamodb: &str) -> Result<HashMap<String, Invoke>, ServeError> {
    RECEIVERS
        .iter()
        .map(|receiver| {
            let id = receiver.provider.function.as_str();
            let mut settings = env.of(id);
            settings.extend(on_this_machine(dynamodb));
            match receiver.start(&settings, Timestamp::now) {
                Ok(invoke) => Ok((id.to_owned(), invoke)),
                Err(error) => Err(ServeError::ConfigError(id, error)),
            }
        })
        .collect()
}

/// What is said before anything is served to containers at `address`.
fn warning(address: Ipv4Addr) -> String {
    let who = match address {
        Ipv4Addr::LOCALHOST => "every container of Docker Desktop".to_owned(),
        Ipv4Addr::UNSPECIFIED => "whoever is in a private network with this machine".to_owned(),
        address => format!("whoever reaches {address}"),
    };
    format!(
        "warning: --listen-for-containers: {who} can read and change the tables, the queues and the \
         stand-ins, and read the keys of the environment file"
    )
}

/// Ends with Ctrl-C, or with being told to end; listens for both from the moment it is called.
fn stopped() -> Result<impl Future<Output = ()>, ServeError> {
    let listen = |kind| signal(kind).map_err(ServeError::Signals);
    let (mut interrupt, mut terminate) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
