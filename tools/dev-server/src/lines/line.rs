//! One line: when, which provider, which kind, whom it is about, how much, and what became of it. At most a hundred
//! columns.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::Value;
use terminal::{shortened, visible};

use crate::lines::Fields;

/// The widths of the columns behind the time; with it and what stands between them, a hundred.
const PROVIDER: usize = 12;
const KIND: usize = 17;
const USER: usize = 11;
const REWARD: usize = 10;
const OUTCOME: usize = 35;

/// A line that is to be printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    cells: [String; 4],
    outcome: String,
    tone: Tone,
}

/// How something is to be taken. The words say it as well as the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Fine,
    Quiet,
    Waits,
    Wrong,
}

impl Line {
    /// The line of an event with these fields, about `record`, which is null where there is none.
    pub(super) fn of(fields: &Fields, record: &Value) -> Self {
        let said = |name| fields.get(name).unwrap_or_default();
        let kept = |name: &str| record[name]["S"].as_str().unwrap_or_default();
        let reward = format!("{} {}", kept("amount"), kept("unit"));
        let (outcome, tone) = match said("message") {
            "callback" => callback(fields, kept("state")),
            "attempt" => attempt(fields, kept("state")),
            "request" => (format!("{} {}", said("status"), said("outcome")), Tone::Wrong),
            other => (format!("{other} {}", said("reason")), Tone::Wrong),
        };
        let kind = fields.get("kind").or_else(|| fields.get("route")).unwrap_or_default();
        // A conflict's id is that of the record that came first, whose user and reward are not the conflict's.
        let own = said("outcome") != "conflict";
        let cells = [
            said("provider").to_owned(),
            kind.to_owned(),
            if own { kept("user").to_owned() } else { String::new() },
            if own { reward.trim().to_owned() } else { String::new() },
        ];
        Self { cells, outcome: outcome.trim().to_owned(), tone }
    }

    /// As it is printed at the time `at`.
    pub(super) fn shown(&self, at: Timestamp, coloured: bool) -> String {
        let [provider, kind, user, reward] = &self.cells;
        let (provider, kind) = (fitting(provider, PROVIDER), fitting(kind, KIND));
        let (user, reward) = (fitting(user, USER), fitting(reward, REWARD));
        let outcome = fitting(&self.outcome, OUTCOME);
        let time = at.strftime("%H:%M:%SZ");
        let style = if coloured { self.tone.style() } else { Style::new() };
        format!(
            "{time} {provider:PROVIDER$} {kind:KIND$} {user:USER$} {reward:>REWARD$}  \
             {style}{outcome}{style:#}"
        )
    }
}

/// What is said of the line before, below its provider.
pub(super) fn note(text: &str) -> String {
    format!("{:10}{}", "", fitting(text, 90))
}

fn fitting(text: &str, width: usize) -> String {
    shortened(&visible(text), width).into_owned()
}

