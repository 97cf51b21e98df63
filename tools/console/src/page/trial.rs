//! What can be tried with the bundle on this machine.

use maud::{Markup, html};
use trigger::State;

use super::Frame;
use crate::trial::Samples;

/// How a stand-in can fail: what the form sends, and what it is called.
const FAULTS: [(&str, &str); 6] = [
    ("503", "503, unavailable"),
    ("500", "500, an error of its own"),
    ("429", "429, too many"),
    ("401", "401, the key is not known"),
    ("400", "400, refused"),
    ("timeout", "no answer for a minute"),
];

/// The providers that have an API.
const PROVIDERS: [&str; 3] = ["giveaway", "devtodev", "appvirality"];

/// The states, the samples and the faults.
#[must_use]
pub fn trial(frame: &Frame<'_>, samples: &[Samples], faults: &[String]) -> Markup {
    let content = html! {
        h1 { "Try" }
        h2 { "States to look at" }
        p { "Each is brought about with genuine callbacks: " code { "cargo run -- trigger STATE" } " does the same." }
        form.states method="post" action="/try/state" {
            (frame.token())
            @for (state, help) in State::all() {
                div { button name="state" value=(state.name()) { (state.name()) } " " (help) }
            }
        }
        h2 { "Samples" }
        p { code { "cargo run -- send events/NAME.json" } " sends one of the bundle's own as well." }
        @for Samples { provider, names } in samples {
            details {
                summary { (provider) " (" (names.len()) ")" }
                form method="post" action="/try/sample" {
                    (frame.token())
                    input type="hidden" name="provider" value=(provider);
                    @for name in names { button name="name" value=(name) { (name) } }
                }
            }
        }
        h2 { "Faults of the stand-ins" }
        @if faults.is_empty() { p { "None: every call is answered as the provider's page says." } }
        @else {
            p { "Still to come:" }
            ul { @for fault in faults { li { code { (fault) } } } }
            form method="post" action="/try/recover" {
                (frame.token())
                button { "No more faults" }
            }
        }
        form method="post" action="/try/fault" {
            (frame.token())
            label { "Calls of "
                select name="provider" { @for provider in PROVIDERS { option { (provider) } } }
            }
            label { "are answered "
                select name="status" { @for (value, says) in FAULTS { option value=(value) { (says) } } }
            }
            label { "so many times " input type="number" name="times" value="1" min="1" max="1000"; }
            button { "Have them fail" }
        }
    };
    frame.whole("Try", &content)
}
