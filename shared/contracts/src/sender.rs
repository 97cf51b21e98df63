//! The provider's side: the request that it would send. For samples, tests and trying a contract out.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use verify::{Refusal, Request, Secret, UnprovedObject, Unsignable};

use crate::contract::{Contract, Reads};
use crate::field_type::Form;
use crate::fields::HEADER;
use crate::message::{Called, Over, RAW};
use crate::proof::{At, Scheme, TOKEN, url_token};

/// The members of a payload, each as it was written: a number may be past what a float can hold.
type Members<'a> = BTreeMap<String, &'a RawValue>;

impl Contract {
    /// The payload of a sample as it is sent at `now`: with that time in it, where the contract says how old a
    /// request may be and the sample says a time at all.
    #[must_use]
    pub fn sent_at(&self, now: Timestamp, payload: &Map<String, Value>) -> Map<String, Value> {
        let mut payload = payload.clone();
        let field = self.compiled.window.as_ref().map(|window| &self.fields()[window.field]);
        if let Some((field, time)) = field.and_then(|it| Some((it, payload.get_mut(it.name)?))) {
            let number = match field.kind.form {
                Form::EpochMillis => now.as_millisecond(),
                _ => now.as_second(),
            };
            *time = if time.is_string() { number.to_string().into() } else { number.into() };
        }
        payload
    }

    /// The request that the provider would send to the route at `entrance` for `payload`, an object of the
    /// contract's fields without the credential, headers as `header.NAME`; `url` is what it calls.
    ///
    /// # Errors
    ///
    /// [`Unsignable`] where the payload lacks what is signed, or where only the provider can sign.
    pub fn sign(
        &self,
        entrance: usize,
        url: &str,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, Unsignable> {
        let unsignable = || Unsignable(Refusal::malformed("payload", "a JSON object of fields"));
        let reads = self.entrances()[entrance].reads;
        let fields: Members<'_> = match serde_json::from_str(payload) {
            Ok(fields) => fields,
            // A body is sent as it is, as far as what proves it is beside it.
            Err(_) if reads == Reads::Json => Members::new(),
            Err(_) => return Err(unsignable()),
        };
        let declared = |name: &str| self.fields().iter().any(|field| field.name == name);
        let (headers, content): (Members<'_>, Members<'_>) =
            fields.into_iter().partition(|(name, _)| name.starts_with(HEADER) && declared(name));
        let proof = self.proof();
        let mut request = Request::default();
        let token = proof.token.then(|| (TOKEN.to_owned(), url_token(secret)));
        let pairs = content.iter().map(|(name, value)| (name.clone(), text(value)));
        match reads {
            Reads::Query => request.query = write(pairs.chain(token)),
            Reads::Form => {
                request = Request { body: write(pairs).into_bytes(), ..request };
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers.insert(http::header::CONTENT_TYPE, form);
                request.query = write(token.into_iter());
            }
            Reads::Json => {
                let without_headers = (!headers.is_empty()).then(|| json(&content));
                request = Request::json(without_headers.unwrap_or_else(|| payload.to_owned()));
                request.query = write(token.into_iter());
            }
        }
        for (name, value) in &headers {
            let name = name.trim_start_matches(HEADER);
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsignable())?;
            let value = HeaderValue::try_from(text(value)).map_err(|_| unsignable())?;
            request.headers.insert(name, value);
        }
        let Some(at) = proof.at.clone() else { return Ok(request) };
        if let Over::Before { marker, .. } = &proof.over {
            request.query.push_str(marker);
        }
        let message = if proof.scheme == Scheme::Key {
            crate::message::Message::default()
        } else {
            let unproved = self.unproved(entrance, &request)?;
            proof.over.message(Called { url, request: &request }, &unproved)?
        };
        let signed = proof.sign(&message, secret).ok_or_else(unsignable)?;
        put(&mut request, at, &signed, &proof.over, reads)?;
        Ok(request)
    }
}

/// Puts the credential where it belongs.
fn put(
    request: &mut Request,
    at: At,
    signed: &str,
    over: &Over,
    reads: Reads,
) -> Result<(), Unsignable> {
    let pair = |name: &str| write(std::iter::once((name.to_owned(), signed.to_owned())));
    match at {
        At::Query(name) => match over {
            Over::Before { marker, .. } => {
                request.query.truncate(request.query.len() - marker.len());
                request.query.push('&');
                request.query.push_str(&pair(name));
            }
            _ => join(&mut request.query, &pair(name)),
        },
        At::Form(name) if reads == Reads::Query => join(&mut request.query, &pair(name)),
        At::Form(name) => {
            let mut form = String::from_utf8_lossy(&request.body).into_owned();
            join(&mut form, &pair(name));
            request.body = form.into_bytes();
        }
        At::Body(name) => {
            let body = UnprovedObject::parse(&request.body)?.with(name, signed);
            request.body = body.into_bytes();
        }
        At::Header(name) => {
            let unsignable = |_| Unsignable(Refusal::malformed("credential", "a header's value"));
            request.headers.insert(name, HeaderValue::try_from(signed).map_err(unsignable)?);
        }
    }
    Ok(())
}

fn join(pairs: &mut String, pair: &str) {
    if !pairs.is_empty() {
        pairs.push('&');
    }
    pairs.push_str(pair);
}

fn write(pairs: impl Iterator<Item = (String, String)>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RAW).to_string();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encode(&name), encode(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A value as a parameter has it: a text, or what else was written, digit by digit.
fn text(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

fn json(members: &Members<'_>) -> String {
    let members =
        members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
