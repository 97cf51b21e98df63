//! The pages. Whatever somebody sent is escaped by the templates.

pub mod attention;
pub mod line;
pub mod list;
pub mod record;
pub mod request;
pub mod trial;
pub mod user;
mod way;

use std::time::Duration;

use maud::{DOCTYPE, Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What all pages of a process have.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    /// What its forms have, and no other page knows.
    pub token: &'a str,
    /// The stack on AWS that it is about; none for the bundle on this machine.
    pub stack: Option<&'a str>,
}

impl Frame<'_> {
    /// How long its pages leave what may have changed as it is: on AWS each look is paid for.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(if self.stack.is_some() { 30 } else { 1 })
    }

    /// The part of a form that says that it is of this page.
    fn token(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.token); }
    }

    fn whole(&self, title: &str, content: &Markup) -> Markup {
        whole(title, self, content)
    }
}

/// A page that says what is wrong.
#[must_use]
pub fn problem(title: &str, text: &str) -> Markup {
    whole(title, &Frame::default(), &html! { h1 { (title) } p { (text) } })
}

/// What is escaped in a part of a URL: all but what is unreserved (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of a URL.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The page of a record.
pub(crate) fn record_url(id: &str) -> String {
    format!("/records?id={}", encoded(id))
}

/// A link to a record, whose id may be longer than there is room for.
fn link(id: &str) -> Markup {
    html! { a href=(record_url(id)) { (terminal::shortened(id, 40)) } }
}

/// A link to a user's page.
fn user_link(user: &str) -> Markup {
    html! { a href={ "/users?user=" (encoded(user)) } { (user) } }
}

/// A table, which scrolls in itself where it is too wide.
fn table(caption: &str, headings: &[&str], rows: &Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(caption) { table {
            caption { (caption) }
            thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
            tbody { (rows) }
        } }
    }
}

/// A text as it is, invisible characters as escapes; anything else as JSON.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // Two that look alike may differ in what is invisible.
    terminal::visible(&text).into_owned()
}

/// A text to be copied, called `name` on this page.
fn copied(name: &str, text: &str) -> Markup {
    html! {
        pre id=(name) tabindex="0" { (text) }
        button type="button" class="copy" data-copy=(name) hidden { "Copy" }
    }
}

fn whole(title: &str, frame: &Frame<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · callbacks" }
                link rel="stylesheet" href="/console.css";
                script src="/console.js" defer {}
            }
            body data-patience-ms=(frame.patience().as_millis()) {
                nav aria-label="Pages" {
                    a href="/" { "Requests" } " "
                    a href="/attention" { "What needs a person" } " "
                    @match frame.stack {
                        None => a href="/try" { "Try" },
                        Some(stack) => strong { "Stack " (stack) },
                    }
                    " " span #connection role="status" { "Not connected" }
                }
                main { (content) }
            }
        }
    }
}
