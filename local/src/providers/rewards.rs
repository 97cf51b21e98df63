//! What `AppVirality` knows of rewards.
//!
//! The provider knows a reward before it sends the hook. This stand-in learns of it from the hook: it
//! reads the stream of the `callbacks` table, so that it knows every reward that a settlement function
//! can ask about. What was set with `PUT /rewards/REWARDDTLID` comes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use appvirality::{Recipient, RewardHook, Role};
use dynoxide::Database;
use http::StatusCode;
use rusqlite::{Connection, OptionalExtension as _, named_params};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use verify::{Amount, Object};

use crate::providers::{ProviderError, Reply};
use crate::state::{State, StateError};
use crate::stream::{Reader, Start};
use crate::tables;

/// How many records are read at once.
const BATCH: usize = 500;

/// The states of a reward, as the provider documents them.
pub const STATUSES: [&str; 5] = ["Approved", "Rejected", "Suspicious", "UnderReview", "Rewarded"];

/// The rewards.
#[derive(Debug)]
pub struct Rewards {
    hooks: Mutex<Hooks>,
    state: Arc<State>,
}

/// The rewards of the hooks that were received.
#[derive(Debug)]
struct Hooks {
    reader: Reader,
    known: BTreeMap<String, Known>,
}

/// What the hooks say of one reward. Of two hooks with one id, the first counts.
#[derive(Debug, Clone, Default)]
struct Known {
    amount: Option<String>,
    unit: Option<String>,
    recipients: Vec<Recipient>,
}

/// A reward.
#[derive(Debug, Clone)]
pub struct Reward {
    /// `reward_status`.
    pub status: String,
    /// `amount`.
    pub amount: Option<String>,
    /// `rewardunit`.
    pub unit: Option<String>,
    /// Who has such a reward; nobody where no hook has told of it.
    pub recipients: Vec<Recipient>,
}

/// What was set for a reward; what is absent was not.
#[derive(Debug, Clone, Default)]
struct Set {
    status: Option<String>,
    amount: Option<String>,
    unit: Option<String>,
}

impl Rewards {
    /// The rewards of the hooks in `database`'s `callbacks` table, with what was set in `state`.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    pub fn open(database: &Database, state: Arc<State>) -> Result<Self, ProviderError> {
        let reader = Reader::open(database.clone(), tables::CALLBACKS, Start::At("TRIM_HORIZON"))?;
        Ok(Self { hooks: Mutex::new(Hooks { reader, known: BTreeMap::new() }), state })
    }

    /// The reward `id`; `None` where neither a hook nor anybody else has told of it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    pub fn get(&self, id: &str) -> Result<Option<Reward>, ProviderError> {
        let known = self.known(|known| known.get(id).cloned())?;
        let set = self.state.with(|db| read(db, id))?;
        Ok(merged(known, set))
    }

    /// All rewards, a JSON array.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    pub fn list(&self) -> Result<Value, ProviderError> {
        let mut known = self.known(Clone::clone)?;
        let set = self.state.with(|db| {
            let mut ids = db.prepare("SELECT rewarddtlid FROM rewards")?;
            let ids = ids.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
            let set = ids.into_iter().map(|id| read(db, &id).map(|set| (id, set)));
            set.collect::<Result<BTreeMap<_, _>, _>>()
        })?;
        for id in set.keys() {
            known.entry(id.clone()).or_default();
        }
        let rewards = known.into_iter().filter_map(|(id, known)| {
            let reward = merged(Some(known), set.get(&id).cloned().flatten())?;
            Some(shown(&id, &reward))
        });
        Ok(rewards.collect())
    }

    /// Sets what `body` says of the reward `id`; the rest stays.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    pub fn set(&self, id: &str, body: &[u8]) -> Result<Reply, ProviderError> {
        let set = match Set::parse(body) {
            Ok(set) if !id.is_empty() => set,
            Ok(_) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, "the reward has no id")),
            Err(problem) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, problem)),
        };
        self.state.with(|db| write(db, id, &set))?;
        let body = self.get(id)?.map_or(Value::Null, |reward| shown(id, &reward));
        Ok(Reply { status: StatusCode::OK, body })
    }

    /// Notes that the rewards `ids` were redeemed: all of them.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn redeem(&self, ids: &[String]) -> Result<(), StateError> {
        let redeemed = Set { status: Some("Rewarded".to_owned()), ..Set::default() };
        self.state.with(|db| ids.iter().try_for_each(|id| write(db, id, &redeemed)))
    }

    /// Learns what is new, and then looks into what is known.
    fn known<T>(
        &self,
        look: impl FnOnce(&BTreeMap<String, Known>) -> T,
    ) -> Result<T, ProviderError> {
        let mut hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let records = hooks.reader.next(BATCH)?;
            for record in &records {
                hooks.learn(&record.value);
            }
            if records.len() < BATCH {
                return Ok(look(&hooks.known));
            }
        }
    }
}

