//! Lambda's part: the Runtime API that a function asks for events ("Using the Lambda runtime API for
//! custom runtimes" in the Lambda developer guide).

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::error::Error;

/// What a function did, and when it was known here.
#[derive(Debug)]
pub enum Did {
    /// It asked for the next event.
    Asked(Instant),
    /// When it answered, and with what.
    Answered(Instant, Bytes),
    /// What it reported as its error.
    Failed(Bytes),
}

/// The Runtime API of one process.
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    /// Events for the function.
    pub events: mpsc::UnboundedSender<Bytes>,
    /// What the function does.
    pub did: mpsc::UnboundedReceiver<Did>,
    serving: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl RuntimeApi {
    /// Serves one process.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub async fn start() -> Result<Self, Error> {
        let refused = |error| Error::machine("no port")(&error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (tell, did) = mpsc::unbounded_channel();
        let session = Session { waiting: waiting.into(), handed_over: 0.into(), tell };
        let serving = tokio::spawn(serve(listener, Arc::new(session)));
        Ok(Self { address, events, did, serving })
    }
}

struct Session {
    waiting: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    handed_over: AtomicU64,
    tell: mpsc::UnboundedSender<Did>,
}

impl Session {
    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let arrived = Instant::now();
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let path: Vec<_> = path.split('/').collect();
        if (&parts.method, path.as_slice()) == (&Method::GET, &["invocation", "next"]) {
            // Nobody listens any more once enough is known.
            let _ = self.tell.send(Did::Asked(arrived));
            return self.next().await;
        }
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        let body = body.unwrap_or_default();
        let did = match path.as_slice() {
            ["invocation", _, "response"] => Did::Answered(Instant::now(), body),
            ["invocation", _, "error"] | ["init", "error"] => Did::Failed(body),
            _ => return status(StatusCode::NOT_FOUND),
        };
        let _ = self.tell.send(did);
        status(StatusCode::ACCEPTED)
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(event) = self.waiting.lock().await.recv().await else {
            return status(StatusCode::GONE);
        };
        let number = self.handed_over.fetch_add(1, Ordering::Relaxed);
        let response = Response::builder()
            .header("Content-Type", "application/json")
            .header(
                "Lambda-Runtime-Aws-Request-Id",
                format!("00000000-0000-4000-8000-{number:012}"),
            )
            .header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:us-east-1:123456789012:function:measured",
            )
            .header("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
            .body(event.into());
        response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}")));
    *response.status_mut() = status;
    response
}

async fn serve(listener: TcpListener, session: Arc<Session>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let session = Arc::clone(&session);
        let respond = service_fn(move |request| {
            let session = Arc::clone(&session);
            async move { Ok::<_, Infallible>(session.respond(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), respond);
        // It ends in an error when the function is killed.
        tokio::spawn(async { drop(connection.await) });
    }
}
