//! API Gateway's part: routes, events, answers.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use lambda_runtime::Context as LambdaContext;
use tokio::net::TcpListener;

use crate::bundle::Invoke;
use crate::event::{self, Context, HttpRequest};
use crate::template::TemplateRoute;

/// The largest body that API Gateway takes, in bytes ("Quotas for HTTP APIs").
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// The HTTP API: its routes and the functions behind them.
pub struct Gateway {
    routes: Vec<(TemplateRoute, Invoke)>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.routes.iter().map(|(route, _)| route)).finish()
    }
}

impl Gateway {
    /// An API with `routes`, each answered by its function; `Err` names a function that is missing.
    ///
    /// # Errors
    ///
    /// The first route without a function.
    pub fn new(
        routes: Vec<TemplateRoute>,
        functions: &HashMap<String, Invoke>,
    ) -> Result<Self, TemplateRoute> {
        let routes = routes
            .into_iter()
            .map(|route| match functions.get(&route.function) {
                Some(invoke) => Ok((route, Arc::clone(invoke))),
                None => Err(route),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { routes })
    }

    /// Serves the API on `listener` until the process ends.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            // Running out of sockets passes; the other connections go on meanwhile.
            let Ok((stream, peer)) = listener.accept().await else { continue };
            let gateway = Arc::clone(&self);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let gateway = Arc::clone(&gateway);
                    async move { Ok::<_, Infallible>(gateway.respond(request, peer).await) }
                });
                // A connection that breaks is the caller's affair.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }

    async fn respond(
        &self,
        request: http::Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let request = HttpRequest {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body: body.to_bytes().into(),
        };
        self.answer(&request, &peer.ip().to_string()).await.map(Full::new)
    }

    /// Answers one request.
    pub async fn answer(&self, request: &HttpRequest, source_ip: &str) -> Response<Bytes> {
        let here: Vec<_> =
            self.routes.iter().filter(|(route, _)| route.path == request.path).collect();
        let Some((_, invoke)) = here.iter().find(|(route, _)| route.method == request.method)
        else {
            return no_route(&here).map(|body| body);
        };
        let context = Context {
            request_id: request_id(),
            source_ip: source_ip.to_owned(),
            at: Timestamp::now(),
        };
        let event = event::from_http(request, &context);
        let Ok(event) = serde_json::value::to_raw_value(&event) else {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        let mut lambda = LambdaContext::default();
        lambda.request_id = context.request_id;
        event::to_response(invoke(lambda, event).await)
    }
}

fn no_route(here: &[&(TemplateRoute, Invoke)]) -> Response<Bytes> {
    if here.is_empty() {
        return text(StatusCode::NOT_FOUND, "Not Found");
    }
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    let methods: Vec<_> = here.iter().map(|(route, _)| route.method.as_str()).collect();
    if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

fn message(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    text(status, message).map(Full::new)
}

/// What API Gateway says on its own account.
fn text(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{{\"message\":\"{message}\"}}")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn request_id() -> String {
    let mut id = [0; 8];
    // Only for reading the log; without randomness all ids are alike.
    let _ = getrandom::fill(&mut id);
    format!("{:016x}", u64::from_be_bytes(id))
}
