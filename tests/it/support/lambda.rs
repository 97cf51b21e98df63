//! Lambda's part: a function's process, and the Runtime API that it asks for events ("Using the Lambda
//! runtime API for custom runtimes" in the Lambda developer guide).

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use local::bundle::RECEIVERS;
use local::settings::EnvVars;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
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
        let function = RECEIVERS.iter().find(|function| function.provider == provider);
        Self::of(function.expect("a provider").id, dynamodb)
    }

    /// Those of `events/env.json` for the function with the logical id `id`, with the tables in
    /// `dynamodb`.
    pub(crate) fn of(id: &str, dynamodb: &DynamoDb) -> Self {
        let env = EnvVars::read(&local::project_file("events/env.json")).expect("sample settings");
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
    events: mpsc::UnboundedSender<Invocation>,
    output: [JoinHandle<String>; 2],
}

struct Invocation {
    event: Bytes,
    told: oneshot::Sender<Told>,
}

/// What a function told the Runtime API about an invocation.
enum Told {
    /// The answer, and how long after it had the event.
    Response(Bytes, Duration),
    Error(Bytes),
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut child = Command::new(binaries::path(name))
            .env_clear()
            .envs(CREDENTIALS)
            .env("AWS_ACCESS_KEY_ID", name)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
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
        let (events, waiting) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, Arc::new(RuntimeApi::new(waiting))));
        Self { name, child, events, output }
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
            Told::Response(response, took) => (response, took),
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
        let told = self.hand_over(event);
        tokio::select! {
            told = timeout(TIMEOUTS, told) => told.expect("an answer in time").expect("an answer"),
            status = self.child.wait() => panic!("{} ended: {status:?}", self.name),
        }
    }

    /// Hands `event` over without waiting for an answer.
    pub(crate) fn begin(&self, event: &impl ToString) {
        drop(self.hand_over(event.to_string().into()));
    }

    fn hand_over(&self, event: Bytes) -> oneshot::Receiver<Told> {
        let (told, answer) = oneshot::channel();
        self.events.send(Invocation { event, told }).expect("the Runtime API serves");
        answer
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

/// The Runtime API of one function, which asks for one event after the other.
struct RuntimeApi {
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    handed_over: AtomicU64,
    running: Mutex<HashMap<String, (Instant, oneshot::Sender<Told>)>>,
}

impl RuntimeApi {
    fn new(waiting: mpsc::UnboundedReceiver<Invocation>) -> Self {
        Self { waiting: waiting.into(), handed_over: 0.into(), running: Mutex::default() }
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/invocation/");
        let path: Vec<_> = path.unwrap_or_default().split('/').collect();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        let told: fn(Bytes, Duration) -> Told = match (&parts.method, path.as_slice()) {
            (&Method::GET, ["next"]) => return self.next().await,
            (&Method::POST, [_, "response"]) => Told::Response,
            (&Method::POST, [_, "error"]) => |error, _| Told::Error(error),
            _ => return status(StatusCode::NOT_FOUND),
        };
        let running = self.running.lock().expect("no panic").remove(path[0]);
        if let (Some((since, running)), Ok(body)) = (running, body) {
            // Nobody may be waiting any more.
            let _ = running.send(told(body, since.elapsed()));
        }
        status(StatusCode::ACCEPTED)
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(Invocation { event, told }) = self.waiting.lock().await.recv().await else {
            return status(StatusCode::GONE);
        };
        let number = self.handed_over.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012}");
        self.running.lock().expect("no panic").insert(id.clone(), (Instant::now(), told));
        Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", id)
            .header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:us-east-1:123456789012:function:tested",
            )
            .header("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
            .body(event.into())
            .expect("a response")
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}")));
    *response.status_mut() = status;
    response
}

async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let api = Arc::clone(&api);
        let respond = service_fn(move |request| {
            let api = Arc::clone(&api);
            async move { Ok::<_, Infallible>(api.respond(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), respond);
        // It ends in an error when the function is killed.
        tokio::spawn(async { drop(connection.await) });
    }
}
