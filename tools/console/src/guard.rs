//! Who may ask: this page and whoever types its address, and no other page that a browser has open.
//!
//! Another site's page can send requests to the loopback, and by a name that it points at 127.0.0.1 once it is loaded it
//! can even read answers (DNS rebinding); then the name is what `Host` says. `Origin` (Fetch standard) and
//! `Sec-Fetch-Site` (Fetch Metadata Request Headers) say which page asks. What changes something has a token as well, which
//! only this page knows.
//!
//! Any account of this machine reaches the loopback. What the bundle on this machine has, all of them may have; a stack on
//! AWS is looked at with one person's rights, and answers those alone who have the key of the address that was printed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{COOKIE, HOST, HeaderMap, HeaderValue, ORIGIN, SET_COOKIE};
use http::{HeaderName, StatusCode};
use verify::Secret;

/// Says what asks: a page of this or another site, or a person.
const FETCH_SITE: &str = "sec-fetch-site";

/// What every answer says to a browser: scripts, styles and connections of this page alone, in no frame, kept nowhere.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // With `no-referrer` a browser sends `Origin: null` with the forms of the page itself (Fetch standard, "append a
    // request `Origin` header"), which is what a stranger's page looks like.
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Why a request is not answered; none where it is. `port` is the page's own.
#[must_use]
pub fn refusal(headers: &HeaderMap, port: u16) -> Option<&'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    let ours = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
    let named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => ours.iter().find(|our| host.as_bytes() == our.as_bytes()),
        _ => None,
    };
    let Some(host) = named else { return Some("The Host header does not name this page.") };
    let is_own = |origin: &HeaderValue| origin.as_bytes() == format!("http://{host}").as_bytes();
    if !headers.get_all(ORIGIN).iter().all(is_own) {
        return Some("Another page asks: its Origin is not this one.");
    }
    let is_here = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    if !headers.get_all(FETCH_SITE).iter().all(is_here) {
        return Some("Another page asks: Sec-Fetch-Site says so.");
    }
    None
}

/// Who is answered at a port.
#[derive(Debug)]
pub struct Guard {
    /// The page's own port.
    port: u16,
    /// The key of the address, where one is asked for.
    key: Option<Token>,
}

/// What is said to who has no key.
const NO_KEY: &str = "Open the whole address that the command printed: it has a key behind it.";

impl Guard {
    /// The guard of `port`, which asks for `key` where there is one.
    #[must_use]
    pub const fn new(port: u16, key: Option<Token>) -> Self {
        Self { port, key }
    }

    /// The page's address.
    #[must_use]
    pub fn url(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("/?key={}", key.text()));
        format!("http://127.0.0.1:{}{}", self.port, key.unwrap_or_default())
    }

    /// The name of the cookie with the key. A browser sends a cookie to every port of a host.
    fn cookie(&self) -> String {
        format!("console-{}", self.port)
    }

    /// The answer to who has not shown the key yet: a way in for who has it. None where nothing is to be shown.
    fn without_key(&self, request: &Request) -> Option<Response> {
        let key = self.key.as_ref()?;
        let name = self.cookie();
        let cookies = request.headers().get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut pairs =
            cookies.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
        if pairs.any(|(named, value)| named == name && key.is(value)) {
            return None;
        }
        let shown = request.uri().query().and_then(|query| query.strip_prefix("key="));
        if !shown.is_some_and(|shown| key.is(shown)) {
            return Some((StatusCode::FORBIDDEN, NO_KEY).into_response());
        }
        let cookie = format!("{name}={}; HttpOnly; SameSite=Strict; Path=/", key.text());
        Some(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
    }
}

/// Answers what may be answered, and says to the browser what it may do with it.
pub async fn guarded(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let refused = refusal(request.headers(), guard.port);
    let refused = refused.map(|why| (StatusCode::FORBIDDEN, why).into_response());
    let mut response = match refused.or_else(|| guard.without_key(&request)) {
        Some(answer) => answer,
        // To its end, also where the browser goes away meanwhile: half of what a person decided is no decision.
        None => match tokio::spawn(next.run(request)).await {
            Ok(answer) => answer,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    };
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a form of this page has, and no other page knows.
#[derive(Debug)]
pub struct Token(Secret);

impl Token {
    /// A new one, of 128 random bits; none where the operating system gives no random bytes.
    #[must_use]
    pub fn new() -> Option<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Secret::new(hex::encode(bytes)).map(Self)
    }

    /// As it stands in a form.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose_text()
    }

    /// Whether `given` is it; takes as long whatever the answer.
    #[must_use]
    pub fn is(&self, given: &str) -> bool {
        Secret::new(given.to_owned()).is_some_and(|given| self.0.matches(&given))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).expect("a value"));
        }
        refusal(&map, 3002).is_some()
    }

    #[test]
    fn only_this_page_and_a_person_are_answered() {
        for headers in [
            &[("host", "127.0.0.1:3002")][..],
            &[("host", "localhost:3002")],
            &[("host", "[::1]:3002")],
            &[("host", "localhost:3002"), ("origin", "http://localhost:3002")],
            &[("host", "localhost:3002"), ("sec-fetch-site", "none")],
            &[("host", "localhost:3002"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!refused(headers), "{headers:?}");
        }
        for headers in [
            &[][..],
            &[("host", "127.0.0.1")],
            &[("host", "127.0.0.1:3000")],
            &[("host", "rebound.example:3002")],
            &[("host", "localhost.example:3002")],
            &[("host", "localhost:3002"), ("host", "localhost:3002")],
            &[("host", "localhost:3002"), ("origin", "http://127.0.0.1:3002")],
            &[("host", "localhost:3002"), ("origin", "https://localhost:3002")],
            &[("host", "localhost:3002"), ("origin", "null")],
            &[("host", "localhost:3002"), ("sec-fetch-site", "cross-site")],
            &[("host", "localhost:3002"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(refused(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_token_is_its_own_alone() {
        let (one, other) = (Token::new().expect("random"), Token::new().expect("random"));
        assert!(one.is(one.text()) && !one.is(other.text()) && !one.is(""));
        assert_eq!(one.text().len(), 32);
        assert!(!format!("{one:?}").contains(one.text()));
    }
}
