//! What the stand-ins received, in its order.

use std::sync::Arc;

use rusqlite::params;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::event::HttpRequest;
use crate::providers::Provider;
use crate::state::{State, StateError};

/// The calls.
#[derive(Debug)]
pub struct Calls(Arc<State>);

/// One call, as it is listed.
#[derive(Debug, Serialize)]
struct Call<'a> {
    provider: String,
    method: String,
    path: String,
    query: String,
    body: Body<'a>,
    /// What was answered, or is going to be; null where the connection is closed without an answer.
    status: Option<u16>,
}

/// JSON as it was sent where it is some, text otherwise, null where there is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body<'a> {
    None,
    Json(&'a RawValue),
    Text(&'a str),
}

impl Calls {
    /// The calls in `state`.
    #[must_use]
    pub const fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    /// Adds a call.
    pub fn record(
        &self,
        provider: Provider,
        request: &HttpRequest,
        status: Option<u16>,
    ) -> Result<(), StateError> {
        let HttpRequest { method, path, query, body, .. } = request;
        let body = String::from_utf8_lossy(body);
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO calls (provider, method, path, query, body, status)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![provider.as_str(), method, path, query, body, status])
        })?;
        Ok(())
    }

    /// All calls, a JSON array.
    pub fn list(&self) -> Result<String, StateError> {
        let calls = self.0.with(|db| {
            let columns = "provider, method, path, query, body, status";
            let mut calls = db.prepare(&format!("SELECT {columns} FROM calls ORDER BY number"))?;
            let calls = calls.query_map([], |row| {
                let body: String = row.get(4)?;
                let call = Call {
                    provider: row.get(0)?,
                    method: row.get(1)?,
                    path: row.get(2)?,
                    query: row.get(3)?,
                    body: Body::of(&body),
                    status: row.get(5)?,
                };
                Ok(serde_json::to_string(&call).unwrap_or_default())
            })?;
            calls.collect::<Result<Vec<_>, _>>()
        })?;
        Ok(format!("[{}]", calls.join(",\n")))
    }

    /// Forgets all calls.
    pub fn clear(&self) -> Result<Value, StateError> {
        let cleared = self.0.with(|db| db.execute("DELETE FROM calls", []))?;
        Ok(json!({"cleared": cleared}))
    }
}

impl<'a> Body<'a> {
    fn of(text: &'a str) -> Self {
        match serde_json::from_str(text) {
            _ if text.is_empty() => Self::None,
            Ok(json) => Self::Json(json),
            Err(_) => Self::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_listed_as_they_came() {
        let calls = Calls::new(Arc::new(State::open(None).expect("in memory")));
        assert_eq!(calls.list().expect("a list"), "[]");
        for (body, status) in [(r#"{ "cost": 1.50 }"#, Some(200)), ("a=b", None), ("", Some(401))] {
            let request = HttpRequest {
                method: "POST".to_owned(),
                path: "/track/install/v1/custom/".to_owned(),
                query: "apikey=k".to_owned(),
                headers: http::HeaderMap::new(),
                body: body.as_bytes().to_vec(),
            };
            calls.record(Provider::Devtodev, &request, status).expect("recorded");
        }
        let call = |body: &str, status: &str| {
            format!(
                "{{\"provider\":\"devtodev\",\"method\":\"POST\",\"path\":\"/track/install/v1/custom/\",\
                 \"query\":\"apikey=k\",\"body\":{body},\"status\":{status}}}"
            )
        };
        let listed =
            [call(r#"{ "cost": 1.50 }"#, "200"), call(r#""a=b""#, "null"), call("null", "401")];
        assert_eq!(calls.list().expect("a list"), format!("[{}]", listed.join(",\n")));
        assert_eq!(calls.clear().expect("cleared"), json!({"cleared": 3}));
        assert_eq!(calls.list().expect("a list"), "[]");
    }
}
