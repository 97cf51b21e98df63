//! What there is to see of how a request is proved, and its payload as it can be signed anew.

use std::collections::BTreeMap;

use bundle::prover::SignedText;
use contracts::fields::HEADER;
use contracts::proof::TOKEN;
use http::HeaderValue;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use verify::Request;

use crate::diagnosis::Case;
use crate::diagnosis::place::{Place, Signed, parameters};

/// Members of an object, each as it was written: a number may be past what a float can hold.
type Members = BTreeMap<String, Box<RawValue>>;

/// How a request is proved, or was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where the credential is looked for.
    pub place: String,
    /// What stands there.
    pub came: Option<String>,
    /// The key that proves it, by its name.
    pub key: Option<String>,
    /// What it has to be made of; none where it is the key itself.
    pub signed: Option<SignedText>,
    /// What the request says, without its credential: the body as it came, or a JSON object with a member on each line.
    pub payload: String,
}

impl Case {
    /// What there is to see of `request`; none where nobody but the provider can sign for the route.
    pub(super) fn seen(&self, request: &Request) -> Option<Seen> {
        let signed = self.signed.as_ref()?;
        let place = &signed.place;
        // What is no signature at all says nothing of what is signed: one that has the form is put in its place.
        let formed = || place.with(request, &place.text(&signed.sample)?);
        let contract = self.contract.as_ref().unwrap_or(&self.prover);
        let text = contract.signed_text(request);
        Some(Seen {
            place: place.to_string(),
            came: place.text(request),
            key: self.own.iter().find(|key| self.fits(request, key)).map(|key| key.name.clone()),
            signed: text.or_else(|| contract.signed_text(&formed()?)),
            payload: payload(request, signed),
        })
    }
}

/// What `request` says beside its credential; `signed` is a sample of its route, which says where that is from.
fn payload(request: &Request, signed: &Signed) -> String {
    let Signed { place, sample, payload } = signed;
    let text = |value: &str| to_raw_value(value).ok();
    let parameters = |text_of: &str| {
        let pairs = parameters(text_of).filter(|(name, _)| name != TOKEN);
        pairs.filter_map(|(name, value)| Some((name, text(&value)?))).collect::<Members>()
    };
    let body = String::from_utf8_lossy(&request.body);
    let is_json = |body: &[u8]| serde_json::from_slice::<Members>(body).is_ok();
    let says: BTreeMap<String, Value> = serde_json::from_str(payload).unwrap_or_default();
    let headers: Vec<_> = says.keys().filter_map(|name| name.strip_prefix(HEADER)).collect();
    let mut members = match (is_json(&sample.body), serde_json::from_str::<Members>(&body)) {
        // As it came: nothing is taken out of it, or it cannot be.
        (true, Err(_)) => return body.into_owned(),
        (true, Ok(_)) if matches!(place, Place::Header(_)) && headers.is_empty() => {
            return body.into_owned();
        }
        (true, Ok(members)) => members,
        (false, _) => parameters(&body),
    };
    members.extend(parameters(&request.query));
    if let Place::Query(name) | Place::Form(name) | Place::Member(name) = place {
        members.remove(name);
    }
    members.extend(headers.into_iter().filter_map(|name| {
        let value: &HeaderValue = request.headers.get(name)?;
        Some((format!("{HEADER}{name}"), text(value.to_str().ok()?)?))
    }));
    let lines = members.iter().map(|(name, value)| format!("  {}: {value}", Value::from(&**name)));
    format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
}
