//! A request as a list shows it, whatever is known of it.

use std::sync::Arc;

use bundle::provider::ProviderEntry;
use dev_server::feed::Exchange;
use jiff::Timestamp;
use operator::log::Line;
use serde_json::Value;

/// A request.
#[derive(Debug, Clone)]
pub enum Item {
    /// That came to the bundle on this machine.
    Exchange(Arc<Exchange>),
    /// That a stack on AWS has logged.
    Logged(Arc<Logged>),
}

/// A line of a stack's log, with its number here.
#[derive(Debug)]
pub struct Logged {
    /// Its number.
    pub number: u64,
    /// The line.
    pub line: Line,
}

impl Logged {
    /// The text that the line has under `name`; empty where there is none.
    #[must_use]
    pub fn said(&self, name: &str) -> &str {
        self.line.said[name].as_str().unwrap_or_default()
    }

    /// The status that it was answered with: a number in a function's line, a text in the API's.
    #[must_use]
    pub fn status(&self) -> u16 {
        let status = &self.line.said["status"];
        let number = status.as_u64().and_then(|it| it.try_into().ok());
        number.or_else(|| status.as_str()?.parse().ok()).unwrap_or_default()
    }
}

impl Item {
    /// Its number: the first is 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Exchange(exchange) => exchange.number,
            Self::Logged(logged) => logged.number,
        }
    }

    /// When it came, or was logged.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Exchange(exchange) => exchange.at,
            Self::Logged(logged) => logged.line.at,
        }
    }

    /// The provider that it is for; empty where that is none.
    #[must_use]
    pub fn provider(&self) -> &str {
        match self {
            // What no route takes may begin with anything.
            Self::Exchange(exchange) if exchange.status == 404 => {
                ProviderEntry::named(exchange.provider()).map_or("", |provider| provider.name)
            }
            Self::Exchange(exchange) => exchange.provider(),
            Self::Logged(logged) => logged.said("provider"),
        }
    }

    /// What it is called: method and path, or what the log has in their place.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Exchange(exchange) => {
                format!("{} {}", exchange.request.method, exchange.request.path)
            }
            Self::Logged(logged) => match (logged.said("provider"), logged.said("kind")) {
                ("", _) => match logged.said("routeKey") {
                    "" | "-" => "to no route".to_owned(),
                    route => route.to_owned(),
                },
                (provider, "") => provider.to_owned(),
                (provider, kind) => format!("{provider} {kind}"),
            },
        }
    }

    /// The status that it was answered with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Exchange(exchange) => exchange.status,
            Self::Logged(logged) => logged.status(),
        }
    }

    /// What became of it, in a word or two.
    #[must_use]
    pub fn outcome(&self) -> String {
        match self {
            Self::Exchange(exchange) => exchange.outcome(),
            Self::Logged(logged) => match (logged.said("outcome"), logged.status()) {
                ("refused", 401) => "not proved".to_owned(),
                ("", 404 | 405) => "no route".to_owned(),
                ("", 429) => "throttled".to_owned(),
                ("", 500..) => "unavailable".to_owned(),
                ("", _) => "refused".to_owned(),
                (outcome, _) => outcome.to_owned(),
            },
        }
    }

    /// The id of its record, where it has one.
    #[must_use]
    pub fn record(&self) -> Option<String> {
        match self {
            Self::Exchange(exchange) => exchange.record(),
            Self::Logged(logged) => {
                Some(logged.said("id")).filter(|id| !id.is_empty()).map(str::to_owned)
            }
        }
    }

    /// Whether `text` is in what is known of it.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        match self {
            Self::Exchange(exchange) => {
                let request = &exchange.request;
                String::from_utf8_lossy(&request.body).contains(text)
                    || request.query.contains(text)
                    || request.path.contains(text)
                    || String::from_utf8_lossy(&exchange.answer).contains(text)
            }
            Self::Logged(logged) => logged.line.said.to_string().contains(text),
        }
    }

    /// What a log line says of it; null where there is none.
    #[must_use]
    pub fn line(&self) -> &Value {
        match self {
            Self::Exchange(_) => &Value::Null,
            Self::Logged(logged) => &logged.line.said,
        }
    }
}
