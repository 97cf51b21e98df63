//! Why a genuine callback waits for a person.

crate::texts! {
    /// Why a person has to look at a callback before it has its effect, as a provider's reading decides it.
    pub enum HeldReason {
        /// It takes something back, and nothing says that the provider does so.
        NegativeReward = "negative_reward",
        /// It has no part that the provider could be asked about.
        NoDetails = "no_details",
        /// It says itself that it was not successful.
        NotSuccessful = "not_successful",
        /// Its reward is above the largest one that is paid without a look at it.
        OverCap = "over_cap",
        /// The parts of its reward do not add up to the whole.
        SumMismatch = "sum_mismatch",
        /// Its reward is of a type that the provider does not document.
        UnknownRewardType = "unknown_reward_type",
    }
}
