//! Lambda's part: a function's process, with a Runtime API of its own.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use bundle::provider::ProviderEntry;
use bytes::Bytes;
use dev_server::settings::EnvVars;
use serde_json::Value;
use test_support::{RuntimeApi, Told};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::answer::Answer;
use super::dynamodb::DynamoDb;
use super::metrics::NAMESPACE;
use super::{TIMEOUTS, binaries};

/// What Lambda gives a function besides its environment variables, and besides the id of an access key: that
/// is the function's name here, by which [`permissions`](super::permissions) knows it.
const CREDENTIALS: [(&str, &str); 2] = [
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
];

/// A function's environment variables.
#[derive(Debug, Clone)]
pub(crate) struct Settings(HashMap<String, String>);

impl Settings {
    /// Those of `events/env.json` for `provider`, with the table in `dynamodb`.
    pub(crate) fn sample(provider: &str, dynamodb: &DynamoDb) -> Self {
        let provider = ProviderEntry::named(provider).expect("a provider");
        Self::of(&provider.function, dynamodb)
    }

    /// Those of `events/env.json` for the function with the logical id `id`, with the tables in
    /// `dynamodb`.
    pub(crate) fn of(id: &str, dynamodb: &DynamoDb) -> Self {
        let env = EnvVars::read(&bundle::project_file("events/env.json")).expect("sample settings");
        Self(env.of(id).into_iter().collect())
            .with("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb.proxy.url())
            .with("METRICS_NAMESPACE", NAMESPACE)
    }

    /// The same with the variable `name` set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same with `keys`, each an id and a secret.
    pub(crate) fn with_keys(self, keys: &[(&str, &str)]) -> Self {
        let keys = keys.iter().map(|(id, secret)| serde_json::json!({"id": id, "secret": secret}));
        let keys = serde_json::json!({"keys": keys.collect::<Vec<_>>()});
        self.with("KEYS", &keys.to_string())
    }

    /// The same without the variable `name`.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// The variable `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A function's process. It is killed when this is dropped.
pub(crate) struct Function {
    name: &'static str,
    child: Child,
    runtime_api: RuntimeApi,
    output: [JoinHandle<String>; 2],
}

/// What a function wrote.
#[derive(Debug)]
pub(crate) struct Output {
    /// Its log.
    pub(crate) stdout: String,
    /// What came from elsewhere, for instance from a panic.
    pub(crate) stderr: String,
}

impl Function {
    /// Starts the binary `name`, which logs everything that it ever would.
    pub(crate) async fn start(name: &'static str, settings: &Settings) -> Self {
        let runtime_api = RuntimeApi::start().await;
        let mut child = Command::new(binaries::path(name))
            .env_clear()
            .envs(CREDENTIALS)
            .env("AWS_ACCESS_KEY_ID", name)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api.address().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("LOG_LEVEL", "trace")
            .env("AWS_LAMBDA_LOG_LEVEL", "TRACE")
            .env("RUST_LOG", "trace")
            .envs(&settings.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the function starts");
        let stdout = child.stdout.take().expect("piped");
        let stderr = child.stderr.take().expect("piped");
        let output = [tokio::spawn(read(stdout)), tokio::spawn(read(stderr))];
        Self { name, child, runtime_api, output }
    }

    /// Hands `event` over and takes the answer.
    pub(crate) async fn invoke(&mut self, event: impl ToString) -> Answer {
        let (response, took) = self.respond(event.to_string()).await;
        Answer::read(&response, took)
    }

    /// Hands `event` over and takes the response as it is, whatever JSON that is.
    pub(crate) async fn invoke_raw(&mut self, event: Value) -> Value {
        let (response, _) = self.respond(event.to_string()).await;
        serde_json::from_slice(&response).expect("a JSON response")
    }

    /// Hands `event` over and takes the response as it is, and how long it took.
    pub(crate) async fn respond(&mut self, event: String) -> (Bytes, Duration) {
        match self.tell(event.into()).await {
            Told::Answer { body, took, .. } => (body, took),
            Told::Error(error) => {
                panic!("{} failed: {}", self.name, String::from_utf8_lossy(&error))
            }
        }
    }

    /// Hands over what is no JSON; whether the function called it an error.
    pub(crate) async fn is_refused(&mut self, event: &'static [u8]) -> bool {
        matches!(self.tell(event.into()).await, Told::Error(_))
    }

    async fn tell(&mut self, event: Bytes) -> Told {
        let told = self.runtime_api.hand_over(event);
        tokio::select! {
            told = timeout(TIMEOUTS, told) => told.expect("an answer in time").expect("an answer"),
            status = self.child.wait() => panic!("{} ended: {status:?}", self.name),
        }
    }

    /// Hands `event` over without waiting for an answer.
    pub(crate) fn begin(&self, event: &impl ToString) {
        drop(self.runtime_api.hand_over(event.to_string().into()));
    }

    /// Waits until the process has ended by itself, which must be a failure; what it wrote.
    pub(crate) async fn failed(mut self) -> Output {
        let ended = timeout(TIMEOUTS, self.child.wait()).await.expect("an end in time");
        assert!(!ended.expect("a status").success(), "{} ended well", self.name);
        self.output().await
    }

    /// Kills the process, which must still be running; what it wrote.
    pub(crate) async fn stop(mut self) -> Output {
        let ended = self.child.try_wait().expect("a status");
        assert!(ended.is_none(), "{} ended: {ended:?}", self.name);
        timeout(TIMEOUTS, self.child.kill()).await.expect("killed in time").expect("killed");
        self.output().await
    }

    async fn output(self) -> Output {
        let [stdout, stderr] = self.output.map(|output| timeout(TIMEOUTS, output));
        let stdout = stdout.await.expect("read in time").expect("read");
        let stderr = stderr.await.expect("read in time").expect("read");
        Output { stdout, stderr }
    }
}

async fn read(mut from: impl AsyncRead + Unpin) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).await.expect("UTF-8");
    text
}
