//! Who claims a reward: what keeps one reward from being credited to two accounts.
//!
//! A user may be named differently in two hooks for one reward, because `storeuserid` or `userkey` is
//! filled in later, and the hooks then are two records of two users. And two users may have rewards of
//! one id. So whoever credits a reward first writes down, next to the ledger's entries, for whom, under
//! all the names that the hook gives, and the account of the first claim of the same person is the one
//! that is credited.
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `user` | S | `~` and the reward: no user is written like this; partition key of the ledger |
//! | `entry` | S | `~claims`; sort key |
//! | `claims` | L of S | the claims, JSON texts, the first one first |

use std::collections::HashMap;
use std::time::Duration;

use appvirality::Recipient;
use aws::Patience;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use serde::{Deserialize, Serialize};
use store::Unavailable;
use verify::{IdempotencyKey, Misconfigured, Settings};

/// As for the ledger itself.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    attempt: Duration::from_secs(1),
    operation: Duration::from_millis(2_500),
    attempts: 3,
};

/// The claims in the `ledger` table.
#[derive(Debug, Clone)]
pub struct Claims {
    client: Client,
    table: String,
}

/// Somebody to whom a reward belongs, under all known names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The ledger's user: the name that identifies the recipient.
    pub account: String,
    /// Which of the names that is.
    pub kind: String,
    storeuserid: Option<String>,
    userkey: Option<String>,
    participantid: Option<String>,
    emailid: Option<String>,
}

impl From<&Recipient> for Claim {
    fn from(recipient: &Recipient) -> Self {
        Self {
            account: recipient.value.clone(),
            kind: recipient.kind.as_str().to_owned(),
            storeuserid: recipient.store_user_id.clone(),
            userkey: recipient.user_key.clone(),
            participantid: recipient.participant_id.clone(),
            emailid: recipient.email.clone(),
        }
    }
}

impl Claim {
    /// Whether both are one person's. Of the ids that both have, none may differ, and one has to be
    /// there; the e-mail address counts only where there is none.
    fn is_of_same_person(&self, other: &Self) -> bool {
        let ids = [
            (&self.storeuserid, &other.storeuserid),
            (&self.userkey, &other.userkey),
            (&self.participantid, &other.participantid),
        ];
        let mut common = ids.into_iter().filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)));
        match common.next() {
            Some((a, b)) => a == b && common.all(|(a, b)| a == b),
            None => self.emailid.is_some() && self.emailid == other.emailid,
        }
    }
}

/// The first claim of the person who makes the claim `mine`.
#[must_use]
pub fn first_of_same_person<'a>(claims: &'a [Claim], mine: &Claim) -> Option<&'a Claim> {
    let index = claims.iter().position(|claim| claim.is_of_same_person(mine))?;
    let first = &claims[index];
    // The names of that claim may lead to an earlier one.
    Some(first_of_same_person(&claims[..index], first).unwrap_or(first))
}

impl Claims {
    /// Connects to the table that the setting `LEDGER_TABLE` names.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] names the setting that is missing or unusable.
    pub fn connect(setting: Settings<'_>) -> Result<Self, Misconfigured> {
        let table = setting("LEDGER_TABLE")
            .filter(|table| !table.is_empty())
            .ok_or(Misconfigured { variable: "LEDGER_TABLE", expected: "a table's name" })?;
        Ok(Self { client: Client::new(&aws::config(setting, "DYNAMODB", PATIENCE)?), table })
    }

    /// Adds the claim `mine` to `reward`, if it is not there yet: all claims, this one among them.
    ///
    /// # Errors
    ///
    /// [`Unavailable`].
    pub async fn add(
        &self,
        reward: &IdempotencyKey,
        mine: &Claim,
    ) -> Result<Vec<Claim>, Unavailable> {
        let text = serde_json::to_string(mine).map_err(|_| Unavailable::Failed)?;
        let text = AttributeValue::S(text);
        let add = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(reward)))
            .update_expression("SET claims = list_append(if_not_exists(claims, :none), :mine)")
            .condition_expression("NOT contains(claims, :claim)")
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":mine", AttributeValue::L(vec![text.clone()]))
            .expression_attribute_values(":claim", text)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let item = match add.send().await {
            Ok(added) => added.attributes,
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(there) => there.item,
                error => return Err(Unavailable::of_error(&error)),
            },
            Err(error) => return Err(Unavailable::of(&error)),
        };
        read(item.ok_or(Unavailable::Failed)?)
    }

    /// The claims to `reward`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`].
    pub async fn of(&self, reward: &IdempotencyKey) -> Result<Vec<Claim>, Unavailable> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(reward)))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| Unavailable::of(&error))?;
        got.item.map_or_else(|| Ok(Vec::new()), read)
    }
}

fn key(reward: &IdempotencyKey) -> HashMap<String, AttributeValue> {
    [("user", format!("~{reward}")), ("entry", "~claims".to_owned())]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
        .into()
}

/// The claims of an item. One that cannot be read is not passed over: it may be the one that counts.
fn read(mut item: HashMap<String, AttributeValue>) -> Result<Vec<Claim>, Unavailable> {
    let Some(AttributeValue::L(claims)) = item.remove("claims") else {
        return Err(Unavailable::Failed);
    };
    let claim = |value: AttributeValue| match value {
        AttributeValue::S(text) => serde_json::from_str(&text).map_err(|_| Unavailable::Failed),
        _ => Err(Unavailable::Failed),
    };
    claims.into_iter().map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim by names such as `s1 p5 e@x`: `storeuserid`, `userkey`, `participantid` or an address.
    fn claim(names: &str) -> Claim {
        let name = |initial: char| {
            names.split(' ').find(|name| name.starts_with(initial)).map(str::to_owned)
        };
        Claim {
            account: names.split(' ').next().unwrap_or_default().to_owned(),
            kind: String::new(),
            storeuserid: name('s'),
            userkey: name('u'),
            participantid: name('p'),
            emailid: name('e'),
        }
    }

    #[test]
    fn a_person_is_known_by_what_both_claims_name() {
        for (a, b, same) in [
            ("p5", "p5", true),
            ("p5 e1", "s1 p5 e1", true),
            ("u1 p5", "s1 u1", true),
            ("p5 e1", "p5 e2", true),
            ("e1", "p5 e1", true),
            ("s1 e1", "p5 e1", true),
            ("p5", "p6", false),
            ("p5 e1", "p6 e1", false),
            ("s1 p5", "s2 p5", false),
            ("u1 p5", "u2 p5", false),
            ("s1", "p5", false),
            ("s1 e1", "p5", false),
        ] {
            assert_eq!(claim(a).is_of_same_person(&claim(b)), same, "{a} {b}");
            assert_eq!(claim(b).is_of_same_person(&claim(a)), same, "{b} {a}");
        }
    }

    #[test]
    fn the_first_claim_of_a_person_counts() {
        for (claims, mine, first) in [
            (&[][..], "p5", None),
            (&["p6", "s7"], "p5", None),
            (&["p6", "p5", "s1 p5"], "s1 p5", Some("p5")),
            (&["p6", "s1 p5", "p5"], "p5", Some("s1")),
            // By way of the second claim to the first.
            (&["p5", "s1 p5", "s1"], "s1", Some("p5")),
            (&["p5 e1", "s1 p5", "s2 p5"], "s2 p5", Some("p5")),
        ] {
            let claims: Vec<_> = claims.iter().map(|names| claim(names)).collect();
            let found = first_of_same_person(&claims, &claim(mine));
            assert_eq!(found.map(|claim| claim.account.as_str()), first, "{mine}");
        }
    }
}
