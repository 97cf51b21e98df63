//! A query string with a body, for a provider whose query has the key.

use bundle::provider::Visitor;
use bundle::registry::visit;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use verify::{Request, Sender};

use super::body::{
    SECRET, arrives_again, check, has_secret, is_let_in, provider, received, secret,
};

/// A query string, a content type and a body, each on a line of its own; the body to the end.
pub fn query(provider: &str, input: &[u8]) {
    if !has_secret(input) {
        visit(&mut Query { provider, input });
    }
}

/// The names of what proves a request to `provider` in its query string.
#[must_use]
pub fn credentials(provider: &str) -> Vec<String> {
    let mut credentials = Credentials { provider, names: Vec::new() };
    visit(&mut credentials);
    credentials.names
}

struct Query<'a> {
    provider: &'a str,
    input: &'a [u8],
}

impl Visitor for Query<'_> {
    fn visit<P: Sender>(&mut self) {
        if P::NAME != self.provider {
            return;
        }
        let mut lines = self.input.splitn(3, |byte| *byte == b'\n');
        let mut line = || lines.next().unwrap_or_default();
        let (query, kind, body) = (line(), line(), line());
        let Ok(query) = std::str::from_utf8(query) else { return };
        let mut request =
            Request { query: query.to_owned(), body: body.to_vec(), ..Request::default() };
        if let Ok(kind) = HeaderValue::from_bytes(kind) {
            request.headers.insert(CONTENT_TYPE, kind);
        }
        let provider = provider::<P>();
        for (route, hook) in provider.routes() {
            assert!(!is_let_in(provider, *hook, &request), "{route} without the key");
            let Some(key) = key(provider, *hook) else { continue };
            let signed = Request { query: format!("{query}&{key}"), ..request.clone() };
            let Ok(facts) = received(provider, *hook, &signed) else { continue };
            check::<P>(&facts);
            // As a body, whichever way it came.
            for (_, hook) in provider.routes().iter().filter(|(route, _)| route.method == "POST") {
                arrives_again(provider, *hook, &facts);
            }
        }
    }
}

struct Credentials<'a> {
    provider: &'a str,
    names: Vec<String>,
}

impl Visitor for Credentials<'_> {
    fn visit<P: Sender>(&mut self) {
        if P::NAME == self.provider {
            let provider = provider::<P>();
            let keys = provider.routes().iter().filter_map(|(_, hook)| key(provider, *hook));
            self.names.extend(keys.filter_map(|key| Some(key.split_once('=')?.0.to_owned())));
        }
    }
}

/// The pair with the key itself, where a callback without content has it in its query string.
fn key<P: Sender>(provider: &P, hook: P::Hook) -> Option<String> {
    let request = provider.sign(hook, "{}", &secret()).ok()?;
    let mut pairs = request.query.split('&');
    pairs.find(|pair| pair.ends_with(&format!("={SECRET}"))).map(str::to_owned)
}
