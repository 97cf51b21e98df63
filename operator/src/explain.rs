//! What a state and a reason mean, and what to do next.

use crate::record::Row;

/// What something means, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explained {
    /// What it means.
    pub means: String,
    /// What to do next; empty where there is nothing to do.
    pub next: String,
}

impl Explained {
    /// Both.
    pub fn new(means: impl Into<String>, next: impl Into<String>) -> Self {
        Self { means: means.into(), next: next.into() }
    }
}

/// Where the message of a record is, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// In its queue, or on its way there.
    OnItsWay,
    /// In the dead-letter queue, for this reason.
    Dead(&'a str),
    /// Nowhere: there was no attempt for longer than any pause between two.
    Gone,
}

/// What the state means that the record in `row` is in, and what to do. `settled_by` are the queues that
/// its event goes to.
#[must_use]
pub fn record(row: &Row, settled_by: &[&str], message: Message<'_>) -> Explained {
    let because = row.reason.as_deref().map(reason).unwrap_or_default();
    let with = |means: &str| format!("{means} {because}").trim_end().to_owned();
    match (row.state.as_str(), message) {
        ("retrying" | "waiting" | "recorded", Message::Dead(letter)) => Explained::new(
            with(&format!(
                "Nothing will try it again by itself: its message is in the dead-letter queue ({letter})."
            )),
            "Mend the cause, then: operator redrive QUEUE",
        ),
        ("retrying" | "waiting", Message::Gone) => Explained::new(
            with(
                "Nothing will try it again by itself: there was no attempt for longer than any pause, and no dead letter of it was found.",
            ),
            "operator re-emit ID",
        ),
        ("recorded", _) if settled_by.is_empty() => {
            Explained::new("It is recorded, and there is nothing to settle about it.", "")
        }
        ("recorded", _) => Explained::new(
            "It is recorded, and not settled yet: that takes seconds.",
            "If it stays so for minutes: operator doctor; then operator re-emit ID",
        ),
        ("held", _) => Explained::new(
            with("It waits for a person, and pays nothing until then."),
            "operator accept ID --reason … or operator close ID --reason …",
        ),
        ("conflict", _) => Explained::new(
            "A callback with this identity and another content was recorded before; that one counts, this one was put aside.",
            "operator conflicts ID shows what differs; then operator accept ID --reason … (in addition to the first) or operator close ID --reason …",
        ),
        ("retrying", _) => Explained::new(
            with("The last attempt failed, and there will be another one."),
            "Nothing, as long as the cause is somebody else's and passes.",
        ),
        ("waiting", _) => Explained::new(with("It waits, and is looked at again by itself."), ""),
        ("refused", _) => Explained::new(
            with("The third party refused it for good."),
            "Read its reply. If the cause is mended (a wrong key, for instance): operator re-emit ID; otherwise operator close ID --reason …",
        ),
        ("dead", _) => Explained::new(
            with("Trying again does not help by itself; it is a dead letter."),
            "Mend the cause, then operator redrive QUEUE, or once its letter is gone operator re-emit ID; otherwise operator close ID --reason …",
        ),
        ("rejected", _) => Explained::new("The provider rejected the reward; nothing is paid.", ""),
        ("closed", _) => Explained::new("A person closed it; it has no further effect.", ""),
        (state, _) => Explained::new(format!("It is settled: {state}."), ""),
    }
}

