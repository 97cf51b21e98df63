//! Failures on demand.

use std::sync::{Mutex, PoisonError};

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::providers::{Provider, Reply};

/// How calls are to fail.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Whose calls.
    provider: Provider,
    /// What the paths of the calls end in; all of them without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The status that they are answered with; without it they are not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's body: a text as it is, anything else as JSON; without it what all refusals look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// How long they wait before that, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What the answer asks the caller to wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Whether the call does its work all the same.
    #[serde(default)]
    pub applied: bool,
    /// How many calls.
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// The body that was asked for.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        match self.body.as_ref()? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// The failures that are still to come.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds the fault that `body` describes; `400` where it describes none.
    pub fn add(&self, body: &[u8]) -> Reply {
        match read(body) {
            Ok(fault) => {
                self.with(|faults| faults.push(fault));
                Reply { status: StatusCode::OK, body: self.list() }
            }
            Err(problem) => Reply::refused(StatusCode::BAD_REQUEST, problem),
        }
    }

    /// The fault for a call of `provider` at `path`: the first that was asked for.
    pub fn take(&self, provider: Provider, path: &str) -> Option<Fault> {
        let concerns = |fault: &Fault| {
            fault.provider == provider
                && fault.path.as_deref().is_none_or(|suffix| path.ends_with(suffix))
        };
        self.with(|faults| {
            let index = faults.iter().position(concerns)?;
            let fault = &mut faults[index];
            fault.times -= 1;
            if fault.times == 0 { Some(faults.remove(index)) } else { Some(fault.clone()) }
        })
    }

    /// The faults that are still to come.
    #[must_use]
    pub fn list(&self) -> Value {
        self.with(|faults| json!(faults))
    }

    /// Forgets all faults.
    pub fn clear(&self) -> Value {
        let cleared = self.with(std::mem::take).len();
        json!({"cleared": cleared})
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(body: &[u8]) -> Result<Fault, String> {
    let fault: Fault = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let problem = if fault.status.is_none() && fault.timeout_ms.is_none() {
        "a fault needs a status or timeout_ms"
    } else if fault.status.is_some_and(|status| !(200..=599).contains(&status)) {
        "status is not from 200 to 599"
    } else if fault.times == 0 {
        "times is not 1 or more"
    } else if fault.status.is_none() && (fault.retry_after.is_some() || fault.body.is_some()) {
        "retry_after and body need a status"
    } else {
        return Ok(fault);
    };
    Err(problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_their_order_and_as_often_as_asked_for() {
        let faults = Faults::default();
        for body in [
            r#"{"provider":"giveaway","status":503,"times":2}"#,
            r#"{"provider":"appvirality","timeout_ms":5000,"path":"/redeemrewards","applied":true}"#,
            r#"{"provider":"giveaway","status":429,"retry_after":7}"#,
        ] {
            assert_eq!(faults.add(body.as_bytes()).status, StatusCode::OK, "{body}");
        }
        let take = |provider, path| faults.take(provider, path).map(|fault| fault.status);
        assert_eq!(take(Provider::Devtodev, "/a"), None);
        assert_eq!(take(Provider::Appvirality, "/v2_0/checkrewardstatus"), None);
        assert_eq!(take(Provider::Appvirality, "/v2_0/redeemrewards"), Some(None));
        assert_eq!(take(Provider::Appvirality, "/v2_0/redeemrewards"), None);
        for status in [503, 503, 429] {
            assert_eq!(take(Provider::Giveaway, "/a"), Some(Some(status)));
        }
        assert_eq!(take(Provider::Giveaway, "/a"), None);
        assert_eq!(faults.list(), json!([]));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        let faults = Faults::default();
        for body in [
            "",
            "[]",
            r#"{"provider":"giveaway"}"#,
            r#"{"provider":"inbrain","status":503}"#,
            r#"{"status":503}"#,
            r#"{"provider":"giveaway","status":"503"}"#,
            r#"{"provider":"giveaway","status":99}"#,
            r#"{"provider":"giveaway","status":503,"times":0}"#,
            r#"{"provider":"giveaway","status":503,"times":-1}"#,
            r#"{"provider":"giveaway","status":503,"time":1}"#,
            r#"{"provider":"giveaway","timeout_ms":1,"retry_after":1}"#,
            r#"{"provider":"giveaway","timeout_ms":1,"body":{}}"#,
        ] {
            assert_eq!(faults.add(body.as_bytes()).status, StatusCode::BAD_REQUEST, "{body}");
        }
        assert_eq!(faults.list(), json!([]));
    }
}
