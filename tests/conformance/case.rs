//! The form of the data. A member that is not known here is an error: it would be a rule that nobody
//! checks.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dev_server::event::HttpRequest;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use crate::text::Text;

/// The cases of one provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corpus {
    pub(crate) provider: String,
    pub(crate) groups: Vec<Group>,
}

/// A sequence of cases that begins with an empty table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// The provider's secret.
    pub(crate) keys: Value,
    /// The function's environment variables, but for those that are the same for all.
    pub(crate) settings: HashMap<String, String>,
    pub(crate) cases: Vec<Case>,
}

/// A request and what has to become of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: Request,
    pub(crate) answer: Expected,
    /// What is stored of it, under the answer's id or beside it.
    pub(crate) item: Option<Item>,
}

/// A request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    method: String,
    pub(crate) path: String,
    #[serde(default)]
    query: Text,
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: Body,
}

/// A request's body.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Body {
    Binary(Binary),
    Text(Text),
}

/// Bytes that are no text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Binary {
    base64: String,
}

/// An answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// What became of a callback.
    pub(crate) outcome: Option<Outcome>,
    /// Its id.
    pub(crate) id: Option<Text>,
    /// Why it was refused.
    pub(crate) refused: Option<Refused>,
    /// The field that is to blame.
    pub(crate) field: Option<String>,
    /// The methods that the route takes.
    pub(crate) allow: Option<String>,
}

/// What becomes of a genuine callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Recorded,
    Duplicate,
    /// It is put aside.
    Conflict,
    /// It was put aside before.
    KnownConflict,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refused {
    Unauthenticated,
    Missing,
    Repeated,
    Malformed,
    Undecodable,
    TooLarge,
    NoSuchRoute,
    WrongMethod,
    Unavailable,
}

/// What is stored, as far as the request decides it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) kind: String,
    pub(crate) user: Text,
    pub(crate) amount: String,
    pub(crate) unit: String,
    pub(crate) test: bool,
    pub(crate) state: String,
    pub(crate) held: Option<String>,
    pub(crate) key_id: String,
    /// The payload, but for white space between its tokens.
    pub(crate) payload: Option<Text>,
}

impl Request {
    /// The request as HTTP.
    pub(crate) fn to_http(&self) -> HttpRequest {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().expect("a header's name");
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        }
        HttpRequest {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.whole(),
            headers,
            body: match &self.body {
                Body::Binary(Binary { base64 }) => STANDARD.decode(base64).expect("base64"),
                Body::Text(text) => text.whole().into_bytes(),
            },
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Text(Text::default())
    }
}
