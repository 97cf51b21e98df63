//! What there is to see of how a request is proved, and its payload as it can be signed anew.

use std::collections::BTreeMap;

use bundle::prover::SignedText;
use contracts::proof::TOKEN;
use http::HeaderValue;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use verify::Request;

use crate::diagnosis::Case;
use crate::diagnosis::place::{Place, parameters};

/// What the name of a field begins with that is a header.
const HEADER: &str = "header.";

/// How a request is proved, or was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where the credential is looked for.
    pub place: String,
    /// What stands there.
    pub came: Option<String>,
    /// What it has to be made of; none where it is the key itself.
    pub signed: Option<SignedText>,
    /// A JSON object of what the request says, without its credential, a member on each line.
    pub payload: String,
}

impl Case {
    /// What there is to see of `request`; none where nobody but the provider can sign for the route.
    pub(super) fn seen(&self, request: &Request) -> Option<Seen> {
        let signed = self.signed.as_ref()?;
        let place = &signed.place;
        // What is no signature at all says nothing of what is signed: one that has the form is put in its place.
        let formed = || place.with(request, &place.text(&signed.sample)?);
        let text = self.prover.signed_text(request);
        Some(Seen {
            place: place.to_string(),
            came: place.text(request),
            signed: text.or_else(|| self.prover.signed_text(&formed()?)),
            payload: payload(request, place, &signed.payload),
        })
    }
}

/// What `request` says beside the credential in `place`; `sample` is what a request of the route says, whose headers
/// are part of it.
fn payload(request: &Request, place: &Place, sample: &str) -> String {
    let text = |value: &str| to_raw_value(value).ok();
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&request.body)
        .unwrap_or_else(|_| {
            let form = std::str::from_utf8(&request.body).unwrap_or_default();
            parameters(form).filter_map(|(name, value)| Some((name, text(&value)?))).collect()
        });
    let query = parameters(&request.query).filter(|(name, _)| name != TOKEN);
    members.extend(query.filter_map(|(name, value)| Some((name, text(&value)?))));
    if let Place::Query(name) | Place::Form(name) | Place::Member(name) = place {
        members.remove(name);
    }
    let sample: BTreeMap<String, Value> = serde_json::from_str(sample).unwrap_or_default();
    members.extend(sample.keys().filter(|name| name.starts_with(HEADER)).filter_map(|field| {
        let value: &HeaderValue = request.headers.get(field.trim_start_matches(HEADER))?;
        Some((field.clone(), text(value.to_str().ok()?)?))
    }));
    let lines = members.iter().map(|(name, value)| format!("  {}: {value}", Value::from(&**name)));
    format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
}
