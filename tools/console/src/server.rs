//! The port, the routes, and the stream of what comes.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::SignedDuration;
use operator::error::Error;
use operator::stack::{Stack, Target};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;

use crate::act::Order;
use crate::guard;
use crate::item::Item;
use crate::page;
use crate::page::list::Filter;
use crate::record::{self, Standing};
use crate::refused::NotDone;
use crate::shown::{Confirmed, Shown};
use crate::source::{Bundle, Coming, News, Source, Tail};
use crate::trial::{Fault, Wanted};

/// The usual port.
pub const PORT: u16 = 3002;

/// The largest form that is taken, in bytes: a payload of the largest body that is looked into.
const LARGEST_FORM: usize = 256 * 1024;

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
    /// The stack cannot be looked at.
    #[error(transparent)]
    Operator(#[from] Error),
}

/// The page, on a port that is listened on.
#[derive(Debug)]
pub struct Console {
    listener: TcpListener,
    port: u16,
    shown: Arc<Shown>,
}

impl Console {
    /// Listens on the loopback at `port` for those who look at `bundle`; 0 becomes a real one.
    ///
    /// # Errors
    ///
    /// [`ConsoleError`].
    pub async fn open(bundle: Bundle, port: u16) -> Result<Self, ConsoleError> {
        Self::listen(Source::Here(Box::new(bundle)), port).await
    }

    /// The same for the stack on AWS that `target` leads to, with what it has logged since so long ago.
    ///
    /// # Errors
    ///
    /// [`ConsoleError`].
    pub async fn of_stack(
        target: Target,
        ago: SignedDuration,
        port: u16,
    ) -> Result<Self, ConsoleError> {
        let tail = Tail::open(Stack::find(&target).await?, target, ago).await?;
        Self::listen(Source::Deployed(tail), port).await
    }

