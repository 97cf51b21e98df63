//! `conflicts`: conflicting records side by side with the records that they differ from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use local::terminal::{self, table, visible, word};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tables::callbacks::{Standing, State};

use crate::error::Error;
use crate::listing::{Cursor, Wanted};
use crate::record::{self, Item, Row, text};
use crate::stack::Stack;

/// Which conflicts.
#[derive(Debug, Args)]
pub struct Conflicts {
    /// This record only, decided or not
    id: Option<String>,
    /// Of this provider only
    #[arg(long)]
    provider: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// The page after the one that ended with this `next`
    #[arg(long, value_parser = Cursor::parse)]
    after: Option<Cursor>,
}

#[derive(Debug, Serialize)]
struct Listed {
    conflicts: Vec<Pair>,
    next: Option<String>,
}

/// A conflict, and what it differs from.
#[derive(Debug, Serialize)]
struct Pair {
    conflict: Row,
    /// The record that came first; null where it is not kept any more.
    genuine: Option<Row>,
    differs: Vec<Difference>,
}

/// One field in which two records differ; null for what one of them does not have.
#[derive(Debug, Clone, Serialize)]
struct Difference {
    field: String,
    genuine: Option<Box<RawValue>>,
    conflict: Option<Box<RawValue>>,
}

impl Conflicts {
    /// What is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let (items, next) = if let Some(id) = &self.id {
            (vec![record::get(stack, id).await?], None)
        } else {
            let wanted = Wanted {
                provider: self.provider.as_deref(),
                states: &[Standing::In(State::Conflict)],
                after: self.after.clone(),
                ..Wanted::default()
            };
            let page = wanted.page(stack, self.limit.into()).await?;
            (page.items, page.next.map(|next| next.to_string()))
        };
        let mut conflicts = Vec::with_capacity(items.len());
        for item in &items {
            conflicts.push(Pair::of(stack, item).await?);
        }
        if json {
            return Ok(terminal::json(&Listed { conflicts, next })?);
        }
        if conflicts.is_empty() {
            return Ok("There is none.".to_owned());
        }
        let mut text: String = conflicts.iter().map(Pair::to_text).collect::<Vec<_>>().join("\n");
        if let Some(next) = next {
            let _ = write!(text, "\nThere are more: --after {}", word(&next));
        }
        Ok(text)
    }
}

impl Pair {
    async fn of(stack: &Stack, listed: &Item) -> Result<Self, Error> {
        let id = text(listed, "id").unwrap_or_default();
        let conflict = record::get(stack, id).await?;
        let Some(with) = text(&conflict, "conflicts_with") else {
            return Err(Error::Refused(format!("{id} conflicts with nothing")));
        };
        let genuine = record::find(stack, with).await?;
        let differs = genuine.as_ref().map(|genuine| differences(genuine, &conflict));
        Ok(Self {
            conflict: Row::of(&conflict),
            genuine: genuine.as_ref().map(Row::of),
            differs: differs.unwrap_or_default(),
        })
    }

    fn to_text(&self) -> String {
        let of = |value: &Option<Box<RawValue>>| match value {
            None => "-".to_owned(),
            Some(raw) => serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()),
        };
        let mut rows: Vec<_> = self
            .differs
            .iter()
            .map(|it| [it.field.clone(), of(&it.genuine), of(&it.conflict)])
            .collect();
        let gone = || "not kept any more".to_owned();
        let state = self.genuine.as_ref().map_or_else(gone, |row| row.state.to_string());
        rows.insert(0, ["state".to_owned(), state, self.conflict.state.to_string()]);
        let id = visible(&self.conflict.id);
        format!("{id}\n\n{}", table(["Field", "Recorded first", "Conflict"], None, &rows))
    }
}

/// The attributes that say what a callback is.
const FACTS: [&str; 7] = ["kind", "user", "amount", "unit", "test", "key_id", "received_at"];

