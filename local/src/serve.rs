//! `cargo run`: all of the bundle in one process.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::bundle::{Invoke, RECEIVERS};
use crate::endpoint::Endpoint;
use crate::events::Events;
use crate::flow::{Flow, FlowError};
use crate::gateway::Gateway;
use crate::providers::{ProviderError, Providers};
use crate::samples::{self, SampleError};
use crate::secrets::Secrets;
use crate::settings::EnvVars;
use crate::settle::{self, SettleError, Urls, on_this_machine};
use crate::sqs::Sqs;
use crate::state::{State, StateError};
use crate::tables::{self, TablesError};
use crate::template::{Template, TemplateError, TemplateRoute};
use crate::{curl, http_server, project_file};

/// Where to serve.
#[derive(Debug, Clone, clap::Args)]
pub struct Serve {
    /// The port of the HTTP API
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The port of the embedded DynamoDB
    #[arg(long, default_value_t = 8000)]
    pub dynamodb_port: u16,
    /// The port of the stand-ins for the providers' APIs
    #[arg(long, default_value_t = 3001)]
    pub provider_port: u16,
    /// The port of the SQS endpoint
    #[arg(long, default_value_t = 9324)]
    pub sqs_port: u16,
    /// Where to keep tables, queues and what the stand-ins were sent; without it they are in memory
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// How many times shorter a message waits in a queue than on AWS: 100 makes 3 minutes 1.8 seconds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub time_scale: u32,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The process cannot be told to end.
    #[error("signals cannot be listened for: {0}")]
    Signals(std::io::Error),
    /// A port cannot be listened on.
    #[error("port {port} cannot be used ({error}); choose another with {option}")]
    Port {
        /// The port.
        port: u16,
        /// The option that sets it.
        option: &'static str,
        /// Why not.
        error: std::io::Error,
    },
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has a route to a function that is not here.
    #[error("the template routes {} {} to {}, which is not in the bundle", .0.method, .0.path, .0.function)]
    NoFunction(TemplateRoute),
    /// There are no tables.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// A function's settings cannot be used.
    #[error("{0}: {1}")]
    Misconfigured(&'static str, verify::Misconfigured),
    /// What is kept beside the tables cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Records would not become messages.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// Messages would not be worked off.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The stand-ins for the providers' APIs cannot start.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A sample cannot be made.
    #[error(transparent)]
    Sample(#[from] SampleError),
}

impl Serve {
    /// Serves until Ctrl-C.
    ///
    /// # Errors
    ///
    /// [`ServeError`].
    pub async fn run(self, env: &EnvVars) -> Result<(), ServeError> {
        let template = Template::read(&project_file("template.yaml"))?;
        let api = listen(self.port, "--port").await?;
        let dynamodb = listen(self.dynamodb_port, "--dynamodb-port").await?;
        let stand_ins = listen(self.provider_port, "--provider-port").await?;
        let sqs = listen(self.sqs_port, "--sqs-port").await?;
        let api_url = url(&api, self.port);
        let urls = Urls {
            dynamodb: url(&dynamodb, self.dynamodb_port),
            sqs: url(&sqs, self.sqs_port),
            providers: url(&stand_ins, self.provider_port),
        };

        let database = tables::open(&template, self.data_dir.as_deref())?;
        let state = Arc::new(State::open(self.data_dir.as_deref())?);
        tokio::spawn(tables::serve(database.clone(), dynamodb));
        let flow = Flow::of(&template, Arc::clone(&state), self.time_scale)?;
        let queues = Arc::clone(flow.queues());
        queues.recover()?;
        let endpoint = Endpoint {
            sqs: Sqs::new(Arc::clone(&queues), urls.sqs.clone()),
            events: Events::new(&template, Arc::clone(flow.bus()), Arc::clone(&queues)),
            secrets: Secrets::of(&template, env),
        };
        tokio::spawn(http_server::serve(Arc::new(endpoint), sqs));
        let providers = Providers::open(env, &database, state)?;
        tokio::spawn(http_server::serve(Arc::new(providers), stand_ins));
        settle::start(&template, env, &urls, &queues)?;
        flow.start(&database)?;

        let functions = functions(env, &urls.dynamodb)?;
        let routes = template.routes();
        let gateway = Gateway::new(routes.clone(), &functions).map_err(ServeError::NoFunction)?;
        tokio::spawn(http_server::serve(Arc::new(gateway), api));

        let kept = match &self.data_dir {
            Some(directory) => format!("everything in {}", directory.display()),
            None => "everything in memory".to_owned(),
        };
        println!("HTTP API   {api_url}");
        println!("DynamoDB   {}   ({kept})", urls.dynamodb);
        println!("SQS        {}", urls.sqs);
        println!("Providers  {}   (/calls, /faults, /rewards)\n", urls.providers);
        for TemplateRoute { method, path, function } in &routes {
            println!("{method:<5}{path:<40}{function}");
        }
        println!();
        for function in &RECEIVERS {
            let requests = match samples::requests(function, env, "") {
                // Served all the same, as on AWS.
                Err(SampleError::NoKeys(id)) => {
                    println!("# {id} has no usable KEYS: its routes answer 503");
                    continue;
                }
                requests => requests?,
            };
            for (sample, request) in requests {
                println!("# {}\n{}", sample.name, curl::command(&api_url, &request));
            }
        }
        let port = |url: &str| url.rsplit(':').next().unwrap_or_default().to_owned();
        let (api, dynamodb, sqs) = (port(&api_url), port(&urls.dynamodb), port(&urls.sqs));
        println!("\n# a user's balances\ncargo run -- statement USER --dynamodb-port {dynamodb}");
        println!(
            "\n# whether all is in order; `list`, `show ID` and more in the place of `doctor`\n\
             cargo run -p operator -- --local --port {api} --dynamodb-port {dynamodb} \
             --sqs-port {sqs} doctor"
        );
        // From here on a signal is waited for, so that none ends the process by itself.
        let stopped = stopped()?;
        println!("\nReady. Ctrl-C ends it.");
        stopped.await;
        Ok(())
    }
}

/// The receiving functions, by logical id.
fn functions(env: &EnvVars, dynamodb: &str) -> Result<HashMap<String, Invoke>, ServeError> {
    RECEIVERS
        .iter()
        .map(|function| {
            let mut settings = env.of(function.id);
            settings.extend(on_this_machine(dynamodb));
            match function.start(&settings, Timestamp::now) {
                Ok(invoke) => Ok((function.id.to_owned(), invoke)),
                Err(error) => Err(ServeError::Misconfigured(function.id, error)),
            }
        })
        .collect()
}

async fn listen(port: u16, option: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(|error| ServeError::Port { port, option, error })
}

/// The URL of `listener`; a port of 0 has become a real one by now.
fn url(listener: &TcpListener, port: u16) -> String {
    let port = listener.local_addr().map_or(port, |address| address.port());
    format!("http://127.0.0.1:{port}")
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
