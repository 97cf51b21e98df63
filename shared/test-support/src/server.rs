//! An HTTP server on the loopback interface whose every answer the test decides.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::TIMEOUTS;

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// It is answered.
    Reply(Response<Bytes>),
    /// It is answered with the first half of this, and then the connection ends.
    Half(Response<Bytes>),
    /// Nothing happens until the caller gives up.
    Silence,
    /// The connection is reset.
    HangUp,
}

impl Answer {
    /// An answer with this status and this body.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        Self::Reply(response)
    }

    /// The same with a header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Reply(response) | Self::Half(response) = &mut self {
            let value = HeaderValue::from_str(value).expect("a header's value");
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
        self
    }
}

type Accept = Box<dyn Fn(TcpListener) -> JoinHandle<()> + Send + Sync>;

/// A server with a port of its own. It serves until the test's runtime ends, also when this is dropped.
pub struct Server {
    address: SocketAddr,
    accept: Accept,
    port: Mutex<Port>,
}

/// A port that stays the server's own.
enum Port {
    /// Whoever connects is refused.
    Bound(TcpSocket),
    /// Served.
    Open(JoinHandle<()>),
    /// No longer its own.
    Closed,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.address).finish()
    }
}

impl Server {
    /// Starts a server that does with each request as `answer` says. A request is worked on to its end
    /// also when its caller hangs up meanwhile.
    pub async fn start<F>(answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        Self::start_over(|stream| std::future::ready(Ok(stream)), answer).await
    }

    /// The same over what `open` makes of a connection, for instance TLS.
    pub async fn start_over<S, O, F>(
        open: impl Fn(TcpStream) -> O + Send + Sync + 'static,
        answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        O: Future<Output = io::Result<S>> + Send + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let (listener, address) = listen().await;
        let accept = accept(open, answer);
        let port = Mutex::new(Port::Open(accept(listener)));
        Self { address, accept, port }
    }

    /// A server that has a port and refuses connections until it is told to [`listen`](Server::listen).
    pub fn down<F>(answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let socket = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        Self {
            address: socket.local_addr().expect("an address"),
            accept: accept(|stream| std::future::ready(Ok(stream)), answer),
            port: Mutex::new(Port::Bound(socket)),
        }
    }

    /// Where it is.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Accepts connections, if it does not yet.
    pub fn listen(&self) {
        let mut port = self.port.lock().expect("no panic");
        *port = match std::mem::replace(&mut *port, Port::Closed) {
            Port::Bound(socket) => {
                Port::Open((self.accept)(socket.listen(1024).expect("a listener")))
            }
            other => other,
        };
    }

    /// Gives its port up, and ends the connections that there are; what is to be waited for until they are.
    pub fn close(&self) -> Option<JoinHandle<()>> {
        let port = std::mem::replace(&mut *self.port.lock().expect("no panic"), Port::Closed);
        let Port::Open(accepting) = port else { return None };
        accepting.abort();
        Some(accepting)
    }

