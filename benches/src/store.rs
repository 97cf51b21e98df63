//! DynamoDB's part.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;
use crate::error::Error;

/// The tables: the callbacks, and the idempotency records of the peers.
pub const TABLES: [&str; 2] = ["callbacks", "idempotency"];

/// Which store is behind the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Answers at once.
    Stub,
    /// The same over TLS.
    StubOverTls,
    /// Keeps what it is given.
    DynamoDb,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stub, Self::StubOverTls, Self::DynamoDb];

    /// As a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Stub => "A store that answers at once, over HTTP",
            Self::StubOverTls => "A store that answers at once, over TLS",
            Self::DynamoDb => "The embedded DynamoDB, over HTTP",
        }
    }
}

/// The stores, as they are reached.
pub struct Stores {
    /// What was asked of the stub.
    pub asked: Arc<Asked>,
    /// Who trusts the stub over TLS, and how.
    pub certificate: Certificate,
    ports: [(Kind, u16); 3],
}

impl Stores {
    /// Starts all of them; `folder` is for files.
    ///
    /// # Errors
    ///
    /// When one of them does not start.
    pub async fn start(folder: &Path) -> Result<Self, Error> {
        let certificate = Certificate::make(folder)?;
        let asked = Arc::<Asked>::default();
        let (stub, stub_port) = listen().await?;
        tokio::spawn(serve(stub, None, Arc::clone(&asked)));
        let (stub, tls_port) = listen().await?;
        tokio::spawn(serve(stub, Some(certificate.acceptor.clone()), Arc::clone(&asked)));
        let ports = [
            (Kind::Stub, stub_port),
            (Kind::StubOverTls, tls_port),
            (Kind::DynamoDb, start_dynamodb().await?),
        ];
        Ok(Self { asked, certificate, ports })
    }

    /// The endpoint of `kind`.
    #[must_use]
    pub fn url(&self, kind: Kind) -> String {
        let scheme = if kind == Kind::StubOverTls { "https" } else { "http" };
        let port = self.ports.iter().find(|(known, _)| *known == kind).map_or(0, |(_, port)| *port);
        format!("{scheme}://localhost:{port}")
    }
}

/// Starts an embedded DynamoDB with the [`TABLES`]; returns its port.
///
/// # Errors
///
/// When it does not start.
pub async fn start_dynamodb() -> Result<u16, Error> {
    let (listener, port) = listen().await?;
    tokio::spawn(dynoxide::server::serve_on(listener, database()?));
    Ok(port)
}

async fn listen() -> Result<(TcpListener, u16), Error> {
    let refused = |error| Error::machine("no port")(&error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    Ok((listener, port))
}

fn database() -> Result<Database, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::machine("the embedded DynamoDB")(error);
    let database = Database::memory().map_err(|error| failed(&error))?;
    for table in TABLES {
        let request = json!({
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        });
        let request = serde_json::from_value(request).map_err(|error| failed(&error))?;
        database.create_table(request).map_err(|error| failed(&error))?;
    }
    Ok(database)
}

/// What was asked of the stub.
#[derive(Debug, Default)]
pub struct Asked {
    requests: AtomicU64,
    last_put: Mutex<Bytes>,
}

impl Asked {
    /// How many DynamoDB requests there were until now.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The size of the item that was put last, as DynamoDB bills it.
    #[must_use]
    pub fn last_item_size(&self) -> usize {
        let last = self.last_put.lock().unwrap_or_else(PoisonError::into_inner);
        let request: Value = serde_json::from_slice(&last).unwrap_or_default();
        let item = request["Item"].as_object();
        item.into_iter().flatten().map(|(name, value)| name.len() + attribute_size(value)).sum()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        if let Some(operation) = operation(&parts.headers) {
            self.requests.fetch_add(1, Ordering::Relaxed);
            if operation == "PutItem" {
                *self.last_put.lock().unwrap_or_else(PoisonError::into_inner) =
                    body.unwrap_or_default();
            }
        }
        Response::builder()
            .header("Content-Type", "application/x-amz-json-1.0")
            .header(
                "x-amzn-RequestId",
                "0A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0UVV4KQNSO5AEMVJF66Q",
            )
            .header("x-amz-crc32", "2745614147")
            .body(Bytes::from_static(b"{}").into())
            .unwrap_or_default()
    }
}

/// "DynamoDB item sizes and formats" in its developer guide.
fn attribute_size(value: &Value) -> usize {
    match value.as_object().and_then(|value| value.iter().next()) {
        Some((kind, Value::String(text))) if kind == "N" => text.len().div_ceil(2) + 1,
        Some((_, Value::String(text))) => text.len(),
        _ => 1,
    }
}

fn operation(headers: &HeaderMap) -> Option<&str> {
    let (_, operation) = headers.get("x-amz-target")?.to_str().ok()?.split_once('.')?;
    Some(operation)
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, asked: Arc<Asked>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (tls, asked) = (tls.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            match tls {
                None => serve_connection(stream, asked).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve_connection(stream, asked).await;
                    }
                }
            }
        });
    }
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin, asked: Arc<Asked>) {
    let respond = service_fn(move |request| {
        let asked = Arc::clone(&asked);
        async move { Ok::<_, Infallible>(asked.answer(request).await) }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), respond);
    // It ends in an error when the function is killed.
    drop(connection.await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_sized_as_they_are_billed() {
        let asked = Asked::default();
        assert_eq!(asked.last_item_size(), 0);
        let put = r#"{"Item":{"id":{"S":"abc"},"test":{"BOOL":true},"at":{"N":"1234"}}}"#;
        *asked.last_put.lock().expect("no panic") = Bytes::from_static(put.as_bytes());
        assert_eq!(asked.last_item_size(), (2 + 3) + (4 + 1) + (2 + 3));
    }
}
