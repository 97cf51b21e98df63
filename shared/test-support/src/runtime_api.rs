//! Lambda's part: the Runtime API that a function asks for events ("Using the Lambda runtime API for
//! custom runtimes" in the Lambda developer guide).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::server::{Answer, Server};

/// What a function did without an event.
#[derive(Debug)]
pub enum Did {
    /// It asked for the next event.
    Asked(Instant),
    /// It could not start.
    FailedToStart(Bytes),
}

/// What a function said of an event.
#[derive(Debug)]
pub enum Told {
    /// It answered.
    Answer {
        /// The answer.
        body: Bytes,
        /// When it was known here.
        at: Instant,
        /// How long after the event had been handed over.
        took: Duration,
    },
    /// It failed.
    Error(Bytes),
}

/// The Runtime API of one process, which asks for one event after the other.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Server,
    events: mpsc::UnboundedSender<Invocation>,
    did: mpsc::UnboundedReceiver<Did>,
}

#[derive(Debug)]
struct Invocation {
    event: Bytes,
    told: oneshot::Sender<Told>,
}

impl RuntimeApi {
    /// Serves one process.
    pub async fn start() -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let (tell, did) = mpsc::unbounded_channel();
        let session = Session {
            waiting: waiting.into(),
            handed_over: 0.into(),
            running: Mutex::default(),
            tell,
        };
        let session = Arc::new(session);
        let server = Server::start(move |request| Arc::clone(&session).answer(request)).await;
        Self { server, events, did }
    }

    /// Where it listens: what `AWS_LAMBDA_RUNTIME_API` has to be.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Hands `event` over once the function asks for it; what it says of it, unless it ends before.
    pub fn hand_over(&self, event: Bytes) -> oneshot::Receiver<Told> {
        let (told, answer) = oneshot::channel();
        self.events.send(Invocation { event, told }).expect("the Runtime API serves");
        answer
    }

    /// What the function does next without an event.
    pub async fn did(&mut self) -> Did {
        self.did.recv().await.expect("the Runtime API serves")
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        // A benchmark starts more processes than it may have files open.
        drop(self.server.close());
    }
}

struct Session {
    waiting: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    handed_over: AtomicU64,
    /// What was handed over and is not answered, by its id.
    running: Mutex<HashMap<String, (Instant, oneshot::Sender<Told>)>>,
    tell: mpsc::UnboundedSender<Did>,
}

impl Session {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Answer {
        let arrived = Instant::now();
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let path: Vec<_> = path.split('/').collect();
        // Nobody may be listening any more.
        match (&parts.method, path.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => {
                let _ = self.tell.send(Did::Asked(arrived));
                return self.next().await;
            }
            (&Method::POST, ["invocation", id, "response"]) => {
                if let Some((since, told)) = self.running.lock().await.remove(*id) {
                    let took = arrived.duration_since(since);
                    let _ = told.send(Told::Answer { body, at: arrived, took });
                }
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                if let Some((_, told)) = self.running.lock().await.remove(*id) {
                    let _ = told.send(Told::Error(body));
                }
            }
            (&Method::POST, ["init", "error"]) => {
                let _ = self.tell.send(Did::FailedToStart(body));
            }
            _ => return Answer::new(404, ""),
        }
        Answer::new(202, r#"{"status":"OK"}"#)
    }

    async fn next(&self) -> Answer {
        let mut waiting = self.waiting.lock().await;
        let Some(Invocation { event, told }) = waiting.recv().await else {
            return Answer::new(410, "");
        };
        let number = self.handed_over.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012}");
        self.running.lock().await.insert(id.clone(), (Instant::now(), told));
        Answer::new(200, event)
            .with_header("content-type", "application/json")
            .with_header("lambda-runtime-aws-request-id", &id)
            .with_header("lambda-runtime-deadline-ms", "4102444800000")
            .with_header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:123456789012:function:tested",
            )
            .with_header(
                "lambda-runtime-trace-id",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
            )
    }
}