    /// Refuses connections from now on, and resets those that there are.
    pub async fn stop(&self) {
        if let Some(accepting) = self.close() {
            let _ = accepting.await;
        }
        // A process that is just being started may still have the port for a moment.
        let bound = async {
            loop {
                match bind(self.address) {
                    Ok(socket) => break socket,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let bound = timeout(TIMEOUTS, bound).await.expect("the port in time");
        *self.port.lock().expect("no panic") = Port::Bound(bound);
    }
}

/// A listener on a free port, and where that is.
pub async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// An address where nobody listens.
pub async fn nobody() -> SocketAddr {
    listen().await.1
}

/// Hands `request` on to `url`: its answer.
pub async fn forward(url: &str, request: Request<Bytes>) -> Response<Bytes> {
    let uri: Uri = url.parse().expect("a URL");
    let authority = uri.authority().expect("host and port").as_str();
    let stream = TcpStream::connect(authority).await.expect("connected");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("connected");
    tokio::spawn(connection);
    let response = sender.send_request(request.map(Full::new)).await.expect("an answer");
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.expect("an answer").to_bytes())
}

/// The operation of AWS that `request` asks for: the last part of its `x-amz-target`.
#[must_use]
pub fn operation(request: &Request<Bytes>) -> &str {
    let target = request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// A socket that has a port and refuses connections until it listens.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn accept<S, O, F>(
    open: impl Fn(TcpStream) -> O + Send + Sync + 'static,
    answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static,
) -> Accept
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    O: Future<Output = io::Result<S>> + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let (open, answer) = (Arc::new(open), Arc::new(answer));
    Box::new(move |listener| {
        let (open, answer) = (Arc::clone(&open), Arc::clone(&answer));
        tokio::spawn(async move {
            // They end with this task, so that to stop accepting is to close every connection.
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                stream.set_nodelay(true).expect("a socket");
                // Whenever the connection is dropped here, the caller sees a reset.
                stream.set_zero_linger().expect("a socket");
                let (opened, answer) = (open(stream), Arc::clone(&answer));
                connections.spawn(async move {
                    if let Ok(stream) = opened.await {
                        serve(stream, &*answer).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        })
    })
}

async fn serve<F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &(impl Fn(Request<Bytes>) -> F + Sync),
) where
    F: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(|request: Request<Incoming>| async {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        // A task of its own, which the end of the connection does not stop.
        match tokio::spawn(answer(Request::from_parts(parts, body))).await {
            Ok(Answer::Reply(response)) => Ok(response.map(|body| Either::Left(Full::new(body)))),
            Ok(Answer::Half(response)) => Ok(response.map(|body| Either::Right(Half::new(&body)))),
            Ok(Answer::Silence) => std::future::pending().await,
            Ok(Answer::HangUp) | Err(_) => Err(Broken),
        }
    });
    // A caller that goes away is no failure of the server.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// To hyper, a reason to end a connection.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken off")
    }
}

impl std::error::Error for Broken {}

/// A body that breaks off in the middle.
struct Half {
    length: u64,
    first: Option<Bytes>,
    written: bool,
}

impl Half {
    fn new(whole: &Bytes) -> Self {
        let length = whole.len().try_into().expect("a length");
        Self { length, first: Some(whole.slice(..whole.len() / 2)), written: false }
    }
}

impl Body for Half {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if !std::mem::replace(&mut self.written, true) {
            // Meanwhile hyper writes what it has.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Broken)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What comes back on a connection of its own before that ends, and how it ends.
    async fn read(server: &Server, path: &str) -> (String, io::Result<()>) {
        let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut read = Vec::new();
        let ended = timeout(TIMEOUTS, stream.read_to_end(&mut read)).await.expect("an end");
        (String::from_utf8(read).expect("text"), ended.map(drop))
    }

    fn answer(request: Request<Bytes>) -> std::future::Ready<Answer> {
        let (parts, _) = request.into_parts();
        std::future::ready(match parts.uri.path() {
            "/whole" => Answer::new(200, "12345678"),
            "/half" => Answer::Half(Response::new(Bytes::from_static(b"12345678"))),
            _ => Answer::HangUp,
        })
    }

    #[tokio::test]
    async fn an_answer_is_whole_or_half_or_none() {
        let server = Server::start(answer).await;
        let (whole, ended) = read(&server, "/whole").await;
        assert!(whole.contains("content-length: 8") && whole.ends_with("\r\n\r\n12345678"));
        ended.expect("a good end");
        let (half, _) = read(&server, "/half").await;
        assert!(half.contains("content-length: 8") && half.ends_with("\r\n\r\n1234"), "{half}");
        let (nothing, ended) = read(&server, "/").await;
        assert_eq!((nothing.as_str(), ended.is_err()), ("", true));
    }

    #[tokio::test]
    async fn a_server_that_is_down_refuses_and_keeps_its_port() {
        let server = Server::down(answer);
        let refused = async || TcpStream::connect(server.address()).await.is_err();
        assert!(refused().await);
        server.listen();
        let mut open = TcpStream::connect(server.address()).await.expect("a connection");
        assert!(read(&server, "/whole").await.1.is_ok());
        server.stop().await;
        assert!(open.read_u8().await.is_err(), "it is closed");
        assert!(refused().await);
        server.listen();
        assert!(!refused().await);
    }
}
