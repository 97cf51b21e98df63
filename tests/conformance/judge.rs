//! What is compared: the answer with the one expected, and the table with what it was before.

use std::collections::BTreeMap;
use std::fmt::Debug;

use bundle::samples::compact;
use bytes::Bytes;
use dynoxide::types::AttributeValue;
use http::Response;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Map, Value, json};

use crate::case::{Case, Expected, Outcome, Refused};
use crate::deployment::{Item, NOW, text};
use crate::text::Text;

/// How something differs from what is expected.
type Difference = String;

type Table = BTreeMap<String, Item>;

/// Judges the cases of one group, one after the other.
pub(crate) struct Judge {
    /// What may be shown nowhere.
    secrets: Vec<String>,
    /// The table after the last case.
    before: Table,
}

impl Judge {
    /// For a group whose secret is `keys`.
    pub(crate) fn new(keys: &Value) -> Self {
        let keys = keys["keys"].as_array().into_iter().flatten();
        let secrets = keys.filter_map(|key| key["secret"].as_str());
        let secrets = secrets.filter(|secret| !secret.is_empty()).map(str::to_owned);
        Self { secrets: secrets.collect(), before: Table::new() }
    }

    /// Compares what became of `case`.
    pub(crate) fn check(
        &mut self,
        case: &Case,
        answer: &Response<Bytes>,
        now: Table,
    ) -> Result<(), Difference> {
        let shown = String::from_utf8_lossy(answer.body());
        let judged = check_answer(&case.answer, answer)
            .and_then(|()| check_table(case, &self.before, &now))
            .and_then(|()| self.check_secrecy(&shown, &now));
        self.before = now;
        judged.map_err(|difference| {
            format!("{difference}\n    answered {} {shown}", answer.status().as_u16())
        })
    }

    fn check_secrecy(&self, shown: &str, table: &Table) -> Result<(), Difference> {
        for secret in &self.secrets {
            if shown.contains(secret) {
                return Err("the answer shows a secret".to_owned());
            }
            for (id, item) in table.iter().filter(|(id, _)| !self.before.contains_key(*id)) {
                if item.keys().any(|name| text(item, name).is_some_and(|it| it.contains(secret))) {
                    return Err(format!("the item {id} has a secret in it"));
                }
            }
        }
        Ok(())
    }
}

fn same<T: PartialEq + Debug + Copy>(what: &str, is: T, expected: T) -> Result<(), Difference> {
    if is == expected { Ok(()) } else { Err(format!("{what} is {is:?}, not {expected:?}")) }
}

fn check_answer(expected: &Expected, answer: &Response<Bytes>) -> Result<(), Difference> {
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    same("the status", answer.status().as_u16(), expected.status)?;
    let body: Value = serde_json::from_slice(answer.body())
        .map_err(|_| "the body of the answer is no JSON".to_owned())?;
    let by_gateway = matches!(expected.refused, Some(Refused::NoSuchRoute | Refused::WrongMethod));
    let content_type = if expected.status == 200 || by_gateway {
        "application/json"
    } else {
        "application/problem+json"
    };
    same("the type", header(CONTENT_TYPE), Some(content_type))?;
    same("Allow", header(ALLOW), expected.allow.as_deref())?;
    same("Retry-After", header(RETRY_AFTER).is_some(), expected.status == 503)?;
    let id = expected.id.as_ref().map(Text::whole);
    match (expected.outcome, expected.refused) {
        (Some(outcome @ (Outcome::Recorded | Outcome::Duplicate)), None) => {
            let word = if outcome == Outcome::Recorded { "recorded" } else { "duplicate" };
            same("the body", &body, &json!({"status": word, "id": id}))
        }
        (Some(_), None) if expected.status == 200 => {
            same("the body", &body, &json!({"status": "conflict", "id": id}))
        }
        (Some(_), None) => {
            same("the title", &body["title"], &json!("Conflict"))?;
            same("the field", &body["field"], &Value::Null)
        }
        (None, Some(refused)) => check_refusal(refused, expected, &body),
        _ => Err("the case expects an outcome and a refusal, or neither".to_owned()),
    }
}

