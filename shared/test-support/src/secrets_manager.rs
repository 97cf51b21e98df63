//! Secrets Manager with one secret, in its protocol ("AWS JSON 1.1" in Smithy's documentation).

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::server::{Answer, Server, operation};

/// What it does when it is asked for the secret.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Hands it over.
    Secret(String),
    /// Hands it over as it was when it was asked for, once [`SecretsManager::release`] is called.
    Late(String),
    /// Hands it over as bytes, in base64.
    Binary(&'static str),
    /// Answers with an error of this type.
    Error(u16, &'static str),
    /// Answers with this body, whatever it is.
    Body(&'static str),
    /// Hangs up.
    HangUp,
    /// Says nothing.
    Silence,
}

impl Reply {
    /// Hands `secret` over.
    #[must_use]
    pub fn secret(secret: &str) -> Self {
        Self::Secret(secret.to_owned())
    }
}

/// A Secrets Manager that knows one secret.
#[derive(Debug)]
pub struct SecretsManager {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    id: &'static str,
    reply: Mutex<Reply>,
    reads: Mutex<usize>,
    released: Notify,
}

impl SecretsManager {
    /// Refuses connections until it is told what to reply about the secret `id`.
    #[must_use]
    pub fn down(id: &'static str) -> Self {
        let state = Arc::new(State {
            id,
            reply: Mutex::new(Reply::HangUp),
            reads: Mutex::default(),
            released: Notify::new(),
        });
        let known = Arc::clone(&state);
        let server = Server::down(move |request| Arc::clone(&known).answer(request));
        Self { server, state }
    }

    /// Replies so from the beginning.
    #[must_use]
    pub fn up(id: &'static str, reply: Reply) -> Self {
        let up = Self::down(id);
        up.reply(reply);
        up
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Hands `secret` to everybody from now on.
    pub fn serve(&self, secret: &str) {
        self.reply(Reply::secret(secret));
    }

    /// Replies so from now on.
    pub fn reply(&self, reply: Reply) {
        *self.state.reply.lock().expect("no panic") = reply;
        self.server.listen();
    }

    /// Lets a [`Reply::Late`] go.
    pub fn release(&self) {
        self.state.released.notify_one();
    }

    /// How often it was asked for the secret.
    #[must_use]
    pub fn reads(&self) -> usize {
        *self.state.reads.lock().expect("no panic")
    }
}

impl State {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Answer {
        assert_eq!(operation(&request), "GetSecretValue");
        let asked: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(asked, json!({"SecretId": self.id}));
        *self.reads.lock().expect("no panic") += 1;
        let reply = self.reply.lock().expect("no panic").clone();
        let whole = |member: &str, value: &str| {
            json!({"ARN": "arn", "Name": self.id, "VersionId": "1", member: value}).to_string()
        };
        let (status, body) = match reply {
            Reply::Secret(secret) => (200, whole("SecretString", &secret)),
            Reply::Late(secret) => {
                self.released.notified().await;
                (200, whole("SecretString", &secret))
            }
            Reply::Binary(base64) => (200, whole("SecretBinary", base64)),
            Reply::Error(status, kind) => {
                (status, json!({"__type": kind, "Message": "no"}).to_string())
            }
            Reply::Body(body) => (200, body.to_owned()),
            Reply::HangUp => return Answer::HangUp,
            Reply::Silence => return Answer::Silence,
        };
        Answer::new(status, body).with_header("content-type", "application/x-amz-json-1.1")
    }
}
