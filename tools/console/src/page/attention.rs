//! The records that wait for somebody or something.

use maud::{Markup, html};

use super::{Frame, link, table, user_link};
use crate::record::Row;

/// The records that need a person, and those that are tried again.
#[must_use]
pub fn attention(frame: &Frame<'_>, waiting: &[Row], retried: &[Row]) -> Markup {
    let content = html! {
        h1 { "What needs a person" }
        (rows("Held, conflicts, refused, dead letters", waiting))
        h2 #again { "Tried again by itself" }
        (rows("Attempts that failed, and come again", retried))
    };
    frame.whole("What needs a person", &content)
}

fn rows(caption: &str, rows: &[Row]) -> Markup {
    html! {
        @if rows.is_empty() { p { "There is none." } } @else {
            (table(caption, &["State", "Record", "Reason", "User", "Received"], &html! {
                @for row in rows { tr {
                    td { (row.state) } td { (link(&row.id)) } td { (row.reason) }
                    td { (user_link(&row.user)) } td { (row.received_at) }
                } }
            }))
        }
    }
}
