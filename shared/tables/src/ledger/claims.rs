//! Claims: whose something is that only one may be paid for, before anything is booked for it.
//!
//! Whoever settles it first writes down for whom, in one write that only one can make; everybody else finds
//! that claim there and decides by it. What a claim says is its maker's own text.
//!
//! An item per claimed thing, in a partition of its own:
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `user` | S | `~` and what is claimed: no user is written like this; partition key |
//! | `entry` | S | `~claims`; sort key |
//! | a role | L of S | the claims in this role, in the order in which they were made |

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use verify::IdempotencyKey;

use crate::callbacks::TableError;
use crate::ledger::Ledger;
use crate::ledger::item::{Item, text};

/// How often a claim is made anew because somebody else has made one meanwhile.
const TRIES: u32 = 5;

/// The claims to one thing, by role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims(HashMap<String, Vec<String>>);

/// What to do about a claim, after those that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claiming<T> {
    /// The claims stay as they are.
    Leave(T),
    /// The text is added to the claims of the role, after which it is the second.
    Add(String, T),
}

impl Claims {
    /// The claims in `role`, the first one first.
    #[must_use]
    pub fn in_role(&self, role: &str) -> &[String] {
        self.0.get(role).map(Vec::as_slice).unwrap_or_default()
    }

    /// All of them: each role with its claims.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(role, claims)| (role.as_str(), claims.as_slice()))
    }

    /// The claims of an item. One that is no text is not passed over: it may be the one that counts.
    fn of(item: Item) -> Result<Self, TableError> {
        let texts = |claims: Vec<AttributeValue>| {
            let text = |claim| match claim {
                AttributeValue::S(text) => Ok(text),
                _ => Err(TableError::Failed),
            };
            claims.into_iter().map(text).collect::<Result<Vec<_>, _>>()
        };
        let lists = item.into_iter().filter_map(|(name, value)| match value {
            AttributeValue::L(claims) => Some(texts(claims).map(|claims| (name, claims))),
            _ => None,
        });
        lists.collect::<Result<_, _>>().map(Self)
    }
}

impl Ledger {
    /// The claims to `claimed`.
    pub async fn claims(&self, claimed: &IdempotencyKey) -> Result<Claims, TableError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(claimed)))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| TableError::of(&error))?;
        Claims::of(got.item.unwrap_or_default())
    }

    /// Claims `claimed` in `role`, as `decide` says: it is asked first without any claims, and again with
    /// those that are there where somebody else has made one. It is not known whose it is where this ends
    /// in an error.
    pub async fn claim<T>(
        &self,
        claimed: &IdempotencyKey,
        role: &str,
        mut decide: impl FnMut(&Claims) -> Result<Claiming<T>, TableError>,
    ) -> Result<T, TableError> {
        let mut claims = Claims::default();
        for _ in 0..TRIES {
            let (mine, decided) = match decide(&claims)? {
                Claiming::Leave(decided) => return Ok(decided),
                Claiming::Add(mine, decided) => (mine, decided),
            };
            match self.append(claimed, role, claims.in_role(role).len(), &mine).await? {
                None => return Ok(decided),
                Some(there) => claims = there,
            }
        }
        Err(TableError::Contended)
    }

    /// Adds `mine` to the claims in `role`, if there are still so many: a list that only grows is the same
    /// as long as its length is. `None` when it is done; otherwise the claims that are there.
    async fn append(
        &self,
        claimed: &IdempotencyKey,
        role: &str,
        count: usize,
        mine: &str,
    ) -> Result<Option<Claims>, TableError> {
        let add = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(claimed)))
            .expression_attribute_names("#claims", role)
            .expression_attribute_values(":mine", AttributeValue::L(vec![text(mine)]))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let add = if count == 0 {
            add.condition_expression("attribute_not_exists(#claims)")
                .update_expression("SET #claims = :mine")
        } else {
            add.condition_expression("size(#claims) = :count")
                .update_expression("SET #claims = list_append(#claims, :mine)")
                .expression_attribute_values(":count", AttributeValue::N(count.to_string()))
        };
        match add.send().await {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(there) => {
                    Claims::of(there.item.unwrap_or_default()).map(Some)
                }
                error => Err(TableError::of_error(&error)),
            },
            Err(error) => Err(TableError::of(&error)),
        }
    }
}

fn key(claimed: &IdempotencyKey) -> Item {
    let user = format!("~{claimed}");
    [("user".to_owned(), text(&user)), ("entry".to_owned(), text("~claims"))].into()
}
