//! What a reason means. One without an explanation does not compile.

use std::borrow::Cow;

use tables::callbacks::{Reason, Stored};
use verify::HeldReason;

/// What a reason on a record or a dead letter means.
#[must_use]
pub fn reason(reason: &Stored<Reason>) -> Cow<'static, str> {
    match reason {
        Stored::Known(reason) => Cow::Borrowed(meaning(*reason)),
        Stored::Unknown(text) => Cow::Owned(format!(
            "This version does not know the reason {text}: a newer one wrote it, or AWS did."
        )),
    }
}

const fn meaning(reason: Reason) -> &'static str {
    use {HeldReason as H, Reason as R};
    match reason {
        R::Held(H::NegativeReward) => "Its points are below zero; accepted, they are debited.",
        R::Held(H::OverCap) => "The reward is above the parameter InbrainMaxReward.",
        R::Held(H::SumMismatch) => "The parts of the reward do not add up to its amount.",
        R::Held(H::UnknownRewardType) => {
            "The reward is of a type that the provider does not document."
        }
        R::Held(H::NotSuccessful) => "The provider says itself that it was not successful.",
        R::UpstreamFailed => "The third party answered with an error of its own.",
        R::UpstreamThrottled => "The third party asks to be called less often.",
        R::UpstreamTimedOut => "The third party did not answer in time.",
        R::UpstreamUnreachable => "The third party could not be reached.",
        R::UpstreamRefused => "Its answer was a 4xx that trying again does not change.",
        R::UpstreamDeclined => {
            "Its answer was a 2xx, with a body that says that it did not take the delivery."
        }
        R::UpstreamReplyTooLong => {
            "Its answer was longer than can be read, so that nobody knows whether it was taken."
        }
        R::Leased => "Another attempt is being made, or was broken off within the last minute.",
        R::UpstreamDown => {
            "The third party failed several times in a row; it is left alone, and what waits for it is sent when it takes records again."
        }
        R::LastAttempt => "Its message was received for the last time.",
        R::NoEffectKnown => {
            "It names no effect that the ledger function knows: it was recorded by an older or a newer version."
        }
        R::NoSettler => {
            "The settler that it names has no queue in the template: nobody settles it."
        }
        R::KeyChanged => "The API key was refused, and there is a newer one by now.",
        R::CredentialsUnreachable => "The secret with the API's key could not be read.",
        R::CredentialsUnusable => {
            "The secret with the API's key is not filled in, or is not of its form."
        }
        R::CredentialsPastedWrongly => {
            "A credential of the API has white space or something invisible at one of its ends."
        }
        R::Undeliverable => "No message for the third party can be made of it.",
        R::Unreadable => "What it says cannot be read as what its kind should be.",
        R::LedgerImpossible => {
            "The ledger cannot hold it: too many digits, or a text that is too long."
        }
        R::CompletedByAnother => {
            "Another callback has completed the offer; nothing was booked for this one."
        }
        R::NoCompletion => "It reverses an offer that is not completed yet.",
        R::StillUnderReview => "AppVirality still reviews the reward.",
        R::NoRewardData => "AppVirality has no data about the reward yet.",
        R::NoSuchReward => "AppVirality does not know the reward's id.",
        R::UnknownRewardStatus => "AppVirality says a status that its documentation does not have.",
        R::AmountMismatch => "AppVirality's API says another amount than its hook.",
        R::UnitMismatch => "AppVirality's API says another unit than its hook.",
        R::RedeemedElsewhere => "AppVirality calls it redeemed, and it was not done here.",
        R::ClaimedByAnother => {
            "Somebody else was paid for this rewarddtlid in this role; one of the two hooks is wrong, or forged."
        }
        R::ClaimedOtherwise => {
            "This rewarddtlid was claimed as a coupon and now as a credit, or the other way round."
        }
        R::Held(H::NoDetails) => {
            "It has no rewarddetails, so that AppVirality cannot be asked about it."
        }
        R::RejectedAfterCredit => "AppVirality rejected it after it was credited here.",
        R::RequestImpossible => "No request to the API can be made of it.",
        R::OutOfTime => "There was no time left for all parts of it; the next attempt goes on.",
        R::Misrouted => "It came into the queue of another provider's function.",
        R::BuriedByQueue => {
            "Its queue moved its message to the dead letters, after the last attempt that it allows; what the last answer was stands under last status and reply."
        }
        R::NoRecord => "Its record is not in the table any more.",
        R::StoreTimedOut
        | R::StoreUnreachable
        | R::StoreFailed
        | R::StoreThrottled
        | R::StoreContended
        | R::StoreRefused => "DynamoDB did not do what it was asked.",
        R::CheckUnreadable => {
            "What AppVirality answered about it is not of the documented form, or is about another reward."
        }
        R::CheckUnsuccessful => "AppVirality says that it could not answer about it.",
        R::RedeemUnreadable => {
            "What AppVirality answered to its redemption is not of the documented form, so that nobody knows whether it took it."
        }
        R::RedeemUnsuccessful => "AppVirality says that it did not take its redemption.",
        R::TooSlow => "The attempt was not done in the 25 seconds that a batch has.",
    }
}
