//! What is to be done about a detail of a reward, after what AppVirality says of it.
//!
//! | `reward_status` | what is done |
//! | --- | --- |
//! | `Approved` | it is credited, and AppVirality is told that it is redeemed |
//! | `Approved`, a coupon | nothing: AppVirality hands it out; told only where users choose how they get theirs, see [`Coupons`] |
//! | `Rewarded`, after this function credited it | nothing: AppVirality was told, though no reply came |
//! | `Rewarded`, a coupon | nothing: AppVirality has handed it out |
//! | `Rewarded`, anything else | it is credited only where the claims explain it, see [`Decision::PayIfExplained`] |
//! | `UnderReview`, `Suspicious` | it waits |
//! | `Rejected` | it is closed |
//! | any other word; none, because there is no data or no such id | it waits |
//!
//! Nothing is credited unless amount and unit are the hook's; a coupon never is.

use appvirality::{RewardHook, RewardType};
use percent_encoding::percent_decode_str;
use settings::{ConfigError, Settings};
use tables::callbacks::Reason;
use verify::Amount;

use crate::reply::{RewardStatus, Status};

/// What is to be done about a detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is credited, where there is something to credit, and AppVirality is told.
    PayAndRedeem(Option<Amount>),
    /// AppVirality was told before. By this function, and it is credited; by this function for somebody
    /// else whose reward has the same id, and it is credited; or by others, and it is not.
    PayIfExplained(Option<Amount>),
    /// It is a coupon, which AppVirality hands out: nothing is credited, and AppVirality need not be told.
    HandOut,
    /// Nothing more is to be done.
    Redeemed,
    /// It will not be paid.
    Rejected,
    /// It will be asked again.
    Wait(Wait),
    /// A person has to look at it.
    Refuse(Reason),
}

/// Who sees to it that coupons reach their users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coupons {
    /// AppVirality, as its API's page says: "shall take care of reward distribution".
    HandedOut,
    /// The app: the campaign's distribution method is "user will choose", and AppVirality wants to be told
    /// which ones are redeemed.
    Redeemed,
}

impl Coupons {
    /// Takes the setting `REDEEM_COUPONS`: `true`, `false` or, where it is absent, `false`.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "REDEEM_COUPONS";
        let coupons = settings.parsed(VARIABLE, "true or false", |text| match text {
            "false" => Some(Self::HandedOut),
            "true" => Some(Self::Redeemed),
            _ => None,
        })?;
        Ok(coupons.unwrap_or(Self::HandedOut))
    }
}

/// What a detail waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For the provider's review.
    Review,
    /// For the provider's data: the hook may come before them.
    Data,
    /// For the provider to know the id: the hook may come before it.
    Id,
    /// For a status that is known here.
    KnownStatus,
}

impl Wait {
    /// Why there has to be another attempt, and why it is a dead letter once the time is up.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Review => Reason::StillUnderReview,
            Self::Data => Reason::NoRewardData,
            Self::Id => Reason::NoSuchReward,
            Self::KnownStatus => Reason::UnknownRewardStatus,
        }
    }
}

/// What a detail is worth, by its hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailAmount {
    /// So much; nothing where it is no sum of something, or zero.
    Sum(Option<Amount>),
    /// The hook gives only the sum of its details, and not all of them are known yet.
    Unknown,
    /// The hook contradicts itself, or the sum of its details is not what AppVirality says.
    Contradicted,
}

impl DetailAmount {
    fn of(amount: Option<Amount>) -> Self {
        Self::Sum(amount.filter(|amount| !amount.is_zero()))
    }
}

/// Whether what a detail of `hook` is worth depends on what AppVirality says of all of them.
#[must_use]
pub fn needs_all(hook: &RewardHook) -> bool {
    let nothing_said = vec![None; hook.details.len()];
    worths(hook, &nothing_said).contains(&DetailAmount::Unknown)
}

