//! Why nothing was done.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tables::callbacks::TableError;

/// Why nothing was done, or nobody knows what.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service of AWS did not do what it was asked.
    #[error("{service} did not do what it was asked{}: {problem}", hint(*.local))]
    Service {
        /// The AWS service.
        service: &'static str,
        /// What it said, or why it said nothing.
        problem: String,
        /// Whether it was looked for on this machine.
        local: bool,
    },
    /// Nobody answered where a service of AWS should be, or nobody could be asked.
    #[error("{service} cannot be reached{}: {problem}", hint(*.local))]
    Unreachable {
        /// The AWS service.
        service: &'static str,
        /// Why not.
        problem: &'static str,
        /// Whether it was looked for on this machine.
        local: bool,
    },
    /// `CloudFormation` has no stack of this name.
    #[error("there is no such stack as {name} in this account and region: {said}")]
    NoStack {
        /// Its name.
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
    #[error("there is no record {0}")]
    NoRecord(String),
    /// It cannot be done, and why.
    #[error("{0}")]
    Refused(String),
}

/// What is wrong with an answer that is none of the service.
const UNREADABLE: &str = "its answer cannot be read";

const fn hint(local: bool) -> &'static str {
    if local { " (is `cargo run` running, on these ports?)" } else { "" }
}

impl Error {
    /// What a failed call of `service` means.
    pub fn of<E, R>(service: &'static str, local: bool) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        move |error| {
            let unreachable = |problem| Self::Unreachable { service, problem, local };
            match &error {
                SdkError::ServiceError(answered) => {
                    let (code, message) = (answered.err().code(), answered.err().message());
                    let said = [code, message].into_iter().flatten().collect::<Vec<_>>();
                    // Another program is where the service should be.
                    let problem = if said.is_empty() { UNREADABLE } else { &said.join(": ") };
                    Self::Service { service, problem: problem.to_owned(), local }
                }
                SdkError::TimeoutError(_) => unreachable("it took too long"),
                SdkError::DispatchFailure(failure) if failure.is_other() => {
                    unreachable("no credentials, or no region")
                }
                SdkError::DispatchFailure(_) => unreachable("no connection"),
                SdkError::ConstructionFailure(_) => unreachable("no credentials, or no region"),
                _ => Self::Service { service, problem: UNREADABLE.to_owned(), local },
            }
        }
    }

    /// The exit code: 1 where it was looked at and not done, 3 where it could not be looked at.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoRecord(_) | Self::Refused(_) => 1,
            _ => 3,
        }
    }
}
