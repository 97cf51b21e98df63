//! What is sent from the page: a request again, samples, states to look at, faults of the stand-ins.

use std::sync::PoisonError;

use bundle::provider::PROVIDERS;
use dev_server::event::HttpRequest;
use dev_server::samples::{self, host_of};
use dev_server::send::{send, steer};
use dev_server::sign;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use trigger::{Brought, State, Trigger};

use crate::refused::NotDone;
use crate::source::{Bundle, Known};

/// The shortest part of an id that tells a callback from others, in bytes.
const SHORTEST: usize = 6;

/// The samples of a provider, by their names.
#[derive(Debug)]
pub struct Samples {
    /// The provider.
    pub provider: String,
    /// The samples.
    pub names: Vec<String>,
}

/// A sample to send.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// Of which provider.
    pub provider: String,
    /// Its name.
    pub name: String,
}

/// How the calls of a provider's API are to fail.
#[derive(Debug, Deserialize)]
pub struct Fault {
    /// Whose.
    pub provider: String,
    /// With what.
    pub status: Failing,
    /// How many.
    pub times: u32,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Failing {
    /// It is answered with this status.
    Status(u16),
    /// It is not answered within a minute: `timeout`.
    Timeout,
}

impl TryFrom<String> for Failing {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse() {
            _ if text == "timeout" => Ok(Self::Timeout),
            Ok(status) => Ok(Self::Status(status)),
            Err(_) => Err("neither a status nor timeout"),
        }
    }
}

/// A call that a stand-in got.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// Whose API it is.
    pub provider: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query.
    pub query: String,
    /// The body, empty where there is none.
    #[serde(deserialize_with = "as_text")]
    pub body: String,
    /// The answer's status; none where the connection was closed.
    pub status: Option<u16>,
}

/// A body as it was sent, of JSON; that is a text or nothing for itself.
fn as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let body = Option::<Box<RawValue>>::deserialize(deserializer)?;
    let text = body.map(|body| body.get().to_owned()).unwrap_or_default();
    Ok(serde_json::from_str(&text).unwrap_or(text))
}

fn not_sent(error: impl std::fmt::Display) -> NotDone {
    NotDone::NotSent(error.to_string())
}

fn not_signed(error: impl std::fmt::Display) -> NotDone {
    NotDone::NotSigned(error.to_string())
}

impl Bundle {
    fn api(&self) -> Result<String, NotDone> {
        Ok(format!("http://127.0.0.1:{}", self.here()?.api))
    }

