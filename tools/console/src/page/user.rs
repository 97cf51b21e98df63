//! What a user has.

use maud::{Markup, html};

use super::{Frame, link, table};
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
        (table("The last entry first", &["Received", "Amount", "Kind", "Record"], &html! {
            @for entry in &statement.entries { tr {
                td { (entry.at) } td { (entry.amount) " " (entry.unit) } td { (entry.kind) }
                td { (link(&entry.callback)) }
            } }
        }))
    };
    frame.whole("User", &content)
}
