//! Where the credential of a route stands.

use std::collections::HashSet;
use std::fmt;

use bundle::provider::ProviderEntry;
use contracts::fields::HEADER;
use contracts::proof::TOKEN;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use settings::Settings;
use verify::{Request, Route, Secret, UnprovedObject};

/// Where the credential of a route stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Header(HeaderName),
    Query(String),
    /// A pair of a form in the body.
    Form(String),
    /// A member of a JSON body.
    Member(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {name}"),
            Self::Query(name) => write!(f, "parameter {name} in the query"),
            Self::Form(name) => write!(f, "field {name} in the form"),
            Self::Member(name) => write!(f, "member {name} in the body"),
        }
    }
}

/// A signed sample of a route, and where its credential stands.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) place: Place,
    pub(super) sample: Request,
    /// What the sample says beside its credential.
    pub(super) payload: String,
}

impl Signed {
    /// That of `route`; none where nobody here can sign one.
    pub(super) fn of(provider: &ProviderEntry, settings: &Settings, route: &Route) -> Option<Self> {
        let samples = provider.samples().ok()?;
        let of_route = samples.iter().find(|sample| sample.route == route.to_string())?;
        let payload = of_route.payload();
        let any = provider.forged_key().or_else(|| Secret::new("any".to_owned()))?;
        let sample = provider.sign(settings, route, &payload, &any).ok()?;
        Some(Self { place: Place::of(&sample, &payload)?, sample, payload })
    }
}

impl Place {
    /// That of the credential in `signed`: what it has that `payload` has not.
    fn of(signed: &Request, payload: &str) -> Option<Self> {
        let members: Map<String, Value> = serde_json::from_str(payload).ok()?;
        let is_payload = |name: &str| members.contains_key(name);
        // The token of a URL is beside the credential.
        let mut query = names(&signed.query).into_iter().filter(|name| name != TOKEN);
        let query = query.find(|name| !is_payload(name));
        let headers = signed.headers.keys().filter(|name| **name != http::header::CONTENT_TYPE);
        let mut headers = headers.filter(|name| !is_payload(&format!("{HEADER}{name}")));
        let body: Option<Map<String, Value>> = serde_json::from_slice(&signed.body).ok();
        match (headers.next(), query, body) {
            (Some(header), ..) => Some(Self::Header(header.clone())),
            (None, Some(name), _) => Some(Self::Query(name)),
            (None, None, Some(body)) => {
                body.keys().find(|name| !is_payload(name)).cloned().map(Self::Member)
            }
            (None, None, None) => {
                let form = String::from_utf8_lossy(&signed.body);
                names(&form).into_iter().find(|name| !is_payload(name)).map(Self::Form)
            }
        }
    }

    /// What it is called where one form of it is told from another.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Header(_) => "header",
            Self::Query(_) => "parameter",
            Self::Form(_) | Self::Member(_) => "signature",
        }
    }

    /// What stands there in `request`.
    pub(super) fn text(&self, request: &Request) -> Option<String> {
        match self {
            Self::Header(name) => request.headers.get(name)?.to_str().ok().map(str::to_owned),
            Self::Query(name) => value(&request.query, name),
            Self::Form(name) => value(std::str::from_utf8(&request.body).ok()?, name),
            Self::Member(name) => {
                let body: Map<String, Value> = serde_json::from_slice(&request.body).ok()?;
                body.get(name)?.as_str().map(str::to_owned)
            }
        }
    }

    /// `request` with `text` there.
    pub(super) fn with(&self, request: &Request, text: &str) -> Option<Request> {
        let mut changed = request.clone();
        match self {
            Self::Header(name) => {
                changed.headers.insert(name, HeaderValue::try_from(text).ok()?);
            }
            Self::Query(name) => changed.query = replaced(&request.query, name, text),
            Self::Form(name) => {
                let form = std::str::from_utf8(&request.body).ok()?;
                changed.body = replaced(form, name, text).into_bytes();
            }
            Self::Member(name) => {
                let body = UnprovedObject::parse(&request.body).ok()?;
                changed.body = body.with(name, text).into_bytes();
            }
        }
        Some(changed)
    }

    /// `request` with what stands elsewhere in this place, each with what that is called.
    pub(super) fn elsewhere(&self, request: &Request) -> Vec<(String, Request)> {
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let headers = request.headers.iter();
        let headers = headers.filter_map(|(name, it)| Some((format!("header {name}"), text(it)?)));
        let query = pairs(&request.query, "parameter").into_iter();
        let body = match serde_json::from_slice::<Map<String, Value>>(&request.body) {
            Ok(members) => members
                .into_iter()
                .filter_map(|(name, it)| Some((format!("member {name}"), it.as_str()?.to_owned())))
                .collect(),
            Err(_) => pairs(&String::from_utf8_lossy(&request.body), "field"),
        };
        let others = query.chain(body).chain(headers).take(MOST_PLACES);
        // With or without the scheme that HTTP has before a credential (RFC 9110, section 11.4).
        let bare = |text: &str| text.strip_prefix("Bearer ").map(str::to_owned);
        others
            .filter_map(|(name, text)| {
                let text = bare(&text).unwrap_or(text);
                Some((name, self.placed(request, &text)?))
            })
            .collect()
    }

    /// `request` with `text` there, where nothing is.
    fn placed(&self, request: &Request, text: &str) -> Option<Request> {
        match self {
            Self::Header(_) | Self::Member(_) => self.with(request, text),
            Self::Query(name) => {
                let query = format!("{}&{name}={}", request.query, encoded(text));
                Some(Request { query, ..request.clone() })
            }
            Self::Form(name) => {
                let form = std::str::from_utf8(&request.body).ok()?;
                let body = format!("{form}&{name}={}", encoded(text)).into_bytes();
                Some(Request { body, ..request.clone() })
            }
        }
    }
}

/// In how many other places a credential is looked for.
const MOST_PLACES: usize = 50;

fn names(pairs: &str) -> HashSet<String> {
    let names = pairs.split('&').filter(|pair| !pair.is_empty());
    names.map(|pair| decoded(pair.split('=').next().unwrap_or_default())).collect()
}

/// The pairs of a query or a form, decoded.
pub(super) fn parameters(text: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value)))
}

fn pairs(text: &str, kind: &str) -> Vec<(String, String)> {
    parameters(text).map(|(name, value)| (format!("{kind} {name}"), value)).collect()
}

fn value(pairs: &str, wanted: &str) -> Option<String> {
    parameters(pairs).find(|(name, _)| name == wanted).map(|(_, value)| value)
}

fn replaced(pairs: &str, wanted: &str, text: &str) -> String {
    let pairs = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if decoded(name) == wanted => format!("{name}={}", encoded(text)),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
