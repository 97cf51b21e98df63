//! Why nothing is shown or done.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use operator::error::Error;

use crate::command::CommandError;
use crate::page;

/// Why nothing is shown or done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The form was not made by this process.
    #[error("The form is of another run of the bundle: load the page again.")]
    Token,
    /// It is not, or no longer, kept.
    #[error("There is no such request: a thousand are kept.")]
    NoRequest,
    /// No page has this address.
    #[error("There is no such page.")]
    NoPage,
    /// There is no such sample or state.
    #[error("There is nothing called {0}.")]
    NoSuch(String),
    /// A stack on AWS gets nothing from here.
    #[error("That is for the bundle on this machine only.")]
    OnlyHere,
    /// A stack on AWS is changed only where that is confirmed.
    #[error("Nothing was changed: it was not confirmed that the stack {0} is meant.")]
    NotConfirmed(String),
    /// The HTTP API or a stand-in did not answer.
    #[error("{0}")]
    NotSent(String),
    /// What was to be sent cannot be signed.
    #[error("{0}")]
    NotSigned(String),
    /// A stand-in did not take it, and says why.
    #[error("{0}")]
    Refused(String),
    /// The operator's command did not do it, and says why.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl IntoResponse for NotDone {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Token => StatusCode::FORBIDDEN,
            Self::NoRequest
            | Self::NoPage
            | Self::NoSuch(_)
            | Self::OnlyHere
            | Self::Command(CommandError::Operator(Error::NoRecord(_) | Error::NoneLike(_))) => {
                StatusCode::NOT_FOUND
            }
            Self::Command(CommandError::NotReady) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_)
            | Self::Command(CommandError::Operator(Error::Refused(_)) | CommandError::Left(_)) => {
                StatusCode::CONFLICT
            }
            Self::NotConfirmed(_) | Self::NotSigned(_) | Self::Command(CommandError::Usage(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::NotSent(_) | Self::Command(_) => StatusCode::BAD_GATEWAY,
        };
        let page = page::problem("That cannot be done", &self.to_string());
        (status, Html(page.into_string())).into_response()
    }
}
