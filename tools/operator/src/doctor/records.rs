//! The records: what needs a person, and what is not settled.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use tables::callbacks::due::{GRACE, UNSETTLED_AFTER};
use tables::callbacks::{Standing, State};

use super::Finding;
use crate::dead_letters;
use crate::emit;
use crate::error::Error;
use crate::explain::{self, Explained, Known, Message};
use crate::listing::Wanted;
use crate::record::{Item, Row, text};
use crate::routing::Routing;
use crate::stack::Stack;
use crate::time_arg::{When, in_words};

/// Where what nobody has settled yet stands, and what a person accepted.
const RECORDED: Standing = Standing::In(State::Recorded);
const ACCEPTED: Standing = Standing::Accepted;

/// Checks them: what is not settled after `older_than`, and what came since `since`.
pub(super) async fn check(
    stack: &Stack,
    routing: &Routing,
    older_than: SignedDuration,
    since: When,
) -> Vec<Finding> {
    let now = Timestamp::now();
    let mut findings = vec![schedule(stack, now).await];
    for state in [State::Held, State::Conflict, State::Refused, State::Dead] {
        findings.push(attention(stack, routing, state, now).await);
    }
    let until = When::Ago(older_than).as_seen(now);
    findings.push(accepted(stack, &until, now).await);
    match recorded(stack, since, until.clone()).await {
        Ok(items) => {
            let settled: Vec<_> =
                items.into_iter().filter(|item| !routing.queues(item).is_empty()).collect();
            findings.push(Ok(unsettled(stack, &settled, now)));
        }
        Err(failure) => findings.push(Err(failure)),
    }
    for state in [State::Retrying, State::Waiting] {
        findings.push(unfinished(stack, state, until.clone(), now).await);
    }
    findings
        .into_iter()
        .map(|found| found.unwrap_or_else(|failure| Finding::unknown("records", "", &failure)))
        .collect()
}

/// Whether the function that sends records again does: it moves its watermark every minute.
async fn schedule(stack: &Stack, now: Timestamp) -> Result<Finding, Error> {
    let Some(until) = stack.ledger()?.watermark().await? else {
        return Ok(Finding::note(
            "records",
            "schedule",
            "it has not run yet".to_owned(),
            Explained::new("The function schedule runs a minute after the stack is there.", ""),
        ));
    };
    let behind = now.duration_since(until);
    let found = format!("everything is looked through until {} ago", in_words(behind));
    if behind <= UNSETTLED_AFTER + GRACE {
        return Ok(Finding::ok("records", "schedule", found));
    }
    let explained = Explained::new(
        "What was lost on its way is not found, and what waits is not looked at again: the function schedule does not run, or cannot.",
        "Look at its log and at the rule that calls it every minute (docs/runbook.md#schedule-errors).",
    );
    Ok(Finding::problem("records", "schedule", found, explained))
}

/// What waits for a person, however old.
async fn attention(
    stack: &Stack,
    routing: &Routing,
    state: State,
    now: Timestamp,
) -> Result<Finding, Error> {
    let wanted = Wanted { states: &[Standing::In(state)], ..Wanted::default() };
    let items = wanted.all(stack).await?;
    let Some(last) = items.last() else {
        return Ok(Finding::ok("records", state.as_str(), "none"));
    };
    let oldest = Row::of(last);
    let queues = routing.queues(last);
    let dead_letters = queues.first().and_then(|queue| dead_letters::of_queue(stack, queue));
    let known = Known { queues: &queues, dead_letters, message: Message::OnItsWay };
    let of_oldest = explain::record(&oldest, known, &stack.commands);
    let show_all = stack.commands.operator(&["list", "--outcome", outcome(state)]);
    let explained = Explained::new(of_oldest.means, "This shows them all; then, of the oldest:")
        .run([show_all])
        .run([of_oldest.next]);
    Ok(Finding::problem("records", state.as_str(), how_many(&items, &oldest, now), explained))
}

