//! Sends a request, with a time limit and a cap on what is read back.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderMap;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::outbound::url::Url;

/// Sends requests, over HTTP or HTTPS as their URL says.
pub struct Client {
    http: Http,
    patience: Duration,
}

/// The two kinds of connections.
enum Http {
    Plain(legacy::Client<HttpConnector, Full<Bytes>>),
    Any(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// What came back. Debug shows its status only: a third party may repeat what it was sent.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The reply's headers.
    pub headers: HeaderMap,
    /// The body, without a byte order mark at its beginning; cut off at [`LARGEST_REPLY`] bytes.
    pub body: Vec<u8>,
    /// Whether the body was longer than that, so that nothing may be concluded from it.
    pub cut_off: bool,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// How much of a reply is read, in bytes. What is kept of it is [far less](crate::outbound::excerpt()).
pub const LARGEST_REPLY: usize = 64 * 1024;

/// U+FEFF at the beginning of a text, in UTF-8. JSON must not have it (RFC 8259 section 8.1), and some
/// servers send it all the same.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// No reply came back. Whether the request arrived is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
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
        let http = legacy::Client::builder(TokioExecutor::new()).build(https);
        Ok(Self { http: Http::Any(http), patience })
    }

    /// The same for requests to `url`: where that is HTTP, without HTTPS and the certificates for it.
    ///
    /// # Errors
    ///
    /// Those of [`Client::new`].
    pub fn to(url: &Url, patience: Duration) -> io::Result<Self> {
        if url.is_https() {
            return Self::new(patience);
        }
        let http = legacy::Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { http: Http::Plain(http), patience })
    }

    /// Sends `request`, whose URI must be absolute.
    pub async fn send(&self, request: http::Request<Bytes>) -> Result<Reply, SendError> {
        tokio::time::timeout(self.patience, self.exchange(request))
            .await
            .unwrap_or(Err(SendError::TimedOut))
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<Reply, SendError> {
        let request = request.map(Full::new);
        let reply = match &self.http {
            Http::Plain(http) => http.request(request),
            Http::Any(http) => http.request(request),
        };
        let reply = reply.await.map_err(|_| SendError::Unreachable)?;
        let (parts, mut incoming) = reply.into_parts();
        let mut body = Vec::new();
        while body.len() <= LARGEST_REPLY {
            let Some(frame) = incoming.frame().await else { break };
            let frame = frame.map_err(|_| SendError::Unreachable)?;
            if let Some(data) = frame.data_ref() {
                body.extend_from_slice(data);
            }
        }
        let cut_off = body.len() > LARGEST_REPLY;
        body.truncate(LARGEST_REPLY);
        if body.starts_with(BYTE_ORDER_MARK) {
            body.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body, cut_off })
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use settings::Settings;
    use test_support::{Answer, ThirdParty};

    use super::*;

    async fn send(url: &str) -> Result<Reply, SendError> {
        let settings = Settings::from([("URL", url)]);
        let url = Url::configure(&settings, "URL").expect("a URL");
        let client = Client::to(&url, Duration::from_secs(5)).expect("certificates");
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = url.as_uri().clone();
        client.send(request).await
    }

    async fn reply(body: Vec<u8>) -> Reply {
        let third = ThirdParty::start(move |_| Answer::new(418, body.clone()));
        send(&third.await.url).await.expect("a reply")
    }

    #[tokio::test]
    async fn a_reply_is_read_whole_up_to_64_kib() {
        for (sent, read, cut_off) in [
            (0, 0, false),
            (65_535, 65_535, false),
            (65_536, 65_536, false),
            (65_537, 65_536, true),
        ] {
            let reply = reply(vec![b'.'; sent]).await;
            assert_eq!((reply.body.len(), reply.cut_off), (read, cut_off), "{sent}");
            assert_eq!(format!("{reply:?}"), "Reply { status: 418, .. }");
        }
        assert_eq!(reply(vec![b'.'; 1 << 20]).await.body, vec![b'.'; 65_536]);
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_left_out() {
        assert_eq!(reply(b"\xEF\xBB\xBF{}".to_vec()).await.body, b"{}");
        assert_eq!(reply(b"\xEF\xBB\xBF".to_vec()).await.body, b"");
        // Only at the beginning, and only a whole one.
        assert_eq!(reply(b"{}\xEF\xBB\xBF".to_vec()).await.body, b"{}\xEF\xBB\xBF");
        assert_eq!(reply(b"\xEF\xBB{}".to_vec()).await.body, b"\xEF\xBB{}");
    }

    #[tokio::test]
    async fn https_is_never_spoken_in_the_clear() {
        let third = ThirdParty::answering(200).await;
        let reply = send(&third.url.replace("http://", "https://")).await;
        assert_eq!(reply.expect_err("no certificate"), SendError::Unreachable);
        assert_eq!(third.calls(), []);
    }
}
