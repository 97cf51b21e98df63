//! What a state and a reason mean, and what to do next.

mod reason;

use std::borrow::Cow;

use tables::callbacks::{State, Stored};
use terminal::visible;

use crate::command::{Commands, WHY};
use crate::dead_letters::Cause;
use crate::record::Row;

pub use reason::reason;

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
    /// An explanation: what it means, and one thing to do next.
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
    Dead(&'a Cause),
    /// Nowhere, and the schedule should long have sent it again.
    Overdue,
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
    let Stored::Known(state) = row.state else {
        return Explained::new(
            format!("This version does not know its state, {}: a newer one wrote it.", row.state),
            "Look at it with the version that is deployed.",
        );
    };
    let because = row.reason.as_ref().map(reason).unwrap_or_default();
    let with = |means: &str| format!("{means} {because}").trim_end().to_owned();
    let on_it = |name: &str| commands.operator(&[name, &row.id]);
    let decide = |name: &str| commands.operator(&[name, &row.id, "--reason", WHY]);
    let redrive = || known.dead_letters.map(|queue| commands.operator(&["redrive", queue]));
    match (state, known.message) {
        (State::Retrying | State::Waiting | State::Recorded, Message::Dead(letter)) => Explained::new(
            with(&format!(
                "Nothing will try it again by itself: its message is in the dead-letter queue ({letter})."
            )),
            "Mend the cause, then:",
        )
        .run(redrive()),
        (State::Recorded | State::Retrying | State::Waiting, Message::Overdue) => Explained::new(
            with(
                "It should have been looked at again long ago: the function schedule does not run, or cannot.",
            ),
            "Look why; then it goes on by itself. Or at once:",
        )
        .run([commands.operator(&["doctor"]), on_it("re-emit")]),
        (State::Recorded, _) if row.accepted => Explained::new(
            "A person accepted it. It waits for its settlement, which takes seconds.",
            "If it stays so for minutes:",
        )
        .run([commands.operator(&["doctor"]), on_it("re-emit")]),
        (State::Recorded, _) if known.queues.is_empty() => {
            Explained::new("It is recorded, and there is nothing to settle about it.", "")
        }
        (State::Recorded, _) => Explained::new(
            "It is recorded, and not settled yet: that takes seconds.",
            "If it stays so for minutes:",
        )
        .run([commands.operator(&["doctor"]), on_it("re-emit")]),
        (State::Held, _) => Explained::new(
            with("It waits for a person, and pays nothing until then."),
            format!("One of these, with your reason for {WHY}:"),
        )
        .run([decide("accept"), decide("close")]),
        (State::Conflict, _) => Explained::new(
            "A callback with this identity and another content was recorded before; that one counts, this one was put aside.",
            format!("See what differs; then accept it (in addition to the first) or close it, with your reason for {WHY}:"),
        )
        .run([on_it("conflicts"), decide("accept"), decide("close")]),
        (State::Retrying, _) => Explained::new(
            with("The last attempt failed, and there will be another one."),
            "Nothing, as long as the cause is somebody else's and passes.",
        ),
        (State::Waiting, _) => Explained::new(with("It waits, and is looked at again by itself."), ""),
        (State::Refused, _) => Explained::new(
            with("The third party refused it for good."),
            format!("Read its reply. Once the cause is mended (a wrong key, for instance) emit it again; otherwise close it, with your reason for {WHY}:"),
        )
        .run([on_it("re-emit"), decide("close")]),
        (State::Dead, _) => Explained::new(
            with("Trying again does not help by itself; it is a dead letter."),
            format!("Mend the cause and put its letter back, or once that is gone emit it again; otherwise close it, with your reason for {WHY}:"),
        )
        .run(redrive().into_iter().chain([on_it("re-emit"), decide("close")])),
        (State::Rejected, _) => Explained::new("The provider rejected the reward; nothing is paid.", ""),
        (State::Closed, _) => Explained::new("A person closed it; it has no further effect.", ""),
        (State::WithoutEffect, _) => {
            Explained::new("A person accepted it, and there was nothing to settle about it.", "")
        }
        (
            State::Credited
            | State::Debited
            | State::Reversed
            | State::Redeemed
            | State::Delivered,
            _,
        ) => Explained::new(format!("It is settled: {state}."), ""),
    }
}

