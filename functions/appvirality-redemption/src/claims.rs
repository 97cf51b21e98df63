//! Who claims a reward: what keeps one reward from being paid to two people.
//!
//! AppVirality's API says how far a reward is and what it is worth, but not whose it is; that is the hook's
//! word, and whoever has the `securekey` can name anybody in a hook, in any campaign, as any type. So what
//! is paid once is what AppVirality knows a reward by: its `rewarddtlid`, in each role (one id may stand
//! under a friend and a referrer). Whoever is settled first writes down for whom, before anything is
//! credited or redeemed, in one write that only one can make. Everybody else under that id is the same
//! person, who has been paid, or waits for a human being.
//!
//! A person may be named differently in two hooks, because `storeuserid` or `userkey` is filled in later.
//! Hence the names of all hooks of the one person are kept, e-mail addresses hidden, since they are only
//! compared; the account is the first hook's, and the user of its entries in this very table.
//!
//! | attribute | type | what it is |
//! | --- | --- | --- |
//! | `user` | S | `~` and the reward: no user is written like this; partition key of the ledger |
//! | `entry` | S | `~claims`; sort key |
//! | the kind of a role's hooks | L of S | the claims in this role, JSON texts, all of one person; the first one counts |

use std::collections::HashMap;

use appvirality::{Recipient, RewardHook, RewardType, Role};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use platform::aws::timeouts;
use serde::{Deserialize, Serialize};
use settings::{ConfigError, Settings};
use tables::callbacks::TableError;
use verify::{IdempotencyKey, address};

/// How many ways to name one person are kept; who is named in yet another one is still compared with
/// these.
const MOST: usize = 8;

/// How often a claim is made anew because somebody else has made one meanwhile.
const TRIES: u32 = 5;

/// The claims in the `ledger` table.
#[derive(Debug, Clone)]
pub struct Claims {
    client: Client,
    table: String,
}

/// Somebody to whom a reward belongs, under all known names, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The ledger's user: the name that identifies the recipient.
    pub account: String,
    /// Whether it is a coupon, which AppVirality hands out; otherwise it is credited here.
    coupon: bool,
    storeuserid: Option<String>,
    userkey: Option<String>,
    participantid: Option<String>,
    emailid: Option<String>,
}

/// Why a reward is not paid to whoever claims it: somebody has to find out whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was claimed for another person in the same role.
    ByAnother,
    /// It was claimed for the same person, but as a coupon, and now as a credit; or the other way round.
    Otherwise,
}

impl Taken {
    /// A short fixed name for logs and records.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ByAnother => "claimed_by_another",
            Self::Otherwise => "claimed_otherwise",
        }
    }
}

impl From<&RewardHook> for Claim {
    fn from(hook: &RewardHook) -> Self {
        let Recipient { store_user_id, user_key, participant_id, email, .. } = &hook.recipient;
        let id = |name: &Option<String>| name.as_deref().map(one_spelling);
        Self {
            account: hook.recipient.account(),
            coupon: hook.reward_type == RewardType::Coupon,
            storeuserid: id(store_user_id),
            userkey: id(user_key),
            participantid: id(participant_id),
            emailid: email.as_deref().map(one_hidden),
        }
    }
}

/// An id for comparing: as it is, but where an app has its users' addresses for ids.
fn one_spelling(id: &str) -> String {
    if address::may_be_in(id) { one_hidden(id) } else { id.to_owned() }
}

