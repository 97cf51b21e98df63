//! The way that a request went, to where it stopped.

use maud::{Markup, html};

use crate::command::CommandError;
use crate::record::Record;

/// What a conflict is.
const CONFLICT: &str =
    "conflict: another content under an identity that is taken; it is put aside for a person";

/// A step of the way.
#[derive(Debug)]
pub(super) struct Step {
    name: &'static str,
    stopped: bool,
    says: String,
}

/// A step that it passed.
pub(super) fn passed(name: &'static str, says: impl Into<String>) -> Step {
    Step { name, stopped: false, says: says.into() }
}

/// The step where it stopped.
pub(super) fn stopped(name: &'static str, says: impl Into<String>) -> Step {
    Step { name, stopped: true, says: says.into() }
}

/// The steps, one below the other.
pub(super) fn list(steps: &[Step]) -> Markup {
    html! {
        ol.way { @for step in steps {
            li class=(if step.stopped { "stopped" } else { "passed" }) {
                strong { (step.name) } @if step.stopped { " (it stopped here)" } ": " (step.says)
            }
        } }
    }
}

/// The steps of a request that was answered `status`, with `outcome`, because of `why`; `key` is the name of the key that
/// proves it, where that is known, and `record` its record, where it has one, or why that cannot be shown.
pub(super) fn of_request(
    status: u16,
    outcome: &str,
    why: String,
    key: Option<&str>,
    record: Option<&Result<Record, CommandError>>,
) -> Vec<Step> {
    let mut way = vec![passed("arrived", "the HTTP API has it")];
    let signed = |key: &str| format!("the key {key} has signed it");
    match (status, record) {
        (404 | 405, _) => way.push(stopped("routed", "no route takes this method and path")),
        (429, _) => way.push(stopped("routed", "the HTTP API takes no more a second")),
        (401, _) => way.push(stopped("proved", why)),
        (403, _) => way.push(stopped("proved", "it comes from a network that is not allowed")),
        (400 | 413, _) => {
            way.extend(key.map(|key| passed("proved", signed(key))));
            way.push(stopped("read", why));
        }
        (500.., _) => way.push(stopped("recorded", why)),
        (200..300, record) => {
            let is_signed = key.map_or_else(|| "a known key has signed it".to_owned(), signed);
            way.push(passed("proved", is_signed));
            way.push(passed("read", "every field has its form"));
            match (outcome, record) {
                ("conflict", _) => way.push(stopped("recorded", CONFLICT)),
                (_, None) => way.push(passed("answered", outcome)),
                (_, Some(Ok(record))) => {
                    way.push(passed("recorded", outcome));
                    way.extend(behind_the_store(record));
                }
                (_, Some(Err(error))) => {
                    way.push(passed("recorded", outcome));
                    way.push(stopped("settled", error.to_string()));
                }
            }
        }
        _ => way.push(stopped("answered", format!("{status} {outcome}"))),
    }
    way
}

/// The steps of a record behind the store.
pub(super) fn behind_the_store(record: &Record) -> Vec<Step> {
    let says = format!("{}: {}", record.state, record.means);
    let mut way = vec![passed("event", "subscribers of the bus are told")];
    if matches!(&*record.state, "held" | "conflict") {
        way.push(stopped("queue", says));
        return way;
    }
    if !record.queues.is_empty() {
        way.push(passed("queue", record.queues.join(", ")));
        let attempts = match record.attempts {
            0 => "none yet".to_owned(),
            1 => "one".to_owned(),
            attempts => attempts.to_string(),
        };
        way.push(passed("attempts", attempts));
    }
    let is_stopped = matches!(&*record.state, "dead" | "refused");
    way.push(Step { name: "effect", stopped: is_stopped, says });
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_stops_where_its_status_says() {
        for (status, outcome, step) in [
            (404, "no route", "routed"),
            (405, "no route", "routed"),
            (429, "throttled", "routed"),
            (401, "not proved", "proved"),
            (403, "refused", "proved"),
            (400, "refused", "read"),
            (413, "refused", "read"),
            (500, "unavailable", "recorded"),
            (503, "unavailable", "recorded"),
            (200, "conflict", "recorded"),
            (415, "refused", "answered"),
            (302, "refused", "answered"),
            (0, "refused", "answered"),
        ] {
            let way = of_request(status, outcome, String::new(), None, None);
            let last = way.last().expect("a step");
            assert_eq!((last.name, last.stopped), (step, true), "{status}");
            let is_proved = way.iter().any(|step| step.name == "proved" && !step.stopped);
            assert_eq!(is_proved, status == 200, "{status}");
        }
        let way = of_request(200, "taken", String::new(), None, None);
        assert!(way.iter().all(|step| !step.stopped));
        let way = of_request(400, "refused", String::new(), Some("main"), None);
        assert_eq!(way[1].says, "the key main has signed it");
    }
}
