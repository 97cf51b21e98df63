//! The records: what needs a person, and what is not settled.

use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::emit;
use crate::explain::{self, Explained};
use crate::failure::Failure;
use crate::listing::Wanted;
use crate::record::{Item, Row};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::when::{When, in_words};

/// Checks them: what is not settled after `older_than`, and what came since `since`.
pub(super) async fn check(
    stack: &Stack,
    routing: &Routing,
    older_than: SignedDuration,
    since: When,
) -> Vec<Finding> {
    let now = Timestamp::now();
    let mut findings = Vec::new();
    for state in ["held", "conflict", "refused", "dead"] {
        findings.push(attention(stack, state, now).await);
    }
    let until = When::Ago(older_than).as_seen(now);
    findings.push(recorded(stack, routing, since, until.clone(), now).await);
    for state in ["retrying", "waiting"] {
        findings.push(unfinished(stack, state, until.clone(), now).await);
    }
    findings
        .into_iter()
        .map(|found| found.unwrap_or_else(|failure| Finding::unknown("records", "", &failure)))
        .collect()
}

/// What waits for a person, however old.
async fn attention(stack: &Stack, state: &str, now: Timestamp) -> Result<Finding, Failure> {
    let wanted = Wanted { states: &[state], ..Wanted::default() };
    let items = wanted.all(stack, progress).await?;
    let Some(oldest) = items.last().map(Row::of) else {
        return Ok(Finding::ok("records", state, "none"));
    };
    let explained = explain::record(&oldest, &[], None);
    let explained = Explained::new(
        explained.means,
        format!("operator list --outcome {} shows them. {}", outcome(state), explained.next),
    );
    Ok(Finding::problem("records", state, how_many(&items, &oldest, now), explained))
}

/// What was recorded, has something to settle, and was not touched.
async fn recorded(
    stack: &Stack,
    routing: &Routing,
    since: When,
    until: String,
    now: Timestamp,
) -> Result<Finding, Failure> {
    let items = emit::unsettled(stack, routing, since.as_seen(now), until).await?;
    let Some(oldest) = items.last().map(Row::of) else {
        return Ok(Finding::ok("records", "recorded", "all are settled"));
    };
    let explained = Explained::new(
        "They were recorded, and no settlement function has touched them: a pipe, the bus or a queue is stuck or was, or the messages wait behind others.",
        "See pipes, queues and secrets above. Once they are in order: operator re-emit --unsettled",
    );
    Ok(Finding::problem("records", "recorded", how_many(&items, &oldest, now), explained))
}

/// What an attempt was made for that was not the last one.
async fn unfinished(
    stack: &Stack,
    state: &str,
    until: String,
    now: Timestamp,
) -> Result<Finding, Failure> {
    let wanted = Wanted { states: &[state], until, ..Wanted::default() };
    let items = wanted.all(stack, progress).await?;
    let Some(oldest) = items.last().map(Row::of) else {
        return Ok(Finding::ok("records", state, "none for long"));
    };
    let found = how_many(&items, &oldest, now);
    let reason = oldest.reason.as_deref().unwrap_or("none");
    let reason = format!("Reason of the oldest: {reason}. {}", explain::reason(reason));
    if state == "waiting" {
        return Ok(Finding::note("records", state, found, Explained::new(reason, "")));
    }
    let explained = Explained::new(
        format!(
            "{reason} They are tried again, unless their messages are among the dead letters above."
        ),
        "operator show ID of one says which. Mend the cause; for dead letters: operator redrive QUEUE",
    );
    Ok(Finding::problem("records", state, found, explained))
}

fn outcome(state: &str) -> &str {
    if state == "dead" { "dead-letter" } else { state }
}

fn how_many(items: &[Item], oldest: &Row, now: Timestamp) -> String {
    let since = oldest.received_at.parse::<Timestamp>().unwrap_or(now);
    let age = in_words(now.duration_since(since));
    format!("{}, the oldest {} old: {}", items.len(), age, oldest.id)
}

fn progress(seen: usize) {
    if seen >= 1_000 {
        eprintln!("{seen} records looked at");
    }
}