impl Hooks {
    /// Learns of the rewards in a record, if it is a hook that has any.
    fn learn(&mut self, record: &Value) {
        let Some((hook, unit)) = hook_of(record) else { return };
        let only = hook.details.len() == 1;
        for detail in hook.details {
            let amount = detail.amount.or(hook.amount.filter(|_| only));
            let known = self.known.entry(detail.rewarddtlid).or_insert_with(|| Known {
                amount: amount.map(|amount| amount.to_string()),
                unit: unit.clone(),
                recipients: Vec::new(),
            });
            known.recipients.push(hook.recipient.clone());
        }
    }
}

fn hook_of(record: &Value) -> Option<(RewardHook, Option<String>)> {
    let image = &record["dynamodb"]["NewImage"];
    let text = |name: &str| image[name]["S"].as_str();
    let new = record["eventName"] == "INSERT" && text("state")? != "conflict";
    let role =
        Role::of_kind(text("kind")?).filter(|_| new && text("provider") == Some("appvirality"));
    let hook = RewardHook::parse(role?, &Object::parse(text("payload")?.as_bytes()).ok()?).ok()?;
    let unit = hook.unit.clone();
    Some((hook, unit))
}

fn merged(known: Option<Known>, set: Option<Set>) -> Option<Reward> {
    if known.is_none() && set.is_none() {
        return None;
    }
    let (known, set) = (known.unwrap_or_default(), set.unwrap_or_default());
    Some(Reward {
        status: set.status.unwrap_or_else(|| "Approved".to_owned()),
        amount: set.amount.or(known.amount),
        unit: set.unit.or(known.unit),
        recipients: known.recipients,
    })
}

fn shown(id: &str, reward: &Reward) -> Value {
    let Reward { status, amount, unit, .. } = reward;
    json!({"rewarddtlid": id, "reward_status": status, "amount": amount, "rewardunit": unit})
}

impl Set {
    /// Reads `{"reward_status":"UnderReview","amount":"10","rewardunit":"Coins"}`, each optional.
    fn parse(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body<'a> {
            reward_status: Option<String>,
            #[serde(borrow)]
            amount: Option<&'a RawValue>,
            rewardunit: Option<String>,
        }
        let body: Body<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let status = body.reward_status;
        if status.as_ref().is_some_and(|status| !STATUSES.contains(&status.as_str())) {
            return Err(format!("reward_status is none of {}", STATUSES.join(", ")));
        }
        // A number by its own digits.
        let amount = body.amount.map(|amount| amount.get().trim_matches('"').to_owned());
        if amount.as_ref().is_some_and(|amount| Amount::parse(amount).is_none()) {
            return Err("amount is no decimal number".to_owned());
        }
        Ok(Self { status, amount, unit: body.rewardunit })
    }
}

fn read(db: &Connection, id: &str) -> rusqlite::Result<Option<Set>> {
    db.prepare_cached("SELECT reward_status, amount, unit FROM rewards WHERE rewarddtlid = ?1")?
        .query_row([id], |row| {
            Ok(Set { status: row.get(0)?, amount: row.get(1)?, unit: row.get(2)? })
        })
        .optional()
}

fn write(db: &Connection, id: &str, set: &Set) -> rusqlite::Result<()> {
    let Set { status, amount, unit } = set;
    db.prepare_cached(
        "INSERT INTO rewards VALUES (:id, :status, :amount, :unit)
         ON CONFLICT (rewarddtlid) DO UPDATE SET
             reward_status = COALESCE(:status, reward_status),
             amount = COALESCE(:amount, amount),
             unit = COALESCE(:unit, unit)",
    )?
    .execute(named_params! {":id": id, ":status": status, ":amount": amount, ":unit": unit})?;
    Ok(())
}
