//! HTTP on this machine: what the HTTP API, DynamoDB, the SQS endpoint and the providers' stand-ins share.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::access::Access;
use crate::event::HttpRequest;

/// The largest body that is taken, in bytes; it is API Gateway's ("Quotas for HTTP APIs").
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// What answers requests.
pub trait Answer: Send + Sync + 'static {
    /// Answers a request; `None` closes the connection without a word.
    fn answer(
        &self,
        request: HttpRequest,
        peer: SocketAddr,
    ) -> impl Future<Output = Option<Response<Bytes>>> + Send;
}

/// Serves `service` to this machine alone on `listener`, until the process ends.
pub async fn serve<A: Answer>(service: Arc<A>, listener: TcpListener) -> Infallible {
    serve_to(Access::default(), service, listener).await
}

/// Serves `service` to whom `access` allows on `listener`, until the process ends.
pub async fn serve_to<A: Answer>(
    access: Access,
    service: Arc<A>,
    listener: TcpListener,
) -> Infallible {
    let access = Arc::new(access);
    loop {
        // Running out of sockets passes; the other connections go on meanwhile.
        let Ok((stream, peer)) = listener.accept().await else { continue };
        let Ok(here) = stream.local_addr() else { continue };
        if !access.hears(peer, here) {
            continue;
        }
        let (service, access) = (Arc::clone(&service), Arc::clone(&access));
        tokio::spawn(async move {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let service = Arc::clone(&service);
                // Before the body is read.
                let refusal = access.refusal(request.uri(), request.headers(), here);
                async move {
                    let answer = match refusal {
                        Some(refusal) => Some(refusal),
                        None => match read(request).await {
                            Some(request) => service.answer(request, peer).await,
                            None => Some(too_large()),
                        },
                    };
                    let closed = || io::Error::from(io::ErrorKind::ConnectionAborted);
                    answer.map(|answer| answer.map(Full::new)).ok_or_else(closed)
                }
            });
            // A connection that breaks is the caller's affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The whole request; `None` where it is too large.
async fn read(request: http::Request<Incoming>) -> Option<HttpRequest> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.ok()?;
    Some(HttpRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes().into(),
    })
}

fn too_large() -> Response<Bytes> {
    json(StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Request Entity Too Large"}"#.to_owned())
}

/// Whether the body of `request` is said to be JSON.
#[must_use]
pub fn is_json(request: &HttpRequest) -> bool {
    let said = request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = said.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// An answer with a JSON text as its body.
#[must_use]
pub fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
