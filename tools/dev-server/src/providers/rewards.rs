//! What `AppVirality` knows of rewards.
//!
//! The provider knows a reward before it sends the hook. This stand-in learns of it from the hook: it
//! reads the stream of the `callbacks` table, so that it knows every reward that a settlement function
//! can ask about. What was set with `PUT /rewards/REWARDDTLID` comes first.
//!
//! Two people may have rewards of one id, as on the provider's own page, and a check does not say about
//! whom it asks. It is told of a reward that is not redeemed yet, and of two such, in the order of their
//! hooks, of the one that nobody was told of a moment ago.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use appvirality::{Recipient, RewardHook, RewardType, Role};
use bundle::names;
use dynoxide::Database;
use http::StatusCode;
use serde_json::{Value, json};
use verify::Object;

use crate::providers::reward_state::{self, Set};
use crate::providers::{ProviderError, Reply};
use crate::state::State;
use crate::stream::{Reader, Start};

/// How many records are read at once.
const BATCH: usize = 500;

/// How long ago a moment is.
const MOMENT: Duration = Duration::from_millis(500);

/// The rewards that the stand-in of `AppVirality` knows.
#[derive(Debug)]
pub struct Rewards {
    hooks: Mutex<Hooks>,
    state: Arc<State>,
}

/// The rewards of the hooks that were received, by their ids, in the order of the hooks.
#[derive(Debug)]
struct Hooks {
    reader: Reader,
    rewards: BTreeMap<String, Vec<Reward>>,
}

/// A reward.
#[derive(Debug, Clone, Default)]
pub struct Reward {
    /// `reward_status`.
    pub status: String,
    /// `amount`.
    pub amount: Option<String>,
    /// `rewardunit`.
    pub unit: Option<String>,
    /// Whose it is; nobody's where no hook has told of it.
    pub recipient: Option<Recipient>,
    /// Whether its hook calls it a coupon.
    pub is_coupon: bool,
    /// When somebody was last told of it.
    told_at: Option<Instant>,
}

impl Reward {
    /// What redemptions of it are kept under.
    fn owner(&self) -> String {
        let name =
            |recipient: &Recipient| format!("{} {}", recipient.kind.as_str(), recipient.value);
        self.recipient.as_ref().map(name).unwrap_or_default()
    }
}

impl Rewards {
    /// The rewards of the hooks in `database`'s `callbacks` table, with what was set in `state`.
    pub fn open(database: &Database, state: Arc<State>) -> Result<Self, ProviderError> {
        let reader = Reader::open(database.clone(), names::CALLBACKS, Start::First)?;
        Ok(Self { hooks: Mutex::new(Hooks { reader, rewards: BTreeMap::new() }), state })
    }

    /// The rewards with the id `id`, one for each recipient; none where neither a hook nor anybody else
    /// has told of it.
    pub fn get(&self, id: &str) -> Result<Vec<Reward>, ProviderError> {
        let rewards = self.learned(|hooks| hooks.get(id).cloned())?.unwrap_or_default();
        self.as_set(id, rewards)
    }

    /// The one of them that whoever checks `id` is told of.
    pub fn check(&self, id: &str) -> Result<Option<Reward>, ProviderError> {
        let rewards = self.get(id)?;
        let open = |reward: &&Reward| reward.status != "Rewarded";
        let recent = |reward: &&Reward| reward.told_at.is_none_or(|at| at.elapsed() >= MOMENT);
        let told = rewards.iter().find(|reward| open(reward) && recent(reward));
        let told = told.or_else(|| rewards.iter().find(open)).or(rewards.last());
        let Some(told) = told else { return Ok(None) };
        self.learned(|hooks| {
            let rewards = hooks.get_mut(id).into_iter().flatten();
            for reward in rewards.filter(|reward| reward.recipient == told.recipient) {
                reward.told_at = Some(Instant::now());
            }
        })?;
        Ok(Some(told.clone()))
    }

    /// All rewards, a JSON array.
    pub fn list(&self) -> Result<Value, ProviderError> {
        let mut known = self.learned(|hooks| hooks.clone())?;
        for id in self.state.with(reward_state::ids)? {
            known.entry(id).or_default();
        }
        let mut list = Vec::new();
        for (id, rewards) in known {
            list.extend(self.as_set(&id, rewards)?.iter().map(|reward| shown(&id, reward)));
        }
        Ok(Value::Array(list))
    }

