//! The API Gateway event, made safe to read.
//!
//! The event is what Lambda hands to the function for an HTTP API, payload format 2.0 ("Working with
//! AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer guide). `lambda_http`
//! turns it into an HTTP request and panics on some that cannot be one, so that those are refused
//! before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::uri::PathAndQuery;
use lambda_http::request::LambdaRequest;
use lambda_http::Body;
use serde_json::value::RawValue;
use verify::{Refusal, Request};

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 64 * 1024;

/// A request as API Gateway hands it on.
#[derive(Debug)]
pub struct Arrived {
    /// The HTTP method.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// The request itself.
    pub request: Request,
}

/// Reads an event.
///
/// # Errors
///
/// [`Refusal::TooLarge`] for a body above [`LARGEST_BODY`], [`Refusal::Undecodable`] for an event that
/// is no HTTP request.
pub fn read(event: &RawValue) -> Result<Arrived, Refusal> {
    let undecodable = |what| Refusal::Undecodable { what };
    let mut event: ApiGatewayV2httpRequest =
        serde_json::from_str(event.get()).map_err(|_| undecodable("the event"))?;

    check_body(&event)?;
    let path = event.raw_path.take().unwrap_or_default();
    let query = event.raw_query_string.as_deref().unwrap_or_default();
    if !path.starts_with('/') || PathAndQuery::try_from(format!("{path}?{query}")).is_err() {
        return Err(undecodable("the query string"));
    }
    // Nothing here depends on where the request was sent to; a host or scheme that is none must not
    // be made into a URL.
    event.headers.remove("host");
    event.headers.remove("x-forwarded-proto");
    event.request_context.domain_name = None;
    event.request_context.stage = None;
    event.raw_path = Some("/".to_owned());

    let (parts, body) = lambda_http::Request::from(LambdaRequest::ApiGatewayV2(event)).into_parts();
    let request = Request {
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: match body {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        },
    };
    Ok(Arrived { method: parts.method.as_str().to_owned(), path, request })
}

/// Refuses a body that is too large, or encoded as base64 and cannot be decoded.
fn check_body(event: &ApiGatewayV2httpRequest) -> Result<(), Refusal> {
    let body = event.body.as_deref().unwrap_or_default();
    let size = if event.is_base64_encoded {
        // Four characters carry three bytes; whoever sends more need not be decoded to be refused.
        if body.len() / 4 * 3 > LARGEST_BODY + 2 {
            return Err(Refusal::TooLarge { limit: LARGEST_BODY });
        }
        STANDARD.decode(body).map_err(|_| Refusal::Undecodable { what: "the body" })?.len()
    } else {
        body.len()
    };
    if size > LARGEST_BODY {
        return Err(Refusal::TooLarge { limit: LARGEST_BODY });
    }
    Ok(())
}
