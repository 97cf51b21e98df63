//! Why DynamoDB did not do what it was asked to.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Nobody knows whether it is done. Whoever asked has to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// DynamoDB did not answer in time.
    #[error("DynamoDB did not answer in time")]
    TimedOut,
    /// No connection, or it broke.
    #[error("DynamoDB could not be reached")]
    Unreachable,
    /// DynamoDB has too much to do, for this table or this account.
    #[error("DynamoDB throttles the table")]
    Throttled,
    /// Others write the same items at the same time.
    #[error("others write the same items at the same time")]
    Contended,
    /// DynamoDB refused: no permission, no such table, an item that is too large, …
    #[error("DynamoDB refused the write")]
    Refused,
    /// DynamoDB failed, or answered what cannot be understood.
    #[error("DynamoDB answered with an error")]
    Failed,
}

impl TableError {
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TimedOut => "store_timed_out",
            Self::Unreachable => "store_unreachable",
            Self::Throttled => "store_throttled",
            Self::Contended => "store_contended",
            Self::Refused => "store_refused",
            Self::Failed => "store_failed",
        }
    }

    /// What a failed call of the SDK means.
    pub(crate) fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        match error {
            SdkError::ServiceError(error) => Self::of_error(error.err()),
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::TimedOut,
            SdkError::DispatchFailure(_) => Self::Unreachable,
            _ => Self::Failed,
        }
    }

    /// What an error that DynamoDB answered with means. The codes are DynamoDB's, from "Error handling
    /// with DynamoDB" in its developer guide.
    pub(crate) fn of_error(error: &impl ProvideErrorMetadata) -> Self {
        match error.code() {
            Some(
                "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded",
            ) => Self::Throttled,
            Some("TransactionConflictException") => Self::Contended,
            Some(
                "AccessDeniedException"
                | "ExpiredTokenException"
                | "IncompleteSignatureException"
                | "InvalidSignatureException"
                | "MissingAuthenticationTokenException"
                | "ResourceNotFoundException"
                | "UnrecognizedClientException"
                | "ValidationException",
            ) => Self::Refused,
            _ => Self::Failed,
        }
    }
}
