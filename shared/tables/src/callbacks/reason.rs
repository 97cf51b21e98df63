//! Why a record is in its state, or a message among the dead letters.

use verify::HeldReason;

verify::texts! {
    /// Why a record is in its state, or why a message was given up: the attribute `reason` of both.
    pub enum Reason {
        /// AppVirality says another amount than its hook.
        AmountMismatch = "amount_mismatch",
        /// SQS moved the message to the dead letters, after the last attempt that its queue allows.
        BuriedByQueue = "buried_by_queue",
        /// AppVirality's answer to a check is not of the documented form, or is about another reward.
        CheckUnreadable = "check_unreadable",
        /// AppVirality says that a check did not succeed.
        CheckUnsuccessful = "check_unsuccessful",
        /// The reward was claimed for another person in the same role.
        ClaimedByAnother = "claimed_by_another",
        /// The reward was claimed for the same person as a coupon, and now as a credit; or the other way
        /// round.
        ClaimedOtherwise = "claimed_otherwise",
        /// Another callback has completed the offer.
        CompletedByAnother = "completed_by_another",
        /// A credential of an API has something at an end that does not belong to it.
        CredentialsPastedWrongly = "credentials_pasted_wrongly",
        /// The secret with an API's credentials could not be read.
        CredentialsUnreachable = "credentials_unreachable",
        /// The secret does not have the API's credentials.
        CredentialsUnusable = "credentials_unusable",
        /// The API key was refused, and there is a newer one by now.
        KeyChanged = "key_changed",
        /// The message was received for the last time.
        LastAttempt = "last_attempt",
        /// Another attempt is being made, or was broken off a moment ago.
        Leased = "leased",
        /// The ledger cannot hold it.
        LedgerImpossible = "ledger_impossible",
        /// It is in the queue of another provider's function.
        Misrouted = "misrouted",
        /// It reverses an offer that is not completed yet.
        NoCompletion = "no_completion",
        /// Its effect is not known to the version that was to make it.
        NoEffectKnown = "no_effect_known",
        /// Its record is not in the table (any more).
        NoRecord = "no_record",
        /// AppVirality has no data about the reward yet.
        NoRewardData = "no_reward_data",
        /// Nothing settles what it names as its settler.
        NoSettler = "no_settler",
        /// AppVirality does not know the reward's id.
        NoSuchReward = "no_such_reward",
        /// There was no time left for all parts of it.
        OutOfTime = "out_of_time",
        /// AppVirality's answer to a redemption is not of the documented form.
        RedeemUnreadable = "redeem_unreadable",
        /// AppVirality says that a redemption did not succeed.
        RedeemUnsuccessful = "redeem_unsuccessful",
        /// AppVirality calls it redeemed, and it was not done here.
        RedeemedElsewhere = "redeemed_elsewhere",
        /// AppVirality rejected it after it was credited here.
        RejectedAfterCredit = "rejected_after_credit",
        /// No request to the API can be made of it.
        RequestImpossible = "request_impossible",
        /// AppVirality still reviews the reward.
        StillUnderReview = "still_under_review",
        /// Others wrote the same items at the same time.
        StoreContended = "store_contended",
        /// DynamoDB failed, or answered what cannot be understood.
        StoreFailed = "store_failed",
        /// DynamoDB refused.
        StoreRefused = "store_refused",
        /// DynamoDB had too much to do.
        StoreThrottled = "store_throttled",
        /// DynamoDB did not answer in time.
        StoreTimedOut = "store_timed_out",
        /// DynamoDB could not be reached.
        StoreUnreachable = "store_unreachable",
        /// The attempt was not done in the time that a batch has.
        TooSlow = "too_slow",
        /// No message for the third party can be made of it.
        Undeliverable = "undeliverable",
        /// AppVirality says another unit than its hook.
        UnitMismatch = "unit_mismatch",
        /// AppVirality says a status that its documentation does not have.
        UnknownRewardStatus = "unknown_reward_status",
        /// It cannot be read as what it should be.
        Unreadable = "unreadable",
        /// The third party's answer was a 2xx with a body that says that it took nothing.
        UpstreamDeclined = "upstream_declined",
        /// The third party failed several times in a row, and is left alone for a while.
        UpstreamDown = "upstream_down",
        /// The third party answered with an error of its own.
        UpstreamFailed = "upstream_failed",
        /// The third party refused it for good.
        UpstreamRefused = "upstream_refused",
        /// The third party's answer was longer than is read, so that nobody knows whether it was taken.
        UpstreamReplyTooLong = "upstream_reply_too_long",
        /// The third party asks to be called less often.
        UpstreamThrottled = "upstream_throttled",
        /// The third party did not answer in time.
        UpstreamTimedOut = "upstream_timed_out",
        /// The third party could not be reached.
        UpstreamUnreachable = "upstream_unreachable",
        ..Held(HeldReason),
    }
}

impl From<HeldReason> for Reason {
    fn from(held: HeldReason) -> Self {
        Self::Held(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What records and dead letters of deployed versions say, and the docs name. Not to be changed: what was
    /// written once is still there.
    const STORED: [&str; 53] = [
        "amount_mismatch",
        "buried_by_queue",
        "check_unreadable",
        "check_unsuccessful",
        "claimed_by_another",
        "claimed_otherwise",
        "completed_by_another",
        "credentials_pasted_wrongly",
        "credentials_unreachable",
        "credentials_unusable",
        "key_changed",
        "last_attempt",
        "leased",
        "ledger_impossible",
        "misrouted",
        "no_completion",
        "no_effect_known",
        "no_record",
        "no_reward_data",
        "no_settler",
        "no_such_reward",
        "out_of_time",
        "redeem_unreadable",
        "redeem_unsuccessful",
        "redeemed_elsewhere",
        "rejected_after_credit",
        "request_impossible",
        "still_under_review",
        "store_contended",
        "store_failed",
        "store_refused",
        "store_throttled",
        "store_timed_out",
        "store_unreachable",
        "too_slow",
        "undeliverable",
        "unit_mismatch",
        "unknown_reward_status",
        "unreadable",
        "upstream_declined",
        "upstream_down",
        "upstream_failed",
        "upstream_refused",
        "upstream_reply_too_long",
        "upstream_throttled",
        "upstream_timed_out",
        "upstream_unreachable",
        "negative_reward",
        "no_details",
        "not_successful",
        "over_cap",
        "sum_mismatch",
        "unknown_reward_type",
    ];

    #[test]
    fn every_reason_is_read_as_it_was_written() {
        assert!(Reason::all().map(Reason::as_str).eq(STORED));
        // Two of one text would be read as the first.
        for reason in Reason::all() {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
