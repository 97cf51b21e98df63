//! The operator's command, run against the bundle on one machine.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use super::dev_server::{DevServer, exchange};
use super::event::Event;
use super::{TIMEOUTS, binaries};

/// Waits in queues are over at once.
const NO_WAITS: [&str; 2] = ["--time-scale", "1000"];

/// A bundle, and whoever operates it.
pub(crate) struct Operated(pub(crate) DevServer);

/// What a run of the command said.
#[derive(Debug)]
pub(crate) struct RewardStatus {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it wrote to its standard output.
    pub(crate) text: String,
    /// What it wrote to its standard error.
    pub(crate) errors: String,
}

impl RewardStatus {
    /// Its output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts its exit code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl Operated {
    /// Starts a bundle.
    pub(crate) async fn start() -> Self {
        Self(DevServer::start_with(&NO_WAITS).await)
    }

    /// Starts a bundle with other environment variables than the sample ones; `name` tells its file from
    /// those of other tests.
    pub(crate) async fn start_with(name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let file = bundle::project_file("events/env.json");
        let sample = std::fs::read_to_string(file).expect("the sample variables");
        let mut variables = serde_json::from_str(&sample).expect("JSON");
        change(&mut variables);
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
        std::fs::write(&file, variables.to_string()).expect("a file");
        let mut arguments = NO_WAITS.to_vec();
        arguments.extend(["--env-vars", file.to_str().expect("text")]);
        Self(DevServer::start_with(&arguments).await)
    }

    /// Runs the command with `arguments`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> RewardStatus {
        let ports = ["HTTP API", "DynamoDB", "SQS"].map(|name| self.port(name));
        let place = ["--port", &ports[0], "--dynamodb-port", &ports[1], "--sqs-port", &ports[2]];
        run(&place, arguments).await
    }

    /// The command line with `arguments` that the command tells a person to go on with.
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        let [api, tables, queues] = ["HTTP API", "DynamoDB", "SQS"].map(|name| self.port(name));
        let arguments: Vec<_> = arguments.iter().map(|it| terminal::word(it)).collect();
        let ports = format!("--port {api} --dynamodb-port {tables} --sqs-port {queues}");
        format!("callbacks {} {ports}", arguments.join(" "))
    }

    /// The port of what the bundle calls `name`.
    pub(crate) fn port(&self, name: &str) -> String {
        self.0.address(name).rsplit(':').next().expect("a port").to_owned()
    }

    /// The same with `--json`, for a command that ends well.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).await.ended(0).json()
    }

    /// Has `event` recorded; its id.
    pub(crate) async fn record(&self, event: &Event) -> String {
        let (status, answer) = self.0.send(event).await;
        assert_eq!((status, &answer["status"]), (200, &"recorded".into()), "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Waits until `show` says of the record `id` what `is` wants; what it says then.
    pub(crate) async fn shows(&self, id: &str, is: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let shown = async {
            loop {
                last = self.json(&["show", id]).await;
                if is(&last) {
                    break;
                }
            }
        };
        let in_time = timeout(TIMEOUTS, shown).await;
        assert!(in_time.is_ok(), "{last:#}");
        last
    }

    /// Waits until the record `id` is in `state`; what `show` says then.
    pub(crate) async fn settles(&self, id: &str, state: &str) -> Value {
        self.shows(id, |shown| shown["state"] == state).await
    }

    /// What is in the user's ledger: amounts, by `--json` of the bundle's own command.
    pub(crate) async fn amounts(&self, user: &str) -> Vec<String> {
        let statement = self.0.statement(user).await;
        let entries = statement["entries"].as_array().expect("entries").iter();
        let mut amounts: Vec<_> =
            entries.map(|it| it["amount"].as_str().expect("text").to_owned()).collect();
        amounts.sort_unstable();
        amounts
    }

    /// Asks the SQS endpoint.
    pub(crate) async fn sqs(&self, operation: &str, mut input: Value) -> Value {
        let address = self.0.address("SQS");
        if let Some(queue) = input["QueueUrl"].as_str() {
            input["QueueUrl"] = format!("http://{address}/123456789012/{queue}").into();
        }
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .body(Full::new(Bytes::from(input.to_string())))
            .expect("a request");
        let (status, answer) = exchange(address, request).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

/// Runs the command with nothing of this process's environment.
pub(crate) async fn run(place: &[&str], arguments: &[&str]) -> RewardStatus {
    run_with(&[], place, arguments).await
}

/// The same with these environment variables.
pub(crate) async fn run_with(
    variables: &[(&str, &str)],
    place: &[&str],
    arguments: &[&str],
) -> RewardStatus {
    let mut command = Command::new(binaries::path("callbacks"));
    command.env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::null()).args(arguments).args(place).kill_on_drop(true);
    let output = timeout(TIMEOUTS, command.output()).await.expect("an end in time");
    let Output { status, stdout, stderr } = output.expect("a process");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    RewardStatus { code: status.code().expect("a code"), text: text(stdout), errors: text(stderr) }
}
