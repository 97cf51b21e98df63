//! A record as it is kept, and as a list shows it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::stack::Stack;

/// The attributes of one item.
pub type Item = HashMap<String, AttributeValue>;

/// The `attention` of a record that a person accepted, until it is settled; its state is `recorded`.
pub const ACCEPTED: &str = "accepted";

/// A record as a list shows it: what the indexes hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Who called.
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
    /// Its state.
    pub state: String,
    /// Why it is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The record that it differs from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts_with: Option<String>,
    /// What its place among what waits says beyond its state: `accepted`. Known where a list was found
    /// there, or the whole record was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    /// When it was received, RFC 3339 in UTC with milliseconds.
    pub received_at: String,
}

impl Row {
    /// Reads what an index holds, or a whole item.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let text = |name| text(item, name).map(str::to_owned);
        let held = || text("held").filter(|_| text("state").as_deref() == Some("held"));
        Self {
            id: text("id").unwrap_or_default(),
            provider: text("provider").unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            user: text("user").unwrap_or_default(),
            amount: text("amount"),
            unit: text("unit"),
            settler: text("settler"),
            test: item.get("test").is_some_and(|test| test.as_bool() == Ok(&true)),
            state: text("state").unwrap_or_default(),
            reason: text("reason").or_else(held),
            conflicts_with: text("conflicts_with"),
            attention: text("attention").filter(|attention| *attention == ACCEPTED),
            received_at: text("received_at").unwrap_or_default(),
        }
    }

    /// Its state, or in its place that it was accepted and waits for its settlement.
    #[must_use]
    pub fn standing(&self) -> &str {
        self.attention.as_deref().unwrap_or(&self.state)
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
