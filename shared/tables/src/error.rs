//! Why DynamoDB did not do what it was asked to.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::callbacks::Reason;

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
    /// Why what was asked for is not done, for logs, metrics and records.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TimedOut => Reason::StoreTimedOut,
            Self::Unreachable => Reason::StoreUnreachable,
            Self::Throttled => Reason::StoreThrottled,
            Self::Contended => Reason::StoreContended,
            Self::Refused => Reason::StoreRefused,
            Self::Failed => Reason::StoreFailed,
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
