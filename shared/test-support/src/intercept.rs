//! An endpoint of AWS whose every answer the test decides.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// How long a test waits for a request before it has failed.
const TIMEOUTS: Duration = Duration::from_secs(20);

/// An endpoint that holds every request until the test has decided about it.
#[derive(Debug)]
pub struct Intercept {
    url: String,
    held: mpsc::UnboundedReceiver<Held>,
}

/// A request that waits for what becomes of it. Dropped, it never arrived, and its connection breaks.
#[derive(Debug)]
pub struct Held {
    request: Request<Bytes>,
    answer: oneshot::Sender<Response<Full<Bytes>>>,
}

impl Intercept {
    /// Listens on a free port.
    pub async fn listen() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, held) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, sender.clone()));
            }
        });
        Self { url, held }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next request; a test to which none comes has failed.
    pub async fn held(&mut self) -> Held {
        let next = tokio::time::timeout(TIMEOUTS, self.held.recv()).await;
        next.expect("a request in time").expect("the listener holds on to the sender")
    }

    /// Hands every request on to `url`, for good.
    pub async fn forward_all(mut self, url: &str) {
        while let Some(held) = self.held.recv().await {
            held.forward(url).await;
        }
    }
}

impl Held {
    /// The operation that it asks for: the last part of `x-amz-target`.
    #[must_use]
    pub fn operation(&self) -> &str {
        let target = self.request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
        target.and_then(|target| target.rsplit('.').next()).unwrap_or_default()
    }

    /// Its body, as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.request.body()).expect("JSON")
    }

    /// Hands it on to `url`, and the answer back.
    pub async fn forward(self, url: &str) {
        let response = exchange(url, self.request).await;
        // Whoever asked may have been stopped.
        let _ = self.answer.send(response);
    }

    /// Hands it on to `url`, and loses the answer.
    pub async fn forward_and_lose_answer(self, url: &str) {
        exchange(url, self.request).await;
    }

    /// Answers it with this status and this JSON text.
    pub fn answer(self, status: u16, json: &str) {
        let mut response = Response::new(Full::from(json.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        let _ = self.answer.send(response);
    }
}

async fn connection(stream: TcpStream, sender: mpsc::UnboundedSender<Held>) {
    let service = service_fn(|request: Request<Incoming>| {
        let sender = sender.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(|_| "the request broke off")?.to_bytes();
            let (answer, answered) = oneshot::channel();
            let held = Held { request: Request::from_parts(parts, body), answer };
            sender.send(held).map_err(|_| "the test has ended")?;
            answered.await.map_err(|_| "lost")
        }
    });
    // An error of the service breaks the connection, which is what it is for.
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    drop(served);
}

async fn exchange(url: &str, request: Request<Bytes>) -> Response<Full<Bytes>> {
    let uri: Uri = url.parse().expect("a URL");
    let authority = uri.authority().expect("host and port").as_str();
    let stream = TcpStream::connect(authority).await.expect("connected");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("connected");
    tokio::spawn(connection);
    let response = sender.send_request(request.map(Full::new)).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("an answer").to_bytes();
    Response::from_parts(parts, Full::new(body))
}
