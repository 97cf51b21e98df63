//! What happened to a record, as its attributes tell it.

use serde::Serialize;
use tables::callbacks::record::time;
use tables::callbacks::tried::tried;
use tables::callbacks::{State, Tried};

use crate::record::{self, Item, number, text};

/// Something that happened to a record.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Happened {
    pub(crate) at: String,
    pub(crate) what: String,
}

/// What the record's attributes tell of its past, in its order.
pub(crate) fn history(item: &Item) -> Vec<Happened> {
    let mut history = Vec::new();
    let mut add = |at: Option<&str>, what: String| {
        history.extend(at.map(|at| Happened { at: at.to_owned(), what }));
    };
    let state = record::state(item);
    let key = text(item, "key_id").unwrap_or_default();
    let held = text(item, "held").map(|held| format!(", held: {held}")).unwrap_or_default();
    let aside =
        text(item, "conflicts_with").map(|_| ", put aside as a conflict").unwrap_or_default();
    add(text(item, "received_at"), format!("received, proved by key {key}{held}{aside}"));
    let decisions = item.get("decisions").and_then(|decisions| decisions.as_l().ok());
    for decision in decisions.into_iter().flatten().filter_map(|it| it.as_m().ok()) {
        let part = |name: &str| text(decision, name).unwrap_or_default();
        let what = format!("{} by {}: {}", part("decision"), part("by"), part("reason"));
        add(text(decision, "at"), what);
    }
    let tried = tried(item);
    for attempt in &tried {
        add(Some(&time(attempt.at)), came_to(attempt));
    }
    // The last one, where it is under way, settled the record or broke off: any other is among those.
    if let Some(attempts) = number(item, "attempts")
        && tried.iter().all(|attempt| attempt.number.to_string() != attempts)
    {
        add(text(item, "last_attempt_at"), format!("attempt {attempts} began"));
    }
    let because = text(item, "reason").map(|reason| format!(": {reason}")).unwrap_or_default();
    // What a person closed is among the decisions.
    if state != State::Closed {
        add(text(item, "settled_at"), format!("{state}{because}"));
    }
    history.sort_by(|a, b| a.at.cmp(&b.at));
    history
}

/// What an attempt came to that did not settle the record.
fn came_to(attempt: &Tried) -> String {
    let Tried { number, status, reason, .. } = attempt;
    match status {
        Some(status) => format!("attempt {number}: {status}, {reason}"),
        None => format!("attempt {number}: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    /// A record that was received at noon, with these attributes and this number of attempts, which began last at ten
    /// past.
    fn record(attempts: u32, texts: &[(&str, &str)]) -> Item {
        let received = [
            ("received_at", "2026-11-21T12:00:00.000Z"),
            ("last_attempt_at", "2026-11-21T12:10:00.000Z"),
            ("key_id", "main"),
        ];
        let texts = received.iter().chain(texts);
        let mut item: Item = texts
            .map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned())))
            .collect();
        item.insert("attempts".to_owned(), AttributeValue::N(attempts.to_string()));
        item
    }

    /// Minutes and what happened then, but for what every record tells.
    fn told(item: &Item) -> Vec<String> {
        let history = history(item);
        let (first, rest) = history.split_first().expect("it was received");
        assert_eq!(first.what, "received, proved by key main");
        rest.iter().map(|it| format!("{} {}", &it.at[14..16], it.what)).collect()
    }

    const FIRST: (&str, &str) = ("attempt_01", "1 2026-11-21T12:01:00.000Z - store_throttled");
    const SECOND: (&str, &str) = ("attempt_02", "2 2026-11-21T12:10:00.000Z 503 upstream_failed");

    #[test]
    fn every_attempt_that_is_kept_is_told_once() {
        let retrying = ("state", "retrying");
        let said = ["01 attempt 1: store_throttled", "10 attempt 2: 503, upstream_failed"];
        let reason = ("reason", "upstream_failed");
        assert_eq!(told(&record(2, &[SECOND, FIRST, retrying, reason])), said);
        // One that is under way, or broke off.
        let said = ["01 attempt 1: store_throttled", "10 attempt 2 began"];
        assert_eq!(told(&record(2, &[FIRST, retrying])), said);
        // One that settled it.
        let settled = [FIRST, ("state", "delivered"), ("settled_at", "2026-11-21T12:10:00.000Z")];
        assert_eq!(told(&record(2, &settled)), [said[0], said[1], "10 delivered"]);
    }

    #[test]
    fn what_an_attempt_ended_without_settling_it_is_told_after_the_attempt() {
        let dead = [
            ("state", "dead"),
            ("reason", "upstream_failed"),
            ("settled_at", "2026-11-21T12:10:00.000Z"),
            SECOND,
        ];
        let said = ["10 attempt 2: 503, upstream_failed", "10 dead: upstream_failed"];
        assert_eq!(told(&record(2, &dead)), said);
    }

    #[test]
    fn a_round_of_the_ring_is_in_the_order_of_time() {
        let kept = [
            ("attempt_00", "20 2026-11-21T12:08:00.000Z 503 upstream_failed"),
            ("attempt_01", "21 2026-11-21T12:09:00.000Z - upstream_timed_out"),
            ("attempt_19", "19 2026-11-21T12:07:00.000Z 500 upstream_failed"),
            ("state", "retrying"),
        ];
        let said = [
            "07 attempt 19: 500, upstream_failed",
            "08 attempt 20: 503, upstream_failed",
            "09 attempt 21: upstream_timed_out",
            "10 attempt 22 began",
        ];
        assert_eq!(told(&record(22, &kept)), said);
    }

    /// A record of a version that kept none, and a text that cannot be read.
    #[test]
    fn what_is_not_kept_is_told_as_far_as_it_is_known() {
        for texts in [&[("state", "retrying")][..], &[("attempt_02", "a newer form")]] {
            assert_eq!(told(&record(2, texts)), ["10 attempt 2 began"]);
        }
    }
}