/// An e-mail address for comparing, which nobody can read in it.
fn one_hidden(address: &str) -> String {
    address::hidden(&address::normalized(address))
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

/// The claims to one reward, by role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(HashMap<String, Vec<Claim>>);

impl Known {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claim in `role` that counts, if `mine` is the same person's and for the same thing; `None`
    /// where there is no claim in this role.
    pub fn counting(&self, role: Role, mine: &Claim) -> Result<Option<&Claim>, Taken> {
        let claims = self.of(role);
        let Some(first) = claims.first() else { return Ok(None) };
        if !claims.iter().any(|claim| claim.is_of_same_person(mine)) {
            Err(Taken::ByAnother)
        } else if first.coupon != mine.coupon {
            Err(Taken::Otherwise)
        } else {
            Ok(Some(first))
        }
    }

    fn of(&self, role: Role) -> &[Claim] {
        self.0.get(role.kind()).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Claims {
    /// Connects to the table that the setting `LEDGER_TABLE` names.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the setting that is missing or unusable.
    pub fn connect(settings: &Settings) -> Result<Self, ConfigError> {
        let table = settings.required("LEDGER_TABLE", "a table's name")?.to_owned();
        let config = platform::aws::config(settings, "DYNAMODB", timeouts::SETTLEMENT)?;
        Ok(Self { client: Client::new(&config), table })
    }

    /// Claims the reward `rewarddtlid` in `role`, if nobody has: the account of the claim that counts, or
    /// why it is not `mine`.
    ///
    /// # Errors
    ///
    /// [`TableError`] when it is not known whose it is.
    pub async fn make(
        &self,
        rewarddtlid: &str,
        role: Role,
        mine: &Claim,
    ) -> Result<Result<String, Taken>, TableError> {
        let mut known = Known::default();
        for _ in 0..TRIES {
            let claims = known.of(role);
            let account = match known.counting(role, mine) {
                Err(taken) => return Ok(Err(taken)),
                Ok(first) => first.unwrap_or(mine).account.clone(),
            };
            if claims.contains(mine) || claims.len() >= MOST {
                return Ok(Ok(account));
            }
            match self.append(rewarddtlid, role, claims.len(), mine).await? {
                None => return Ok(Ok(account)),
                Some(there) => known = there,
            }
        }
        Err(TableError::Contended)
    }

    /// Adds `mine` to the claims in `role`, if there are still so many: a list that only grows is the same
    /// as long as its length is. `None` when it is done; otherwise the claims that are there.
    async fn append(
        &self,
        rewarddtlid: &str,
        role: Role,
        count: usize,
        mine: &Claim,
    ) -> Result<Option<Known>, TableError> {
        let text = serde_json::to_string(mine).map_err(|_| TableError::Failed)?;
        let mine = AttributeValue::L(vec![AttributeValue::S(text)]);
        let add = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(rewarddtlid)))
            .expression_attribute_names("#claims", role.kind())
            .expression_attribute_values(":mine", mine)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let add = if count == 0 {
            add.condition_expression("attribute_not_exists(#claims)")
                .update_expression("SET #claims = :mine")
        } else {
            add.condition_expression("size(#claims) = :count")
                .update_expression("SET #claims = list_append(#claims, :mine)")
                .expression_attribute_values(":count", AttributeValue::N(count.to_string()))
        };
        send(add).await
    }

    /// The claims to the reward `rewarddtlid`.
    pub async fn of(&self, rewarddtlid: &str) -> Result<Known, TableError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(rewarddtlid)))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| TableError::of(&error))?;
        got.item.map_or_else(|| Ok(Known::default()), read)
    }
}

/// Sends a conditional update: `None` when it is done; otherwise the claims that are there.
async fn send(update: UpdateItemFluentBuilder) -> Result<Option<Known>, TableError> {
    match update.send().await {
        Ok(_) => Ok(None),
        Err(SdkError::ServiceError(error)) => match error.into_err() {
            UpdateItemError::ConditionalCheckFailedException(there) => {
                read(there.item.unwrap_or_default()).map(Some)
            }
            error => Err(TableError::of_error(&error)),
        },
        Err(error) => Err(TableError::of(&error)),
    }
}

/// What a reward is, in whichever campaign, and however its id is spelled.
#[must_use]
pub fn reward(rewarddtlid: &str) -> IdempotencyKey {
    IdempotencyKey::new("appvirality", "reward").part(&one_number(rewarddtlid))
}

/// An id of a reward for comparing. `AppVirality`'s are numbers, and whatever reads a number takes ` 797`,
/// `+797` and `0797` for 797: each of them, asked about at the same moment, would be approved.
fn one_number(rewarddtlid: &str) -> String {
    let spelling = address::normalized(rewarddtlid);
    let digits = spelling.strip_prefix('+').unwrap_or(&spelling);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return spelling;
    }
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        number => number.to_owned(),
    }
}

