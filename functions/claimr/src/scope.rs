//! The four hooks by their scopes, and which of them pay.

/// What a message is about. The provider sends one to each hook that is set up for it, so that one
/// finished task may be told as an activity, as a reward and as a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The user did something in a campaign.
    UserActivity,
    /// The user logged in.
    UserLogin,
    /// The user claimed a reward.
    UserReward,
    /// Somebody came by a referral.
    Referral,
}

impl Scope {
    /// All of them.
    const ALL: [Self; 4] = [Self::UserActivity, Self::UserLogin, Self::UserReward, Self::Referral];

    /// The scope that is written so.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == text)
    }

    /// As it is written.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::UserActivity => "user_activity",
            Self::UserLogin => "user_login",
            Self::UserReward => "user_reward",
            Self::Referral => "referral",
        }
    }
}

/// The scopes whose points are a reward. In any other, a message is a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayingScopes(Vec<Scope>);

impl PayingScopes {
    /// Reads a list with commas, and blanks around them if you like; `None` where one is unknown.
    pub(crate) fn parse(list: &str) -> Option<Self> {
        list.split(',').map(|scope| Scope::read(scope.trim())).collect::<Option<_>>().map(Self)
    }

    /// Whether points told under `scope` are a reward.
    pub(crate) fn contain(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl Default for PayingScopes {
    fn default() -> Self {
        Self(vec![Scope::UserActivity])
    }
}
