//! What a record does to its user's balance.

use settlement::Record;
use tables::callbacks::Reason;
use verify::{Effect as Said, HeldReason, Reward};

/// What a record does to its user's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect<'a> {
    /// It books nothing.
    None,
    /// It gives this, or takes it where the amount is below zero.
    Entry(&'a Reward),
    /// It gives this, until the offer is reversed.
    Completion {
        /// The id that it shares with its reversal.
        offer: &'a str,
        /// What it gives.
        reward: &'a Reward,
    },
    /// It takes back what the offer's completion gave.
    Reversal {
        /// The id that it shares with the completion.
        offer: &'a str,
    },
}

/// A record that cannot be what it says, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) Reason);

/// A reward below zero that nobody has accepted.
const NEGATIVE: Unfit = Unfit(Reason::Held(HeldReason::NegativeReward));

/// An effect that is not known here, or lacks a part: of a record older or newer than this function.
const UNKNOWN: Unfit = Unfit(Reason::NoEffectKnown);

/// An effect that another function is to make, and none does.
const NO_SETTLER: Unfit = Unfit(Reason::NoSettler);

impl<'a> Effect<'a> {
    /// Reads it in `record`, which a person has accepted or not. Tests and what waits for a person have none.
    pub(crate) fn of(record: &'a Record, is_accepted: bool) -> Result<Self, Unfit> {
        if record.test || record.held {
            return Ok(Self::None);
        }
        match record.effect.as_ref().ok_or(UNKNOWN)? {
            Said::Nothing => Ok(Self::None),
            // Of a settler that has no queue, or it would not come here.
            Said::Redeem(_) | Said::Deliver => Err(NO_SETTLER),
            Said::Reverse { of } => Ok(Self::Reversal { offer: of }),
            Said::Credit(reward) | Said::Complete { reward, .. } if reward.amount.is_zero() => {
                Ok(Self::None)
            }
            // The receivers hold it, so that it does not come here by itself.
            Said::Credit(reward) if reward.amount.is_negative() && !is_accepted => Err(NEGATIVE),
            Said::Credit(reward) => Ok(Self::Entry(reward)),
            Said::Complete { reward, .. } if reward.amount.is_negative() => Err(NEGATIVE),
            Said::Complete { of, reward } => Ok(Self::Completion { offer: of, reward }),
        }
    }
}
