//! What a user has.

use maud::{Markup, html};

use super::{Frame, link};
use crate::record::Statement;

/// What the user `user` has, and what it is made of.
#[must_use]
pub fn user(frame: &Frame<'_>, user: &str, statement: &Statement) -> Markup {
    let content = html! {
        h1 { "User" }
        p { code { (user) } }
        h2 { "Balances" }
        @if statement.balances.is_empty() { p { "Nothing is booked." } }
        ul { @for balance in &statement.balances {
            li { (balance.provider) ": " (balance.amount) " " (balance.unit) }
        } }
        h2 { "Entries" }
        div.wide tabindex="0" { table {
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
    frame.whole("User", &content)
}
