//! Published vectors, and samples.

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use settings::Settings;
use verify::{Keys, Request, Secret};

use crate::contract::Contract;
use crate::encoding::Encoding;
use crate::file::{SampleSpec, SecretSpec, VectorSpec};
use crate::finding::{Finding, Rule};

/// When samples are sent and received, so that none is too old.
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(super) fn check(contract: &Contract, findings: &mut Vec<Finding>) {
    let file = contract.file();
    for (at, vector) in file.vectors.iter().enumerate() {
        if !is_proved(contract, vector) {
            findings.push(Finding::new(Rule::VectorFails, format!("vectors[{at}]")));
        }
    }
    if file.vectors.is_empty() {
        findings.push(Finding::new(Rule::Unconfirmed, "vectors"));
        if file.unconfirmed.as_deref().unwrap_or_default().trim().is_empty() {
            findings.push(Finding::new(Rule::Unexplained, "unconfirmed"));
        }
    }
    for sample in &file.samples {
        if let Err(what) = as_it_says(contract, sample) {
            let about = format!("samples.{} ({what})", sample.name);
            findings.push(Finding::new(Rule::SampleFails, about));
        }
    }
}

/// Whether the credential of a published example is right.
fn is_proved(contract: &Contract, vector: &VectorSpec) -> bool {
    let proved = || {
        let (url, query) = match (&vector.url, &vector.query) {
            (Some(url), None) => url.split_once('?').unwrap_or((url, "")),
            (None, query) => ("", query.as_deref().unwrap_or_default()),
            (Some(_), Some(_)) => return None,
        };
        let mut request = Request { query: query.to_owned(), ..Request::default() };
        request.body = vector.body.clone().unwrap_or_default().into_bytes();
        for (name, value) in &vector.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            request.headers.append(name, HeaderValue::from_str(value).ok()?);
        }
        let keys = match (&vector.secret, &vector.public_key, contract.fixed_keys()) {
            (Some(secret), None, None) => sample_keys(secret)?,
            (None, Some(key), None) if contract.proof().scheme.is_public() => sample_keys(key)?,
            (None, None, Some(keys)) => Keys::from_json(&keys).ok()?,
            _ => return None,
        };
        let is_body = vector.body.is_some();
        let entrance = contract
            .entrances()
            .iter()
            .position(|entrance| (entrance.reads == crate::contract::Reads::Query) != is_body)?;
        let (credential, _) = contract.claim(entrance, url, &request).ok()?;
        let claim = verify::SignedContent { credential, content: () };
        keys.prove(claim).ok().map(drop)
    };
    proved().is_some()
}

/// The secret that the samples of `name` are signed with.
#[must_use]
pub fn sample_secret(name: &str) -> String {
    format!("sample-{name}-secret")
}

/// The key of an example; none where it cannot be one.
fn sample_keys(secret: &str) -> Option<Keys> {
    let list = serde_json::json!({ "keys": [{ "id": "sample", "secret": secret }] });
    Keys::from_json(&list.to_string()).ok()
}

/// Whether a sample is read, or refused, as it says.
fn as_it_says(contract: &Contract, sample: &SampleSpec) -> Result<(), String> {
    let own = sample.name.strip_prefix(contract.name()).is_some_and(|rest| rest.starts_with('-'));
    if !own {
        return Err("name".to_owned());
    }
    let mut entrances = contract.entrances().iter();
    let entrance = entrances.position(|entrance| entrance.route.to_string() == sample.route);
    let entrance = entrance.ok_or("route")?;
    let configured = contract
        .clone()
        .configured(&Settings::from([("PUBLIC_URL", "https://callbacks.example.com")]));
    let contract = configured.map_err(|error| error.to_string())?;
    if contract.proof().scheme.is_public() {
        return Err("only the provider can sign it".to_owned());
    }
    let secret = sample_key(&contract);
    let used = if sample.forged { forged_key(&contract) } else { secret.clone() };
    let url = contract.url(entrance);
    let payload = serde_json::Value::Object(contract.sent_at(NOW, &sample.payload)).to_string();
    let request = contract.sign(entrance, &url, &payload, &used).map_err(|it| it.to_string())?;
    let refused = read(&contract, entrance, &url, &request, &secret).err();
    let wanted = match (&sample.refused, sample.forged) {
        (Some(reason), _) => Some(reason.as_str()),
        (None, true) if !contract.needs_no_key() => Some("unauthenticated"),
        (None, _) => None,
    };
    if refused.as_ref().map(verify::Refusal::reason) == wanted {
        return Ok(());
    }
    Err(refused.map_or_else(|| "it is accepted".to_owned(), |refusal| refusal.to_string()))
}

/// The key that the samples of `contract` are signed with: its [`sample_secret`], in the form that its keys have.
#[must_use]
pub fn sample_key(contract: &Contract) -> Secret {
    of_form(contract, sample_secret(contract.name()))
}

/// The key that the forged ones among them are signed with.
#[must_use]
pub fn forged_key(contract: &Contract) -> Secret {
    of_form(contract, format!("another-{}-secret", contract.name()))
}

fn of_form(contract: &Contract, text: String) -> Secret {
    let text = match contract.proof().secret {
        SecretSpec::Text => text,
        SecretSpec::Hex => Encoding::Hex.encode(text.as_bytes()),
        SecretSpec::Base64 => Encoding::Base64.encode(text.as_bytes()),
        SecretSpec::Whsec => format!("whsec_{}", Encoding::Base64.encode(text.as_bytes())),
    };
    Secret::new(text).unwrap_or_else(|| unreachable!("it is not empty"))
}

fn read(
    contract: &Contract,
    entrance: usize,
    url: &str,
    request: &Request,
    secret: &Secret,
) -> Result<(), verify::Refusal> {
    let (credential, unproved) = contract.claim(entrance, url, request)?;
    if !credential.verify(secret) {
        return Err(verify::Refusal::Unauthenticated);
    }
    let hook = contract.entrances()[entrance].hook;
    unproved
        .body
        .strict(|content| contract.read_content(hook, content, &request.headers, NOW))
        .map(drop)
}
