//! What arrived, before anything is known about it.

use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

/// A method and a path that a provider calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The whole path, beginning with `/`.
    pub path: &'static str,
}

impl Route {
    /// A `GET` of `path`.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self { method: "GET", path }
    }

    /// A `POST` to `path`.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self { method: "POST", path }
    }
}

impl fmt::Display for Route {
    /// The form of an API Gateway route key, `POST /path`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A request as it arrived, whoever sent it.
#[derive(Clone, Default)]
pub struct Request {
    /// The query string as it was on the wire, without the `?`.
    pub query: String,
    /// The headers, as API Gateway passes them on.
    pub headers: HeaderMap,
    /// The body, decoded from base64 where API Gateway had encoded it.
    pub body: Vec<u8>,
}

impl Request {
    /// A request with a JSON body.
    #[must_use]
    pub fn json(body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { query: String::new(), headers, body: body.into_bytes() }
    }
}

impl fmt::Debug for Request {
    /// Sizes only: query and body carry credentials and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("query_bytes", &self.query.len())
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