/// What became of a request, as its provider is told.
fn callback(fields: &Fields, state: &str) -> (String, Tone) {
    let said = |name| fields.get(name).unwrap_or_default();
    let (outcome, tone) = match said("outcome") {
        "recorded" if state == "held" => ("recorded, held", Tone::Waits),
        "recorded" => ("recorded", Tone::Fine),
        "duplicate" => ("duplicate", Tone::Quiet),
        "conflict" => ("conflict", Tone::Waits),
        // What was refused, or could not be kept, by its reason.
        _ => ("", Tone::Wrong),
    };
    let words = [said("status"), outcome, said("reason"), said("field")];
    (words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "), tone)
}

/// What became of an attempt to settle a record.
fn attempt(fields: &Fields, state: &str) -> (String, Tone) {
    let said = |name| fields.get(name).unwrap_or_default();
    match said("outcome") {
        "settled" => (format!("-> {state}"), Tone::Fine),
        "retried" => {
            let after = fields.get("after_s").and_then(|text| text.parse::<f64>().ok());
            let after = after.map(|seconds| format!("in {} ", span(seconds))).unwrap_or_default();
            (format!("-> again {after}{}", said("reason")), Tone::Waits)
        }
        other => (format!("-> {} {}", other.replace('_', " "), said("reason")), Tone::Wrong),
    }
}

/// So many seconds in the largest unit that they have one of.
fn span(seconds: f64) -> String {
    match seconds {
        ..90.0 => format!("{seconds:.0}s"),
        ..5400.0 => format!("{:.0}m", seconds / 60.0),
        _ => format!("{:.0}h", seconds / 3600.0),
    }
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Fine => AnsiColor::Green.on_default(),
            Self::Quiet => Style::new().dimmed(),
            Self::Waits => AnsiColor::Yellow.on_default(),
            Self::Wrong => AnsiColor::Red.on_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: &str = "2026-11-27T22:16:50.123Z";

    fn line(fields: &[(&'static str, &str)], record: &Value) -> String {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Line::of(&Fields(fields.collect()), record).shown(AT.parse().expect("a time"), false)
    }

    fn record(user: &str, state: &str) -> Value {
        json!({"user": {"S": user}, "amount": {"S": "100"}, "unit": {"S": "IAC"}, "state": {"S": state}})
    }

    const SURVEY: [(&str, &str); 5] = [
        ("message", "callback"),
        ("provider", "inbrain"),
        ("kind", "survey_completed"),
        ("status", "200"),
        ("outcome", "recorded"),
    ];

    #[test]
    fn a_callback_is_one_line_of_what_matters() {
        let user = "2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001";
        assert_eq!(
            line(&SURVEY, &record(user, "recorded")),
            "22:16:50Z inbrain      survey_completed  2b6f0…00001    100 IAC  200 recorded"
        );
        assert!(line(&SURVEY, &record("u", "held")).ends_with("  200 recorded, held"));
        let refused = [
            ("message", "callback"),
            ("provider", "inbrain"),
            ("status", "400"),
            ("outcome", "refused"),
            ("reason", "malformed"),
            ("field", "Reward"),
        ];
        assert!(line(&refused, &Value::Null).ends_with("  400 malformed Reward"));
        let mut conflict = SURVEY;
        conflict[4].1 = "conflict";
        let conflict = line(&conflict, &record(user, "recorded"));
        assert!(
            conflict.ends_with("  200 conflict") && !conflict.contains("100 IAC"),
            "{conflict}"
        );
    }

    #[test]
    fn an_attempt_says_what_follows() {
        let attempt = |outcome, more: &[(&'static str, &str)], state| {
            let fields = [("message", "attempt"), ("provider", "giveaway"), ("outcome", outcome)];
            line(&[&fields[..], more].concat(), &record("u", state))
        };
        assert!(attempt("settled", &[], "credited").ends_with("  -> credited"));
        for (seconds, span) in [("1.5", "2s"), ("60.0", "60s"), ("180.0", "3m"), ("21600.0", "6h")]
        {
            let again = [("after_s", seconds), ("reason", "x")];
            let said = attempt("retried", &again, "retrying");
            assert!(said.ends_with(&format!("  -> again in {span} x")), "{said}");
        }
        let dead = attempt("dead_letter", &[("reason", "no_settler")], "dead");
        assert!(dead.ends_with("  -> dead letter no_settler"), "{dead}");
    }

    #[test]
    fn whatever_is_sent_is_a_line_of_a_hundred_columns() {
        let long = "\u{9b}31m\u{202e}\n'".repeat(50);
        let fields = ["provider", "kind", "outcome", "reason", "field", "status"];
        for message in ["callback", "attempt", "request", "other"] {
            let mut all = vec![("message", message)];
            all.extend(fields.map(|name| (name, long.as_str())));
            let said = line(&all, &record(&long, &long));
            assert!(said.chars().count() <= 100, "{}: {said}", said.chars().count());
            assert!(said.chars().all(|c| (' '..='~').contains(&c) || c == '…'), "{said:?}");
        }
    }

    #[test]
    fn the_colour_is_around_the_outcome_alone() {
        let fields = Fields(SURVEY.map(|(name, value)| (name, value.to_owned())).into());
        let line = Line::of(&fields, &Value::Null).shown(AT.parse().expect("a time"), true);
        assert!(line.ends_with("  \u{1b}[32m200 recorded\u{1b}[0m"), "{line:?}");
    }
}
