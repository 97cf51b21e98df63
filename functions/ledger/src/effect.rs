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
    /// Nothing here: AppVirality's rewards are credited when they are redeemed.
    Elsewhere,
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

/// An amount of which nobody here knows what it does: of a provider or a kind that was added without its
/// effect.
const UNKNOWN: Unfit = Unfit("no_effect_known");

impl<'a> Effect<'a> {
    /// Reads it in `record`. Tests and what waits for a person have none, nor has what is without an
    /// amount, but for a reversal.
    pub(crate) fn of(record: &'a Record) -> Result<Self, Unfit> {
        let (provider, kind) = (record.provider.as_str(), record.kind.as_str());
        if provider == "appvirality" {
            return Ok(Self::Elsewhere);
        }
        if record.test || record.held {
            return Ok(Self::None);
        }
        // What a reversal says of an amount does not count.
        if provider == "inbrain" && kind == "offer_completion_reversed" {
            return Ok(Self::Reversal { offer: offer(record)? });
        }
        let reward = record.reward.as_ref().filter(|reward| !reward.amount.is_zero());
        let Some(reward) = reward else { return Ok(Self::None) };
        match provider {
            "inbrain" if kind == "offer_clicked" => Ok(Self::None),
            "inbrain" if kind != "offer_completed" && !GIVING.contains(&kind) => Err(UNKNOWN),
            "inbrain" if reward.amount.is_negative() => Err(NEGATIVE),
            "inbrain" if kind == "offer_completed" => {
                Ok(Self::Completion { offer: offer(record)?, reward })
            }
            // Its receiver gives a reward to what pays, and to nothing else.
            "claimr" if reward.amount.is_negative() => Ok(Self::Debit(reward)),
            "inbrain" | "claimr" => Ok(Self::Credit(reward)),
            _ => Err(UNKNOWN),
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