    /// Sends `request` to the HTTP API: its number here.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn send(&self, request: HttpRequest) -> Result<u64, NotDone> {
        let HttpRequest { path, query, body, .. } = request.clone();
        send(&self.api()?, request).await.map_err(not_sent)?;
        let recent = self.feed.recent();
        let is_it = |it: &HttpRequest| it.path == path && it.query == query && it.body == body;
        let sent = recent.iter().find(|exchange| is_it(&exchange.request));
        sent.map(|exchange| exchange.number).ok_or(NotDone::NoRequest)
    }

    /// Sends `payload` to where `request` went, signed anew: its number here.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn send_signed(&self, request: &HttpRequest, payload: &str) -> Result<u64, NotDone> {
        let url = self.api()?;
        // As it was before a browser sent it in a form.
        let payload = payload.replace("\r\n", "\n");
        let signed = sign::anew(request, &payload, &url, &self.env, &self.contracts);
        self.send(signed.map_err(not_signed)?).await
    }

    /// All samples.
    #[must_use]
    pub fn samples(&self) -> Vec<Samples> {
        let written = PROVIDERS.iter().map(|provider| provider.name.to_owned());
        let described = self.contracts.described().unwrap_or_default();
        let mut known = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |provider: String| {
            let file = self.contracts.text(&provider).ok();
            let kept = known.get(&provider).filter(|known| known.file == file);
            if let Some(Known { names, .. }) = kept {
                return Some(Samples { names: names.clone(), provider });
            }
            let samples = self.contracts.provider(&provider).ok()?.samples().ok()?;
            let names: Vec<_> = samples.into_iter().map(|sample| sample.name).collect();
            known.insert(provider.clone(), Known { file, names: names.clone() });
            Some(Samples { provider, names })
        };
        written.chain(described).filter_map(of).collect()
    }

    /// Sends a sample, signed: its number here.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn send_sample(&self, wanted: &Wanted) -> Result<u64, NotDone> {
        let unknown = || NotDone::NoSuch(wanted.name.clone());
        let provider = self.contracts.provider(&wanted.provider).map_err(|_| unknown())?;
        let url = self.api()?;
        let samples = samples::requests(&provider, &self.env, host_of(&url)).map_err(not_signed)?;
        let sample = samples.into_iter().find(|(sample, _)| sample.name == wanted.name);
        self.send(sample.ok_or_else(unknown)?.1).await
    }

    /// Brings the state called `name` about.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn bring(&self, name: &str) -> Result<Brought, NotDone> {
        let state = State::named(name).ok_or_else(|| NotDone::NoSuch(name.to_owned()))?;
        Trigger::at(self.here()?, state, &self.env, &self.contracts).await.map_err(not_sent)
    }

    /// What the stand-ins answer when they are asked, or told, something.
    async fn stand_ins(&self, method: &str, path: &str, body: &Value) -> Result<String, NotDone> {
        let url = format!("http://127.0.0.1:{}", self.here()?.providers);
        let (status, answer) = steer(&url, method, path, body).await.map_err(not_sent)?;
        if status == 200 { Ok(answer) } else { Err(NotDone::Refused(answer)) }
    }

    /// How calls of the providers' APIs are still to fail, a JSON text each.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn faults(&self) -> Result<Vec<String>, NotDone> {
        let listed = self.stand_ins("GET", "/faults", &Value::Null).await?;
        let faults: Vec<Value> = serde_json::from_str(&listed).unwrap_or_default();
        Ok(faults.iter().map(ToString::to_string).collect())
    }

    /// Has calls fail.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn fail(&self, fault: &Fault) -> Result<(), NotDone> {
        let Fault { provider, status, times } = fault;
        let asked = match status {
            Failing::Status(status) => {
                json!({"provider": provider, "status": status, "times": times})
            }
            Failing::Timeout => json!({"provider": provider, "timeout_ms": 60_000, "times": times}),
        };
        self.stand_ins("POST", "/faults", &asked).await.map(drop)
    }

    /// Has no more calls fail.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn recover(&self) -> Result<(), NotDone> {
        self.stand_ins("DELETE", "/faults", &Value::Null).await.map(drop)
    }

    /// The calls that the stand-ins got about the record `id`: those of its provider in which what is its own in the
    /// id stands.
    ///
    /// # Errors
    ///
    /// [`NotDone`].
    pub async fn calls(&self, id: &str) -> Result<Vec<Call>, NotDone> {
        let mut parts = id.split('#');
        let provider = parts.next().unwrap_or_default();
        // Behind the kind, which all of them have.
        let own: Vec<_> = parts.skip(1).filter(|part| part.len() >= SHORTEST).collect();
        let listed = self.stand_ins("GET", "/calls", &Value::Null).await?;
        let calls: Vec<Call> = serde_json::from_str(&listed).unwrap_or_default();
        let is_about = |call: &Call| {
            let said = format!("{}?{}{}", call.path, call.query, call.body);
            call.provider == provider && own.iter().any(|part| said.contains(part))
        };
        let shown = |call: Call| Call {
            path: self.diagnosis.redactor().shown(&call.path),
            body: self.diagnosis.redactor().shown(&call.body),
            ..call
        };
        Ok(calls.into_iter().filter(is_about).map(shown).collect())
    }
}
