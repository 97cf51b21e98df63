//! The targets.
//!
//! | module | targets | input |
//! | --- | --- | --- |
//! | [`event`](mod@event) | `event` | what Lambda hands over, JSON |
//! | [`body`] | `giveaway_body`, `claimr_body`, `devtodev_body`, `inbrain_body`, `appvirality_body` | a body |
//! | [`query`] | `devtodev_query` | a query string, a type and a body, each on a line of its own |
//! | [`key`](mod@key) | `key` | the parts of a key, one on each line |
//! | [`amount`](mod@amount) | `amount` | a number |

pub mod amount;
pub mod body;
pub mod event;
pub mod key;
pub mod query;

pub use amount::amount;
pub use body::{appvirality_body, claimr_body, devtodev_body, giveaway_body, inbrain_body};
pub use event::event;
pub use key::key;
pub use query::devtodev_query;

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which its corpus and its binary have too.
    pub name: &'static str,
    /// Runs it; panics when the input breaks it.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    Target { name: "event", run: event },
    Target { name: "giveaway_body", run: giveaway_body },
    Target { name: "claimr_body", run: claimr_body },
    Target { name: "devtodev_body", run: devtodev_body },
    Target { name: "devtodev_query", run: devtodev_query },
    Target { name: "inbrain_body", run: inbrain_body },
    Target { name: "appvirality_body", run: appvirality_body },
    Target { name: "key", run: key },
    Target { name: "amount", run: amount },
];
