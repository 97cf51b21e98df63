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
use operator::stack::{Stack, Target};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::act::Order;
use crate::guard::{self, Token};
use crate::page;
use crate::page::list::Filter;
use crate::record;

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
    /// The bundle as the operator's commands see it, once it is asked for.
    stack: OnceCell<Stack>,
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
        Ok(Self { listener, port, shown: Arc::new(Shown { feed, token, stack: OnceCell::new() }) })
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
            .route("/records", get(of_record))
            .route("/users", get(of_user))
            .route("/attention", get(attention))
            .route("/act", post(act))
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
    Html(page::list::list(&shown.feed.recent(), &filter).into_string())
}

async fn requests(
    State(shown): State<Arc<Shown>>,
    Query(filter): Query<Filter>,
) -> Json<Vec<serde_json::Value>> {
    let recent = shown.feed.recent();
    Json(
        recent
            .iter()
            .filter(|exchange| filter.takes(exchange))
            .map(|it| page::list::json(it))
            .collect(),
    )
}

/// A message for each request that comes, with its row; and one where some were missed.
async fn events(
    State(shown): State<Arc<Shown>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let next = |mut coming: Receiver<Arc<Exchange>>| async {
        let event = match coming.recv().await {
            Ok(exchange) => {
                let data = serde_json::json!({
                    "row": page::list::row(&exchange).into_string(),
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

async fn detail(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
) -> Result<Html<String>, NotDone> {
    let exchange = shown.feed.get(number).ok_or(NotDone::NoRequest)?;
    let stack = shown.stack().await?;
    let record = match exchange.record() {
        Some(id) => Some(record::find(stack, &id).await),
        None => None,
    };
    let page = page::request::request(&exchange, record.as_ref(), shown.token.text(), &stack.api);
    Ok(Html(page.into_string()))
}

/// Which record.
#[derive(Debug, Deserialize)]
struct OfRecord {
    id: String,
}

async fn of_record(
    State(shown): State<Arc<Shown>>,
    Query(OfRecord { id }): Query<OfRecord>,
) -> Result<Html<String>, NotDone> {
    let stack = shown.stack().await?;
    let record = record::find(stack, &id).await.map_err(NotDone::NotShown)?;
    let differences = match &*record.conflicts_with {
        "" => Vec::new(),
        _ => record::differences(stack, &record.id).await.map_err(NotDone::NotShown)?,
    };
    let token = shown.token.text();
    Ok(Html(page::record::record(&record, &differences, token, &stack.commands).into_string()))
}

/// Which user.
#[derive(Debug, Deserialize)]
struct OfUser {
    user: String,
}

async fn of_user(
    State(shown): State<Arc<Shown>>,
    Query(OfUser { user }): Query<OfUser>,
) -> Result<Html<String>, NotDone> {
    let statement =
        record::statement(shown.stack().await?, &user).await.map_err(NotDone::NotShown)?;
    Ok(Html(page::record::user(&user, &statement).into_string()))
}

async fn attention(State(shown): State<Arc<Shown>>) -> Result<Html<String>, NotDone> {
    let stack = shown.stack().await?;
    let waiting = record::of_outcome(stack, "attention").await.map_err(NotDone::NotShown)?;
    let retried = record::of_outcome(stack, "retrying").await.map_err(NotDone::NotShown)?;
    Ok(Html(page::record::attention(&waiting, &retried).into_string()))
}

/// What a form has that sends something.
#[derive(Debug, Deserialize)]
struct Confirmed {
    token: String,
}

async fn send_again(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Redirect, NotDone> {
    shown.confirmed(&confirmed.token)?;
    let exchange = shown.feed.get(number).ok_or(NotDone::NoRequest)?;
    let sent = send(&shown.stack().await?.api, exchange.request.clone()).await;
    sent.map_err(|error| NotDone::NotSent(error.to_string()))?;
    // The last one that came is most likely this one.
    let last = shown.feed.recent().first().map_or(number, |last| last.number);
    Ok(Redirect::to(&format!("/requests/{last}")))
}

async fn act(
    State(shown): State<Arc<Shown>>,
    Form(order): Form<Order>,
) -> Result<Redirect, NotDone> {
    shown.confirmed(&order.token)?;
    order.carry_out(shown.stack().await?).await.map_err(NotDone::Refused)?;
    Ok(Redirect::to(&page::record_url(&order.id)))
}

impl Shown {
    /// The bundle.
    async fn stack(&self) -> Result<&Stack, NotDone> {
        let Here { api, dynamodb, sqs } = self.feed.here().ok_or(NotDone::NotReady)?;
        let here = Target::here(api, dynamodb, sqs);
        let found = self.stack.get_or_try_init(|| Stack::find(&here)).await;
        found.map_err(|error| NotDone::NotShown(error.to_string()))
    }

    /// That a form is of this page.
    fn confirmed(&self, token: &str) -> Result<(), NotDone> {
        if self.token.is(token) { Ok(()) } else { Err(NotDone::Token) }
    }
}

/// Why nothing is shown or done.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("The form is of another run of the bundle: load the page again.")]
    Token,
    #[error("There is no such request: a thousand are kept.")]
    NoRequest,
    #[error("The bundle is not ready yet.")]
    NotReady,
    /// There is no such record, or it cannot be read.
    #[error("{0}")]
    NotShown(String),
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
            Self::NoRequest | Self::NotShown(_) => StatusCode::NOT_FOUND,
            Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotSent(_) => StatusCode::BAD_GATEWAY,
            Self::Refused(_) => StatusCode::CONFLICT,
        };
        let page = page::problem("That cannot be done", &self.to_string());
        (status, Html(page.into_string())).into_response()
    }
}