/// What each detail of `hook` is worth; `said` is what AppVirality says of each of them, where it did.
#[must_use]
pub fn worths(hook: &RewardHook, said: &[Option<&RewardStatus>]) -> Vec<DetailAmount> {
    let all = |worth| vec![worth; hook.details.len()];
    let shares: Option<Vec<_>> = hook.details.iter().map(|detail| detail.amount).collect();
    let some_shares = hook.details.iter().any(|detail| detail.amount.is_some());
    let worths =
        |shares: Vec<Amount>| shares.into_iter().map(|share| DetailAmount::of(Some(share)));
    match (hook.amount.filter(|amount| !amount.is_zero()), shares) {
        (Some(amount), Some(shares)) if total(&shares) == Some(amount) => worths(shares).collect(),
        (None, Some(shares)) if shares.iter().all(|share| share.is_zero()) => {
            all(DetailAmount::of(None))
        }
        _ if some_shares => all(DetailAmount::Contradicted),
        (None, _) => all(DetailAmount::of(None)),
        (Some(amount), _) if hook.details.len() == 1 => all(DetailAmount::of(Some(amount))),
        (Some(amount), _) => match said_shares(said) {
            None => all(DetailAmount::Unknown),
            Some(shares) if total(&shares) == Some(amount) => worths(shares).collect(),
            Some(_) => all(DetailAmount::Contradicted),
        },
    }
}

/// What AppVirality says that the details are worth, where it says so of all of them.
fn said_shares(said: &[Option<&RewardStatus>]) -> Option<Vec<Amount>> {
    said.iter().map(|said| said.and_then(|said| said.amount)).collect()
}

fn total(amounts: &[Amount]) -> Option<Amount> {
    let (first, rest) = amounts.split_first()?;
    rest.iter().try_fold(*first, |sum, amount| sum.plus(*amount))
}

/// What is to be done about a detail of `hook` that is `worth` so much; `credited` says that this
/// function noted that it is credited.
#[must_use]
pub fn decide(
    hook: &RewardHook,
    worth: DetailAmount,
    said: &RewardStatus,
    credited: bool,
    coupons: Coupons,
) -> Decision {
    match said.status {
        Status::Rewarded if credited => Decision::Redeemed,
        Status::Approved | Status::Rewarded => match agreed(hook, worth, said) {
            Err(decision) => decision,
            Ok(_) if hook.reward_type == RewardType::Coupon => coupon(said.status, coupons),
            Ok(amount) if said.status == Status::Approved => Decision::PayAndRedeem(amount),
            Ok(amount) => Decision::PayIfExplained(amount),
        },
        Status::Rejected if credited => Decision::Refuse(Reason::RejectedAfterCredit),
        Status::Rejected => Decision::Rejected,
        Status::UnderReview => Decision::Wait(Wait::Review),
        Status::NoData => Decision::Wait(Wait::Data),
        Status::NoSuchReward => Decision::Wait(Wait::Id),
        Status::Unknown => Decision::Wait(Wait::KnownStatus),
    }
}

fn coupon(status: Status, coupons: Coupons) -> Decision {
    match (status, coupons) {
        (Status::Approved, Coupons::Redeemed) => Decision::PayAndRedeem(None),
        _ => Decision::HandOut,
    }
}

/// The amount on which the hook and AppVirality agree, where there is one of some unit.
fn agreed(
    hook: &RewardHook,
    worth: DetailAmount,
    said: &RewardStatus,
) -> Result<Option<Amount>, Decision> {
    let amount = match worth {
        DetailAmount::Sum(amount) => amount,
        DetailAmount::Unknown => return Err(Decision::Wait(Wait::Data)),
        DetailAmount::Contradicted => return Err(Decision::Refuse(Reason::AmountMismatch)),
    };
    if DetailAmount::of(said.amount) != worth {
        return Err(Decision::Refuse(Reason::AmountMismatch));
    }
    if amount.is_some() && !same_unit(hook.unit.as_deref(), said.unit.as_deref()) {
        return Err(Decision::Refuse(Reason::UnitMismatch));
    }
    Ok(amount.filter(|_| hook.unit.is_some()))
}

/// Whether two units are the same. The API writes them as a form does, `%24` for `$`; the hooks do not.
fn same_unit(hook: Option<&str>, said: Option<&str>) -> bool {
    let (Some(hook), Some(said)) = (hook, said) else { return hook == said };
    let decoded = |unit: &str| percent_decode_str(unit).collect::<Vec<u8>>();
    let form = |unit: &str| decoded(&unit.replace('+', " "));
    hook == said || decoded(hook) == decoded(said) || form(hook) == form(said)
}

#[cfg(test)]
mod tests;
