//! One request to a stack on AWS, by the line that it has logged.

use maud::{Markup, html};

use super::{Frame, link, way};
use crate::item::{Item, Logged};
use crate::record::Record;

/// One request; `record` is its record, where it has one, or why that cannot be shown.
#[must_use]
pub fn line(
    frame: &Frame<'_>,
    logged: &std::sync::Arc<Logged>,
    record: Option<&Result<Record, String>>,
) -> Markup {
    let item = Item::Logged(std::sync::Arc::clone(logged));
    let why = [logged.said("reason"), logged.said("field"), logged.said("signature_headers")];
    let why: Vec<_> = why.into_iter().filter(|part| !part.is_empty()).collect();
    let why = if why.is_empty() { item.outcome() } else { why.join(", ") };
    let steps = way::of_request(item.status(), &item.outcome(), why, record);
    let fields = logged.line.said.as_object();
    let title = item.title();
    let content = html! {
        h1 { (title) }
        div #live data-fresh data-record=(item.record().unwrap_or_default()) { (way::list(&steps)) }
        @if let Some(id) = item.record() { p { "Its record: " (link(&id)) } }
        h2 { "What was logged" }
        div.wide tabindex="0" { table {
            caption { (item.at()) }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } } }
            tbody { @for (name, value) in fields.into_iter().flatten() {
                tr { th scope="row" { (name) } td { code { (value) } } }
            } }
        } }
        p { "A request that was refused is not kept: its line is all that there is of it." }
    };
    frame.whole(&title, &content)
}