/// What a person accepted until `until`, and is not settled.
async fn accepted(stack: &Stack, until: &str, now: Timestamp) -> Result<Finding, Error> {
    let items = emit::accepted(stack, until).await?;
    let Some(oldest) = items.last().map(Row::of) else {
        return Ok(Finding::ok("records", ACCEPTED.as_str(), "all are settled"));
    };
    let commands = &stack.commands;
    let explained = Explained::new(
        "A person accepted them, and they are not settled: the stream or a queue is stuck or was, or the messages wait behind others.",
        "See stream, queues and secrets above. Once they are in order:",
    )
    .run([commands.operator(&["re-emit", "--unsettled"])]);
    Ok(Finding::problem("records", ACCEPTED.as_str(), how_many(&items, &oldest, now), explained))
}

/// What was received between `since` and `until` and is recorded; not what was accepted, whose time is
/// another one.
async fn recorded(stack: &Stack, since: When, until: String) -> Result<Vec<Item>, Error> {
    let since = since.as_seen(Timestamp::now());
    let accepted = Wanted { states: &[ACCEPTED], ..Wanted::default() }.all(stack).await?;
    let accepted: HashSet<_> = accepted.iter().filter_map(|item| text(item, "id")).collect();
    let mut items =
        Wanted { states: &[RECORDED], since, until, ..Wanted::default() }.all(stack).await?;
    items.retain(|item| text(item, "id").is_some_and(|id| !accepted.contains(id)));
    Ok(items)
}

/// What was recorded, has something to settle, and was not touched.
fn unsettled(stack: &Stack, items: &[Item], now: Timestamp) -> Finding {
    let Some(oldest) = items.last().map(Row::of) else {
        return Finding::ok("records", RECORDED.as_str(), "all are settled");
    };
    let explained = Explained::new(
        "They were recorded, and no settlement function has touched them: the stream or a queue is stuck or was, or the messages wait behind others.",
        "See stream, queues and secrets above. Once they are in order:",
    )
    .run([stack.commands.operator(&["re-emit", "--unsettled"])]);
    Finding::problem("records", RECORDED.as_str(), how_many(items, &oldest, now), explained)
}

/// What an attempt was made for that was not the last one.
async fn unfinished(
    stack: &Stack,
    state: State,
    until: String,
    now: Timestamp,
) -> Result<Finding, Error> {
    let wanted = Wanted { states: &[Standing::In(state)], until, ..Wanted::default() };
    let items = wanted.all(stack).await?;
    let Some(oldest) = items.last().map(Row::of) else {
        return Ok(Finding::ok("records", state.as_str(), "none for long"));
    };
    let found = how_many(&items, &oldest, now);
    let reason = match &oldest.reason {
        Some(reason) => format!("Reason of the oldest: {reason}. {}", explain::reason(reason)),
        None => "Reason of the oldest: none.".to_owned(),
    };
    if state == State::Waiting {
        return Ok(Finding::note("records", state.as_str(), found, Explained::new(reason, "")));
    }
    let explained = Explained::new(
        format!(
            "{reason} They are tried again, unless their messages are among the dead letters above."
        ),
        "Mend the cause. What is to be done about the oldest, and all of them:",
    )
    .run([
        stack.commands.operator(&["show", &oldest.id]),
        stack.commands.operator(&["list", "--outcome", outcome(state)]),
    ]);
    Ok(Finding::problem("records", state.as_str(), found, explained))
}

/// The word for `state` that `list --outcome` takes.
const fn outcome(state: State) -> &'static str {
    match state {
        State::Dead => "dead-letter",
        state => state.as_str(),
    }
}

fn how_many(items: &[Item], oldest: &Row, now: Timestamp) -> String {
    let since = oldest.received_at.parse::<Timestamp>().unwrap_or(now);
    let age = in_words(now.duration_since(since));
    format!("{}, the oldest {} old: {}", items.len(), age, oldest.id)
}
