//! Records, what a person decides about them, and what users have.

use maud::{Markup, html};
use operator::command::{Commands, WHY};

use super::{link, user_link, whole};
use crate::act::Act;
use crate::record::{Difference, Record, Row, Statement};

/// One record; `differences` are those from the record that came first, of a conflict.
#[must_use]
pub fn record(
    record: &Record,
    differences: &[Difference],
    token: &str,
    commands: &Commands,
) -> Markup {
    let content = html! {
        h1 { "Record" }
        p { code { (record.id) } }
        dl {
            dt { "State" } dd { (record.state) " " (record.reason) }
            dt { "Means" } dd { (record.means) }
            dt { "User" } dd { (user_link(&record.user)) }
            @if !record.amount.is_empty() { dt { "Reward" } dd { (record.amount) " " (record.unit) } }
            @if !record.conflicts_with.is_empty() {
                dt { "Came second to" } dd { (link(&record.conflicts_with)) }
            }
            dt { "Attempts" } dd { (record.attempts) }
            @if !record.due_at.is_empty() { dt { "Looked at again" } dd { (record.due_at) } }
            @if !record.next.is_empty() {
                dt { "Next" } @for step in record.next.lines() { dd { code { (step) } } }
            }
        }
        @if !differences.is_empty() { (side_by_side(differences)) }
        h2 { "History" }
        ul { @for happened in &record.history { li { (happened.at) ": " (happened.what) } } }
        h2 { "Ledger" }
        @if record.entries.is_empty() { p { "There is no entry of it." } }
        ul { @for entry in &record.entries { li { (entry.amount) " " (entry.unit) " for " (entry.kind) } } }
        (decisions(record, token, commands))
    };
    whole("Record", &content)
}

fn side_by_side(differences: &[Difference]) -> Markup {
    html! {
        h2 { "Side by side" }
        div.wide { table {
            caption { "What came first, and what came second" }
            thead { tr { th scope="col" { "Field" } th scope="col" { "First" } th scope="col" { "Second" } } }
            tbody { @for differs in differences { tr {
                th scope="row" { (differs.field) }
                td { code { (differs.genuine) } } td { code { (differs.conflict) } }
            } } }
        } }
    }
}

/// What a person can do about a record, each with the command that does the same.
fn decisions(record: &Record, token: &str, commands: &Commands) -> Markup {
    let acts = Act::of(&record.state);
    let is_conflict = record.state == "conflict";
    html! {
        @if !acts.is_empty() { h2 { "Decide" } }
        @for act in acts {
            form method="post" action="/act" {
                input type="hidden" name="token" value=(token);
                input type="hidden" name="act" value=(act.command());
                input type="hidden" name="id" value=(record.id);
                label { "Why " input name="reason" required; }
                @if is_conflict && *act == Act::Accept {
                    label {
                        input type="checkbox" name="yes" value="true";
                        " beside the one that came first"
                    }
                }
                button { (act.command()) }
                code { (commands.operator(&[act.command(), &record.id, "--reason", WHY])) }
            }
        }
    }
}

/// The records that need a person, and those that are tried again.
#[must_use]
pub fn attention(waiting: &[Row], retried: &[Row]) -> Markup {
    let content = html! {
        h1 { "What needs a person" }
        (rows("Held, conflicts, refused, dead letters", waiting))
        h2 { "Tried again by itself" }
        (rows("Attempts that failed, and come again", retried))
    };
    whole("What needs a person", &content)
}

fn rows(caption: &str, rows: &[Row]) -> Markup {
    html! {
        @if rows.is_empty() { p { "There is none." } } @else {
            div.wide { table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "Received" } th scope="col" { "State" } th scope="col" { "Reason" }
                    th scope="col" { "User" } th scope="col" { "Record" }
                } }
                tbody { @for row in rows { tr {
                    td { (row.received_at) } td { (row.state) } td { (row.reason) }
                    td { (user_link(&row.user)) } td { (link(&row.id)) }
                } } }
            } }
        }
    }
}

/// What the user `user` has, and what it is made of.
#[must_use]
pub fn user(user: &str, statement: &Statement) -> Markup {
    let content = html! {
        h1 { "User" }
        p { code { (user) } }
        h2 { "Balances" }
        @if statement.balances.is_empty() { p { "Nothing is booked." } }
        ul { @for balance in &statement.balances {
            li { (balance.provider) ": " (balance.amount) " " (balance.unit) }
        } }
        h2 { "Entries" }
        div.wide { table {
            caption { "The last entry first" }
            thead { tr {
                th scope="col" { "Received" } th scope="col" { "Amount" } th scope="col" { "Kind" }
                th scope="col" { "Record" }
            } }
            tbody { @for entry in &statement.entries { tr {
                td { (entry.at) } td { (entry.amount) " " (entry.unit) } td { (entry.kind) }
                td { (link(&entry.callback)) }
            } } }
        } }
    };
    whole("User", &content)
}