#[cfg(test)]
mod tests {
    use tables::callbacks::Reason;

    use super::*;

    const GIVEN_UP: Cause = Cause::Named(Stored::Known(Reason::Undeliverable));

    fn row(state: State) -> Row {
        Row {
            id: "id".to_owned(),
            provider: "giveaway".to_owned(),
            kind: "action".to_owned(),
            user: "u".to_owned(),
            amount: None,
            unit: None,
            settler: Some("giveaway-delivery".to_owned()),
            test: false,
            state: Stored::Known(state),
            reason: Some(Stored::Known(Reason::UpstreamFailed)),
            conflicts_with: None,
            accepted: false,
            received_at: String::new(),
            due_at: None,
        }
    }

    /// What is said of a record in `state`.
    fn said(state: State, message: Message<'_>) -> Explained {
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
            (State::Held, Message::OnItsWay, "accept id --reason WHY"),
            (State::Held, Message::OnItsWay, "close id --reason WHY"),
            (State::Conflict, Message::OnItsWay, "conflicts id"),
            (State::Refused, Message::OnItsWay, "re-emit id"),
            (State::Dead, Message::Dead(&GIVEN_UP), "redrive GiveawayDeliveryDeadLetters"),
            (
                State::Retrying,
                Message::Dead(&Cause::ReceivedTooOften),
                "redrive GiveawayDeliveryDeadLetters",
            ),
            (State::Retrying, Message::Overdue, "re-emit id"),
            (
                State::Recorded,
                Message::Dead(&Cause::ReceivedTooOften),
                "redrive GiveawayDeliveryDeadLetters",
            ),
            (State::Recorded, Message::OnItsWay, "doctor"),
        ] {
            let explained = said(state, message);
            let mut lines = explained.next_lines();
            assert!(lines.any(|line| line == next), "{state} {message:?}: {explained:?}");
        }
        for state in [
            State::Credited,
            State::Debited,
            State::Redeemed,
            State::Delivered,
            State::Rejected,
            State::Closed,
        ] {
            let explained = said(state, Message::OnItsWay);
            assert!(!explained.means.is_empty() && explained.next.is_empty(), "{explained:?}");
        }
    }

    #[test]
    fn what_a_person_accepted_is_said_to_wait() {
        let accepted = Row { accepted: true, ..row(State::Recorded) };
        let known = Known { queues: &[], dead_letters: None, message: Message::OnItsWay };
        let explained = record(&accepted, known, &Commands::default());
        assert!(explained.means.contains("accepted"), "{explained:?}");
        assert!(explained.next.ends_with("re-emit id"), "{explained:?}");
    }

    #[test]
    fn every_state_and_every_reason_is_explained() {
        for state in State::all() {
            for message in [Message::OnItsWay, Message::Dead(&GIVEN_UP), Message::Overdue] {
                assert!(!said(state, message).means.is_empty(), "{state} {message:?}");
            }
        }
        for known in Reason::all() {
            assert!(reason(&Stored::Known(known)).ends_with('.'), "{known}");
        }
    }

    #[test]
    fn what_a_newer_version_wrote_is_shown_and_said_to_be_unknown() {
        let known = Known { queues: &[], dead_letters: None, message: Message::OnItsWay };
        let state = Stored::Unknown("escalated".to_owned());
        let newer = Row { state, ..row(State::Recorded) };
        let explained = record(&newer, known, &Commands::default());
        assert!(explained.means.contains("does not know its state, escalated"), "{explained:?}");
        assert_eq!(newer.standing(), "escalated");
        let because = Some(Stored::Unknown("too_warm".to_owned()));
        let newer = Row { reason: because, ..row(State::Refused) };
        let explained = record(&newer, known, &Commands::default());
        assert!(explained.means.contains("does not know the reason too_warm"), "{explained:?}");
        assert!(explained.means.starts_with("The third party refused it"), "{explained:?}");
    }
}
