//! A query string with a body: the one provider that reads both.

use devtodev::Devtodev;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use verify::{Provider as _, Request};

use super::body::{arrives_again, check, has_secret, is_let_in, received, secret};

/// A query string, a content type and a body, each on a line of its own; the body to the end.
pub fn devtodev_query(input: &[u8]) {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (query, kind, body) = (line(), line(), line());
    let Ok(query) = std::str::from_utf8(query) else { return };
    if has_secret(input) {
        return;
    }
    let mut request =
        Request { query: query.to_owned(), body: body.to_vec(), ..Request::default() };
    if let Ok(kind) = HeaderValue::from_bytes(kind) {
        request.headers.insert(CONTENT_TYPE, kind);
    }
    for (route, hook) in Devtodev::ROUTES {
        assert!(!is_let_in(&Devtodev, *hook, &request), "{route} without the key");
        let key = secret().expose_text().to_owned();
        let signed = Request { query: format!("{query}&apikey={key}"), ..request.clone() };
        if let Ok(facts) = received(&Devtodev, *hook, &signed) {
            check::<Devtodev>(&facts);
            // As a body, whichever way it came.
            arrives_again(&Devtodev, devtodev::Hook::Post, &facts);
        }
    }
}
