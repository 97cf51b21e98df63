//! Records by provider, state and time, newest first, page by page: Queries on the indexes, and the records
//! themselves from the table, because no index holds what changes.
//!
//! What needs a person is found in `by_attention`, what the schedule looks at in `by_due`, everything else in
//! `by_day`; their partitions are merged here.

use aws_sdk_dynamodb::types::AttributeValue;
use bundle::provider::PROVIDERS;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use tables::callbacks::Standing;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::part::Part;
use crate::partition::{self, LOOKED_BACK, Partition};
use crate::record::{self, Item, text};
use crate::routing::Routing;
use crate::stack::Stack;

/// How many items one Query reads at most.
const PAGE: i32 = 1_000;

/// How many partitions are read at once.
const AT_ONCE: usize = 16;

/// After how many items it is said how many were looked at.
const PROGRESS: i32 = 10_000;

/// The records that are looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Of this provider only.
    pub provider: Option<&'a str>,
    /// That stand there only; empty for any.
    pub states: &'a [Standing],
    /// Of this user only.
    pub user: Option<&'a str>,
    /// With an id that this is a part of only.
    pub id: Option<&'a Part>,
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
    /// What a list shows of each record.
    pub items: Vec<Item>,
    /// Where the next page begins, where there is one.
    pub next: Option<Cursor>,
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
        let shards = stack.shards();
        let mut items = Vec::new();
        let routing = Routing::of(&stack.template)?;
        if let Some(partitions) = partition::of_standings(self.states, shards, routing.settlers()) {
            items = self.read(stack, &partitions, limit).await?;
        } else {
            let contracts = stack.contracts();
            let written = PROVIDERS.iter().map(|provider| provider.name);
            let all = || written.chain(contracts.iter().map(String::as_str)).collect();
            let providers: Vec<_> = self.provider.map_or_else(all, |provider| vec![provider]);
            let (since, until) = self.span(Timestamp::now());
            for day in partition::days(since, until) {
                let partitions = partition::of_day(&providers, &day, shards);
                items.extend(self.read(stack, &partitions, limit).await?);
                if items.len() > limit {
                    break;
                }
            }
            if self.since.is_empty() && items.len() <= limit {
                terminal::tell(format_args!("looked back 30 days; `list --since` looks further"));
            }
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

    /// From when to when is looked, where that is not said.
    fn span(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let read = |text: &str| text.parse().ok();
        let since = read(&self.since).or_else(|| now.checked_sub(LOOKED_BACK).ok());
        // Another machine's clock may be ahead.
        let until = self.after.as_ref().map_or(self.until.as_str(), |after| &after.received_at);
        let until = read(until).or_else(|| now.checked_add(SignedDuration::from_hours(24)).ok());
        (since.unwrap_or(Timestamp::MIN), until.unwrap_or(Timestamp::MAX))
    }

    /// The first of each of `partitions`, so many of which are read at once.
    async fn read(
        &self,
        stack: &Stack,
        partitions: &[Partition],
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        let reads = partitions.iter().map(|partition| self.first_of(stack, partition, limit));
        let reads: Vec<_> = reads.collect();
        let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Whether `item` is one of those that are wanted.
    fn takes(&self, item: &Item) -> bool {
        let at = text(item, "received_at").unwrap_or_default();
        let state = record::state(item);
        let is_in = |standing: &Standing| match standing {
            Standing::Accepted => record::is_accepted(item),
            Standing::In(wanted) => state == *wanted,
        };
        let of_state = self.states.is_empty() || self.states.iter().any(is_in);
        let of_provider = self.provider.is_none() || self.provider == text(item, "provider");
        let in_time =
            at >= self.since.as_str() && (self.until.is_empty() || at <= self.until.as_str());
        let after = self.after.as_ref().is_none_or(|after| after.is_before(item));
        let of_user = self.user.is_none() || self.user == text(item, "user");
        let id = || text(item, "id").unwrap_or_default();
        let of_id = self.id.is_none_or(|part| part.is_of(id()));
        of_state && of_provider && of_user && of_id && in_time && after
    }

    /// How many items a Query for `limit` records reads at most: no more than these and the one behind them, where all
    /// that a partition has is wanted.
    fn page_size(&self, limit: usize) -> i32 {
        let is_filtered = !self.states.is_empty() || self.user.is_some() || self.id.is_some();
        let wanted = i32::try_from(limit).unwrap_or(PAGE).saturating_add(1);
        if is_filtered { PAGE } else { wanted.min(PAGE) }
    }

    /// The first of a partition: more than `limit` where there are more, and then all of the last one's
    /// moment, because an index has no order among them.
    async fn first_of(
        &self,
        stack: &Stack,
        partition: &Partition,
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        let is_by_time = partition.sort_key == "received_at";
        let or = |time: &str, other: &str| {
            let time = if time.is_empty() || !is_by_time { other } else { time };
            AttributeValue::S(time.to_owned())
        };
        let until = self.after.as_ref().map_or(self.until.as_str(), |after| &after.received_at);
        let query = stack
            .clients
            .dynamodb
            .query()
            .table_name(stack.name_of("CallbacksTable")?)
            .index_name(partition.index)
            .key_condition_expression("#key = :key AND #at BETWEEN :since AND :until")
            .expression_attribute_names("#key", partition.key)
            .expression_attribute_names("#at", partition.sort_key)
            .expression_attribute_values(":key", AttributeValue::S(partition.value.clone()))
            .expression_attribute_values(":since", or(&self.since, "0"))
            .expression_attribute_values(":until", or(until, "9"))
            .projection_expression("id")
            .scan_index_forward(false);
        let mut pages = query.into_paginator().page_size(self.page_size(limit)).send();
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
            let found = page.items.unwrap_or_default();
            let ids = found.iter().filter_map(|item| text(item, "id").map(str::to_owned));
            for item in record::get_all(stack, &ids.collect::<Vec<_>>()).await? {
                if !self.takes(&item) {
                    continue;
                }
                let same = |last: &Item| text(last, "received_at") == text(&item, "received_at");
                if is_by_time && items.len() > limit && !items.last().is_some_and(same) {
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
    use tables::callbacks::{Standing, State};

    use super::{PAGE, Wanted};

    #[test]
    fn no_more_is_read_than_is_shown_where_nothing_is_left_out() {
        let all = Wanted::default();
        let sizes = [0, 20, 999, 1_000, usize::MAX].map(|limit| all.page_size(limit));
        assert_eq!(sizes, [1, 21, PAGE, PAGE, PAGE]);
        let some = Wanted { states: &[Standing::In(State::Credited)], ..Wanted::default() };
        assert_eq!(some.page_size(20), PAGE);
        let of_user = Wanted { user: Some("u"), ..Wanted::default() };
        assert_eq!(of_user.page_size(20), PAGE);
    }

    #[test]
    fn the_indexes_of_the_template_hold_what_a_list_is_read_by() {
        let template = Template::parse(include_str!("../../../template.yaml")).expect("YAML");
        let table = template.properties("CallbacksTable");
        for (number, (name, key, sort_key)) in [
            ("by_day", "day", "received_at"),
            ("by_attention", "attention", "received_at"),
            ("by_due", "due", "due_at"),
        ]
        .into_iter()
        .enumerate()
        {
            let index = &table["GlobalSecondaryIndexes"][number];
            assert_eq!(index["IndexName"], name);
            assert_eq!(index["KeySchema"][0]["AttributeName"], key);
            assert_eq!(index["KeySchema"][1]["AttributeName"], sort_key);
            let held = index["Projection"]["NonKeyAttributes"].as_array();
            let held: Vec<_> = held.into_iter().flatten().filter_map(|it| it.as_str()).collect();
            let wanted: &[&str] = if name == "by_due" { &[] } else { &LISTED };
            assert_eq!(held, wanted, "{name}");
        }
    }
}
