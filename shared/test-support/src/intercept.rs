//! An endpoint that holds each request until the test has decided about it.

use bytes::Bytes;
use http::Request;
use tokio::sync::{mpsc, oneshot};

use crate::TIMEOUTS;
use crate::server::{self, Answer, Server};

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
    answer: oneshot::Sender<Answer>,
}

impl Intercept {
    /// Listens on a free port.
    pub async fn listen() -> Self {
        let (sender, held) = mpsc::unbounded_channel();
        let server = Server::start(move |request| {
            let (answer, answered) = oneshot::channel();
            // Where the test has ended, it is dropped.
            let _ = sender.send(Held { request, answer });
            async { answered.await.unwrap_or(Answer::HangUp) }
        });
        Self { url: server.await.url(), held }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next request; a test to which none comes has failed.
    pub async fn held(&mut self) -> Held {
        let next = tokio::time::timeout(TIMEOUTS, self.held.recv()).await;
        next.expect("a request in time").expect("the server holds on to the sender")
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
        server::operation(&self.request)
    }

    /// Its body, as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.request.body()).expect("JSON")
    }

    /// Hands it on to `url`, and the answer back.
    pub async fn forward(self, url: &str) {
        let response = server::forward(url, self.request).await;
        // Whoever asked may have been stopped.
        let _ = self.answer.send(Answer::Reply(response));
    }

    /// Hands it on to `url`, and loses the answer.
    pub async fn forward_and_lose_answer(self, url: &str) {
        server::forward(url, self.request).await;
    }

    /// Answers it with this JSON text as a success of DynamoDB's.
    pub fn succeed(self, json: &str) {
        let answer = Answer::new(200, json.to_owned());
        let answer = answer.with_header("content-type", "application/x-amz-json-1.0");
        let _ = self.answer.send(answer);
    }

    /// Answers it with this status and this JSON text.
    pub fn answer(self, status: u16, json: &str) {
        let _ = self.answer.send(Answer::new(status, json.to_owned()));
    }
}