fn key(rewarddtlid: &str) -> HashMap<String, AttributeValue> {
    [("user", format!("~{}", reward(rewarddtlid))), ("entry", "~claims".to_owned())]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
        .into()
}

/// The claims of an item. One that cannot be read is not passed over: it may be the one that counts.
fn read(item: HashMap<String, AttributeValue>) -> Result<Known, TableError> {
    let claim = |value: AttributeValue| match value {
        AttributeValue::S(text) => serde_json::from_str(&text).map_err(|_| TableError::Failed),
        _ => Err(TableError::Failed),
    };
    let lists = item.into_iter().filter_map(|(name, value)| match value {
        AttributeValue::L(claims) => Some((name, claims)),
        _ => None,
    });
    let read = |(role, claims): (String, Vec<AttributeValue>)| {
        Ok((role, claims.into_iter().map(claim).collect::<Result<_, _>>()?))
    };
    Ok(Known(lists.map(read).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim by names such as `s1 p5 e@x`: `storeuserid`, `userkey`, `participantid` or an address; with
    /// `coupon` for one.
    fn claim(names: &str) -> Claim {
        let name = |initial: char| {
            names.split(' ').find(|name| name.starts_with(initial)).map(str::to_owned)
        };
        Claim {
            account: names.split(' ').next().unwrap_or_default().to_owned(),
            coupon: name('c').is_some(),
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
    fn the_first_claim_of_a_role_counts() {
        use Taken::{ByAnother, Otherwise};
        for (claims, mine, counting) in [
            (&[][..], "p5", Ok(None)),
            (&["p6"], "p5", Err(ByAnother)),
            (&["p6"], "p5 coupon", Err(ByAnother)),
            (&["p5", "s1 p5"], "p5", Ok(Some("p5"))),
            // By way of the second claim to the first.
            (&["p5", "s1 p5"], "s1", Ok(Some("p5"))),
            (&["p5 e1", "s1 p5"], "s2 e1", Ok(Some("p5"))),
            (&["p5"], "s2", Err(ByAnother)),
            (&["p5"], "p5 coupon", Err(Otherwise)),
            (&["p5 coupon"], "s1 p5", Err(Otherwise)),
            (&["p5 coupon"], "s1 p5 coupon", Ok(Some("p5"))),
        ] {
            let claims: Vec<_> = claims.iter().map(|names| claim(names)).collect();
            let others = vec![claim("p5")];
            let roles = [(Role::Friend.kind(), claims), (Role::User.kind(), others)];
            let known = Known(roles.map(|(role, claims)| (role.to_owned(), claims)).into());
            let found = known.counting(Role::Friend, &claim(mine));
            let found = found.map(|first| first.map(|claim| claim.account.as_str()));
            assert_eq!(found, counting, "{mine}");
        }
    }

    #[test]
    fn a_reward_is_one_in_every_spelling_of_its_number() {
        for id in ["797", " 797", "797\u{a0}", "+797", "0797", "000797", "\u{ff17}\u{ff19}\u{ff17}"]
        {
            assert_eq!(reward(id).as_str(), "appvirality#reward#797", "{id}");
        }
        for (id, other) in [("797", "7970"), ("797", "-797"), ("0", "00a"), ("", "0"), ("+", "0")] {
            assert_ne!(reward(id), reward(other), "{id} {other}");
        }
        assert_eq!(reward("000"), reward("0"));
    }

    #[test]
    fn an_address_is_one_in_every_spelling_and_an_id_is_opaque() {
        // `printf ann@example.com | sha256sum`
        let one = "~71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476";
        for address in
            ["ann@example.com", "Ann@Example.com", "ann%40example.com", " ann@example.com\t"]
        {
            assert_eq!(one_spelling(address), one);
            assert_eq!(one_hidden(address), one);
        }
        for id in ["001234", "1234", "Shop-7", " 7", "a%20b"] {
            assert_eq!(one_spelling(id), id);
        }
    }
}
