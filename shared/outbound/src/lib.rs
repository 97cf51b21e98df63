//! Sends HTTP requests to third parties.
//!
//! The client is hyper with the TLS stack that the AWS SDK brings. Neither a request nor an error
//! shows the URL, because some providers take their key in it.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderMap;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Sends requests, over HTTP or HTTPS as their URL says.
pub struct Client {
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, cut off at [`LARGEST_REPLY`] bytes.
    pub body: Vec<u8>,
}

/// How much of a reply is read, in bytes.
pub const LARGEST_REPLY: usize = 2 * 1024;

/// No reply came back. Whether the request arrived is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoReply {
    /// It took too long.
    #[error("no reply in time")]
    TimedOut,
    /// There was no connection, or it broke.
    #[error("the connection failed")]
    Unreachable,
}

impl Client {
    /// A client that waits for a whole exchange as long as `patience`.
    ///
    /// # Errors
    ///
    /// When the machine's certificates cannot be read.
    pub fn new(patience: Duration) -> io::Result<Self> {
        let https = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        let http =
            hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(https);
        Ok(Self { http, patience })
    }

    /// Sends `request`, whose URI must be absolute.
    ///
    /// # Errors
    ///
    /// [`NoReply`].
    pub async fn send(&self, request: http::Request<Bytes>) -> Result<Reply, NoReply> {
        tokio::time::timeout(self.patience, self.exchange(request))
            .await
            .unwrap_or(Err(NoReply::TimedOut))
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<Reply, NoReply> {
        let reply = self
            .http
            .request(request.map(Full::new))
            .await
            .map_err(|_| NoReply::Unreachable)?;
        let (parts, mut incoming) = reply.into_parts();
        let mut body = Vec::new();
        while body.len() < LARGEST_REPLY {
            let Some(frame) = incoming.frame().await else { break };
            let frame = frame.map_err(|_| NoReply::Unreachable)?;
            if let Some(data) = frame.data_ref() {
                body.extend_from_slice(data);
            }
        }
        body.truncate(LARGEST_REPLY);
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}
