//! The targets.
//!
//! | module | target | input |
//! | --- | --- | --- |
//! | [`event`](mod@event) | `event` | what Lambda hands over, JSON |
//! | [`body`] | `PROVIDER_body`, for each provider | a body |
//! | [`query`] | `PROVIDER_query`, where the query has the key | a query string, a type and a body, each on a line of its own |
//! | [`key`](mod@key) | `key` | the parts of a key, one on each line |
//! | [`amount`](mod@amount) | `amount` | a number |

pub mod amount;
pub mod body;
pub mod event;
pub mod key;
pub mod query;

use bundle::provider::PROVIDERS;

/// A target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// What Lambda hands over.
    Event,
    /// A body for a provider.
    Body(&'static str),
    /// A query string and a body for a provider whose query has the key.
    Query(&'static str),
    /// The parts of a key.
    Key,
    /// A number.
    Amount,
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Target> {
    let mut targets = vec![Target::Event];
    for provider in PROVIDERS.iter().map(|it| it.name) {
        targets.push(Target::Body(provider));
        if !query::credentials(provider).is_empty() {
            targets.push(Target::Query(provider));
        }
    }
    targets.extend([Target::Key, Target::Amount]);
    targets
}

impl Target {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Event => "event".to_owned(),
            Self::Body(provider) => format!("{provider}_body"),
            Self::Query(provider) => format!("{provider}_query"),
            Self::Key => "key".to_owned(),
            Self::Amount => "amount".to_owned(),
        }
    }

    /// Where its corpus is kept, from the project's root: that of a provider's target in its folder.
    #[must_use]
    pub fn corpus(&self) -> String {
        match self {
            Self::Body(provider) => format!("functions/{provider}/fuzz/body"),
            Self::Query(provider) => format!("functions/{provider}/fuzz/query"),
            Self::Event | Self::Key | Self::Amount => format!("fuzz/corpus/{}", self.name()),
        }
    }

    /// The provider that it is for, where it is for one.
    #[must_use]
    pub const fn provider(&self) -> Option<&'static str> {
        match self {
            Self::Body(provider) | Self::Query(provider) => Some(provider),
            Self::Event | Self::Key | Self::Amount => None,
        }
    }

    /// Runs it; panics when the input breaks it.
    pub fn run(&self, input: &[u8]) {
        match self {
            Self::Event => event::event(input),
            Self::Body(provider) => body::body(provider, input),
            Self::Query(provider) => query::query(provider, input),
            Self::Key => key::key(input),
            Self::Amount => amount::amount(input),
        }
    }
}
