//! What a state and a reason mean, and what to do next.

use std::borrow::Cow;

use local::terminal::visible;

use crate::command::{Commands, WHY};
use crate::record::Row;

/// What something means, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explained {
    /// What it means.
    pub means: String,
    /// What to do next; empty where there is nothing to do. Each command has a line of its own, as a
    /// POSIX shell takes it.
    pub next: String,
}

impl Explained {
    /// Both.
    pub fn new(means: impl Into<String>, next: impl Into<String>) -> Self {
        Self { means: means.into(), next: next.into() }
    }

    /// The same, with command lines to go on with.
    #[must_use]
    pub fn run(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        for command in commands {
            if !self.next.is_empty() {
                self.next.push('\n');
            }
            self.next.push_str(&command);
        }
        self
    }

    /// What to do next as lines that do nothing to a terminal.
    pub fn next_lines(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.next.lines().map(visible)
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

/// What is known of a record besides its row.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The queues that its event goes to.
    pub queues: &'a [&'a str],
    /// The dead-letter queue that its message is in, or would come into.
    pub dead_letters: Option<&'a str>,
    /// Where its message is.
    pub message: Message<'a>,
}

/// What the state means that the record in `row` is in, and what to do.
#[must_use]
pub fn record(row: &Row, known: Known<'_>, commands: &Commands) -> Explained {
    let because = row.reason.as_deref().map(reason).unwrap_or_default();
    let with = |means: &str| format!("{means} {because}").trim_end().to_owned();
    let on_it = |name: &str| commands.operator(&[name, &row.id]);
    let decide = |name: &str| commands.operator(&[name, &row.id, "--reason", WHY]);
    let redrive = || known.dead_letters.map(|queue| commands.operator(&["redrive", queue]));
    match (row.state.as_str(), known.message) {
        ("retrying" | "waiting" | "recorded", Message::Dead(letter)) => Explained::new(
            with(&format!(
                "Nothing will try it again by itself: its message is in the dead-letter queue ({letter})."
            )),
            "Mend the cause, then:",
        )
        .run(redrive()),
        ("retrying" | "waiting", Message::Gone) => Explained::new(
            with(
                "Nothing will try it again by itself: there was no attempt for longer than any pause, and no dead letter of it was found.",
            ),
            "",
        )
        .run([on_it("re-emit")]),
        ("recorded", _) if row.attention.is_some() => Explained::new(
            "A person accepted it. It waits for its settlement, which takes seconds.",
            "If it stays so for minutes:",
        )
        .run([commands.operator(&["doctor"]), on_it("re-emit")]),
        ("recorded", _) if known.queues.is_empty() => {
            Explained::new("It is recorded, and there is nothing to settle about it.", "")
        }
        ("recorded", _) => Explained::new(
            "It is recorded, and not settled yet: that takes seconds.",
            "If it stays so for minutes:",
        )
        .run([commands.operator(&["doctor"]), on_it("re-emit")]),
        ("held", _) => Explained::new(
            with("It waits for a person, and pays nothing until then."),
            format!("One of these, with your reason for {WHY}:"),
        )
        .run([decide("accept"), decide("close")]),
        ("conflict", _) => Explained::new(
            "A callback with this identity and another content was recorded before; that one counts, this one was put aside.",
            format!("See what differs; then accept it (in addition to the first) or close it, with your reason for {WHY}:"),
        )
        .run([on_it("conflicts"), decide("accept"), decide("close")]),
        ("retrying", _) => Explained::new(
            with("The last attempt failed, and there will be another one."),
            "Nothing, as long as the cause is somebody else's and passes.",
        ),
        ("waiting", _) => Explained::new(with("It waits, and is looked at again by itself."), ""),
        ("refused", _) => Explained::new(
            with("The third party refused it for good."),
            format!("Read its reply. Once the cause is mended (a wrong key, for instance) emit it again; otherwise close it, with your reason for {WHY}:"),
        )
        .run([on_it("re-emit"), decide("close")]),
        ("dead", _) => Explained::new(
            with("Trying again does not help by itself; it is a dead letter."),
            format!("Mend the cause and put its letter back, or once that is gone emit it again; otherwise close it, with your reason for {WHY}:"),
        )
        .run(redrive().into_iter().chain([on_it("re-emit"), decide("close")])),
        ("rejected", _) => Explained::new("The provider rejected the reward; nothing is paid.", ""),
        ("closed", _) => Explained::new("A person closed it; it has no further effect.", ""),
        ("without_effect", _) => {
            Explained::new("A person accepted it, and there was nothing to settle about it.", "")
        }
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
            "It names no effect that the ledger function knows: it was recorded by an older or a newer version."
        }
        "no_settler" => {
            "The settler that it names has no queue in the template: nobody settles it."
        }
        "key_changed" => "The API key was refused, and there is a newer one by now.",
        "credentials_unreachable" => "The secret with the API's key could not be read.",
        "credentials_unusable" => {
            "The secret with the API's key is not filled in, or is not of its form."
        }
        "credentials_pasted_wrongly" => {
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
        "claimed_by_another" => {
            "Somebody else was paid for this rewarddtlid in this role; one of the two hooks is wrong, or forged."
        }
        "claimed_otherwise" => {
            "This rewarddtlid was claimed as a coupon and now as a credit, or the other way round."
        }
        "no_details" => "It has no rewarddetails, so that AppVirality cannot be asked about it.",
        "rejected_after_credit" => "AppVirality rejected it after it was credited here.",
        "request_impossible" => "No request to the API can be made of it.",
        "out_of_time" => "There was no time left for all parts of it; the next attempt goes on.",
        "misrouted" => "It came into the queue of another provider's function.",
        "buried_by_queue" => {
            "Its queue moved its message to the dead letters, after the last attempt that it allows; what the last answer was stands under last status and reply."
        }
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
            settler: Some("giveaway-delivery".to_owned()),
            test: false,
            state: state.to_owned(),
            reason: Some("upstream_failed".to_owned()),
            conflicts_with: None,
            attention: None,
            received_at: String::new(),
        }
    }

    /// What is said of a record in `state`.
    fn said(state: &str, message: Message<'_>) -> Explained {
        let known = Known {
            queues: &["GiveawayDeliveryQueue"],
            dead_letters: Some("GiveawayDeliveryDeadLetters"),
            message,
        };
        record(&row(state), known, &Commands::default())
    }

    #[test]
    fn whatever_does_not_go_on_by_itself_says_what_to_do() {
        for (state, message, next) in [
            ("held", Message::OnItsWay, "accept id --reason WHY"),
            ("held", Message::OnItsWay, "close id --reason WHY"),
            ("conflict", Message::OnItsWay, "conflicts id"),
            ("refused", Message::OnItsWay, "re-emit id"),
            ("dead", Message::Dead("undeliverable"), "redrive GiveawayDeliveryDeadLetters"),
            ("retrying", Message::Dead("x"), "redrive GiveawayDeliveryDeadLetters"),
            ("retrying", Message::Gone, "re-emit id"),
            ("recorded", Message::Dead("x"), "redrive GiveawayDeliveryDeadLetters"),
            ("recorded", Message::OnItsWay, "doctor"),
        ] {
            let explained = said(state, message);
            let mut lines = explained.next_lines();
            assert!(lines.any(|line| line == next), "{state} {message:?}: {explained:?}");
        }
        for state in ["credited", "debited", "redeemed", "delivered", "rejected", "closed"] {
            let explained = said(state, Message::OnItsWay);
            assert!(!explained.means.is_empty() && explained.next.is_empty(), "{explained:?}");
        }
    }

    #[test]
    fn what_a_person_accepted_is_said_to_wait() {
        let accepted = Row { attention: Some("accepted".to_owned()), ..row("recorded") };
        let known = Known { queues: &[], dead_letters: None, message: Message::OnItsWay };
        let explained = record(&accepted, known, &Commands::default());
        assert!(explained.means.contains("accepted"), "{explained:?}");
        assert!(explained.next.ends_with("re-emit id"), "{explained:?}");
    }
}
