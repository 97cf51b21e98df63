//! The reward webhooks: somebody is to be given something.

use std::collections::HashSet;

use verify::{
    Amount, Effect, Fingerprint, HeldReason, IdempotencyKey, Object, ParsedCallback, Refusal,
    Reward,
};

use crate::formats;
use crate::hook::Role;
use crate::recipient::Recipient;
use crate::terms::{self, RewardType, Terms};

/// What a reward webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewardHook {
    /// Who is rewarded.
    pub role: Role,
    /// `campaignid`.
    pub campaign_id: String,
    /// `growthhack`: `Word_of_Mouth` or `Loyalty_Program`; missing from most bodies.
    pub growth_hack: Option<String>,
    /// `eventname`: what earned the reward; only the friend's reward has it.
    pub event: Option<String>,
    /// `success`: whether the provider calls it a success. A body without it is one, one with a word that is
    /// not known is none.
    pub successful: bool,
    /// Whom the reward is for.
    pub recipient: Recipient,
    /// `rewardid`: the distribution; absent as long as there is none.
    pub reward_id: Option<String>,
    /// `reward_type`.
    pub reward_type: RewardType,
    /// `reward_unit`: what the amounts count, for instance `Coins`; the provider's own word.
    pub unit: Option<String>,
    /// `amount`: zero or more; absent when the reward is not a sum of something.
    pub amount: Option<Amount>,
    /// What it is made up of, no two with one id. For a friend, who is given one thing at a time, that
    /// one. There may be none where there is a distribution; it is held then.
    pub details: Vec<Detail>,
}

/// A part of a reward: what one event earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// `rewarddtlid`: what the provider's API knows it by. Two people may have rewards of one id.
    pub rewarddtlid: String,
    /// Its share of the amount.
    pub amount: Option<Amount>,
}

impl RewardHook {
    /// Reads a body, with its `securekey` or without.
    ///
    /// # Errors
    ///
    /// The first rule that the body breaks.
    pub fn parse(role: Role, body: &Object<'_>) -> Result<Self, Refusal> {
        match role {
            Role::Friend => {
                // Of the referrer, who stands beside the friend, nothing is needed.
                let friend = formats::required(body, "friend")?.object()?;
                let rewarddtlid = formats::required_word(&friend, "rewarddtlid")?;
                let amount = formats::amount(&friend, "amount")?;
                Self::read(role, body, &friend, vec![Detail { rewarddtlid, amount }])
            }
            Role::Referrer | Role::User => {
                let details = read_details(body, distribution(body)?.is_some())?;
                Self::read(role, body, body, details)
            }
        }
    }

    /// Reads what `body` says of the campaign and `rewarded` of the reward.
    fn read(
        role: Role,
        body: &Object<'_>,
        rewarded: &Object<'_>,
        details: Vec<Detail>,
    ) -> Result<Self, Refusal> {
        let terms = Terms::read(rewarded)?;
        let missing = |name| Refusal::missing(rewarded.name_of(name));
        let reward_type = terms.reward_type.ok_or_else(|| missing("reward_type"))?;
        let pays = terms.amount.is_some_and(|amount| !amount.is_zero());
        if pays && terms.unit.is_none() && reward_type == RewardType::InstoreCredits {
            return Err(missing("reward_unit"));
        }
        Ok(Self {
            role,
            campaign_id: formats::required_word(body, "campaignid")?,
            growth_hack: formats::description(body, "growthhack")?,
            event: formats::description(body, "eventname")?,
            successful: formats::successful(body),
            recipient: Recipient::read(rewarded)?,
            reward_id: distribution(rewarded)?,
            reward_type,
            unit: terms.unit,
            amount: terms.amount,
            details,
        })
    }

    /// What the recipient is to be given: an amount above zero of some unit.
    #[must_use]
    pub fn reward(&self) -> Option<Reward> {
        let amount = self.amount.filter(|amount| !amount.is_zero())?;
        Some(Reward { amount, unit: self.unit.clone()? })
    }

    /// Why a person has to look at it before it pays.
    #[must_use]
    pub fn held(&self) -> Option<HeldReason> {
        if !self.successful {
            Some(HeldReason::NotSuccessful)
        } else if matches!(self.reward_type, RewardType::Unknown(_)) {
            Some(HeldReason::UnknownRewardType)
        } else if self.details.is_empty() {
            // There is no id that the provider's API could be asked about.
            Some(HeldReason::NoDetails)
        } else if !self.adds_up() {
            Some(HeldReason::SumMismatch)
        } else {
            None
        }
    }

