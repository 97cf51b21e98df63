//! API Gateway's part: routes, events, answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use bundle::template::TemplateRoute;
use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use lambda_runtime::Context as LambdaContext;

use crate::event::{self, Context, HttpRequest};
use crate::functions::Invoke;
use crate::http_server::{self, Answer};
use crate::live::Live;

/// The HTTP API: its routes and the functions behind them.
pub struct Gateway {
    routes: Vec<(TemplateRoute, Invoke)>,
    /// What answers where no route matches.
    contracts: Option<Arc<Live>>,
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
        Ok(Self { routes, contracts: None })
    }

    /// The same, with the contracts of a folder behind its routes.
    #[must_use]
    pub fn with_contracts(self, contracts: Arc<Live>) -> Self {
        Self { contracts: Some(contracts), ..self }
    }

    /// Answers one request.
    pub async fn respond(&self, request: &HttpRequest, source_ip: &str) -> Response<Bytes> {
        match self.function(request) {
            Ok(invoke) => answered(&invoke, request, source_ip).await,
            Err((outcome, refusal)) => {
                let route = format!("{} {}", request.method, request.path);
                let status = refusal.status().as_u16();
                tracing::warn!(route, status, outcome, "request");
                refusal
            }
        }
    }

    /// The function that answers `request`; where there is none, why, and what is answered.
    fn function(&self, request: &HttpRequest) -> Result<Invoke, (&'static str, Response<Bytes>)> {
        let here: Vec<_> =
            self.routes.iter().filter(|(route, _)| route.path == request.path).collect();
        match here.iter().find(|(route, _)| route.method == request.method) {
            Some((_, invoke)) => Ok(Arc::clone(invoke)),
            None if !here.is_empty() => Err(("no such method", no_route(&here))),
            None => match self.contracts.as_ref().and_then(|it| it.function(&request.path)) {
                Some(Ok(invoke)) => Ok(invoke),
                Some(Err(why)) => Err(("not served", text(StatusCode::SERVICE_UNAVAILABLE, &why))),
                None => Err(("no such route", no_route(&here))),
            },
        }
    }
}

/// What a function answers to `request`.
async fn answered(invoke: &Invoke, request: &HttpRequest, source_ip: &str) -> Response<Bytes> {
    let context =
        Context { request_id: request_id(), source_ip: source_ip.to_owned(), at: Timestamp::now() };
    let event = event::from_http(request, &context);
    let Ok(event) = serde_json::value::to_raw_value(&event) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let mut lambda = LambdaContext::default();
    lambda.request_id = context.request_id;
    event::to_response(invoke(lambda, event).await)
}

impl Answer for Gateway {
    async fn answer(&self, request: HttpRequest, peer: SocketAddr) -> Option<Response<Bytes>> {
        Some(self.respond(&request, &peer.ip().to_string()).await)
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

/// What API Gateway says on its own account.
fn text(status: StatusCode, message: &str) -> Response<Bytes> {
    http_server::json(status, serde_json::json!({ "message": message }).to_string())
}

fn request_id() -> String {
    let mut id = [0; 8];
    // Only for reading the log; without randomness all ids are alike.
    let _ = getrandom::fill(&mut id);
    format!("{:016x}", u64::from_be_bytes(id))
}
