//! What a browser asks the console, and what it is answered.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::dev_server::Connection;
use super::operator::Operated;

/// A browser on the page at an address.
pub(crate) struct Browser<'a> {
    address: &'a str,
    cookie: String,
}

/// An answer: its status, where it leads, and its text.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) text: String,
    pub(crate) cookie: String,
    pub(crate) policy: String,
    pub(crate) referrer: String,
}

impl<'a> Browser<'a> {
    /// On the page of `bundle`.
    pub(crate) fn of(bundle: &'a Operated) -> Self {
        Self { address: bundle.0.address("Console"), cookie: String::new() }
    }

    /// On the page at `address`, with this cookie.
    pub(crate) fn at(address: &'a str, cookie: &str) -> Self {
        Self { address, cookie: cookie.to_owned() }
    }

    pub(crate) async fn ask(&self, request: http::request::Builder, body: &str) -> Page {
        let mut connection = Connection::open(self.address).await;
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let request =
            if self.cookie.is_empty() { request } else { request.header("cookie", &self.cookie) };
        let (head, body) = connection.answer(request.body(body).expect("a request")).await;
        let header = |name: &str| {
            head.headers
                .get(name)
                .map(|value| value.to_str().expect("text").to_owned())
                .unwrap_or_default()
        };
        Page {
            status: head.status.as_u16(),
            location: header("location"),
            cookie: header("set-cookie"),
            policy: header("content-security-policy"),
            referrer: header("referrer-policy"),
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.ask(Request::get(path), "").await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Page {
        let form_type = "application/x-www-form-urlencoded";
        self.ask(Request::post(path).header("content-type", form_type), form).await
    }

    /// The token of the forms on `path`.
    pub(crate) async fn token(&self, path: &str) -> String {
        let page = self.get(path).await;
        let (_, behind) = page.text.split_once(r#"name="token" value=""#).expect("a form");
        behind.split('"').next().expect("a token").to_owned()
    }
}
