//! What is often wrong with a request or a secret, put right.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;
use verify::{Request, Secret};

use crate::diagnosis::place::Place;

/// What stands before a signature in some headers.
const PREFIXES: [&str; 4] = ["sha256=", "sha1=", "v1=", "hmac-sha256="];

/// What a secret is often copied with, or without, each with how it differs.
pub(super) fn secrets(secret: &Secret) -> Vec<(&'static str, Secret)> {
    let text = secret.expose_text();
    let others = [
        ("with a line end behind it", format!("{text}\n")),
        ("with a Windows line end behind it", format!("{text}\r\n")),
        ("with a space behind it", format!("{text} ")),
        ("with a space before it", format!(" {text}")),
        ("without the white space at its ends", text.trim().to_owned()),
        ("in lower case", text.to_lowercase()),
        ("in upper case", text.to_uppercase()),
        ("in quotation marks", format!("\"{text}\"")),
    ];
    let others = others.into_iter().filter(|(_, other)| other != text);
    others.filter_map(|(what, other)| Some((what, Secret::new(other)?))).collect()
}

/// Other forms of what is signed, each with what it is: the credential stays as it came.
pub(super) fn contents(request: &Request, place: &Place) -> Vec<(String, Request)> {
    let mut all = Vec::new();
    let mut add = |what: &str, changed: Option<Request>| {
        all.extend(changed.map(|changed| (what.to_owned(), changed)));
    };
    let body = |body: Vec<u8>| (body != request.body).then(|| Request { body, ..request.clone() });
    let query =
        |query: String| (query != request.query).then(|| Request { query, ..request.clone() });
    if !request.body.is_empty() && !matches!(place, Place::Form(_)) {
        add("the body with a line end behind it", body([&request.body[..], b"\n"].concat()));
        add(
            "the body with a Windows line end behind it",
            body([&request.body[..], b"\r\n"].concat()),
        );
        add(
            "the body without the white space at its ends",
            body(request.body.trim_ascii().to_vec()),
        );
        add("the body as JSON without white space", compact(request).and_then(body));
        add("the body as JSON with its members in order", sorted(request).and_then(body));
        add("an empty body", body(Vec::new()));
    }
    if !request.query.is_empty() {
        add("the query with %20 for +", query(request.query.replace('+', "%20")));
        add("the query with + for %20", query(request.query.replace("%20", "+")));
        add(
            "the query in lower-case escapes",
            query(escapes(&request.query, u8::to_ascii_lowercase)),
        );
        add(
            "the query in upper-case escapes",
            query(escapes(&request.query, u8::to_ascii_uppercase)),
        );
        add("the query without what follows the signature", cut(request, place).and_then(query));
    }
    all
}

/// Other ways to write a credential, each with how it is written then.
pub(super) fn texts(came: &str) -> Vec<(String, String)> {
    let mut all = vec![
        ("without white space at its ends".to_owned(), came.trim().to_owned()),
        ("in lower case".to_owned(), came.to_lowercase()),
        ("in upper case".to_owned(), came.to_uppercase()),
    ];
    for prefix in PREFIXES {
        all.extend(
            came.strip_prefix(prefix).map(|bare| (format!("without {prefix}"), bare.to_owned())),
        );
        all.push((format!("with {prefix} before it"), format!("{prefix}{came}")));
    }
    if let Some(bytes) = bytes(came) {
        all.push(("written in hex".to_owned(), hex::encode(&bytes)));
        all.push(("written in base64".to_owned(), STANDARD.encode(&bytes)));
        all.push(("written in base64url".to_owned(), URL_SAFE_NO_PAD.encode(&bytes)));
    }
    all.retain(|(_, text)| text != came);
    all
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
    let base64 = || engines.iter().find_map(|engine| engine.decode(text).ok());
    hex::decode(text).ok().or_else(base64)
}

fn compact(request: &Request) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(&request.body).ok()?;
    serde_json::from_str::<Value>(text).ok()?;
    Some(bundle::samples::compact(text).into_bytes())
}

fn sorted(request: &Request) -> Option<Vec<u8>> {
    // A map of serde_json's is in the order of its names.
    Some(serde_json::from_slice::<Value>(&request.body).ok()?.to_string().into_bytes())
}

/// `query` with the two digits of each escape as `case` has them.
fn escapes(query: &str, case: fn(&u8) -> u8) -> String {
    let mut left = 0;
    let bytes = query.bytes().map(|byte| {
        let is_digit = left > 0 && byte != b'%';
        left = if byte == b'%' { 2_u8 } else { left.saturating_sub(1) };
        if is_digit { case(&byte) } else { byte }
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
}

fn cut(request: &Request, place: &Place) -> Option<String> {
    let Place::Query(name) = place else { return None };
    let mut kept = Vec::new();
    for pair in request.query.split('&') {
        kept.push(pair);
        if pair.split('=').next() == Some(name) {
            break;
        }
    }
    Some(kept.join("&"))
}
