//! A third party.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// What a third party received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query, as they were on the wire.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// What a third party does about a call.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It answers with this status, these headers and this body.
    Reply(u16, Vec<(&'static str, &'static str)>, Vec<u8>),
    /// It never answers.
    Silence,
    /// It closes the connection.
    HangUp,
}

/// A server on a free port, which remembers what it receives.
#[derive(Debug)]
pub struct ThirdParty {
    /// Where it is, without a path.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl ThirdParty {
    /// Starts one that answers as `answer` says; it ends with the test.
    pub async fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&calls);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&remembered), Arc::clone(&answer)));
            }
        });
        Self { url, calls }
    }

    /// Starts one that answers every call with `status`.
    pub async fn answering(status: u16) -> Self {
        Self::start(move |_| Answer::Reply(status, Vec::new(), b"{}".to_vec())).await
    }

    /// What it received so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The URL of a port where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

/// A connection that is broken, to hyper.
#[derive(Debug, thiserror::Error)]
#[error("hung up")]
struct HungUp;

async fn serve(
    stream: TcpStream,
    calls: Arc<Mutex<Vec<Call>>>,
    answer: Arc<impl Fn(&Call) -> Answer>,
) {
    let service = service_fn(|request: Request<Incoming>| async {
        let call = read(request).await;
        calls.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
        match answer(&call) {
            Answer::Reply(status, headers, body) => Ok(reply(status, &headers, body)),
            Answer::Silence => std::future::pending().await,
            Answer::HangUp => Err(HungUp),
        }
    });
    // A client that goes away is no failure of the server.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn read(request: Request<Incoming>) -> Call {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    Call {
        method: parts.method,
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("UTF-8"),
    }
}

fn reply(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    reply.body(Full::from(body)).expect("a reply")
}
