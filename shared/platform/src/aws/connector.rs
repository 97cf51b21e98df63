//! Connections to one endpoint, one of which may be opened ahead of the first request.

use std::future::ready;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::aws::trust::Trust;

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Opens connections, with TLS where the scheme of the URI asks for it.
#[derive(Debug, Clone)]
pub struct Connector {
    https: HttpsConnector<HttpConnector>,
    patience: Duration,
    ahead: Arc<Mutex<Option<(Uri, Stream)>>>,
}

impl Connector {
    /// Opens connections to whom `trust` says, each within `patience`.
    #[must_use]
    pub fn new(trust: Trust, patience: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        // The scheme decides, one layer up.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnector::from((tcp, trust.into_tls()));
        Self { https, patience, ahead: Arc::default() }
    }

    /// Opens a connection that the next request to `endpoint` takes. Without it that request opens one.
    pub async fn preconnect(&self, endpoint: &Uri) {
        if let Ok(stream) = self.connect(endpoint.clone()).await {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((endpoint.clone(), stream));
        }
    }

    fn opened_ahead(&self, endpoint: &Uri) -> Option<Stream> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, stream) = ahead.take_if(|(to, _)| {
            to.scheme() == endpoint.scheme() && to.authority() == endpoint.authority()
        })?;
        Some(stream)
    }

    fn connect(&self, endpoint: Uri) -> impl Future<Output = Result<Stream, Failure>> + use<> {
        let connecting = timeout(self.patience, self.https.clone().call(endpoint));
        async { connecting.await.map_err(io::Error::from)? }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, endpoint: Uri) -> Self::Future {
        match self.opened_ahead(&endpoint) {
            Some(stream) => Box::pin(ready(Ok(stream))),
            None => Box::pin(self.connect(endpoint)),
        }
    }
}
