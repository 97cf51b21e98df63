//! `cargo run`: the bundle on one machine, in a process of its own.

use std::process::{Output, Stdio};

use bytes::Bytes;
use http::Request;
use http::header::{HOST, HeaderValue};
use http::response::Parts;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::event::Event;
use super::{TIMEOUTS, binaries};

/// The bundle, on ports that were free. It is killed when this is dropped.
pub(crate) struct DevServer {
    child: Child,
    /// What it wrote until it was ready, line by line.
    pub(crate) said: Vec<String>,
    /// What it writes from then on.
    lines: UnboundedReceiver<String>,
}

/// Runs it with `arguments` to its end.
pub(crate) async fn run(arguments: &[&str]) -> Output {
    let output = timeout(TIMEOUTS, command().args(arguments).output()).await;
    output.expect("an end in time").expect("a process")
}

/// The binary, with nothing from this process's environment.
fn command() -> Command {
    let mut command = Command::new(binaries::path("callbacks"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// The options that set a port, by its own account.
pub(crate) async fn port_options() -> Vec<String> {
    let help = String::from_utf8(run(&["--help"]).await.stdout).expect("text");
    let options = help.split_whitespace().filter(|word| word.starts_with("--"));
    let options: Vec<_> = options.filter(|o| o.ends_with("port")).map(str::to_owned).collect();
    assert!(options.contains(&"--port".to_owned()), "{help}");
    options
}

impl DevServer {
    /// Starts it, everything in memory, and waits until it is ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more `arguments`.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let mut command = command();
        command.args(arguments);
        for option in port_options().await {
            command.args([&option, "0"]);
        }
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut said = Vec::new();
        let ready = async {
            while let Some(line) = lines.next_line().await.expect("text") {
                let ready = line.starts_with("Ready");
                said.push(line);
                if ready {
                    break;
                }
            }
        };
        timeout(TIMEOUTS, ready).await.expect("ready in time");
        // Whatever it says from now on has somewhere to go.
        let (says, later) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = says.send(line);
            }
        });
        Self { child, said, lines: later }
    }

    /// The next line that it writes.
    pub(crate) async fn next_line(&mut self) -> String {
        let line = timeout(TIMEOUTS, self.lines.recv()).await;
        line.expect("a line in time").expect("it runs")
    }

    /// The address that it wrote behind `name`.
    pub(crate) fn address(&self, name: &str) -> &str {
        let line = self.said.iter().find_map(|line| line.strip_prefix(name));
        let url = line.and_then(|line| line.split_whitespace().next());
        let address = url.and_then(|url| url.strip_prefix("http://"));
        address.unwrap_or_else(|| panic!("no URL of {name} in {:#?}", self.said))
    }

    /// The URL of the HTTP API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address("HTTP API"))
    }

    /// Sends the request that `event` was made of to the HTTP API: the answer's status and JSON.
    pub(crate) async fn send(&self, event: &Event) -> (u16, Value) {
        self.connect().await.send(event).await
    }

    /// The items of the `callbacks` table.
    pub(crate) async fn items(&self) -> Vec<Value> {
        let mut scan = self.dynamodb("Scan", &json!({"TableName": "callbacks"})).await;
        assert!(scan["LastEvaluatedKey"].is_null(), "the table has more than one page");
        serde_json::from_value(scan["Items"].take()).expect("items")
    }

    /// How many items the `callbacks` table has.
    pub(crate) async fn count_items(&self) -> usize {
        let mut request = json!({"TableName": "callbacks", "Select": "COUNT"});
        let mut count = 0;
        loop {
            let mut page = self.dynamodb("Scan", &request).await;
            count += page["Count"].as_u64().expect("a count");
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"].take();
            if request["ExclusiveStartKey"].is_null() {
                return count.try_into().expect("a small number");
            }
        }
    }

    /// Asks the embedded DynamoDB: its answer.
    pub(crate) async fn dynamodb(&self, operation: &str, input: &Value) -> Value {
        let mut request = Request::post("/");
        let target = format!("DynamoDB_20120810.{operation}");
        for (name, value) in [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target.as_str()),
            ("x-amz-date", "20260801T120000Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260801/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host, Signature=0",
            ),
        ] {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(input.to_string()))).expect("a request");
        let (status, answer) = exchange(self.address("DynamoDB"), request).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// How much memory it has, in KiB.
    pub(crate) async fn resident_kib(&self) -> u64 {
        let id = self.child.id().expect("running").to_string();
        let told = Command::new("ps").args(["-o", "rss=", "-p", &id]).output().await.expect("ps");
        let told = String::from_utf8(told.stdout).expect("text");
        told.trim().parse().expect("a number")
    }

    /// A connection to the HTTP API.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address("HTTP API")).await
    }

    /// Asks the stand-ins for the providers' APIs: the answer's status and JSON.
    pub(crate) async fn ask_providers(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let body = Full::new(Bytes::from(body.to_string()));
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        exchange(self.address("Providers"), request.body(body).expect("a request")).await
    }

    /// A user's statement, by the command.
    pub(crate) async fn statement(&self, user: &str) -> Value {
        let (_, port) = self.address("DynamoDB").rsplit_once(':').expect("a port");
        let output = run(&["statement", user, "--json", "--dynamodb-port", port]).await;
        serde_json::from_slice(&output.stdout).expect("a statement")
    }

    /// Kills it at once, as a power cut does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Sends it `signal` and waits for its end: whether it ended as it should.
    pub(crate) async fn end(mut self, signal: &str) -> bool {
        let id = self.child.id().expect("running").to_string();
        let sent = Command::new("sh").args(["-c", &format!("kill -s {signal} {id}")]).status();
        assert!(sent.await.expect("a shell").success());
        let ended = timeout(TIMEOUTS, self.child.wait()).await.expect("an end in time");
        ended.expect("a status").success()
    }
}

/// Sends `request` to `address` on a connection of its own: the answer's status and JSON.
pub(crate) async fn exchange(address: &str, request: Request<Full<Bytes>>) -> (u16, Value) {
    Connection::open(address).await.exchange(request).await
}

/// A connection that takes one request after the other.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// What requests that name no host are for.
    host: HeaderValue,
}

impl Connection {
    /// A connection to `address`.
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(async { drop(connection.await) });
        Self { sender, host: HeaderValue::from_str(address).expect("a host") }
    }

    /// Sends the request that `event` was made of: the answer's status and JSON.
    pub(crate) async fn send(&mut self, event: &Event) -> (u16, Value) {
        let sample = dev_server::event::to_http(&event.0).expect("a request");
        let mut request = Request::new(Full::new(Bytes::from(sample.body)));
        *request.method_mut() = sample.method.parse().expect("a method");
        *request.uri_mut() = format!("{}?{}", sample.path, sample.query).parse().expect("a URL");
        *request.headers_mut() = sample.headers;
        request.headers_mut().remove(HOST);
        self.exchange(request).await
    }

    /// The head and the body of the answer to `request`, which is for this connection's address where it
    /// names no host.
    pub(crate) async fn answer(&mut self, mut request: Request<Full<Bytes>>) -> (Parts, Bytes) {
        if !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, self.host.clone());
        }
        let answer = async {
            self.sender.ready().await.expect("an open connection");
            let answer = self.sender.send_request(request).await.expect("an answer");
            let (head, body) = answer.into_parts();
            (head, body.collect().await.expect("a body").to_bytes())
        };
        timeout(TIMEOUTS, answer).await.expect("an answer in time")
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> (u16, Value) {
        let (head, body) = self.answer(request).await;
        (head.status.as_u16(), serde_json::from_slice(&body).expect("JSON"))
    }
}