/// What a reason on a record or a dead letter means; empty for one that is not known here.
#[must_use]
pub fn reason(name: &str) -> &'static str {
    match name {
        "negative_reward" => "Its points are below zero; accepted, they are debited.",
        "over_cap" => "The reward is above the parameter InbrainMaxReward.",
        "sum_mismatch" => "The parts of the reward do not add up to its amount.",
        "unknown_reward_type" => "The reward is of a type that the provider does not document.",
        "not_successful" => "The provider says itself that it was not successful.",
        "upstream_failed" => "The third party answered with an error of its own.",
        "upstream_throttled" => "The third party asks to be called less often.",
        "upstream_timed_out" => "The third party did not answer in time.",
        "upstream_unreachable" => "The third party could not be reached.",
        "upstream_refused" => "Its answer was a 4xx that trying again does not change.",
        "upstream_declined" => {
            "Its answer was a 2xx, with a body that says that it did not take the delivery."
        }
        "upstream_reply_too_long" => {
            "Its answer was longer than can be read, so that nobody knows whether it was taken."
        }
        "last_attempt" => "Its message was received for the last time.",
        "no_effect_known" => {
            "It has an amount, and the ledger function knows no effect of its provider and kind: code is missing."
        }
        "key_changed" => "The API key was refused, and there is a newer one by now.",
        "credentials_unreachable" => "The secret with the API's key could not be read.",
        "credentials_unusable" => {
            "The secret with the API's key is not filled in, or is not of its form."
        }
        "credentials_pasted" => {
            "A credential of the API has white space or something invisible at one of its ends."
        }
        "undeliverable" => "No message for the third party can be made of it.",
        "unreadable" => "What it says cannot be read as what its kind should be.",
        "ledger_impossible" => {
            "The ledger cannot hold it: too many digits, or a text that is too long."
        }
        "completed_by_another" => {
            "Another callback has completed the offer; nothing was booked for this one."
        }
        "no_reward_id" => "It has no RewardId, which tells the offer.",
        "no_completion" => "It reverses an offer that is not completed yet.",
        "still_under_review" => "AppVirality still reviews the reward.",
        "no_reward_data" => "AppVirality has no data about the reward yet.",
        "no_such_reward" => "AppVirality does not know the reward's id.",
        "unknown_reward_status" => {
            "AppVirality says a status that its documentation does not have."
        }
        "amount_mismatch" => "AppVirality's API says another amount than its hook.",
        "unit_mismatch" => "AppVirality's API says another unit than its hook.",
        "redeemed_elsewhere" => "AppVirality calls it redeemed, and it was not done here.",
        "rejected_after_credit" => "AppVirality rejected it after it was credited here.",
        "request_impossible" => "No request to the API can be made of it.",
        "out_of_time" => "There was no time left for all parts of it; the next attempt goes on.",
        "misrouted" => "It came into the queue of another provider's function.",
        "no_record" => "Its record is not in the table any more.",
        "store_timed_out" | "store_unreachable" | "store_failed" | "store_throttled"
        | "store_contended" | "store_refused" => "DynamoDB did not do what it was asked.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: &str) -> Row {
        Row {
            id: "id".to_owned(),
            provider: "giveaway".to_owned(),
            kind: "action".to_owned(),
            user: "u".to_owned(),
            amount: None,
            unit: None,
            test: false,
            state: state.to_owned(),
            reason: Some("upstream_failed".to_owned()),
            conflicts_with: None,
            received_at: String::new(),
        }
    }

    #[test]
    fn whatever_does_not_go_on_by_itself_says_what_to_do() {
        let queues = ["GiveawayDeliveryQueue"];
        for (state, message, next) in [
            ("held", Message::OnItsWay, "operator accept ID"),
            ("conflict", Message::OnItsWay, "operator conflicts ID"),
            ("refused", Message::OnItsWay, "operator re-emit ID"),
            ("dead", Message::Dead("undeliverable"), "operator redrive QUEUE"),
            ("retrying", Message::Dead("received too often"), "operator redrive QUEUE"),
            ("retrying", Message::Gone, "operator re-emit ID"),
            ("recorded", Message::Dead("received too often"), "operator redrive QUEUE"),
            ("recorded", Message::OnItsWay, "operator doctor"),
        ] {
            let explained = record(&row(state), &queues, message);
            assert!(explained.next.contains(next), "{state} {message:?}: {explained:?}");
        }
        for state in ["credited", "debited", "redeemed", "delivered", "rejected", "closed"] {
            let explained = record(&row(state), &queues, Message::OnItsWay);
            assert!(!explained.means.is_empty() && explained.next.is_empty(), "{explained:?}");
        }
    }
}