fn check_refusal(refused: Refused, expected: &Expected, body: &Value) -> Result<(), Difference> {
    let message = match refused {
        Refused::NoSuchRoute => Some("Not Found"),
        Refused::WrongMethod => Some("Method Not Allowed"),
        _ => None,
    };
    if let Some(message) = message {
        return same("the body", body, &json!({"message": message}));
    }
    same("the status in the body", &body["status"], &json!(expected.status))?;
    same("the field", body["field"].as_str(), expected.field.as_deref())?;
    let detail = body["detail"].as_str().unwrap_or_default();
    let field = expected.field.as_deref().unwrap_or_default();
    let fits = match refused {
        // The same text whatever was wrong.
        Refused::Unauthenticated => detail == "the request is not signed with a known key",
        Refused::Missing => detail == format!("{field} is missing"),
        Refused::Repeated => detail == format!("{field} is repeated"),
        Refused::Malformed => {
            let form = detail.strip_prefix(&format!("{field} must be "));
            form.is_some_and(|form| !form.is_empty())
        }
        Refused::Undecodable => detail.ends_with(" cannot be decoded"),
        Refused::TooLarge => detail == "the body is larger than 65536 bytes",
        _ => detail == "the callback could not be stored now; send it again",
    };
    if fits { Ok(()) } else { Err(format!("the detail is {detail:?}")) }
}

/// A record without the list of what conflicts with it, which is all that may change on it.
fn without_conflicts(item: &Item) -> Item {
    let mut item = item.clone();
    item.retain(|name, _| !["conflicts", "conflicts_not_kept"].contains(&name.as_str()));
    item
}

/// Nothing may be in the table but what was there, as it was, and what this case put there.
fn check_table(case: &Case, before: &Table, table: &Table) -> Result<(), Difference> {
    let changed = |(id, item): &(&String, &Item)| {
        table.get(*id).map(without_conflicts) != Some(without_conflicts(item))
    };
    if let Some((id, _)) = before.iter().find(changed) {
        return Err(format!("the item {id} was changed"));
    }
    let mut new = table.iter().filter(|(id, _)| !before.contains_key(*id));
    let (first, second) = (new.next(), new.next());
    let id = case.answer.id.as_ref().map(Text::whole).unwrap_or_default();
    let item = match case.answer.outcome {
        Some(Outcome::Recorded) => {
            same("the id of the item", first.map(|(id, _)| id), Some(&id))?;
            first.map(|(_, item)| item)
        }
        Some(Outcome::Conflict) => {
            let of = first.and_then(|(_, item)| text(item, "conflicts_with"));
            same("what it conflicts with", of, Some(id.as_str()))?;
            first.map(|(_, item)| item)
        }
        Some(Outcome::Duplicate | Outcome::KnownConflict) => {
            same("whether there is an item", before.contains_key(&id), true)?;
            same("the item put", first.map(|(id, _)| id), None)?;
            None
        }
        None => {
            same("the item put", first.map(|(id, _)| id), None)?;
            None
        }
    };
    same("the second item put", second.map(|(id, _)| id), None)?;
    match (item, &case.item) {
        (Some(item), Some(expected)) => {
            // Every route begins with its provider.
            same("provider", text(item, "provider"), case.request.path.split('/').nth(1))?;
            check_item(item, expected)
        }
        (None, None) => Ok(()),
        _ => Err("the case says nothing of the item, or of one that there is not".to_owned()),
    }
}

fn check_item(item: &Item, expected: &crate::case::Item) -> Result<(), Difference> {
    for (name, value) in [
        ("kind", expected.kind.as_str()),
        ("user", &expected.user.whole()),
        ("amount", &expected.amount),
        ("unit", &expected.unit),
        ("state", &expected.state),
        ("held", expected.held.as_deref().unwrap_or_default()),
        ("key_id", &expected.key_id),
        ("received_at", NOW),
    ] {
        // What there is nothing to say of may be absent as well as empty.
        same(name, text(item, name).unwrap_or_default(), value)?;
    }
    same("test", item.get("test") == Some(&AttributeValue::BOOL(expected.test)), true)?;
    let payload = text(item, "payload").unwrap_or_default();
    if serde_json::from_str::<Map<String, Value>>(payload).is_err() {
        return Err(format!("the payload is no JSON object: {payload}"));
    }
    match &expected.payload {
        Some(expected) => same("the payload", &compact(payload), &compact(&expected.whole())),
        None => Ok(()),
    }
}
