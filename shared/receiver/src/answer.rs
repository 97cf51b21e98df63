//! What the provider is told. Every status is decided here.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::Body;
use lambda_http::http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde::Serialize;
use tables::callbacks::{Outcome, TableError};
use verify::{Caller, IdempotencyKey, Refusal, Reply};

use crate::key_ring::KeysUnavailable;

/// How long a provider should wait before it sends again, in seconds.
const RETRY_AFTER_SECONDS: &str = "2";

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is stored, now or before.
    Kept {
        /// [`Outcome::Recorded`] or [`Outcome::Duplicate`].
        outcome: Outcome,
        /// The key that it is recorded under.
        id: IdempotencyKey,
    },
    /// Its identity is taken by another content.
    Conflict {
        /// The key that both have.
        id: IdempotencyKey,
        /// Who is told.
        caller: Caller,
    },
    /// It is not a callback that may be stored.
    Refused(Refusal),
    /// It may be one, and we cannot store it now.
    Unavailable(Outage),
}

/// What of ours is out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// The provider's keys.
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
    /// The callbacks table did not answer, or refused.
    #[error(transparent)]
    Store(#[from] TableError),
    /// Everything together took longer than a provider should wait.
    #[error("the answer took too long")]
    TooSlow,
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    NoRandomness,
}

impl Outage {
    /// A short fixed name for logs and metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Keys(keys) => keys.reason(),
            Self::Store(store) => store.reason().as_str(),
            Self::TooSlow => "too_slow",
            Self::NoRandomness => "no_randomness",
        }
    }
}

#[derive(Serialize)]
struct Kept<'a> {
    status: &'a str,
    id: &'a str,
}

/// RFC 9457 problem details. Without `type`, `title` is the status's own phrase.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// What API Gateway itself says where no route matches.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            // A conflict is kept as well, and sending it again achieves nothing.
            Self::Kept { .. } | Self::Conflict { caller: Caller::Provider, .. } => 200,
            Self::Conflict { caller: Caller::OwnCode, .. } => 409,
            Self::Refused(refusal) => match refusal {
                Refusal::TooLarge { .. } => 413,
                Refusal::NoSuchRoute => 404,
                Refusal::WrongMethod => 405,
                Refusal::Unauthenticated => 401,
                Refusal::ForeignNetwork => 403,
                _ => 400,
            },
            Self::Unavailable(_) => 503,
        }
    }

    /// The answer as API Gateway takes it from a function, with what `reply` says otherwise.
    #[must_use]
    pub fn into_response(self, allowed: &str, reply: Option<Reply>) -> ApiGatewayV2httpResponse {
        let status = self.status();
        let mut headers = HeaderMap::new();
        let (content_type, body) = match &self {
            Self::Kept { outcome, id } => {
                ("application/json", json(&Kept { status: outcome.as_str(), id: id.as_str() }))
            }
            Self::Conflict { id, caller: Caller::Provider } => {
                ("application/json", json(&Kept { status: "conflict", id: id.as_str() }))
            }
            Self::Refused(Refusal::NoSuchRoute) => {
                ("application/json", json(&Message { message: "Not Found" }))
            }
            Self::Refused(Refusal::WrongMethod) => {
                if let Ok(allowed) = HeaderValue::from_str(allowed) {
                    headers.insert(ALLOW, allowed);
                }
                ("application/json", json(&Message { message: "Method Not Allowed" }))
            }
            _ => ("application/problem+json", json(&self.problem(status))),
        };
        let Reply { status: other_status, body: other_body } = reply.unwrap_or_default();
        let status = other_status.unwrap_or(status);
        let (content_type, body) = match other_body {
            Some(text) => ("text/plain; charset=utf-8", text),
            None => (content_type, body),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if status == 503 {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(status);
        response.headers = headers;
        response.body = Some(Body::Text(body));
        response
    }

    fn problem(&self, status: u16) -> Problem<'_> {
        let (title, detail) = match self {
            Self::Kept { .. } => ("OK", String::new()),
            Self::Conflict { .. } => (
                "Conflict",
                "a callback with this identity and another content is already recorded".to_owned(),
            ),
            Self::Refused(refusal) => (
                match refusal {
                    Refusal::TooLarge { .. } => "Content Too Large",
                    Refusal::Unauthenticated => "Unauthorized",
                    Refusal::ForeignNetwork => "Forbidden",
                    _ => "Bad Request",
                },
                refusal.to_string(),
            ),
            // What is out of order is for the log, not for the caller.
            Self::Unavailable(_) => (
                "Service Unavailable",
                "the callback could not be stored now; send it again".to_owned(),
            ),
        };
        let field = match self {
            Self::Refused(refusal) => refusal.field(),
            _ => None,
        };
        Problem { title, status, detail, field }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: Answer) -> (i64, String, String) {
        let response = answer.into_response("POST", None);
        let content_type = response.headers[CONTENT_TYPE].to_str().expect("text").to_owned();
        let Some(Body::Text(body)) = response.body else { panic!("no text") };
        (response.status_code, content_type, body)
    }

    #[test]
    fn what_is_kept_is_answered_200() {
        let id = IdempotencyKey::new("p", "c").part("1");
        assert_eq!(
            told(Answer::Kept { outcome: Outcome::Recorded, id: id.clone() }),
            (200, "application/json".into(), r#"{"status":"recorded","id":"p#c#1"}"#.into())
        );
        assert_eq!(
            told(Answer::Kept { outcome: Outcome::Duplicate, id }).2,
            r#"{"status":"duplicate","id":"p#c#1"}"#
        );
    }

    #[test]
    fn a_conflict_is_a_success_to_a_provider_and_an_error_to_a_teams_own_code() {
        let id = IdempotencyKey::new("p", "c").part("1");
        assert_eq!(
            told(Answer::Conflict { id: id.clone(), caller: Caller::Provider }),
            (200, "application/json".into(), r#"{"status":"conflict","id":"p#c#1"}"#.into())
        );
        let (status, content_type, body) = told(Answer::Conflict { id, caller: Caller::OwnCode });
        assert_eq!((status, content_type.as_str()), (409, "application/problem+json"));
        assert!(body.starts_with(r#"{"title":"Conflict","status":409,"#), "{body}");
    }

    #[test]
    fn refusals_are_the_callers_and_outages_are_ours() {
        let refused = |refusal| Answer::Refused(refusal).status();
        assert_eq!(refused(Refusal::Unauthenticated), 401);
        assert_eq!(refused(Refusal::ForeignNetwork), 403);
        assert_eq!(refused(Refusal::TooLarge { limit: 1 }), 413);
        assert_eq!(refused(Refusal::Undecodable { what: "the body" }), 400);
        assert_eq!(refused(Refusal::missing("a")), 400);
        assert_eq!(refused(Refusal::repeated("a")), 400);
        assert_eq!(refused(Refusal::malformed("a", "b")), 400);
        for outage in [
            Outage::TooSlow,
            Outage::Store(TableError::Refused),
            Outage::Keys(KeysUnavailable::Unreachable),
        ] {
            let response = Answer::Unavailable(outage).into_response("POST", None);
            assert_eq!(response.status_code, 503);
            assert_eq!(response.headers[RETRY_AFTER], "2");
        }
    }

    #[test]
    fn problems_name_the_field() {
        assert_eq!(
            told(Answer::Refused(Refusal::malformed("event", "short"))),
            (
                400,
                "application/problem+json".into(),
                r#"{"title":"Bad Request","status":400,"detail":"event must be short","field":"event"}"#.into()
            )
        );
    }
}
