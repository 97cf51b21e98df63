//! What a callback does: decided once, by its provider's reading, and kept on its record.
//!
//! | effect | text | amount | named thing | who settles it |
//! | --- | --- | --- | --- | --- |
//! | [`Effect::Nothing`] | `nothing` | none | none | `none` |
//! | [`Effect::Credit`] | `credit` | always | none | `ledger` |
//! | [`Effect::Complete`] | `complete` | always | always | `ledger` |
//! | [`Effect::Reverse`] | `reverse` | none | always | `ledger` |
//! | [`Effect::Redeem`] | `redeem` | maybe | none | `PROVIDER-redemption` |
//! | [`Effect::Deliver`] | `deliver` | none | none | `PROVIDER-delivery` |

use std::borrow::Cow;

use crate::amount::Amount;

/// What a callback does, once it is neither held nor a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It is recorded, and settled by nobody.
    Nothing,
    /// Its user is given the reward; one below zero takes from them, if a person accepts it.
    Credit(Reward),
    /// Its user is given the reward, until it is reversed.
    Complete {
        /// The id that the completion shares with its reversal, unique per user and provider.
        of: String,
        /// What is given.
        reward: Reward,
    },
    /// Takes back what the completion gave.
    Reverse {
        /// The id that the reversal shares with its completion.
        of: String,
    },
    /// The provider is asked whether the reward stands, the user is given it, and the provider is told
    /// so. None for what is not an amount, a coupon for instance.
    Redeem(Option<Reward>),
    /// The provider is told what happened.
    Deliver,
}

/// An amount of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reward {
    /// The amount, exactly as received.
    pub amount: Amount,
    /// The provider's own word, for instance `Coins` or `xp`.
    pub unit: String,
}

impl Effect {
    /// A credit of `reward`, where there is one.
    #[must_use]
    pub fn credit(reward: Option<Reward>) -> Self {
        reward.map_or(Self::Nothing, Self::Credit)
    }

    /// Reads the parts that [`as_str`](Self::as_str), [`of`](Self::of) and [`reward`](Self::reward) gave;
    /// `None` where they are not those of an effect.
    #[must_use]
    pub fn from_parts(name: &str, of: &str, reward: Option<Reward>) -> Option<Self> {
        let named = || Some(of.to_owned()).filter(|of| !of.is_empty());
        match name {
            "nothing" => Some(Self::Nothing),
            "credit" => reward.map(Self::Credit),
            "complete" => Some(Self::Complete { of: named()?, reward: reward? }),
            "reverse" => Some(Self::Reverse { of: named()? }),
            "redeem" => Some(Self::Redeem(reward)),
            "deliver" => Some(Self::Deliver),
            _ => None,
        }
    }

    /// The effect as one word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Credit(_) => "credit",
            Self::Complete { .. } => "complete",
            Self::Reverse { .. } => "reverse",
            Self::Redeem(_) => "redeem",
            Self::Deliver => "deliver",
        }
    }

    /// The id of what it completes or reverses; empty for any other.
    #[must_use]
    pub fn of(&self) -> &str {
        match self {
            Self::Complete { of, .. } | Self::Reverse { of } => of,
            Self::Nothing | Self::Credit(_) | Self::Redeem(_) | Self::Deliver => "",
        }
    }

    /// What the user is given, where it is an amount.
    #[must_use]
    pub const fn reward(&self) -> Option<&Reward> {
        match self {
            Self::Credit(reward) | Self::Complete { reward, .. } => Some(reward),
            Self::Redeem(reward) => reward.as_ref(),
            Self::Nothing | Self::Reverse { .. } | Self::Deliver => None,
        }
    }

    /// The settling function that makes the effect of a callback of `provider`, by its folder's name;
    /// `none` where there is nothing to settle.
    #[must_use]
    pub fn settler(&self, provider: &str) -> Cow<'static, str> {
        match self {
            Self::Nothing => Cow::Borrowed("none"),
            Self::Credit(_) | Self::Complete { .. } | Self::Reverse { .. } => {
                Cow::Borrowed("ledger")
            }
            Self::Redeem(_) => Cow::Owned(format!("{provider}-redemption")),
            Self::Deliver => Cow::Owned(format!("{provider}-delivery")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reward() -> Reward {
        Reward { amount: Amount::parse("1.5").expect("an amount"), unit: "xp".to_owned() }
    }

    #[test]
    fn every_effect_is_read_as_it_was_written() {
        let of = || "o-1".to_owned();
        for (effect, name, settler) in [
            (Effect::Nothing, "nothing", "none"),
            (Effect::Credit(reward()), "credit", "ledger"),
            (Effect::Complete { of: of(), reward: reward() }, "complete", "ledger"),
            (Effect::Reverse { of: of() }, "reverse", "ledger"),
            (Effect::Redeem(Some(reward())), "redeem", "p-redemption"),
            (Effect::Redeem(None), "redeem", "p-redemption"),
            (Effect::Deliver, "deliver", "p-delivery"),
        ] {
            assert_eq!((effect.as_str(), &*effect.settler("p")), (name, settler));
            let read = Effect::from_parts(name, effect.of(), effect.reward().cloned());
            assert_eq!(read, Some(effect));
        }
    }

    #[test]
    fn what_lacks_a_part_is_no_effect() {
        for (name, of, reward) in [
            ("credit", "", None),
            ("complete", "", Some(reward())),
            ("complete", "o-1", None),
            ("reverse", "", Some(reward())),
            ("", "", None),
            ("Credit", "", Some(reward())),
            ("unknown", "o-1", Some(reward())),
        ] {
            assert_eq!(Effect::from_parts(name, of, reward), None, "{name}");
        }
    }
}
