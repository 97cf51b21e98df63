//! HTTP/1.1 as the SDK's clients take it.
//!
//! The SDK's own client does the same, and HTTP/2 and proxies besides, which no function here uses; and
//! it cannot be given a connection that is already open.

use std::error::Error;
use std::io;
use std::iter::successors;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::aws::connector::Connector;

/// A pool of connections to one endpoint.
#[derive(Debug, Clone)]
pub struct Http {
    pool: Client<Connector, SdkBody>,
}

impl Http {
    /// A pool whose connections `connector` opens.
    #[must_use]
    pub fn new(connector: Connector) -> Self {
        Self { pool: pool(connector) }
    }
}

/// Connections that `connector` opens, each used again until it was idle for too long, for which there is a timer.
pub(crate) fn pool(connector: Connector) -> Client<Connector, SdkBody> {
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || metadata(&connection));
        }
        let response = self.pool.request(request);
        HttpConnectorFuture::new(async {
            let response = response.await.map_err(failure)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// By this the SDK keeps a connection from being used again after an error.
fn metadata(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

/// Every failure is one of the connection, after which the SDK tries again.
fn failure(error: legacy::Error) -> ConnectorError {
    let causes = successors(error.source(), |&error| error.source());
    let timed_out = causes
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::TimedOut);
    if timed_out { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use test_support::{listen, nobody};
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::aws::trust::Trust;

    const TIMEOUTS: Duration = Duration::from_secs(5);

    async fn get(http: &Http, address: SocketAddr) -> Result<u16, ConnectorError> {
        let request = HttpRequest::get(format!("http://{address}/")).expect("a request");
        http.call(request).await.map(|response| response.status().as_u16())
    }

    /// Reads one request and answers it with 204.
    async fn answer(stream: &mut BufReader<TcpStream>) {
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert_ne!(stream.read_line(&mut line).await.expect("a request"), 0);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("sent");
    }

    #[tokio::test]
    async fn the_first_request_takes_the_connection_that_was_opened_ahead() {
        let (listener, address) = listen().await;
        let connector = Connector::new(Trust::Nobody, TIMEOUTS);
        let http = Http::new(connector.clone());
        connector.preconnect(&format!("http://{address}").parse().expect("a URI")).await;
        let (stream, _) = listener.accept().await.expect("a connection");
        // Whoever connects from now on is refused.
        drop(listener);
        let mut stream = BufReader::new(stream);
        for _ in 0..2 {
            let (status, ()) = tokio::join!(get(&http, address), answer(&mut stream));
            assert_eq!(status.expect("a response"), 204);
        }
    }

    #[tokio::test]
    async fn a_connection_to_elsewhere_is_not_taken() {
        let (listener, address) = listen().await;
        let (elsewhere, other) = listen().await;
        let connector = Connector::new(Trust::Nobody, TIMEOUTS);
        let http = Http::new(connector.clone());
        connector.preconnect(&format!("http://{other}").parse().expect("a URI")).await;
        let answered = async {
            let (stream, _) = listener.accept().await.expect("a connection");
            answer(&mut BufReader::new(stream)).await;
        };
        let (status, ()) = tokio::join!(get(&http, address), answered);
        assert_eq!(status.expect("a response"), 204);
        drop(elsewhere);
    }

    #[tokio::test]
    async fn without_a_connection_ahead_requests_open_their_own() {
        let address = nobody().await;
        let connector = Connector::new(Trust::Nobody, TIMEOUTS);
        let http = Http::new(connector.clone());
        connector.preconnect(&format!("http://{address}").parse().expect("a URI")).await;
        assert!(get(&http, address).await.expect_err("nobody there").is_io());

        let listener = TcpListener::bind(address).await.expect("the same port");
        let answered = async {
            let (stream, _) = listener.accept().await.expect("a connection");
            answer(&mut BufReader::new(stream)).await;
        };
        let (status, ()) = tokio::join!(get(&http, address), answered);
        assert_eq!(status.expect("a response"), 204);
    }

    /// The SDK tries again after both.
    #[tokio::test]
    async fn failures_are_the_connections() {
        let (listener, address) = listen().await;
        let connector = Connector::new(Trust::Nobody, TIMEOUTS);
        connector.preconnect(&format!("http://{address}").parse().expect("a URI")).await;
        drop(listener.accept().await.expect("a connection"));
        let http = Http::new(connector);
        assert!(get(&http, address).await.expect_err("hung up").is_io());

        // Accepted by the system, and TLS is never spoken.
        let silent = Connector::new(Trust::Nobody, Duration::from_millis(1));
        let request = HttpRequest::get(format!("https://{address}/")).expect("a request");
        let error = Http::new(silent).call(request).await.expect_err("too slow");
        assert!(error.is_timeout(), "{error:?}");
    }
}
