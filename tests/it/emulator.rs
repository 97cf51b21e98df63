//! Every file in `events/`, through the functions as `sam build` built them, under AWS's Lambda Runtime
//! Interface Emulator, which the SAM CLI brings along.
//!
//! `tests/real-parts/run` builds the functions and runs these tests; by themselves they are ignored.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use bundle::provider::PROVIDERS;
use bytes::Bytes;
use dev_server::functions::SETTLERS;
use settlement::outbound::Client;
use test_support::nobody;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::samples::{self, Invoke};
use crate::settled;
use crate::support::TIMEOUTS;
use crate::support::dynamodb::DynamoDb;
use crate::support::event::Event;
use crate::support::lambda::Settings;
use crate::support::tables::{Elsewhere, Tables};

/// A built function under the emulator, which takes one request at a time.
struct Emulated {
    url: String,
    client: Client,
    _child: Child,
}

impl Emulated {
    /// Starts the function with the logical id `function`.
    async fn start(function: &str, settings: &Settings) -> Self {
        let variable = |name: &str| {
            let path =
                env::var(name).unwrap_or_else(|_| panic!("{name} is set by tests/real-parts/run"));
            PathBuf::from(path)
        };
        let bootstrap = variable("BUILT_FUNCTIONS").join(function).join("bootstrap");
        let (requests, runtime) = (nobody().await, nobody().await);
        let child = Command::new(variable("RUNTIME_INTERFACE_EMULATOR"))
            .arg("--runtime-interface-emulator-address")
            .arg(requests.to_string())
            .arg("--runtime-api-address")
            .arg(runtime.to_string())
            .arg(bootstrap)
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "placeholder")
            .env("AWS_SECRET_ACCESS_KEY", "placeholder")
            .envs(settings.iter())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the emulator starts");
        timeout(TIMEOUTS, async {
            while TcpStream::connect(requests).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the emulator listens");
        let url = format!("http://{requests}/2015-03-31/functions/function/invocations");
        Self { url, client: Client::new(TIMEOUTS).expect("a client"), _child: child }
    }
}

impl Invoke for Emulated {
    async fn respond(&mut self, event: &Event) -> Bytes {
        let request = http::Request::post(&self.url).body(Bytes::from(event.to_string()));
        self.client.send(request.expect("a request")).await.expect("a reply").body.into()
    }
}

/// What receives, and then what settles, because that finds records.
async fn through_the_emulator(tables: Option<Tables<'_>>) {
    let here = DynamoDb::start().await;
    for provider in PROVIDERS.iter() {
        let tables = tables.unwrap_or(Tables::Here(&here));
        let settings = tables.settings(Settings::of(&provider.function, &here));
        let mut emulated = Emulated::start(&provider.function, &settings).await;
        samples::answered_and_stored(provider.name, &mut emulated, tables).await;
    }
    let start = async |name: &'static str, settings: Settings| {
        let function = SETTLERS.iter().find(|function| function.name == name);
        Emulated::start(function.expect("a settling function").id, &settings).await
    };
    settled::as_expected(start, tables).await;
}

#[tokio::test]
#[ignore = "needs the built functions: tests/real-parts/run"]
async fn every_sample_event_does_what_it_should_under_the_emulator() {
    match Elsewhere::start().await {
        Some(elsewhere) => {
            through_the_emulator(Some(Tables::Elsewhere(&elsewhere))).await;
            elsewhere.end().await;
        }
        None => through_the_emulator(None).await,
    }
}
