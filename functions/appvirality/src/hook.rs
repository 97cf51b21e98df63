//! The five webhooks.

/// Which webhook it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Somebody converted. Sent before the provider's fraud check, so that it never pays.
    Conversion(Program),
    /// Somebody is to be rewarded.
    Reward(Role),
}

/// The two kinds of campaign; the provider calls them growth hacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `Word_of_Mouth`: a referrer brings a friend.
    Referral,
    /// `Loyalty_Program`: a user comes back.
    Loyalty,
}

/// Who is rewarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The friend in a referral program.
    Friend,
    /// The referrer in a referral program.
    Referrer,
    /// The user in a loyalty program.
    User,
}

impl Hook {
    /// The `kind` of its callbacks, which is also the class of their keys.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Conversion(Program::Referral) => "referral_conversion",
            Self::Conversion(Program::Loyalty) => "loyalty_conversion",
            Self::Reward(role) => role.kind(),
        }
    }
}

impl Role {
    /// The `kind` of its reward callbacks.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Friend => "referral_friend_reward",
            Self::Referrer => "referral_referrer_reward",
            Self::User => "loyalty_user_reward",
        }
    }

    /// Who is rewarded by a callback of this `kind`; `None` for one that is no reward.
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        [Self::Friend, Self::Referrer, Self::User].into_iter().find(|role| role.kind() == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rewards_have_a_role() {
        for (kind, role) in [
            ("referral_friend_reward", Some(Role::Friend)),
            ("referral_referrer_reward", Some(Role::Referrer)),
            ("loyalty_user_reward", Some(Role::User)),
            ("referral_conversion", None),
            ("loyalty_conversion", None),
            ("", None),
        ] {
            assert_eq!(Role::of_kind(kind), role, "{kind}");
        }
    }
}
