//! `cargo run -- send`: a sample event sent to an API, local or deployed.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use serde_json::Value;
use settlement::outbound::{Client, SendError};

use crate::event::{self, HttpRequest};

/// How long an answer is waited for: a container that has to start for it may need a while.
const TIMEOUTS: Duration = Duration::from_mins(1);

/// What to send.
#[derive(Debug, clap::Args)]
pub struct Send {
    /// A sample event, for instance events/giveaway-action.json
    file: PathBuf,
    /// The API to send it to
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendFailure {
    /// The file cannot be read.
    #[error("the event cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is no API Gateway event.
    #[error("the file is no API Gateway event")]
    NoEvent,
    /// The URL is none.
    #[error("--url is no URL")]
    NoUrl,
    /// The API did not answer.
    #[error("{0}; is the API running?")]
    SendError(#[from] SendError),
}

impl Send {
    /// Sends the event; the answer's status and body.
    pub async fn run(&self) -> Result<(u16, String), SendFailure> {
        let text = fs::read_to_string(&self.file)?;
        let event = serde_json::from_str(&text).map_err(|_| SendFailure::NoEvent)?;
        let sample = event::to_http(&event).ok_or(SendFailure::NoEvent)?;
        send(&self.url, sample).await
    }
}

/// Sends a request to the API at `url`; the answer's status and body.
pub async fn send(url: &str, request: HttpRequest) -> Result<(u16, String), SendFailure> {
    let base = url.trim_end_matches('/');
    let uri = format!("{base}{}?{}", request.path, request.query);
    let mut sent = http::Request::builder()
        .method(request.method.as_str())
        .uri(uri.trim_end_matches('?'))
        .body(Bytes::from(request.body))
        .map_err(|_| SendFailure::NoUrl)?;
    if sent.uri().authority().is_none() {
        return Err(SendFailure::NoUrl);
    }
    *sent.headers_mut() = request.headers;
    // The client sets these for the connection that it makes.
    sent.headers_mut().remove(HOST);
    sent.headers_mut().remove(CONTENT_LENGTH);
    let reply = Client::new(TIMEOUTS)?.send(sent).await?;
    Ok((reply.status, String::from_utf8_lossy(&reply.body).into_owned()))
}

/// Asks the stand-ins at `url` something, or tells them; the answer's status and body.
pub async fn steer(
    url: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<(u16, String), SendFailure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request = HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers,
        body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
    };
    send(url, request).await
}
