//! DynamoDB's part.

use std::future::ready;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use test_support::server::operation;
use test_support::{Answer, Server, Tables};

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

    /// In a word or two, as in a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stub => "HTTP",
            Self::StubOverTls => "TLS",
            Self::DynamoDb => "DynamoDB",
        }
    }

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
    stub: Server,
    stub_over_tls: Server,
    dynamodb: Tables,
}

impl Stores {
    /// Starts all of them; `folder` is for files.
    ///
    /// # Errors
    ///
    /// When there is no certificate.
    pub async fn start(folder: &Path) -> Result<Self, Error> {
        let certificate = Certificate::make(folder)?;
        let asked = Arc::<Asked>::default();
        let stub = Server::start(answer(&asked)).await;
        let tls = certificate.acceptor.clone();
        let stub_over_tls =
            Server::start_over(move |stream| tls.accept(stream), answer(&asked)).await;
        let dynamodb = Tables::serve_keyed(&TABLES).await;
        Ok(Self { asked, certificate, stub, stub_over_tls, dynamodb })
    }

    /// The endpoint of `kind`.
    #[must_use]
    pub fn url(&self, kind: Kind) -> String {
        let url = match kind {
            Kind::Stub => self.stub.url(),
            Kind::StubOverTls => self.stub_over_tls.url().replace("http:", "https:"),
            Kind::DynamoDb => self.dynamodb.url().to_owned(),
        };
        // The name that the certificate is for.
        url.replace("127.0.0.1", "localhost")
    }
}

fn answer(asked: &Arc<Asked>) -> impl Fn(Request<Bytes>) -> std::future::Ready<Answer> + use<> {
    let asked = Arc::clone(asked);
    move |request| ready(asked.answer(request))
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

    fn answer(&self, request: Request<Bytes>) -> Answer {
        let is_put = match operation(&request) {
            "" => false,
            operation => {
                self.requests.fetch_add(1, Ordering::Relaxed);
                operation == "PutItem"
            }
        };
        if is_put {
            *self.last_put.lock().unwrap_or_else(PoisonError::into_inner) = request.into_body();
        }
        Answer::new(200, "{}")
            .with_header("content-type", "application/x-amz-json-1.0")
            .with_header(
                "x-amzn-requestid",
                "0A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0UVV4KQNSO5AEMVJF66Q",
            )
            .with_header("x-amz-crc32", "2745614147")
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