    /// Whether the details, where they have amounts, sum to the amount, where there is one.
    fn adds_up(&self) -> bool {
        let Some(amount) = self.amount else { return true };
        let mut amounts = self.details.iter().map(|detail| detail.amount);
        if amounts.clone().all(|share| share.is_none()) {
            return true;
        }
        let first = amounts.next().flatten();
        let sum = first.and_then(|first| amounts.try_fold(first, |sum, share| sum.plus(share?)));
        sum == Some(amount)
    }

    /// What the callback means, with the `payload` to keep.
    pub(crate) fn into_parsed(self, payload: String) -> ParsedCallback {
        ParsedCallback {
            kind: self.role.kind(),
            key: self.key(),
            fingerprint: self.fingerprint(),
            effect: Effect::Redeem(self.reward()),
            test: false,
            held: self.held(),
            user: self.recipient.account(),
            payload,
        }
    }

    /// The reward of one recipient in one campaign: a friend's by its one detail, the others by their
    /// distribution or, before there is one, by all of their details.
    fn key(&self) -> IdempotencyKey {
        let key = IdempotencyKey::new("appvirality", self.role.kind()).part(&self.campaign_id);
        let key = self.recipient.identify(key);
        match (self.role, &self.reward_id) {
            (Role::Friend, _) => {
                self.details.iter().fold(key, |key, detail| key.part(&detail.rewarddtlid))
            }
            (_, Some(reward_id)) => key.part("rewardid").part(reward_id),
            (_, None) => {
                // One part for any number of details: a key has to stay short.
                let digest =
                    self.sorted_details().into_iter().fold(Fingerprint::builder(), |of, detail| {
                        of.with("rewarddtlid", &detail.rewarddtlid)
                    });
                key.part("rewarddtlids").part(digest.finish().as_str())
            }
        }
    }

    /// What is given, to whom and for what. Left out is what describes the moment of sending (location,
    /// platform, cap, names) or is filled in once the reward is distributed (`rewardid`, `couponcode`,
    /// dates), and `campaignname`, which is form-encoded in some bodies and plain in others.
    fn fingerprint(&self) -> Fingerprint {
        let agreed = Fingerprint::builder()
            .with("campaignid", &self.campaign_id)
            .optional_field("eventname", self.event.as_deref())
            .with("success", if self.successful { "true" } else { "false" });
        let agreed = self.recipient.agree(agreed);
        let unit = self.unit.as_deref();
        let agreed = terms::agree(agreed, Some(&self.reward_type), self.amount, unit);
        let details = self.sorted_details().into_iter();
        details
            .fold(agreed, |agreed, detail| {
                agreed.with("rewarddtlid", &detail.rewarddtlid).amount("amount", detail.amount)
            })
            .finish()
    }

    fn sorted_details(&self) -> Vec<&Detail> {
        let mut details: Vec<_> = self.details.iter().collect();
        details.sort_unstable_by_key(|detail| &detail.rewarddtlid);
        details
    }
}

/// `rewardid`, where there is a distribution: before it, the provider writes 0 or nothing.
fn distribution(rewarded: &Object<'_>) -> Result<Option<String>, Refusal> {
    Ok(formats::word(rewarded, "rewardid")?.filter(|id| id != "0"))
}

/// `rewarddetails`: what a referrer's or a user's reward is made up of. Only a reward that is
/// `distributed`, and so known without them, may have none.
fn read_details(body: &Object<'_>, distributed: bool) -> Result<Vec<Detail>, Refusal> {
    const NAME: &str = "rewarddetails";
    let mut known = HashSet::new();
    let Some(details) = formats::present(body, NAME)? else {
        return if distributed { Ok(Vec::new()) } else { Err(Refusal::missing(NAME)) };
    };
    let details = details
        .objects()?
        .iter()
        .map(|detail| {
            let rewarddtlid = formats::required_word(detail, "rewarddtlid")?;
            if !known.insert(rewarddtlid.clone()) {
                return Err(Refusal::Repeated { field: detail.name_of("rewarddtlid") });
            }
            Ok(Detail { rewarddtlid, amount: formats::amount(detail, "amount")? })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if details.is_empty() && !distributed {
        return Err(Refusal::malformed(NAME, "an array of at least one JSON object"));
    }
    Ok(details)
}

#[cfg(test)]
mod tests;
