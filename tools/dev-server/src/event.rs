//! HTTP requests as API Gateway hands them to a function, and a function's answers as HTTP.
//!
//! Source: "Working with AWS Lambda proxy integrations for HTTP APIs", payload format version 2.0, in
//! the API Gateway developer guide.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, USER_AGENT};
use jiff::Timestamp;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::{Map, Value, json};

/// An HTTP request, its body read.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method in upper case.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// The query string without `?`, empty where there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What API Gateway adds to a request.
#[derive(Debug, Clone)]
pub struct Context {
    /// The request's id.
    pub request_id: String,
    /// The caller's address.
    pub source_ip: String,
    /// When the request arrived.
    pub at: Timestamp,
}

/// The event for `request`.
#[must_use]
pub fn from_http(request: &HttpRequest, context: &Context) -> Value {
    let HttpRequest { method, path, query, headers, body } = request;
    let route_key = format!("{method} {path}");
    let header = |name| {
        headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).unwrap_or("")
    };
    let (body, is_base64) = encode_body(headers, body);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": joined_headers(headers),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": header(HOST),
            "domainPrefix": header(HOST).split('.').next().unwrap_or(""),
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": context.source_ip,
                "userAgent": header(USER_AGENT),
            },
            "requestId": context.request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": context.at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": context.at.as_millisecond(),
        },
        "isBase64Encoded": is_base64,
    });
    if let Some(body) = body {
        event["body"] = Value::from(body);
    }
    event
}

/// A request back from its event: for sending a sample event to an API. `None` when `event` is none.
#[must_use]
pub fn to_http(event: &Value) -> Option<HttpRequest> {
    let mut headers = HeaderMap::new();
    for (name, value) in event["headers"].as_object()? {
        let name = http::HeaderName::try_from(name).ok()?;
        headers.insert(name, value.as_str()?.parse().ok()?);
    }
    let body = event["body"].as_str().unwrap_or_default();
    Some(HttpRequest {
        method: event["requestContext"]["http"]["method"].as_str()?.to_owned(),
        path: event["rawPath"].as_str()?.to_owned(),
        query: event["rawQueryString"].as_str().unwrap_or_default().to_owned(),
        headers,
        body: match event["isBase64Encoded"].as_bool() {
            Some(true) => STANDARD.decode(body).ok()?,
            _ => body.as_bytes().to_vec(),
        },
    })
}

/// A function's answer as HTTP; what cannot be one is API Gateway's own 500.
#[must_use]
pub fn to_response(answer: ApiGatewayV2httpResponse) -> http::Response<Bytes> {
    let body = match answer.body {
        Some(Body::Text(text)) => Bytes::from(text),
        Some(Body::Binary(bytes)) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    let status = u16::try_from(answer.status_code)
        .ok()
        .and_then(|status| http::StatusCode::from_u16(status).ok())
        .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = answer.headers;
    response
}

/// Text where API Gateway takes the content for text, base64 otherwise; nothing for no body.
fn encode_body(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("text/plain")
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_text = content_type.starts_with("text/")
        || content_type.ends_with("+json")
        || matches!(
            content_type.as_str(),
            "application/json" | "application/javascript" | "application/xml"
        );
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// Lower-case names; the values of repeated headers joined with commas.
fn joined_headers(headers: &HeaderMap) -> Value {
    let mut joined = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        joined.insert(name.as_str().to_owned(), Value::from(values.join(",")));
    }
    Value::Object(joined)
}
