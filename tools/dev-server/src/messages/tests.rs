use super::*;
use crate::state::State;

fn state() -> State {
    State::open(None).expect("in memory")
}

/// Runs one step.
fn step<T>(state: &State, work: impl FnOnce(&Connection) -> Result<T>) -> T {
    state.with(work).expect("a step")
}

fn put(state: &State, body: &str, now: i64) {
    step(state, |db| send(db, "q", body, "{}", now, now));
}

fn take(state: &State, now: i64, hidden_for: i64) -> Vec<Message> {
    let what = Receive { queue: "q", max: 10, hidden_for, worked_on: false, now };
    step(state, |db| receive(db, what))
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_received_message_is_not_seen_until_its_timeout_ends() {
    let state = state();
    put(&state, "a", 0);
    let first = take(&state, 100, 30_000);
    assert_eq!(bodies(&first), ["a"]);
    assert_eq!((first[0].receives, first[0].sent_at, first[0].first_received_at), (1, 0, 100));
    assert!(take(&state, 30_099, 30_000).is_empty());
    let second = take(&state, 30_100, 30_000);
    assert_eq!((second[0].receives, second[0].first_received_at), (2, 100));
    assert_eq!(first[0].id, second[0].id);
    assert_ne!(first[0].receipt, second[0].receipt);
}

#[test]
fn only_the_last_receipt_deletes() {
    let state = state();
    put(&state, "a", 0);
    let old = take(&state, 0, 10).remove(0).receipt;
    let new = take(&state, 10, 10).remove(0).receipt;
    assert!(!step(&state, |db| delete(db, "q", &old)));
    assert!(!step(&state, |db| delete(db, "other", &new)));
    assert!(step(&state, |db| delete(db, "q", &new)));
    assert!(!step(&state, |db| delete(db, "q", &new)));
    assert!(take(&state, 1_000, 10).is_empty());
}

#[test]
fn the_timeout_of_a_message_in_flight_can_be_changed() {
    let state = state();
    put(&state, "a", 0);
    let receipt = take(&state, 0, 100).remove(0).receipt;
    assert!(step(&state, |db| hide(db, "q", &receipt, 50, 500)));
    assert!(take(&state, 499, 100).is_empty());
    assert!(step(&state, |db| hide(db, "q", &receipt, 50, 50)));
    assert!(!step(&state, |db| hide(db, "q", &receipt, 60, 500)), "it can be received");
    assert_eq!(take(&state, 60, 100).len(), 1);
}

#[test]
fn a_message_is_received_as_often_as_its_limit_and_then_buried() {
    let state = state();
    put(&state, "a", 0);
    let bury = |now| step(&state, |db| bury(db, "q", "dead", 2, now));
    for now in [0, 10] {
        assert!(!bury(now));
        assert_eq!(take(&state, now, 10).len(), 1);
    }
    assert!(!bury(19), "it is still being worked on");
    assert!(bury(20));
    assert!(take(&state, 1_000, 10).is_empty());
    let what = Receive { queue: "dead", max: 1, hidden_for: 10, worked_on: false, now: 20 };
    let letter = step(&state, |db| receive(db, what)).remove(0);
    assert_eq!((letter.body.as_str(), letter.died_in.as_deref()), ("a", Some("q")));

    let moved = step(&state, |db| put_back(db, "dead", "q", 29));
    assert_eq!(moved, 0, "it was received a moment ago");
    assert_eq!(step(&state, |db| put_back(db, "dead", "q", 30)), 1);
    let again = take(&state, 30, 10).remove(0);
    assert_eq!((again.receives, again.sent_at, again.died_in), (1, 30, None));
}

#[test]
fn batches_have_a_size_and_older_messages_come_first() {
    let state = state();
    for (body, now) in [("a", 0), ("b", 1), ("c", 2)] {
        put(&state, body, now);
    }
    let what = Receive { queue: "q", max: 2, hidden_for: 10, worked_on: false, now: 5 };
    assert_eq!(bodies(&step(&state, |db| receive(db, what))), ["a", "b"]);
    assert_eq!(bodies(&step(&state, |db| receive(db, what))), ["c"]);
    assert_eq!(step(&state, |db| count(db, "q", 5)), [0, 3, 0]);
    assert_eq!(step(&state, |db| next_visible(db, "q")), Some(15));
}

#[test]
fn what_a_function_worked_on_is_seen_at_once_after_a_restart() {
    let state = state();
    for body in ["worked on", "postponed", "an operator's"] {
        put(&state, body, 0);
    }
    let take_one = |worked_on| {
        let what = Receive { queue: "q", max: 1, hidden_for: 1_000, worked_on, now: 0 };
        step(&state, |db| receive(db, what)).remove(0)
    };
    take_one(true);
    let postponed = take_one(true);
    take_one(false);
    step(&state, |db| hide(db, "q", &postponed.receipt, 1, 5_000));
    step(&state, |db| release(db, &postponed.receipt, postponed.visible_at, 2));

    step(&state, |db| recover(db, 10));
    assert_eq!(bodies(&take(&state, 10, 10_000)), ["worked on"]);
    assert_eq!(bodies(&take(&state, 1_000, 10_000)), ["an operator's"]);
    assert_eq!(bodies(&take(&state, 5_000, 10_000)), ["postponed"]);
}

#[test]
fn a_released_message_waits_for_the_rest_of_its_timeout() {
    let state = state();
    put(&state, "a", 0);
    let message = take(&state, 0, 100).remove(0);
    step(&state, |db| release(db, &message.receipt, message.visible_at, 60));
    assert!(take(&state, 59, 100).is_empty());
    assert_eq!(take(&state, 60, 100).len(), 1);
}

#[test]
fn old_messages_expire() {
    let state = state();
    put(&state, "a", 0);
    put(&state, "b", 10);
    step(&state, |db| expire(db, "q", 10));
    assert_eq!(bodies(&take(&state, 10, 10)), ["b"]);
}

#[test]
fn a_pipe_goes_on_where_it_was() {
    let state = state();
    assert_eq!(step(&state, |db| checkpoint(db, "p")), None);
    for number in ["1", "2"] {
        step(&state, |db| set_checkpoint(db, "p", number));
        assert_eq!(step(&state, |db| checkpoint(db, "p")).as_deref(), Some(number));
    }
    let failed: std::result::Result<(), _> = state.with(|db| {
        send(db, "q", "a", "{}", 0, 0)?;
        set_checkpoint(db, "p", "3")?;
        Err(rusqlite::Error::InvalidQuery)
    });
    assert!(failed.is_err());
    assert!(take(&state, 0, 10).is_empty(), "neither the message nor the place is kept");
    assert_eq!(step(&state, |db| checkpoint(db, "p")).as_deref(), Some("2"));
}