    /// Sets what `body` says of the reward `id`; the rest stays. A status also undoes redemptions.
    pub fn set(&self, id: &str, body: &[u8]) -> Result<Reply, ProviderError> {
        let set = match Set::parse(body) {
            Ok(set) if !id.is_empty() => set,
            Ok(_) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, "the reward has no id")),
            Err(problem) => return Ok(Reply::refused(StatusCode::BAD_REQUEST, problem)),
        };
        self.state.with(|db| reward_state::write(db, id, &set))?;
        let body = self.get(id)?.first().map(|reward| shown(id, reward));
        Ok(Reply { status: StatusCode::OK, body: body.unwrap_or_default() })
    }

    /// Notes that `rewards`, each with its id, were redeemed: all of them.
    pub fn redeem(&self, rewards: &[(&str, Reward)]) -> Result<(), ProviderError> {
        let note = |db: &_| {
            rewards
                .iter()
                .try_for_each(|(id, reward)| reward_state::redeem(db, id, &reward.owner()))
        };
        Ok(self.state.with(note)?)
    }

    /// `rewards` with what was set for the reward `id` and with their redemptions.
    fn as_set(&self, id: &str, mut rewards: Vec<Reward>) -> Result<Vec<Reward>, ProviderError> {
        let (set, redeemed) = self
            .state
            .with(|db| Ok((reward_state::read(db, id)?, reward_state::redeemed(db, id)?)))?;
        if rewards.is_empty() && set.is_some() {
            rewards.push(Reward::default());
        }
        let set = set.unwrap_or_default();
        for reward in &mut rewards {
            let status = set.status.as_deref().unwrap_or("Approved");
            let redeemed = redeemed.contains(&reward.owner());
            reward.status = String::from(if redeemed { "Rewarded" } else { status });
            reward.amount = set.amount.clone().or(reward.amount.take());
            reward.unit = set.unit.clone().or(reward.unit.take());
        }
        Ok(rewards)
    }

    /// Learns what is new, and then looks into what the hooks say.
    fn learned<T>(
        &self,
        look: impl FnOnce(&mut BTreeMap<String, Vec<Reward>>) -> T,
    ) -> Result<T, ProviderError> {
        let mut hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let records = hooks.reader.next(BATCH)?;
            for record in &records {
                hooks.learn(&record.value);
            }
            if records.len() < BATCH {
                return Ok(look(&mut hooks.rewards));
            }
        }
    }
}

impl Hooks {
    /// Learns of the rewards in a record, if it is a hook that has any.
    fn learn(&mut self, record: &Value) {
        let Some(hook) = hook_of(record) else { return };
        let only = hook.details.len() == 1;
        for detail in &hook.details {
            let rewards = self.rewards.entry(detail.rewarddtlid.clone()).or_default();
            let recipient = Some(hook.recipient.clone());
            if rewards.iter().any(|reward| reward.recipient == recipient) {
                continue;
            }
            let amount = detail.amount.or(hook.amount.filter(|_| only));
            let amount = amount.map(|amount| amount.to_string());
            let unit = hook.unit.clone();
            let is_coupon = hook.reward_type == RewardType::Coupon;
            rewards.push(Reward { amount, unit, recipient, is_coupon, ..Reward::default() });
        }
    }
}

fn hook_of(record: &Value) -> Option<RewardHook> {
    let image = &record["dynamodb"]["NewImage"];
    let text = |name: &str| image[name]["S"].as_str();
    if record["eventName"] != "INSERT" || text("provider")? != "appvirality" {
        return None;
    }
    let role = Role::of_kind(text("kind")?).filter(|_| text("state") != Some("conflict"))?;
    RewardHook::parse(role, &Object::parse(text("payload")?.as_bytes()).ok()?).ok()
}

fn shown(id: &str, reward: &Reward) -> Value {
    let Reward { status, amount, unit, .. } = reward;
    json!({"rewarddtlid": id, "reward_status": status, "amount": amount, "rewardunit": unit})
}
