//! Stands between a function and DynamoDB: counts the requests, denies what the function's role does not
//! allow, and breaks the others as it is told.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::{TIMEOUTS, permissions};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered, if the caller may ask it.
    Answered,
    /// The connection is reset before the request is passed on.
    LostRequest,
    /// It is carried out, and the connection is reset before the reply.
    LostReply,
    /// It is carried out, and the connection ends in the middle of the reply.
    HalfReply,
    /// Nothing happens until the caller gives up; it is never carried out.
    HeldRequest,
    /// It is carried out, and nothing happens until the caller gives up.
    HeldReply,
    /// It is carried out after the first pause, whether or not the caller still waits, and answered
    /// after the second.
    Slow(Duration, Duration),
    /// It is not carried out, and answered with this status and this body.
    Instead(u16, &'static str),
}

/// The proxy.
pub(crate) struct Proxy {
    state: Arc<State>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
    /// Keeps the port while nobody listens on it.
    bound: Option<TcpSocket>,
}

struct State {
    upstream: SocketAddr,
    /// The fate of the next requests, and then that of all others.
    next: Mutex<VecDeque<Fate>>,
    others: Mutex<Fate>,
    /// The operations that were asked for.
    asked: Mutex<Vec<String>>,
    /// How many requests are yet to be carried out.
    under_way: watch::Sender<usize>,
}

impl Proxy {
    /// Starts a proxy for the server at `upstream`.
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let state = Arc::new(State {
            upstream,
            next: Mutex::default(),
            others: Mutex::new(Fate::Answered),
            asked: Mutex::default(),
            under_way: watch::Sender::default(),
        });
        let bound = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let address = bound.local_addr().expect("an address");
        let mut proxy =
            Self { state, address, accepting: tokio::spawn(async {}), bound: Some(bound) };
        proxy.listen();
        proxy
    }

    /// Its URL, for as long as it lives.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets `fates` befall the next requests, one each, and the last of them every other one.
    pub(crate) fn befall(&self, fates: &[Fate]) {
        let (last, first) = fates.split_last().expect("a fate");
        *self.state.next.lock().expect("no panic") = first.iter().copied().collect();
        *self.state.others.lock().expect("no panic") = *last;
    }

    /// Refuses connections from now on, and resets those that there are.
    pub(crate) async fn stop(&mut self) {
        self.accepting.abort();
        let _ = (&mut self.accepting).await;
        // A process that is just being started may still have the port for a moment.
        let bound = async {
            loop {
                match bind(self.address) {
                    Ok(socket) => break socket,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        self.bound = Some(timeout(TIMEOUTS, bound).await.expect("the port in time"));
    }

    /// Accepts connections again.
    pub(crate) fn listen(&mut self) {
        let bound = self.bound.take().expect("stopped before");
        let listener = bound.listen(1024).expect("a listener");
        self.accepting = tokio::spawn(accept(listener, Arc::clone(&self.state)));
    }

    /// Waits until everything is carried out that will be.
    pub(crate) async fn at_rest(&self) {
        let mut under_way = self.state.under_way.subscribe();
        let at_rest = under_way.wait_for(|requests| *requests == 0);
        timeout(TIMEOUTS, at_rest).await.expect("carried out in time").expect("the proxy lives");
    }

    /// The operations that were asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.asked.lock().expect("no panic"))
    }
}

impl State {
    fn fate(&self) -> Fate {
        let next = self.next.lock().expect("no panic").pop_front();
        next.unwrap_or_else(|| *self.others.lock().expect("no panic"))
    }
}

/// A socket that has a port and refuses connections until it listens.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Ends with this future, so that to stop accepting is to close every connection.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) -> io::Result<()> {
    // Whenever the connection is dropped here, the caller sees a reset.
    stream.set_zero_linger()?;
    let mut caller = BufReader::new(stream);
    loop {
        let request = Message::read(&mut caller).await?;
        let operation = request.header("x-amz-target").unwrap_or("none").to_owned();
        let allowed =
            permissions::allows(request.header("authorization"), &operation, &request.body);
        state.asked.lock().expect("no panic").push(operation);
        let reply = match state.fate() {
            Fate::Answered if !allowed => Message::reply(400, permissions::DENIED),
            Fate::Answered => state.pass_on(&request).await?,
            Fate::LostRequest => return Ok(()),
            Fate::LostReply => {
                state.pass_on(&request).await?;
                return Ok(());
            }
            Fate::HalfReply => {
                let reply = state.pass_on(&request).await?;
                caller.write_all(&reply.head).await?;
                caller.write_all(&reply.body[..reply.body.len() / 2]).await?;
                caller.shutdown().await?;
                return gone(&mut caller).await;
            }
            Fate::HeldRequest => return gone(&mut caller).await,
            Fate::HeldReply => {
                state.pass_on(&request).await?;
                return gone(&mut caller).await;
            }
            Fate::Slow(before, after) => {
                let reply = state.pass_on_after(before, &request).await?;
                sleep(after).await;
                reply
            }
            Fate::Instead(status, body) => Message::reply(status, body),
        };
        caller.write_all(&reply.head).await?;
        caller.write_all(&reply.body).await?;
        caller.flush().await?;
    }
}

/// Waits until the caller hangs up.
async fn gone(caller: &mut BufReader<TcpStream>) -> io::Result<()> {
    caller.read_u8().await.map(drop)
}

impl State {
    async fn pass_on_after(&self, pause: Duration, request: &Message) -> io::Result<Message> {
        let _counted = UnderWay::count(&self.under_way);
        sleep(pause).await;
        self.pass_on(request).await
    }

    async fn pass_on(&self, request: &Message) -> io::Result<Message> {
        let _counted = UnderWay::count(&self.under_way);
        let mut upstream = BufReader::new(TcpStream::connect(self.upstream).await?);
        upstream.write_all(&request.head).await?;
        upstream.write_all(&request.body).await?;
        upstream.flush().await?;
        Message::read(&mut upstream).await
    }
}

/// A request that is counted until this is dropped.
struct UnderWay<'a>(&'a watch::Sender<usize>);

impl<'a> UnderWay<'a> {
    fn count(requests: &'a watch::Sender<usize>) -> Self {
        requests.send_modify(|requests| *requests += 1);
        Self(requests)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|requests| *requests -= 1);
    }
}

/// An HTTP/1.1 request or response whose body has a `content-length`, byte for byte.
struct Message {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Message {
    async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut message = Self { head, body: Vec::new() };
        let length = message.header("content-length").map_or(0, |n| n.parse().expect("a length"));
        message.body.resize(length, 0);
        stream.read_exact(&mut message.body).await?;
        Ok(message)
    }

    fn reply(status: u16, body: &str) -> Self {
        // A success that is not DynamoDB's own says so.
        let kind = if status == 200 { "json" } else { "x-amz-json-1.0" };
        let head = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: application/{kind}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        Self { head: head.into_bytes(), body: body.as_bytes().to_vec() }
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let head = str::from_utf8(&self.head).expect("an ASCII head");
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    }
}
