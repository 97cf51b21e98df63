//! A record as it is kept, and as a list shows it.

use std::collections::HashMap;
use std::ops::Not;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use tables::callbacks::{Reason, Standing, State, Stored};

use crate::error::Error;
use crate::stack::Stack;

/// The attributes of one item.
pub type Item = HashMap<String, AttributeValue>;

/// A record as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The idempotency key, which is the table's key.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// Which callback it is.
    pub kind: String,
    /// Whom it is about.
    pub user: String,
    /// How much, where something is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The provider's own word, for instance `Coins` or `xp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What settles it, `none` for nothing; absent on a record from before there were settlers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settler: Option<String>,
    /// Whether the provider calls it a test.
    pub test: bool,
    /// The state, as the table has it.
    pub state: Stored<State>,
    /// Why it is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Stored<Reason>>,
    /// The record that it differs from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts_with: Option<String>,
    /// Whether a person accepted it and it is not settled since: more than its state says. Known where a
    /// list was found there, or the whole record was read.
    #[serde(rename = "attention", serialize_with = "accepted", skip_serializing_if = "Not::not")]
    pub accepted: bool,
    /// When it was received, RFC 3339 in UTC with milliseconds.
    pub received_at: String,
    /// When it is looked at again, where it is to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
}

impl Row {
    /// Reads what an index holds, or a whole item.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let text = |name| text(item, name).map(str::to_owned);
        let state = state(item);
        let held = || text("held").filter(|_| state == State::Held);
        let reason = text("reason").or_else(held).map(|reason| reason.as_str().into());
        Self {
            id: text("id").unwrap_or_default(),
            provider: text("provider").unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            user: text("user").unwrap_or_default(),
            amount: text("amount"),
            unit: text("unit"),
            settler: text("settler"),
            test: item.get("test").is_some_and(|test| test.as_bool() == Ok(&true)),
            state,
            reason,
            conflicts_with: text("conflicts_with"),
            accepted: is_accepted(item),
            received_at: text("received_at").unwrap_or_default(),
            due_at: text("due_at"),
        }
    }

    /// Its state, or in its place that it was accepted and waits for its settlement.
    #[must_use]
    pub fn standing(&self) -> String {
        if self.accepted { Standing::Accepted.to_string() } else { self.state.to_string() }
    }

    /// Amount and unit, where something is paid.
    #[must_use]
    pub fn reward(&self) -> String {
        match (&self.amount, &self.unit) {
            (Some(amount), Some(unit)) => format!("{amount} {unit}"),
            _ => String::new(),
        }
    }
}

/// What `attention` says of a record that was accepted.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn accepted<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Standing::Accepted)
}

/// The state of the record `item`.
#[must_use]
pub fn state(item: &Item) -> Stored<State> {
    text(item, "state").unwrap_or_default().into()
}

/// Whose taking records again the record `item` waits for, where it is parked.
#[must_use]
pub fn parked(item: &Item) -> Option<&str> {
    // The key of `tables::callbacks::keys::parked`; that of what is due at a time is a number alone.
    text(item, "due")?.split_once('#').map(|(settler, _)| settler)
}

/// Whether a person accepted the record `item`, and it is not settled since.
#[must_use]
pub fn is_accepted(item: &Item) -> bool {
    let standing = text(item, "attention").and_then(|key| key.split('#').next());
    standing == Standing::Accepted.attention()
}

/// The text attribute `name`.
#[must_use]
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The number attribute `name`.
#[must_use]
pub fn number<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_n().ok().map(String::as_str)
}

/// The record `id`, as it is now.
///
/// # Errors
///
/// [`Error::NoRecord`], among others.
pub async fn get(stack: &Stack, id: &str) -> Result<Item, Error> {
    find(stack, id).await?.ok_or_else(|| Error::NoRecord(id.to_owned()))
}

/// The record `id`, as it is now, where there is one.
pub async fn find(stack: &Stack, id: &str) -> Result<Option<Item>, Error> {
    // DynamoDB refuses an empty key.
    if id.is_empty() {
        return Ok(None);
    }
    let got = stack
        .clients
        .dynamodb
        .get_item()
        .table_name(stack.name_of("CallbacksTable")?)
        .key("id", AttributeValue::S(id.to_owned()))
        .consistent_read(true)
        .send()
        .await;
    Ok(got.map_err(stack.failed("DynamoDB"))?.item)
}

/// How many keys `BatchGetItem` takes, and how often it is asked for what it left out.
const AT_ONCE: usize = 100;
const TRIES: usize = 10;

/// What a list shows of a record.
const SHOWN: &str = "id, provider, kind, #user, settler, effect, effect_of, amount, #unit, #test, #state, reason, \
                     held, conflicts_with, attention, received_at, due_at, attempts, accepted_at";

/// What a list shows of the records `ids`, as they are now and in that order; those that are not there are left out.
pub async fn get_all(stack: &Stack, ids: &[String]) -> Result<Vec<Item>, Error> {
    let table = stack.name_of("CallbacksTable")?;
    let mut found = HashMap::with_capacity(ids.len());
    for part in ids.chunks(AT_ONCE) {
        let keys =
            part.iter().map(|id| Item::from([("id".to_owned(), AttributeValue::S(id.clone()))]));
        let mut wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.collect()))
            .consistent_read(true)
            .projection_expression(SHOWN);
        for name in ["user", "unit", "test", "state"] {
            wanted = wanted.expression_attribute_names(format!("#{name}"), name);
        }
        let wanted = wanted.build().map_err(|_| Error::Template("no keys".to_owned()))?;
        let mut wanted = Some(HashMap::from([(table.to_owned(), wanted)]));
        for _ in 0..TRIES {
            let Some(asked) = wanted.take() else { break };
            let get = stack.clients.dynamodb.batch_get_item().set_request_items(Some(asked));
            let got = get.send().await.map_err(stack.failed("DynamoDB"))?;
            for item in got.responses.unwrap_or_default().remove(table).unwrap_or_default() {
                found.extend(text(&item, "id").map(str::to_owned).map(|id| (id, item)));
            }
            wanted = got.unprocessed_keys.filter(|keys| !keys.is_empty());
        }
        if wanted.is_some() {
            return Err(Error::Service {
                service: "DynamoDB",
                problem: "it has too much to do to answer".to_owned(),
                at: stack.address("DynamoDB"),
            });
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// An item as a stream tells of it, in DynamoDB's JSON.
#[must_use]
pub fn image(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), typed(value))).collect())
}

fn typed(value: &AttributeValue) -> Value {
    let of = |kind: &str, value: Value| Value::Object(Map::from_iter([(kind.to_owned(), value)]));
    match value {
        AttributeValue::S(text) => of("S", Value::from(text.as_str())),
        AttributeValue::N(number) => of("N", Value::from(number.as_str())),
        AttributeValue::Bool(truth) => of("BOOL", Value::from(*truth)),
        AttributeValue::L(items) => of("L", items.iter().map(typed).collect()),
        AttributeValue::M(members) => of("M", image(members)),
        AttributeValue::Ss(texts) => of("SS", Value::from(texts.as_slice())),
        // A record has none of the other types.
        _ => of("NULL", Value::from(true)),
    }
}

/// An item's attributes as plain JSON.
#[must_use]
pub fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::from(text.as_str()),
        AttributeValue::N(number) => {
            serde_json::from_str(number).unwrap_or_else(|_| Value::from(number.as_str()))
        }
        AttributeValue::Bool(truth) => Value::from(*truth),
        AttributeValue::L(items) => items.iter().map(plain).collect(),
        AttributeValue::M(members) => {
            members.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        _ => Value::Null,
    }
}
