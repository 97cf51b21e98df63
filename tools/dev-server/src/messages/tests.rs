use super::*;

fn put(messages: &mut Messages, body: &str, now: i64) {
    messages.send("q", body, "{}", now, now);
}

fn take(messages: &mut Messages, now: i64, hidden_for: i64) -> Vec<Message> {
    messages.receive(Receive { queue: "q", max: 10, hidden_for, now })
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_received_message_is_not_seen_until_its_timeout_ends() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    let first = take(&mut queue, 100, 30_000);
    assert_eq!(bodies(&first), ["a"]);
    assert_eq!((first[0].receives, first[0].sent_at, first[0].first_received_at), (1, 0, 100));
    assert!(take(&mut queue, 30_099, 30_000).is_empty());
    let second = take(&mut queue, 30_100, 30_000);
    assert_eq!((second[0].receives, second[0].first_received_at), (2, 100));
    assert_eq!(first[0].id, second[0].id);
    assert_ne!(first[0].receipt, second[0].receipt);
}

#[test]
fn only_the_last_receipt_deletes() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    let old = take(&mut queue, 0, 10).remove(0).receipt;
    let new = take(&mut queue, 10, 10).remove(0).receipt;
    assert!(!queue.delete("q", &old));
    assert!(!queue.delete("other", &new));
    assert!(queue.delete("q", &new));
    assert!(!queue.delete("q", &new));
    assert!(take(&mut queue, 1_000, 10).is_empty());
}

#[test]
fn the_timeout_of_a_message_in_flight_can_be_changed() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    let receipt = take(&mut queue, 0, 100).remove(0).receipt;
    assert!(queue.hide("q", &receipt, 50, 500));
    assert!(take(&mut queue, 499, 100).is_empty());
    assert!(queue.hide("q", &receipt, 50, 50));
    assert!(!queue.hide("q", &receipt, 60, 500), "it can be received");
    assert_eq!(take(&mut queue, 60, 100).len(), 1);
}

#[test]
fn a_message_is_received_as_often_as_its_limit_and_then_given_up() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    for now in [0, 10] {
        assert!(!queue.send_to_dead_letters("q", "dead", 2, now));
        assert_eq!(take(&mut queue, now, 10).len(), 1);
    }
    assert!(!queue.send_to_dead_letters("q", "dead", 2, 19), "it is still being worked on");
    assert!(queue.send_to_dead_letters("q", "dead", 2, 20));
    assert!(take(&mut queue, 1_000, 10).is_empty());
    let letter =
        queue.receive(Receive { queue: "dead", max: 1, hidden_for: 10, now: 20 }).remove(0);
    assert_eq!((letter.body.as_str(), letter.died_in.as_deref()), ("a", Some("q")));

    assert_eq!(queue.put_back("dead", "q", 29), 0, "it was received a moment ago");
    assert_eq!(queue.put_back("dead", "q", 30), 1);
    let again = take(&mut queue, 30, 10).remove(0);
    assert_eq!((again.receives, again.sent_at, again.died_in), (1, 30, None));
}

#[test]
fn batches_have_a_size_and_older_messages_come_first() {
    let mut queue = Messages::default();
    for (body, now) in [("a", 0), ("b", 1), ("c", 2)] {
        put(&mut queue, body, now);
    }
    let what = Receive { queue: "q", max: 2, hidden_for: 10, now: 5 };
    assert_eq!(bodies(&queue.receive(what)), ["a", "b"]);
    assert_eq!(bodies(&queue.receive(what)), ["c"]);
    assert_eq!(queue.count("q", 5), [0, 3, 0]);
    assert_eq!(queue.next_visible("q"), Some(15));
    queue.purge("q");
    assert_eq!((queue.count("q", 5), queue.next_visible("q")), ([0, 0, 0], None));
}

#[test]
fn a_released_message_waits_for_the_rest_of_its_timeout() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    let message = take(&mut queue, 0, 100).remove(0);
    queue.release("q", &message.receipt, message.visible_at, 60);
    assert!(take(&mut queue, 59, 100).is_empty());
    let message = take(&mut queue, 60, 100).remove(0);
    // Its visibility was changed meanwhile.
    assert!(queue.hide("q", &message.receipt, 60, 500));
    queue.release("q", &message.receipt, message.visible_at, 61);
    assert!(take(&mut queue, 499, 100).is_empty());
}

#[test]
fn old_messages_expire() {
    let mut queue = Messages::default();
    put(&mut queue, "a", 0);
    put(&mut queue, "b", 10);
    queue.expire("q", 10);
    assert_eq!(bodies(&take(&mut queue, 10, 10)), ["b"]);
}