    async fn listen(source: Source, port: u16) -> Result<Self, ConsoleError> {
        let refused = |error| ConsoleError::Port { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let shown = Shown::new(source).ok_or(ConsoleError::NoRandomness)?;
        Ok(Self { listener, port, shown: Arc::new(shown) })
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
            .route("/standing.json", get(standing))
            .route("/events", get(events))
            .route("/requests/{number}", get(detail))
            .route("/requests/{number}/send", post(send_again))
            .route("/requests/{number}/sign", post(sign_anew))
            .route("/records", get(of_record))
            .route("/users", get(of_user))
            .route("/attention", get(attention))
            .route("/act", post(act))
            .route("/try", get(trial))
            .route("/try/sample", post(sample))
            .route("/try/state", post(bring))
            .route("/try/fault", post(fail))
            .route("/try/recover", post(recover))
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

type Page = Result<Html<String>, NotDone>;
type Done = Result<Redirect, NotDone>;

async fn list(State(shown): State<Arc<Shown>>, Query(filter): Query<Filter>) -> Html<String> {
    let top = page::list::Top {
        standing: shown.standing().await,
        problem: match &shown.source {
            Source::Here(_) => None,
            Source::Deployed(tail) => tail.problem(),
        },
    };
    let page = page::list::list(&shown.frame(), &shown.source, &filter, &top);
    Html(page.into_string())
}

async fn requests(
    State(shown): State<Arc<Shown>>,
    Query(filter): Query<Filter>,
) -> Json<Vec<serde_json::Value>> {
    let recent = shown.source.recent();
    let wanted = recent.iter().filter(|item| filter.takes(item));
    Json(wanted.map(|item| page::list::json(&shown.source, item)).collect())
}

async fn standing(State(shown): State<Arc<Shown>>) -> Result<Json<Standing>, NotDone> {
    let standing = record::standing(shown.stack().await?).await;
    standing.map(Json).map_err(NotDone::NotShown)
}

/// A message for each request that comes, with its row, and for each attempt; and one where some were missed.
async fn events(
    State(shown): State<Arc<Shown>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let source = Arc::clone(&shown);
    let next = move |mut coming: Coming| {
        let shown = Arc::clone(&source);
        async move {
            let event = match coming.next().await {
                Ok(News::Request(item)) => {
                    let row = page::list::row(&shown.source, &item).into_string();
                    let data = json!({
                        "row": row, "outcome": item.outcome(), "provider": item.provider(),
                        "record": item.record(),
                    });
                    Event::default().event("request").data(data.to_string())
                }
                Ok(News::Attempt(record)) => {
                    Event::default().event("attempt").data(json!({ "record": record }).to_string())
                }
                Err(RecvError::Lagged(_)) => Event::default().event("missed").data("{}"),
                Err(RecvError::Closed) => return None,
            };
            Some((Ok(event), coming))
        }
    };
    Sse::new(stream::unfold(shown.source.subscribe(), next)).keep_alive(KeepAlive::default())
}

async fn detail(State(shown): State<Arc<Shown>>, Path(number): Path<u64>) -> Page {
    let item = shown.source.get(number)?;
    let stack = shown.stack().await?;
    let record = match item.record() {
        Some(id) => Some(record::find(stack, &id).await),
        None => None,
    };
    let frame = shown.frame();
    let page = match &item {
        Item::Exchange(exchange) => {
            let bundle = shown.source.bundle()?;
            page::request::request(&frame, exchange, record.as_ref(), bundle, &stack.api)
        }
        Item::Logged(logged) => page::line::line(&frame, logged, record.as_ref()),
    };
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
) -> Page {
    let stack = shown.stack().await?;
    let record = record::find(stack, id.trim()).await.map_err(NotDone::NotShown)?;
    let differences = match &*record.conflicts_with {
        "" => Vec::new(),
        _ => record::differences(stack, &record.id).await.map_err(NotDone::NotShown)?,
    };
    let way = record::way(&shown.source, stack, &record).await;
    let frame = shown.frame();
    let page = page::record::record(&frame, &record, &differences, &way, &stack.commands);
    Ok(Html(page.into_string()))
}

/// Which user.
#[derive(Debug, Deserialize)]
struct OfUser {
    user: String,
}

async fn of_user(State(shown): State<Arc<Shown>>, Query(OfUser { user }): Query<OfUser>) -> Page {
    let statement =
        record::statement(shown.stack().await?, &user).await.map_err(NotDone::NotShown)?;
    Ok(Html(page::user::user(&shown.frame(), &user, &statement).into_string()))
}

async fn attention(State(shown): State<Arc<Shown>>) -> Page {
    let stack = shown.stack().await?;
    let waiting = record::of_outcome(stack, "attention").await.map_err(NotDone::NotShown)?;
    let retried = record::of_outcome(stack, "retrying").await.map_err(NotDone::NotShown)?;
    Ok(Html(page::attention::attention(&shown.frame(), &waiting, &retried).into_string()))
}

async fn act(State(shown): State<Arc<Shown>>, Confirmed(order): Confirmed<Order>) -> Done {
    if order.stack.as_deref() != shown.source.stack() {
        let stack = shown.source.stack().unwrap_or("on this machine");
        return Err(NotDone::NotConfirmed(stack.to_owned()));
    }
    order.carry_out(shown.stack().await?).await.map_err(NotDone::Refused)?;
    Ok(Redirect::to(&page::record_url(&order.id)))
}

fn to_request(number: u64) -> Redirect {
    Redirect::to(&format!("/requests/{number}"))
}

async fn send_again(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Confirmed(Nothing {}): Confirmed<Nothing>,
) -> Done {
    let Item::Exchange(exchange) = shown.source.get(number)? else { return Err(NotDone::OnlyHere) };
    Ok(to_request(shown.source.bundle()?.send(exchange.request.clone()).await?))
}

/// Nothing but that it is of this page.
#[derive(Debug, Deserialize)]
struct Nothing {}

/// A payload in the place of a request's own.
#[derive(Debug, Deserialize)]
struct Edited {
    payload: String,
}

async fn sign_anew(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Confirmed(Edited { payload }): Confirmed<Edited>,
) -> Done {
    let Item::Exchange(exchange) = shown.source.get(number)? else { return Err(NotDone::OnlyHere) };
    let sent = shown.source.bundle()?.send_signed(&exchange.request, &payload).await?;
    Ok(to_request(sent))
}

async fn trial(State(shown): State<Arc<Shown>>) -> Page {
    let bundle = shown.source.bundle()?;
    let faults = bundle.faults().await?;
    Ok(Html(page::trial::trial(&shown.frame(), &bundle.samples(), &faults).into_string()))
}

async fn sample(State(shown): State<Arc<Shown>>, Confirmed(wanted): Confirmed<Wanted>) -> Done {
    Ok(to_request(shown.source.bundle()?.send_sample(&wanted).await?))
}

/// The name of a state.
#[derive(Debug, Deserialize)]
struct Named {
    state: String,
}

async fn bring(
    State(shown): State<Arc<Shown>>,
    Confirmed(Named { state }): Confirmed<Named>,
) -> Done {
    let brought = shown.source.bundle()?.bring(&state).await?;
    Ok(Redirect::to(&brought.record.map_or_else(|| "/".to_owned(), |id| page::record_url(&id))))
}

async fn fail(State(shown): State<Arc<Shown>>, Confirmed(fault): Confirmed<Fault>) -> Done {
    shown.source.bundle()?.fail(&fault).await?;
    Ok(Redirect::to("/try"))
}

async fn recover(State(shown): State<Arc<Shown>>, _: Confirmed<Nothing>) -> Done {
    shown.source.bundle()?.recover().await?;
    Ok(Redirect::to("/try"))
}
