//! What a user has, and how it came.

use crate::callbacks::TableError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use serde::Serialize;

use crate::ledger::Ledger;
use crate::ledger::decimal::plain;
use crate::ledger::item::{BALANCE, Item, digits_of, text, text_of};

/// What comes after the sort keys of all balances, whose `#` is followed by no higher character.
const AFTER_BALANCES: &str = "balance$";

/// A user's balances and entries. Amounts are exact decimals without trailing zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The balances, by provider and unit.
    pub balances: Vec<Balance>,
    /// The entries, newest first.
    pub entries: Vec<Line>,
}

/// How much of a unit of a provider's a user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The provider's name.
    pub provider: String,
    /// The currency of the amount, as the provider names it.
    pub unit: String,
    /// How much; may be below zero.
    pub amount: String,
}

/// An entry of the ledger: what one callback credited or took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When its callback was received, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// The provider.
    pub provider: String,
    /// The callback's kind.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// How much: above zero is a credit, below zero a debit.
    pub amount: String,
    /// The id of the callback's record.
    pub callback: String,
}

impl Ledger {
    /// The statement of `user`; empty for a user that nothing is booked for.
    pub async fn statement(&self, user: &str) -> Result<Statement, TableError> {
        // DynamoDB refuses an empty key.
        if user.is_empty() {
            return Ok(Statement::default());
        }
        // From the last balance down to the first entry; an offer comes after every balance.
        let query = self
            .query(user)
            .key_condition_expression("#user = :user AND entry BETWEEN :first AND :last")
            .expression_attribute_values(":first", text("0"))
            .expression_attribute_values(":last", text(AFTER_BALANCES));
        let mut statement = Statement::read(query.scan_index_forward(false)).await?;
        statement.balances.reverse();
        // Among those of one moment by their callbacks.
        statement.entries.sort_by(|a, b| (&b.at, &a.callback).cmp(&(&a.at, &b.callback)));
        Ok(statement)
    }

    /// What the callback `callback` about `user`, received at `at`, is booked with: nothing, an entry, or
    /// an entry for each of several rewards.
    pub async fn entries_of(
        &self,
        callback: &str,
        user: &str,
        at: &str,
    ) -> Result<Vec<Line>, TableError> {
        if user.is_empty() || at.is_empty() {
            return Ok(Vec::new());
        }
        let query = self
            .query(user)
            .key_condition_expression("#user = :user AND begins_with(entry, :at)")
            .expression_attribute_values(":at", text(&format!("{at}#")));
        let mut statement = Statement::read(query).await?;
        statement.entries.retain(|entry| entry.callback == callback);
        Ok(statement.entries)
    }

    /// A query of the partition of `user`, as `#user = :user` says.
    fn query(&self, user: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", text(user))
            .consistent_read(true)
    }
}

impl Statement {
    /// Reads all that `query` finds, in its order.
    async fn read(query: QueryFluentBuilder) -> Result<Self, TableError> {
        let mut items = query.into_paginator().items().send();
        let mut statement = Self::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| TableError::of(&error))?;
            statement.add(&item).ok_or(TableError::Failed)?;
        }
        Ok(statement)
    }

    /// Adds an item; `None` for one that is neither a balance nor an entry.
    fn add(&mut self, item: &Item) -> Option<()> {
        let text = |name| text_of(item, name).map(str::to_owned);
        let (class, _) = text_of(item, "entry")?.split_once('#')?;
        let (provider, unit) = (text("provider")?, text("unit")?);
        let amount = plain(digits_of(item, "amount")?)?;
        if class == BALANCE {
            self.balances.push(Balance { provider, unit, amount });
        } else {
            let (at, kind, callback) = (class.to_owned(), text("kind")?, text("callback")?);
            self.entries.push(Line { at, provider, kind, unit, amount, callback });
        }
        Some(())
    }
}
