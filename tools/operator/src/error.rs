//! Why nothing was done.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tables::callbacks::TableError;

/// Why nothing was done, or nobody knows what.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service of AWS did not do what it was asked.
    #[error("{service} did not do what it was asked{}: {problem}", place(.at.as_deref()))]
    Service {
        /// The AWS service.
        service: &'static str,
        /// What it said, or why it said nothing.
        problem: String,
        /// Where it was looked for on this machine.
        at: Option<String>,
    },
    /// Nobody answered where a service of AWS should be, or nobody could be asked.
    #[error("{service} cannot be reached{}: {problem}", place(.at.as_deref()))]
    Unreachable {
        /// The AWS service.
        service: &'static str,
        /// What about it cannot be used.
        problem: &'static str,
        /// Where it was looked for on this machine.
        at: Option<String>,
    },
    /// `CloudFormation` has no stack of this name.
    #[error("there is no such stack as {name} in this account and region: {said}")]
    NoStack {
        /// The name that was asked for.
        name: String,
        /// What `CloudFormation` said.
        said: String,
    },
    /// A table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The stack lacks something that the template has.
    #[error("the stack has no {0}: it was deployed from another version of the template")]
    Lacks(String),
    /// The template that is built into this command cannot be used.
    #[error("the template cannot be used: {0}")]
    Template(String),
    /// What was found cannot be written as JSON.
    #[error("it cannot be printed: {0}")]
    Unprintable(#[from] serde_json::Error),
    /// There is no such record.
    #[error(
        "there is no record {0}; it has to be a whole id, which `show` with a part of it prints"
    )]
    NoRecord(String),
    /// There is none with this in its id.
    #[error("there is no record {0}, nor one of the last 30 days with that in its id")]
    NoneLike(String),
    /// It cannot be done, and why.
    #[error("{0}")]
    Refused(String),
}

/// What is wrong with an answer that is none of the service.
const UNREADABLE: &str = "its answer cannot be read";

fn place(at: Option<&str>) -> String {
    let hint = |at| format!(" at {at} (start `cargo run`, name its ports, or say --stack NAME)");
    at.map(hint).unwrap_or_default()
}

impl Error {
    /// What a failed call of `service` means.
    pub fn of<E, R>(service: &'static str, at: Option<String>) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        move |error| {
            let at = at.clone();
            let unreachable = |problem| Self::Unreachable { service, problem, at: at.clone() };
            match &error {
                SdkError::ServiceError(answered) => {
                    let (code, message) = (answered.err().code(), answered.err().message());
                    let said = [code, message].into_iter().flatten().collect::<Vec<_>>();
                    // Another program is where the service should be.
                    let problem = if said.is_empty() { UNREADABLE } else { &said.join(": ") };
                    Self::Service { service, problem: problem.to_owned(), at }
                }
                SdkError::TimeoutError(_) => unreachable("it took too long"),
                SdkError::DispatchFailure(failure) if failure.is_other() => {
                    unreachable("no credentials, or no region")
                }
                SdkError::DispatchFailure(_) => unreachable("no connection"),
                SdkError::ConstructionFailure(_) => unreachable("no credentials, or no region"),
                _ => Self::Service { service, problem: UNREADABLE.to_owned(), at },
            }
        }
    }

    /// The exit code: 1 where it was looked at and not done, 3 where it could not be looked at.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoRecord(_) | Self::NoneLike(_) | Self::Refused(_) => 1,
            _ => 3,
        }
    }
}
