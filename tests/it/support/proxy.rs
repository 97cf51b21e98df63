//! Stands between a function and DynamoDB: counts the requests, denies what the function's role does not
//! allow, and breaks the others as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use test_support::server::forward;
use test_support::{Answer, Server, TIMEOUTS};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::permissions;

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
    server: Server,
}

struct State {
    upstream: String,
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
    pub(crate) async fn start(upstream: &str) -> Self {
        let state = Arc::new(State {
            upstream: upstream.to_owned(),
            next: Mutex::default(),
            others: Mutex::new(Fate::Answered),
            asked: Mutex::default(),
            under_way: watch::Sender::default(),
        });
        let known = Arc::clone(&state);
        let server = Server::start(move |request| Arc::clone(&known).answer(request)).await;
        Self { state, server }
    }

    /// Its URL, for as long as it lives.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Lets `fates` befall the next requests, one each, and the last of them every other one.
    pub(crate) fn befall(&self, fates: &[Fate]) {
        let (last, first) = fates.split_last().expect("a fate");
        *self.state.next.lock().expect("no panic") = first.iter().copied().collect();
        *self.state.others.lock().expect("no panic") = *last;
    }

    /// Refuses connections from now on, and resets those that there are.
    pub(crate) async fn stop(&self) {
        self.server.stop().await;
    }

    /// Accepts connections again.
    pub(crate) fn listen(&self) {
        self.server.listen();
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

    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Answer {
        let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
        let operation = header("x-amz-target").unwrap_or("none").to_owned();
        let allowed = permissions::allows(header("authorization"), &operation, request.body());
        self.asked.lock().expect("no panic").push(operation);
        let none = Duration::ZERO;
        match self.fate() {
            Fate::Answered if !allowed => instead(400, permissions::DENIED),
            Fate::Answered => Answer::Reply(self.pass_on(none, request).await),
            Fate::LostRequest => Answer::HangUp,
            Fate::LostReply => {
                self.pass_on(none, request).await;
                Answer::HangUp
            }
            Fate::HalfReply => Answer::Half(self.pass_on(none, request).await),
            Fate::HeldRequest => Answer::Silence,
            Fate::HeldReply => {
                self.pass_on(none, request).await;
                Answer::Silence
            }
            Fate::Slow(before, after) => {
                let reply = self.pass_on(before, request).await;
                sleep(after).await;
                Answer::Reply(reply)
            }
            Fate::Instead(status, body) => instead(status, body),
        }
    }

    async fn pass_on(&self, pause: Duration, request: Request<Bytes>) -> Response<Bytes> {
        let _counted = UnderWay::count(&self.under_way);
        if !pause.is_zero() {
            sleep(pause).await;
        }
        forward(&self.upstream, request).await
    }
}

fn instead(status: u16, body: &'static str) -> Answer {
    // A success that is not DynamoDB's own says so.
    let kind = if status == 200 { "application/json" } else { "application/x-amz-json-1.0" };
    Answer::new(status, body).with_header("content-type", kind)
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