/// In what two records differ: their facts, and the fields of their payloads by their paths. Numbers
/// are compared by their digits, because one that is parsed may lose some.
fn differences(genuine: &Item, conflict: &Item) -> Vec<Difference> {
    let (first, second) = (fields(genuine), fields(conflict));
    let mut names: Vec<_> = first.keys().chain(second.keys()).collect();
    let place = |name: &String| FACTS.iter().position(|fact| fact == name).unwrap_or(FACTS.len());
    names.sort_by_key(|name| (place(name), *name));
    names.dedup();
    let text = |value: Option<&Box<RawValue>>| value.map(|raw| raw.get().to_owned());
    names
        .into_iter()
        .map(|name| (name, first.get(name), second.get(name)))
        .filter(|(_, genuine, conflict)| text(*genuine) != text(*conflict))
        .map(|(field, genuine, conflict)| Difference {
            field: field.clone(),
            genuine: genuine.cloned(),
            conflict: conflict.cloned(),
        })
        .collect()
}

/// The facts of a record and the leaves of its payload, each by its name or path.
fn fields(item: &Item) -> BTreeMap<String, Box<RawValue>> {
    let mut fields = BTreeMap::new();
    for name in FACTS {
        let fact = item.get(name).map(record::plain);
        if let Some(Ok(raw)) = fact.map(|fact| serde_json::value::to_raw_value(&fact)) {
            fields.insert(name.to_owned(), raw);
        }
    }
    let payload = text(item, "payload").unwrap_or_default();
    if let Ok(payload) = serde_json::from_str(payload) {
        flatten("payload", payload, &mut fields);
    }
    fields
}

/// The leaves of `value`, each by its path.
fn flatten(path: &str, value: Box<RawValue>, leaves: &mut BTreeMap<String, Box<RawValue>>) {
    let members: Result<BTreeMap<String, Box<RawValue>>, _> = serde_json::from_str(value.get());
    let items: Result<Vec<Box<RawValue>>, _> = serde_json::from_str(value.get());
    match (members, items) {
        (Ok(members), _) if !members.is_empty() => {
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            for (name, value) in members {
                // Whoever sent it may call a member "a.b": that must not hide the b of a.
                let step = if !name.is_empty() && name.chars().all(plain) {
                    format!(".{name}")
                } else {
                    format!("[{}]", Value::from(name))
                };
                flatten(&format!("{path}{step}"), value, leaves);
            }
        }
        (_, Ok(items)) if !items.is_empty() => {
            for (index, value) in items.into_iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, leaves);
            }
        }
        _ => drop(leaves.insert(path.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(user: &str, payload: &str) -> Item {
        [("user", user), ("payload", payload), ("fingerprint", user)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            .into()
    }

    /// The differences, each as `FIELD GENUINE CONFLICT`.
    fn said(genuine: &Item, conflict: &Item) -> Vec<String> {
        let text = |value: &Option<Box<RawValue>>| {
            value.as_ref().map_or("-".to_owned(), |raw| raw.get().to_owned())
        };
        let differences = differences(genuine, conflict);
        let said = differences.iter();
        said.map(|it| format!("{} {} {}", it.field, text(&it.genuine), text(&it.conflict)))
            .collect()
    }

    #[test]
    fn fields_differ_by_their_paths() {
        let genuine = item("u", r#"{"same":1,"a":{"b":[1,2]},"gone":null,"kind":"x"}"#);
        let conflict = item("v", r#"{"same": 1, "a":{"b":[1,3]},"new":"","kind":{}}"#);
        assert_eq!(
            said(&genuine, &conflict),
            [
                r#"user "u" "v""#,
                "payload.a.b[1] 2 3",
                "payload.gone null -",
                r#"payload.kind "x" {}"#,
                r#"payload.new - """#,
            ]
        );
        assert!(said(&genuine, &genuine).is_empty());
    }

    #[test]
    fn no_name_of_a_member_hides_another() {
        let genuine = item("u", r#"{"a":{"b":1},"c":[0]}"#);
        let conflict = item("u", r#"{"a":{"b":2},"a.b":1,"c[0]":0,"c":[1],"":1,"\"":1}"#);
        let name = r#"payload["\""] - 1"#;
        assert_eq!(
            said(&genuine, &conflict),
            [
                "payload.a.b 1 2",
                "payload.c[0] 0 1",
                r#"payload[""] - 1"#,
                name,
                r#"payload["a.b"] - 1"#,
                r#"payload["c[0]"] - 0"#,
            ]
        );
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let number = |digits: &str| item("u", &format!(r#"{{"n":{digits}}}"#));
        let (a, b) = ("0.12345678901234567890", "0.12345678901234567891");
        assert_eq!(said(&number(a), &number(b)), [format!("payload.n {a} {b}")]);
    }
}
