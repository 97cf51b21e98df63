//! API Gateway's part: routes, events, answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bundle::template::TemplateRoute;
use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use lambda_runtime::Context as LambdaContext;

use crate::diagnosis::Diagnosis;
use crate::event::{self, Context, HttpRequest};
use crate::feed::{Exchange, Feed};
use crate::functions::Invoke;
use crate::http_server::{self, Answer};
use crate::live::Live;

/// How much of a route that is none is logged, in bytes.
const LONGEST_ROUTE: usize = 200;

/// The HTTP API: its routes and the functions behind them.
pub struct Gateway {
    routes: Vec<(TemplateRoute, Invoke)>,
    /// What answers where no route matches.
    contracts: Option<Arc<Live>>,
    /// What finds out why nothing proved a request.
    diagnosis: Option<Arc<Diagnosis>>,
    /// Who is shown what came.
    feed: Option<Arc<Feed>>,
}

/// Why no function answers a request.
#[derive(Debug, thiserror::Error)]
enum NoFunction {
    #[error("no such route")]
    Route,
    /// With the methods that the route has.
    #[error("no such method")]
    Method(String),
    /// A contract that is not safe, with what is wrong with it.
    #[error("not served")]
    NotServed(String),
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
        Ok(Self { routes, contracts: None, diagnosis: None, feed: None })
    }

    /// The same, with the contracts of a folder behind its routes.
    #[must_use]
    pub fn with_contracts(self, contracts: Arc<Live>) -> Self {
        Self { contracts: Some(contracts), ..self }
    }

    /// The same, which says of a request that nothing proved what would have.
    #[must_use]
    pub fn with_diagnosis(self, diagnosis: Arc<Diagnosis>) -> Self {
        Self { diagnosis: Some(diagnosis), ..self }
    }

    /// The same, which shows `feed` whatever comes.
    #[must_use]
    pub fn with_feed(self, feed: Arc<Feed>) -> Self {
        Self { feed: Some(feed), ..self }
    }

    /// Answers one request.
    pub async fn respond(&self, request: &HttpRequest, source_ip: &str) -> Response<Bytes> {
        match self.function(request) {
            Ok(invoke) => answered(&invoke, request, source_ip).await,
            Err(reason) => {
                let refusal = reason.answer();
                let route = self.shown(&format!("{} {}", request.method, request.path));
                let (status, outcome) = (refusal.status().as_u16(), reason.to_string());
                tracing::warn!(route, status, outcome, "request");
                refusal
            }
        }
    }

    /// `text` as it is logged: a path that no route takes may be anything, a key included.
    fn shown(&self, text: &str) -> String {
        match &self.diagnosis {
            Some(diagnosis) => diagnosis.redactor().first(text, LONGEST_ROUTE),
            None => text.to_owned(),
        }
    }

    /// Says why nothing proved `request`, where that is what it was answered, in the log as well.
    async fn diagnosed(&self, request: &HttpRequest, status: StatusCode) -> Option<String> {
        let diagnosis = self.diagnosis.as_ref().filter(|_| status == StatusCode::UNAUTHORIZED)?;
        let (diagnosis, request) = (Arc::clone(diagnosis), request.clone());
        // It takes its time, which other requests have no part in.
        let why = tokio::task::spawn_blocking(move || diagnosis.why(&request)).await.ok()??;
        tracing::warn!(why, "diagnosis");
        Some(why)
    }

    /// The function that answers `request`.
    fn function(&self, request: &HttpRequest) -> Result<Invoke, NoFunction> {
        let here: Vec<_> =
            self.routes.iter().filter(|(route, _)| route.path == request.path).collect();
        match here.iter().find(|(route, _)| route.method == request.method) {
            Some((_, invoke)) => Ok(Arc::clone(invoke)),
            None if !here.is_empty() => {
                let methods: Vec<_> = here.iter().map(|(route, _)| route.method.as_str()).collect();
                Err(NoFunction::Method(methods.join(", ")))
            }
            None => match self.contracts.as_ref().and_then(|it| it.function(&request.path)) {
                Some(Ok(invoke)) => Ok(invoke),
                Some(Err(why)) => Err(NoFunction::NotServed(why)),
                None => Err(NoFunction::Route),
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
        let (at, begun, source_ip) = (Timestamp::now(), Instant::now(), peer.ip().to_string());
        let response = self.respond(&request, &source_ip).await;
        let took = begun.elapsed();
        let why = self.diagnosed(&request, response.status()).await;
        if let Some(feed) = &self.feed {
            let (status, answer) = (response.status().as_u16(), response.body().clone());
            feed.publish(Exchange { number: 0, at, source_ip, request, status, answer, took, why });
        }
        Some(response)
    }
}

impl NoFunction {
    /// What is answered.
    fn answer(&self) -> Response<Bytes> {
        match self {
            Self::Route => text(StatusCode::NOT_FOUND, "Not Found"),
            Self::NotServed(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
            Self::Method(allowed) => {
                let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
                if let Ok(allowed) = HeaderValue::from_str(allowed) {
                    response.headers_mut().insert(ALLOW, allowed);
                }
                response
            }
        }
    }
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
