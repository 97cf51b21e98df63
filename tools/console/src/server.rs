//! The port, the routes, and the stream of what comes.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Form, Path, Query, State};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use dev_server::feed::{Exchange, Feed, Here};
use dev_server::send::send;
use futures_util::stream::{self, Stream};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::act::Act;
use crate::guard::{self, Token};
use crate::page::{self, Filter};
use crate::record::Record;

/// The usual port.
pub const PORT: u16 = 3002;

/// The largest form that is taken, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

const SCRIPT: &str = include_str!("../assets/console.js");
const STYLE: &str = include_str!("../assets/console.css");

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The port cannot be listened on.
    #[error(
        "port {port} cannot be used for the console ({error}); choose another with --console-port"
    )]
    Port {
        /// The port.
        port: u16,
        /// What the operating system says.
        error: io::Error,
    },
    /// There is no token.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}

/// The page, on a port that is listened on.
#[derive(Debug)]
pub struct Console {
    listener: TcpListener,
    port: u16,
    shown: Arc<Shown>,
}

/// What the pages are made of.
#[derive(Debug)]
struct Shown {
    feed: Arc<Feed>,
    token: Token,
}

impl Console {
    /// Listens on the loopback at `port`; 0 becomes a real one.
    ///
    /// # Errors
    ///
    /// [`ConsoleError`].
    pub async fn open(feed: Arc<Feed>, port: u16) -> Result<Self, ConsoleError> {
        let refused = |error| ConsoleError::Port { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let token = Token::new().ok_or(ConsoleError::NoRandomness)?;
        Ok(Self { listener, port, shown: Arc::new(Shown { feed, token }) })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Serves it until the process ends.
    pub async fn serve(self) {
        let port = self.port;
        let guard = middleware::from_fn(move |request, next| guard::guarded(port, request, next));
        let routes = Router::new()
            .route("/", get(list))
            .route("/requests.json", get(requests))
            .route("/events", get(events))
            .route("/requests/{number}", get(detail))
            .route("/requests/{number}/send", post(send_again))
            .route("/requests/{number}/{act}", post(decide))
            .route("/console.js", get(async || ([(CONTENT_TYPE, "text/javascript")], SCRIPT)))
            .route("/console.css", get(async || ([(CONTENT_TYPE, "text/css")], STYLE)))
            // A browser asks for it unasked.
            .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
            .layer(DefaultBodyLimit::max(LARGEST_FORM))
            .layer(guard)
            .with_state(self.shown);
        // It ends with the process.
        let _ = axum::serve(self.listener, routes).await;
    }
}

async fn list(State(shown): State<Arc<Shown>>, Query(filter): Query<Filter>) -> Html<String> {
    Html(page::list(&shown.feed.recent(), &filter).into_string())
}

async fn requests(
    State(shown): State<Arc<Shown>>,
    Query(filter): Query<Filter>,
) -> Json<Vec<serde_json::Value>> {
    let recent = shown.feed.recent();
    Json(recent.iter().filter(|exchange| filter.takes(exchange)).map(|it| page::json(it)).collect())
}

/// A message for each request that comes, with its row; and one where some were missed.
async fn events(
    State(shown): State<Arc<Shown>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let next = |mut coming: Receiver<Arc<Exchange>>| async {
        let event = match coming.recv().await {
            Ok(exchange) => {
                let data = serde_json::json!({
                    "row": page::row(&exchange).into_string(),
                    "outcome": exchange.outcome(),
                });
                Event::default().event("request").data(data.to_string())
            }
            Err(RecvError::Lagged(_)) => Event::default().event("missed").data("{}"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), coming))
    };
    let stream = stream::unfold(shown.feed.subscribe(), next);
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn detail(State(shown): State<Arc<Shown>>, Path(number): Path<u64>) -> Response {
    let Some(exchange) = shown.feed.get(number) else {
        let page = page::problem(
            "There is no such request",
            "It may be too long ago: a thousand are kept.",
        );
        return (StatusCode::NOT_FOUND, Html(page.into_string())).into_response();
    };
    let record = match (exchange.record(), shown.feed.here()) {
        (Some(id), Some(here)) => {
            Some(Record::find(here, &id).await.map_err(|error| error.to_string()))
        }
        _ => None,
    };
    Html(
        page::detail(&exchange, record.as_ref(), shown.token.text(), shown.feed.here())
            .into_string(),
    )
    .into_response()
}

/// What a form has that changes something.
#[derive(Debug, Deserialize)]
struct Confirmed {
    token: String,
    /// Why a person decides so.
    #[serde(default)]
    reason: String,
}

async fn send_again(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Redirect, NotDone> {
    let (exchange, here) = shown.confirmed(number, &confirmed)?;
    let url = format!("http://127.0.0.1:{}", here.api);
    let sent = send(&url, exchange.request.clone()).await;
    sent.map_err(|error| NotDone::NotSent(error.to_string()))?;
    // The last one that came is most likely this one.
    let last = shown.feed.recent().first().map_or(number, |last| last.number);
    Ok(Redirect::to(&format!("/requests/{last}")))
}

async fn decide(
    State(shown): State<Arc<Shown>>,
    Path((number, act)): Path<(u64, Act)>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Redirect, NotDone> {
    let (exchange, here) = shown.confirmed(number, &confirmed)?;
    let id = exchange.record().ok_or(NotDone::NoRecord)?;
    act.run(here, &id, &confirmed.reason).await.map_err(NotDone::Refused)?;
    Ok(Redirect::to(&format!("/requests/{number}")))
}

impl Shown {
    /// The request that a form of this page is about.
    fn confirmed(
        &self,
        number: u64,
        confirmed: &Confirmed,
    ) -> Result<(Arc<Exchange>, Here), NotDone> {
        if !self.token.is(&confirmed.token) {
            return Err(NotDone::Token);
        }
        self.feed.get(number).zip(self.feed.here()).ok_or(NotDone::NoRequest)
    }
}

/// Why a button did nothing.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("The form is of another run of the bundle: load the page again.")]
    Token,
    #[error("There is no such request: a thousand are kept.")]
    NoRequest,
    #[error("The request has no record.")]
    NoRecord,
    /// The HTTP API did not answer.
    #[error("{0}")]
    NotSent(String),
    /// The command did not do it, and says why.
    #[error("{0}")]
    Refused(String),
}

impl IntoResponse for NotDone {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token => StatusCode::FORBIDDEN,
            Self::NoRequest | Self::NoRecord => StatusCode::NOT_FOUND,
            Self::NotSent(_) => StatusCode::BAD_GATEWAY,
            Self::Refused(_) => StatusCode::CONFLICT,
        };
        let page = page::problem("Nothing was done", &self.to_string());
        (status, Html(page.into_string())).into_response()
    }
}
