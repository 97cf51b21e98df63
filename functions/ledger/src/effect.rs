//! What a record does to its user's balance.

use settlement::{Record, Reward};
use verify::Object;

/// inBrain's kinds that give a reward and cannot be reversed.
const GIVING: [&str; 4] =
    ["survey_completed", "profiler_completed", "survey_disqualified", "ad_hoc"];

/// What a record does to its user's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect<'a> {
    /// Nothing.
    None,
    /// It gives this.
    Credit(&'a Reward),
    /// It takes this, an amount below zero, if a person has accepted it.
    Debit(&'a Reward),
    /// It gives this, until the offer is reversed.
    Completion {
        /// The id that it shares with its reversal.
        offer: String,
        /// What it gives.
        reward: &'a Reward,
    },
    /// It takes back what the offer's completion gave.
    Reversal {
        /// The id that it shares with the completion.
        offer: String,
    },
}

/// A record that cannot be what it says; a short fixed name for the dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) &'static str);

/// A reward below zero that nobody has accepted.
pub(crate) const NEGATIVE: Unfit = Unfit("negative_reward");

impl<'a> Effect<'a> {
    /// Reads it in `record`. Tests and what waits for a person have none, nor has any kind that is not
    /// listed here; AppVirality's rewards are credited when they are redeemed.
    pub(crate) fn of(record: &'a Record) -> Result<Self, Unfit> {
        if record.test || record.held {
            return Ok(Self::None);
        }
        let reward = record.reward.as_ref().filter(|reward| !reward.amount.is_zero());
        let kind = record.kind.as_str();
        if let Some(reward) = reward.filter(|reward| reward.amount.is_negative()) {
            return match record.provider.as_str() {
                "claimr" => Ok(Self::Debit(reward)),
                _ => Err(NEGATIVE),
            };
        }
        match (record.provider.as_str(), reward) {
            // What a reversal says of an amount does not count.
            ("inbrain", _) if kind == "offer_completion_reversed" => {
                Ok(Self::Reversal { offer: offer(record)? })
            }
            ("inbrain", Some(reward)) if kind == "offer_completed" => {
                Ok(Self::Completion { offer: offer(record)?, reward })
            }
            ("inbrain", Some(reward)) if GIVING.contains(&kind) => Ok(Self::Credit(reward)),
            // Whatever the scope: points are points.
            ("claimr", Some(reward)) => Ok(Self::Credit(reward)),
            _ => Ok(Self::None),
        }
    }
}

/// The `RewardId` of an offer's callback.
fn offer(record: &Record) -> Result<String, Unfit> {
    let read = || {
        let payload = Object::parse(record.payload.as_bytes())?;
        payload.required("RewardId")?.identifier(64)
    };
    read().map_err(|_| Unfit("no_reward_id"))
}
