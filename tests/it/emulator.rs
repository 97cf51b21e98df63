//! Every file in `events/`, through the functions as `sam build` built them, under AWS's Lambda Runtime
//! Interface Emulator, which the SAM CLI brings along.
//!
//! `tests/real-parts/run` builds the functions and runs these tests; by themselves they are ignored.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use local::bundle::RECEIVERS;
use outbound::Client;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::samples::{self, Invoke};
use crate::support::PATIENCE;
use crate::support::answer::Answer;
use crate::support::dynamodb::DynamoDb;
use crate::support::event::Event;
use crate::support::lambda::Settings;

/// A built function under the emulator, which takes one request at a time.
struct Emulated {
    url: String,
    client: Client,
    _child: Child,
}

impl Emulated {
    async fn start(provider: &str, settings: &Settings) -> Self {
        let variable = |name: &str| {
            let path =
                env::var(name).unwrap_or_else(|_| panic!("{name} is set by tests/real-parts/run"));
            PathBuf::from(path)
        };
        let function = RECEIVERS.iter().find(|function| function.provider == provider);
        let function = function.expect("a provider").id;
        let bootstrap = variable("BUILT_FUNCTIONS").join(function).join("bootstrap");
        let (requests, runtime) = (free_address().await, free_address().await);
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
        timeout(PATIENCE, async {
            while TcpStream::connect(requests).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the emulator listens");
        let url = format!("http://{requests}/2015-03-31/functions/function/invocations");
        Self { url, client: Client::new(PATIENCE).expect("a client"), _child: child }
    }
}

impl Invoke for Emulated {
    async fn invoke(&mut self, event: &Event) -> Answer {
        let request = http::Request::post(&self.url).body(Bytes::from(event.to_string()));
        let reply = self.client.send(request.expect("a request")).await.expect("a reply");
        Answer::read(&reply.body, Duration::ZERO)
    }
}

/// An address that nobody listens on.
async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    listener.local_addr().expect("an address")
}

#[tokio::test]
#[ignore = "needs the built functions: tests/real-parts/run"]
async fn every_sample_event_is_answered_and_stored_under_the_emulator() {
    for (provider, expected) in samples::EXPECTED {
        let dynamodb = DynamoDb::start().await;
        let settings = Settings::sample(provider, &dynamodb);
        let mut function = Emulated::start(provider, &settings).await;
        samples::answered_and_stored(provider, expected, &mut function, &dynamodb).await;
    }
}
