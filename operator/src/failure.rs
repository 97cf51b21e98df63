//! Why nothing was done.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use store::Unavailable;

/// Why nothing was done, or nobody knows what.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service of AWS did not do what it was asked.
    #[error("{service} did not answer{}: {problem}", hint(*.local))]
    Service {
        /// Which.
        service: &'static str,
        /// What it said, or why it said nothing.
        problem: String,
        /// Whether it was looked for on this machine.
        local: bool,
    },
    /// A table did not answer.
    #[error(transparent)]
    Table(#[from] Unavailable),
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

const fn hint(local: bool) -> &'static str {
    if local { " (is `cargo run` running, on these ports?)" } else { "" }
}

impl Failure {
    /// What a failed call of `service` means.
    pub fn of<E, R>(service: &'static str, local: bool) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        move |error| {
            let problem = match &error {
                SdkError::ServiceError(answered) => {
                    let (code, message) = (answered.err().code(), answered.err().message());
                    [code, message].into_iter().flatten().collect::<Vec<_>>().join(": ")
                }
                SdkError::TimeoutError(_) => "it took too long".to_owned(),
                SdkError::DispatchFailure(failure) if failure.is_other() => {
                    "no credentials, or no region".to_owned()
                }
                SdkError::DispatchFailure(_) => "no connection".to_owned(),
                SdkError::ConstructionFailure(_) => "no credentials, or no region".to_owned(),
                _ => "its answer cannot be read".to_owned(),
            };
            Self::Service { service, problem, local }
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
