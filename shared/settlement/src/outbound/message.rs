//! What is to be sent.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};

/// A request, and what of it must not be kept when an answer repeats it. Debug shows none of it.
pub struct Message {
    pub(crate) request: Request<Bytes>,
    pub(crate) secrets: Vec<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").finish_non_exhaustive()
    }
}

impl Message {
    /// A `POST` of `json` to `uri`.
    #[must_use]
    pub fn post(uri: Uri, json: String) -> Self {
        let mut request = Request::new(Bytes::from(json));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Some gateways refuse whoever does not say what it is.
        let agent = concat!("callbacks/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        Self { request, secrets: Vec::new() }
    }

    /// The same, with `secret` as something that is in it and must not be kept.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// The HTTP request that delivers it.
    #[must_use]
    pub const fn request(&self) -> &Request<Bytes> {
        &self.request
    }
}
