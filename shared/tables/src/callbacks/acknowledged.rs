//! Whether a success is DynamoDB's own.

use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

/// The content type of DynamoDB's protocol, AWS JSON 1.0.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Takes no success for one that is not DynamoDB's: a portal or a proxy in between may answer 200 to
/// anything, and has stored nothing and knows of nothing.
#[derive(Debug)]
pub(crate) struct Acknowledged;

/// Somebody else said that all is well.
#[derive(Debug, thiserror::Error)]
#[error("the answer is not DynamoDB's")]
struct NotAcknowledged;

impl Intercept for Acknowledged {
    fn name(&self) -> &'static str {
        "Acknowledged"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let headers = response.headers();
        let body = response.body().bytes().unwrap_or_default();
        let is_dynamodbs = !response.status().is_success()
            || is_dynamodbs(headers.get("x-amzn-requestid"), headers.get("content-type"), body);
        is_dynamodbs.then_some(()).ok_or_else(|| NotAcknowledged.into())
    }
}

/// Every reply of DynamoDB has an id. A stand-in for it may have none, but speaks its protocol.
fn is_dynamodbs(id: Option<&str>, content_type: Option<&str>, body: &[u8]) -> bool {
    id.is_some() || (content_type == Some(CONTENT_TYPE) && body.starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_an_id_or_in_its_protocol_is_dynamodbs() {
        assert!(is_dynamodbs(Some("0A1B"), None, b""));
        assert!(is_dynamodbs(None, Some("application/x-amz-json-1.0"), b"{}"));
        assert!(!is_dynamodbs(None, Some("application/x-amz-json-1.0"), b""));
        assert!(!is_dynamodbs(None, Some("application/x-amz-json-1.0"), b"<html>"));
        for other in [None, Some("application/json"), Some("text/html")] {
            assert!(!is_dynamodbs(None, other, b"{}"));
        }
    }
}
