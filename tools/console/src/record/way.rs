//! What happened to a record behind the store, as far as it can be seen from here.

use dev_server::feed::Attempt;
use jiff::{SignedDuration, Timestamp};
use operator::log::{self, Line};
use operator::stack::Stack;

use super::Record;
use crate::source::{Bundle, Source};
use crate::trial::Call;

/// What happened.
#[derive(Debug, Default)]
pub struct Way {
    /// The attempts in the log, the last one first.
    pub attempts: Vec<Attempt>,
    /// What subscribers of the bus were told, the last event first.
    pub events: Vec<String>,
    /// What the stand-in for its provider was sent.
    pub calls: Vec<Call>,
    /// Why something of it cannot be shown.
    pub problem: Option<String>,
}

/// What happened to `record`.
pub async fn way(source: &Source, record: &Record) -> Way {
    match source {
        Source::Here(bundle, _) => here(bundle, record).await,
        // Nothing settles it.
        Source::Deployed(_) if ["", "none"].contains(&&*record.settler) => Way::default(),
        Source::Deployed(tail) => logged(tail.stack(), record).await,
    }
}

async fn here(bundle: &Bundle, record: &Record) -> Way {
    let attempts = bundle.feed.attempts(&record.id);
    let events = bundle.feed.events(&record.id).into_iter();
    let events = events.filter_map(|event| serde_json::to_string_pretty(&*event).ok());
    let mut way = Way {
        attempts: attempts.iter().map(|attempt| Attempt::clone(attempt)).collect(),
        events: events.map(|event| bundle.diagnosis.redactor().shown(&event)).collect(),
        ..Way::default()
    };
    match bundle.calls(&record.id).await {
        Ok(calls) => way.calls = calls,
        Err(error) => way.problem = Some(error.to_string()),
    }
    way
}

async fn logged(stack: &Stack, record: &Record) -> Way {
    // The clocks of two functions may differ.
    let received_at = record.received_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let from = received_at.checked_sub(SignedDuration::from_mins(1)).unwrap_or(received_at);
    match log::attempts(stack, &record.settler, &record.id, from).await {
        Ok(read) => Way {
            attempts: read.lines.iter().map(attempt).collect(),
            problem: read.is_cut.then(|| "There are attempts before these.".to_owned()),
            ..Way::default()
        },
        Err(error) => Way { problem: Some(error.to_string()), ..Way::default() },
    }
}

fn attempt(line: &Line) -> Attempt {
    let said = |name: &str| line.said[name].as_str().unwrap_or_default().to_owned();
    let took = line.said["total_ms"].as_f64();
    Attempt {
        at: line.at,
        record: said("id"),
        outcome: said("outcome"),
        reason: said("reason"),
        took_ms: took.map_or_else(String::new, |took| took.to_string()),
    }
}
