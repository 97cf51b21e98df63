//! The port and the routes.

mod change;
mod events;
mod look;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::SignedDuration;
use operator::error::Error;
use operator::stack::{Stack, Target};
use tokio::net::TcpListener;

use crate::guard::{self, Guard, Token};
use crate::refused::NotDone;
use crate::shown::Shown;
use crate::source::{Bundle, Source, Tail};

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
    guard: Arc<Guard>,
    shown: Arc<Shown>,
}

impl Console {
    /// Listens on the loopback at `port` for those who look at `bundle`; 0 becomes a real one.
    ///
    /// # Errors
    ///
    /// [`ConsoleError`].
    pub async fn open(bundle: Bundle, port: u16) -> Result<Self, ConsoleError> {
        Self::listen(Source::Here(Box::new(bundle), Box::default()), port).await
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
        let tail = Tail::open(Stack::find(&target).await?, ago).await?;
        Self::listen(Source::Deployed(tail), port).await
    }

    async fn listen(source: Source, port: u16) -> Result<Self, ConsoleError> {
        let refused = |error| ConsoleError::Port { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let random = || Token::new().ok_or(ConsoleError::NoRandomness);
        let key = source.stack_name().is_some().then(random).transpose()?;
        let (guard, shown) = (Guard::new(port, key), Shown::new(source, random()?));
        Ok(Self { listener, guard: Arc::new(guard), shown: Arc::new(shown) })
    }

    /// Its URL; of the page of a stack with the key that it asks for.
    #[must_use]
    pub fn url(&self) -> String {
        self.guard.url()
    }

    /// Serves it until the process ends.
    pub async fn serve(self) {
        let guard = middleware::from_fn_with_state(self.guard, guard::guarded);
        let routes = Router::new()
            .route("/", get(look::all))
            .route("/requests.json", get(look::requests))
            .route("/standing.json", get(look::standing))
            .route("/events", get(events::events))
            .route("/requests/{number}", get(look::detail))
            .route("/requests/{number}/send", post(change::send_again))
            .route("/requests/{number}/sign", post(change::sign_anew))
            .route("/records", get(look::of_record))
            .route("/users", get(look::of_user))
            .route("/attention", get(look::attention))
            .route("/act", post(change::act))
            .route("/try", get(look::trial))
            .route("/try/sample", post(change::sample))
            .route("/try/state", post(change::bring))
            .route("/try/fault", post(change::fail))
            .route("/try/recover", post(change::recover))
            .route("/console.js", get(async || ([(CONTENT_TYPE, "text/javascript")], SCRIPT)))
            .route("/console.css", get(async || ([(CONTENT_TYPE, "text/css")], STYLE)))
            // A browser asks for it unasked.
            .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
            .fallback(async || NotDone::NoPage)
            .layer(DefaultBodyLimit::max(LARGEST_FORM))
            .layer(guard)
            .with_state(self.shown);
        // It ends with the process.
        let _ = axum::serve(self.listener, routes).await;
    }
}
