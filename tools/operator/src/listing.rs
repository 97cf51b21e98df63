//! Records by provider, state and time, newest first, page by page: Queries on the two indexes.
//!
//! What somebody or something has to come back to is found in `by_attention`, everything else in
//! `by_provider`; several partitions are merged here.

use aws_sdk_dynamodb::types::AttributeValue;
use bundle::provider::PROVIDERS;
use tables::callbacks::Standing;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::record::{self, Item, text};
use crate::stack::Stack;

/// How many items one Query reads at most.
const PAGE: i32 = 1_000;

/// After how many items it is said how many were looked at.
const PROGRESS: i32 = 10_000;

/// The records that are looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Of this provider only.
    pub provider: Option<&'a str>,
    /// That stand there only; empty for any.
    pub states: &'a [Standing],
    /// Received at this time or later, in the form of `received_at`; empty for any.
    pub since: String,
    /// Received at this time or earlier; empty for any.
    pub until: String,
    /// After this one.
    pub after: Option<Cursor>,
    /// Records as they are since a moment ago, which an index may not hold yet.
    pub fresh: Vec<Item>,
}

/// A page of records, newest first.
#[derive(Debug, Default)]
pub struct Page {
    /// What the index holds of each record.
    pub items: Vec<Item>,
    /// Where the next page begins, where there is one.
    pub next: Option<Cursor>,
}

/// A partition of an index.
struct Partition<'a> {
    index: &'static str,
    key: &'static str,
    value: &'a str,
}

impl Wanted<'_> {
    /// The first `limit` of them.
    pub async fn page(&self, stack: &Stack, limit: usize) -> Result<Page, Error> {
        let mut items = self.merged(stack, limit).await?;
        let next = (items.len() > limit).then(|| items.get(limit.checked_sub(1)?)).flatten();
        let next = next.map(Cursor::of);
        items.truncate(limit);
        Ok(Page { items, next })
    }

    /// All of them.
    pub async fn all(&self, stack: &Stack) -> Result<Vec<Item>, Error> {
        self.merged(stack, usize::MAX).await
    }

    /// The first of all partitions in one order: `limit` at least, where there are as many.
    async fn merged(&self, stack: &Stack, limit: usize) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        for partition in self.partitions() {
            items.extend(self.first_of(stack, &partition, limit).await?);
        }
        items.retain(|item| !self.fresh.iter().any(|fresh| text(fresh, "id") == text(item, "id")));
        items.extend(self.fresh.iter().filter(|item| self.takes(item)).cloned());
        items.sort_by(|a, b| {
            let key = |item| (text(item, "received_at"), text(item, "id"));
            let ((a_at, a_id), (b_at, b_id)) = (key(a), key(b));
            b_at.cmp(&a_at).then(a_id.cmp(&b_id))
        });
        Ok(items)
    }

    /// Whether `item` is one of those that are wanted.
    fn takes(&self, item: &Item) -> bool {
        let at = text(item, "received_at").unwrap_or_default();
        let state = record::state(item);
        let is_in =
            |standing: &Standing| matches!(standing, Standing::In(wanted) if state == *wanted);
        let of_state = self.states.is_empty() || self.states.iter().any(is_in);
        let of_provider = self.provider.is_none() || self.provider == text(item, "provider");
        let in_time =
            at >= self.since.as_str() && (self.until.is_empty() || at <= self.until.as_str());
        let after = self.after.as_ref().is_none_or(|after| after.is_before(item));
        of_state && of_provider && in_time && after
    }

    fn partitions(&self) -> Vec<Partition<'_>> {
        let attention: Option<Vec<_>> =
            self.states.iter().map(|standing| standing.attention()).collect();
        if let Some(values) = attention.filter(|values| !values.is_empty()) {
            let of = |value| Partition { index: "by_attention", key: "attention", value };
            return values.into_iter().map(of).collect();
        }
        let of = |value| Partition { index: "by_provider", key: "provider", value };
        match self.provider {
            Some(provider) => vec![of(provider)],
            None => PROVIDERS.iter().map(|provider| of(provider.name)).collect(),
        }
    }

    /// The first of a partition: more than `limit` where there are more, and then all of the last one's
    /// moment, because an index has no order among them.
    async fn first_of(
        &self,
        stack: &Stack,
        partition: &Partition<'_>,
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        let or = |time: &str, other: &str| {
            AttributeValue::S(if time.is_empty() { other } else { time }.to_owned())
        };
        let until = self.after.as_ref().map_or(self.until.as_str(), |after| &after.received_at);
        let mut query = stack
            .clients
            .dynamodb
            .query()
            .table_name(stack.name_of("CallbacksTable")?)
            .index_name(partition.index)
            .key_condition_expression("#key = :key AND received_at BETWEEN :since AND :until")
            .expression_attribute_names("#key", partition.key)
            .expression_attribute_values(":key", AttributeValue::S(partition.value.to_owned()))
            .expression_attribute_values(":since", or(&self.since, "0"))
            .expression_attribute_values(":until", or(until, "9"))
            .scan_index_forward(false);
        let mut filters = Vec::new();
        if let Some(provider) = self.provider.filter(|_| partition.key != "provider") {
            filters.push("provider = :provider".to_owned());
            let provider = AttributeValue::S(provider.to_owned());
            query = query.expression_attribute_values(":provider", provider);
        }
        if partition.key != "attention" && !self.states.is_empty() {
            query = query.expression_attribute_names("#state", "state");
            let mut names = Vec::new();
            for (number, state) in self.states.iter().enumerate() {
                let name = format!(":state{number}");
                let state = AttributeValue::S(state.to_string());
                query = query.expression_attribute_values(&name, state);
                names.push(name);
            }
            filters.push(format!("#state IN ({})", names.join(", ")));
        }
        if !filters.is_empty() {
            query = query.filter_expression(filters.join(" AND "));
        }
        let mut pages = query.into_paginator().page_size(PAGE).send();
        let mut items: Vec<Item> = Vec::new();
        let mut looked_at = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(stack.failed("DynamoDB"))?;
            let before = looked_at;
            looked_at += page.scanned_count();
            if before / PROGRESS < looked_at / PROGRESS {
                terminal::tell(format_args!(
                    "{looked_at} records of {} looked at",
                    partition.value
                ));
            }
            for item in page.items.unwrap_or_default() {
                if self.after.as_ref().is_some_and(|after| !after.is_before(&item)) {
                    continue;
                }
                let same = |last: &Item| text(last, "received_at") == text(&item, "received_at");
                if items.len() > limit && !items.last().is_some_and(same) {
                    return Ok(items);
                }
                items.push(item);
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use bundle::template::Template;
    use tables::callbacks::record::LISTED;

    #[test]
    fn the_indexes_of_the_template_hold_what_a_list_shows() {
        let template = Template::parse(include_str!("../../../template.yaml")).expect("YAML");
        let table = template.properties("CallbacksTable");
        for (number, (name, key)) in
            [("by_provider", "provider"), ("by_attention", "attention")].into_iter().enumerate()
        {
            let index = &table["GlobalSecondaryIndexes"][number];
            assert_eq!(index["IndexName"], name);
            assert_eq!(index["KeySchema"][0]["AttributeName"], key);
            let held = index["Projection"]["NonKeyAttributes"].as_array().expect("a list");
            let held: Vec<_> = held.iter().filter_map(|name| name.as_str()).collect();
            let wanted: Vec<_> = LISTED.into_iter().filter(|name| *name != key).collect();
            assert_eq!(held, wanted, "{name}");
        }
    }
}
