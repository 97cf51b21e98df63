//! What a reward is.

use verify::identity::FingerprintBuilder;
use verify::{Amount, Object, Refusal};

use crate::formats;

/// How a reward is given: `reward_type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RewardType {
    /// `InstoreCredits`: the app credits it.
    InstoreCredits,
    /// `Coupon`: the provider hands it out, as a rule.
    Coupon,
    /// `Other`: whatever `reward_description` says.
    Other,
    /// A word that the provider's page does not have.
    Unknown(String),
}

impl RewardType {
    fn read(word: String) -> Self {
        match word.as_str() {
            "InstoreCredits" => Self::InstoreCredits,
            "Coupon" => Self::Coupon,
            "Other" => Self::Other,
            _ => Self::Unknown(word),
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InstoreCredits => "InstoreCredits",
            Self::Coupon => "Coupon",
            Self::Other => "Other",
            Self::Unknown(word) => word,
        }
    }
}

/// What a reward is, and when it came about.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) reward_type: Option<RewardType>,
    /// `amount`: absent when the reward is not a sum of something.
    pub(crate) amount: Option<Amount>,
    /// `reward_unit`: what the amount counts, for instance `Coins`.
    pub(crate) unit: Option<String>,
    /// `rewarded_date`, as it is written.
    pub(crate) rewarded_date: Option<String>,
}

impl Terms {
    /// Reads the reward that `object` describes, among other things.
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Refusal> {
        // When it expires, and whether somebody has reached the cap, is worth knowing, and stays in the
        // payload. The provider applies both, not we.
        Ok(Self {
            reward_type: formats::word(object, "reward_type")?.map(RewardType::read),
            amount: formats::amount(object, "amount")?,
            unit: formats::word(object, "reward_unit")?,
            rewarded_date: formats::description(object, "rewarded_date")?,
        })
    }
}

/// `fingerprint` with what a reward is.
pub(crate) fn agree(
    fingerprint: FingerprintBuilder,
    reward_type: Option<&RewardType>,
    amount: Option<Amount>,
    unit: Option<&str>,
) -> FingerprintBuilder {
    fingerprint
        .optional_field("reward_type", reward_type.map(RewardType::as_str))
        .amount("amount", amount)
        .optional_field("reward_unit", unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_of_their_forms() {
        let refused = |json: &str| Terms::read(&Object::parse(json.as_bytes()).expect(json)).err();
        for (json, field) in [
            (r"{}", None),
            (r#"{"reachedmaxlimit":"TRUE","expires":"31-Aug-2016","amount":null}"#, None),
            (r#"{"reachedmaxlimit":true,"expires":""}"#, None),
            (r#"{"reachedmaxlimit":"maybe","expires":"never","rewarded_date":[]}"#, None),
            (r#"{"amount":"-1"}"#, Some("amount")),
            (r#"{"reward_unit":["Coins"]}"#, Some("reward_unit")),
            (r#"{"reward_type":{}}"#, Some("reward_type")),
        ] {
            assert_eq!(refused(json).as_ref().and_then(Refusal::field), field, "{json}");
        }
    }

    #[test]
    fn types_keep_their_words() {
        for word in ["InstoreCredits", "Coupon", "Other", "coupon", "Cash"] {
            assert_eq!(RewardType::read(word.to_owned()).as_str(), word);
        }
        assert_eq!(RewardType::read("Coupon".to_owned()), RewardType::Coupon);
        assert_eq!(RewardType::read("coupon".to_owned()), RewardType::Unknown("coupon".to_owned()));
    }
}
