//! One record, and what a person decides about it.

use dev_server::feed::Attempt;
use maud::{Markup, html};
use operator::command::{Commands, WHY};

use super::{Frame, copied, link, plain, table, user_link, way};
use crate::act::Act;
use crate::record::way::Way;
use crate::record::{Difference, Record};
use crate::trial::Call;

/// One record; `differences` are those from the record that came first, of a conflict.
#[must_use]
pub fn record(
    frame: &Frame<'_>,
    record: &Record,
    differences: &[Difference],
    way: &Way,
    commands: &Commands,
) -> Markup {
    let content = html! {
        h1 { "Record" }
        p { code { (record.id) } }
        div #live data-fresh data-record=(record.id) { (live(record, way)) }
        @if !differences.is_empty() { (side_by_side(differences)) }
        div #decide data-fresh { (decisions(frame, record, commands)) }
        @if let Some(payload) = &record.payload {
            h2 { "Payload" }
            pre tabindex="0" { (payload.get()) }
        }
        div #told data-fresh { (told(way)) }
    };
    frame.whole("Record", &content)
}

/// What changes while somebody looks at it.
fn live(record: &Record, way: &Way) -> Markup {
    html! {
        (way::list(&way::behind_the_store(record)))
        dl {
            dt { "State" } dd { (record.state) " " (record.reason) }
            dt { "Means" } dd { (record.means) }
            dt { "Callback" } dd { (record.provider) " " (record.kind) ", received " (record.received_at) }
            dt { "User" } dd { (user_link(&record.user)) }
            @if !record.amount.is_empty() { dt { "Reward" } dd { (record.amount) " " (record.unit) } }
            @if !record.conflicts_with.is_empty() {
                dt { "Came second to" } dd { (link(&record.conflicts_with)) }
            }
            @if let Some(letter) = &record.dead_letter {
                dt { "Dead letter" } dd { "in " (letter.queue) ": " (letter.reason) }
            }
            @if let Some(settler) = &record.parked {
                dt { "Next attempt" } dd { "once " (settler) " takes records again; it is tried every minute" }
            } @else if !record.due_at.is_empty() {
                dt { "Next attempt" }
                dd { time.due datetime=(record.due_at) { (record.due_at) } }
            }
            @if let Some(status) = record.last_status { dt { "Last answer" } dd { (status) } }
            @if !record.reply.is_empty() { dd { code { (record.reply) } } }
            @let next = next(record);
            @if !next.is_empty() { dt { "Next" } @for step in next { dd { (step) } } }
        }
        h2 { "History" }
        ul { @for happened in &record.history { li { (happened.at) ": " (happened.what) } } }
        (attempts(&way.attempts))
        h2 { "Ledger" }
        @if record.entries.is_empty() { p { "There is no entry of it." } }
        ul { @for entry in &record.entries { li { (entry.amount) " " (entry.unit) " for " (entry.kind) } } }
    }
}

fn attempts(attempts: &[Attempt]) -> Markup {
    html! {
        @if !attempts.is_empty() {
            h2 { "Attempts" }
            (table("As they are logged, the last one first", &["Ended", "Outcome", "Reason", "Took"], &html! {
                @for attempt in attempts { tr {
                    td { time datetime=(attempt.at) { (attempt.at.strftime("%Y-%m-%d %H:%M:%SZ")) } }
                    td { (attempt.outcome) } td { (attempt.reason) }
                    td { @if !attempt.took_ms.is_empty() { (attempt.took_ms) " ms" } }
                } }
            }))
        }
    }
}

fn side_by_side(differences: &[Difference]) -> Markup {
    html! {
        h2 { "Side by side" }
        (table("What came first, and what came second", &["Field", "First", "Second"], &html! {
            @for differs in differences { tr {
                th scope="row" { (differs.field) }
                td { code { (plain(&differs.genuine)) } } td { code { (plain(&differs.conflict)) } }
            } }
        }))
    }
}

/// What to do next, commands and sentences, where there are no buttons for it.
fn next(record: &Record) -> Vec<Markup> {
    if !Act::of(record).is_empty() {
        return Vec::new();
    }
    let is_command =
        |step: &str| ["callbacks ", "cargo run ", "aws "].iter().any(|it| step.starts_with(it));
    let shown = |step: &str| html! { @if is_command(step) { code { (step) } } @else { (step) } };
    record.next.lines().map(shown).collect()
}

/// What a person can do about a record, each with the command that does the same.
fn decisions(frame: &Frame<'_>, record: &Record, commands: &Commands) -> Markup {
    let acts = Act::of(record);
    let queue = record.dead_letter.as_ref().map(|letter| letter.queue.as_str()).unwrap_or_default();
    let is_conflict = record.state == "conflict";
    let command = |act: Act| match act {
        Act::Redrive => commands.operator(&[act.command(), queue]),
        Act::Accept if is_conflict => {
            commands.operator(&["accept", &record.id, "--reason", WHY, "--yes"])
        }
        _ => commands.operator(&[act.command(), &record.id, "--reason", WHY]),
    };
    html! {
        @if !acts.is_empty() { h2 { "Decide" } }
        @for act in acts {
            form method="post" action="/act" {
                (frame.token())
                input type="hidden" name="act" value=(act.command());
                input type="hidden" name="id" value=(record.id);
                @if act.has_reason() { label { "Why " (act.command()) " " input name="reason" required; } }
                @else {
                    input type="hidden" name="queue" value=(queue);
                    span { "All letters in " (queue) " go back to where they came from." }
                }
                @if is_conflict && *act == Act::Accept {
                    label {
                        input type="checkbox" name="yes" value="true" required;
                        " in addition to the one that came first"
                    }
                }
                @if let Some(stack) = frame.stack {
                    label {
                        input type="checkbox" name="stack" value=(stack) required;
                        " yes, in the stack " (stack)
                    }
                }
                button { (act.command()) }
                code { (command(*act)) }
            }
        }
    }
}

/// What others were told of it.
fn told(way: &Way) -> Markup {
    html! {
        @if let Some(problem) = &way.problem { p.stopped { (problem) } }
        @if !way.events.is_empty() { h2 { "As subscribers get it" } }
        @for (number, event) in way.events.iter().enumerate() {
            (copied(&format!("event-{number}"), event))
        }
        @if !way.calls.is_empty() {
            h2 { "What the stand-in was sent" }
            ul { @for call in &way.calls { li { (sent(call)) } } }
        }
    }
}

fn sent(call: &Call) -> Markup {
    html! {
        code { (call.method) " " (call.path) } " "
        @match call.status { Some(status) => (status), None => "no answer" }
        @if !call.body.is_empty() { pre tabindex="0" { (call.body) } }
    }
}
