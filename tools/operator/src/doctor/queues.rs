//! The queues: how much is in them, and what the dead letters are.

use std::collections::BTreeMap;

use tables::callbacks::{Reason, Stored};

use super::Finding;
use crate::dead_letters::{self, Cause, DeadLetter, LOOKED_AT};
use crate::dead_records;
use crate::error::Error;
use crate::explain::{self, Explained};
use crate::stack::Stack;

/// How full each queue is, and what each dead letter means.
pub(super) async fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in stack.resources("AWS::SQS::Queue") {
        let found = match dead_letters::of_queue(stack, id) {
            Some(_) => queue(stack, id).await,
            None => dead_letters(stack, id).await,
        };
        findings.push(found.unwrap_or_else(|failure| Finding::unknown("queue", id, &failure)));
    }
    findings
}

async fn queue(stack: &Stack, id: &str) -> Result<Finding, Error> {
    let depth = dead_letters::depth(stack, id).await?;
    let found = format!("{} ready, {} in flight or waiting", depth.ready, depth.in_flight);
    Ok(Finding::ok("queue", id, found))
}

async fn dead_letters(stack: &Stack, id: &str) -> Result<Finding, Error> {
    let depth = dead_letters::depth(stack, id).await?;
    let count = depth.ready + depth.in_flight;
    if count == 0 {
        return Ok(Finding::ok("queue", id, "no dead letters"));
    }
    let letters = dead_letters::look(stack, id).await?;
    let explained = if dead_letters::source(stack, id).is_some() {
        dead_records::mark(stack, &letters).await?;
        let unsettled = letters.iter().any(|letter| is_unsettled(&letter.cause));
        let mend = if unsettled {
            "Nobody is paid for these: deploy functions that know their effect, or a queue for their settler, then:"
        } else {
            "Mend the cause, then:"
        };
        Explained::new(means(&letters), mend).run([stack.commands.operator(&["redrive", id])])
    } else {
        Explained::new(
            "Each letter is a record, whole, that could not be read, or that its queue or the bus refuses for good.",
            "Mend the cause, or deploy a version that knows it; then this sends the records once more:",
        )
        .run([stack.commands.operator(&["redrive", id])])
    };
    Ok(Finding::problem("queue", id, format!("{count} dead letters"), explained))
}

/// Whether the ledger function cannot settle them as it is deployed.
fn is_unsettled(cause: &Cause) -> bool {
    matches!(cause, Cause::Named(Stored::Known(Reason::NoEffectKnown | Reason::NoSettler)))
}

/// What the letters are, by their causes.
fn means(letters: &[DeadLetter]) -> String {
    let mut by_cause: BTreeMap<&Cause, Vec<&DeadLetter>> = BTreeMap::new();
    for letter in letters {
        by_cause.entry(&letter.cause).or_default().push(letter);
    }
    let mut parts: Vec<_> = by_cause
        .into_iter()
        .map(|(cause, letters)| {
            let example = letters.iter().find_map(|it| it.record.as_deref()).unwrap_or("no record");
            let means = match cause {
                Cause::ReceivedTooOften => "No function gave them up: SQS did, after the last attempt that the queue allows. Records that they name say so from now on.".into(),
                Cause::Named(reason) => explain::reason(reason),
            };
            format!("{} × {cause}, such as {example}. {means}", letters.len())
        })
        .collect();
    if letters.len() >= LOOKED_AT {
        parts.push(format!("Only the first {LOOKED_AT} were looked at."));
    }
    parts.join(" ")
}
