//! One request to a stack on AWS, by the line that it has logged.

use maud::{Markup, html};

use super::{Frame, link, plain, table, way};
use crate::command::CommandError;
use crate::item::{Item, Logged};
use crate::record::Record;

/// One request, `item`, of which `logged` is the line; `id` is the id of its record, where it has one, and `record` that, or
/// why it cannot be shown.
#[must_use]
pub fn line(
    frame: &Frame<'_>,
    item: &Item,
    logged: &Logged,
    id: Option<&str>,
    record: Option<&Result<Record, CommandError>>,
) -> Markup {
    let why = [logged.said("reason"), logged.said("field"), logged.said("signature_headers")];
    let why: Vec<_> = why.into_iter().filter(|part| !part.is_empty()).collect();
    let why = if why.is_empty() { item.outcome() } else { why.join(", ") };
    let key = Some(logged.said("key_id")).filter(|key| !key.is_empty());
    let steps = way::of_request(item.status(), &item.outcome(), why, key, record);
    let fields = logged.line.said.as_object();
    let title = item.title();
    let content = html! {
        h1 { (title) }
        div #live data-fresh data-record=(id.unwrap_or_default()) { (way::list(&steps)) }
        @if let Some(id) = id { p { "Its record: " (link(id)) } }
        h2 { "What was logged" }
        (table(&item.at().to_string(), &["Name", "Value"], &html! {
            @for (name, value) in fields.into_iter().flatten() {
                tr { th scope="row" { (name) } td { code { (plain(value)) } } }
            }
        }))
        p { "A request that was refused is not kept: its line is all that there is of it." }
    };
    frame.whole(&title, &content)
}
