//! The AWS JSON protocol: the operation is in `X-Amz-Target`, request and answer are JSON objects.
//!
//! Source: "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol" of Smithy. Signatures are not looked at.

use bundle::names;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::event::HttpRequest;
use crate::http_server;
use crate::state::StateError;

/// Why a request is refused: the service's name for it, and what is said about it.
#[derive(Debug)]
pub struct Refused(pub &'static str, pub String);

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        Self("InternalError", error.to_string())
    }
}

/// What comes of an operation.
pub type Result<T> = std::result::Result<T, Refused>;

/// A service that speaks the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// What stands before the operation in `X-Amz-Target`.
    pub target: &'static str,
    /// What stands before the names of its errors.
    pub namespace: &'static str,
    /// The version of the protocol, `1.0` or `1.1`.
    pub version: &'static str,
}

impl Service {
    /// Whether `request` is for this service.
    #[must_use]
    pub fn is_asked(&self, request: &HttpRequest) -> bool {
        self.operation(request).is_some()
    }

    fn operation<'a>(&self, request: &'a HttpRequest) -> Option<&'a str> {
        let target = request.headers.get("x-amz-target")?.to_str().ok()?;
        target.strip_prefix(self.target)?.strip_prefix('.')
    }

    /// The operation that `request` asks for, and its input.
    ///
    /// # Errors
    ///
    /// [`Refused`] where it is no request of this protocol to this service.
    pub fn read<'a>(&self, request: &'a HttpRequest) -> Result<(&'a str, Value)> {
        let problem = || {
            let problem = "this endpoint speaks the AWS JSON protocol".to_owned();
            Refused("InvalidAction", problem)
        };
        let operation = self.operation(request).ok_or_else(problem)?;
        Ok((operation, serde_json::from_slice(&request.body).map_err(|_| problem())?))
    }

    /// The answer that tells of `result`.
    #[must_use]
    pub fn answer(&self, result: Result<Value>) -> Response<Bytes> {
        let mut response = match result {
            Ok(output) => http_server::json(StatusCode::OK, output.to_string()),
            Err(Refused(name, message)) => {
                let status = match name {
                    "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
                    _ => StatusCode::BAD_REQUEST,
                };
                let kind = format!("{}{name}", self.namespace);
                http_server::json(status, json!({"__type": kind, "message": message}).to_string())
            }
        };
        let kind = format!("application/x-amz-json-{}", self.version);
        if let Ok(kind) = HeaderValue::from_str(&kind) {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        if let Ok(id) = HeaderValue::from_str(&names::uuid()) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        response
    }
}

/// An operation that is not known here.
#[must_use]
pub fn unknown(operation: &str) -> Refused {
    Refused("UnsupportedOperation", format!("{operation} is not known here"))
}

/// The text `name` of an input.
///
/// # Errors
///
/// [`Refused`] where there is none.
pub fn text<'a>(input: &'a Value, name: &str) -> Result<&'a str> {
    let missing = || Refused("MissingParameter", format!("{name} is missing"));
    input[name].as_str().ok_or_else(missing)
}

/// For tests: a client without a connection.
#[cfg(test)]
pub(crate) mod testing {
    use std::net::SocketAddr;

    use serde_json::Value;

    use crate::event::HttpRequest;
    use crate::http_server::Answer;

    /// Asks `service` for `target`: the answer's status and JSON.
    pub(crate) async fn ask(service: &impl Answer, target: &str, input: Value) -> (u16, Value) {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", target.parse().expect("a header value"));
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers,
            body: input.to_string().into_bytes(),
        };
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let response = service.answer(request, peer).await.expect("an answer");
        let body = serde_json::from_slice(response.body()).expect("JSON");
        (response.status().as_u16(), body)
    }
}
