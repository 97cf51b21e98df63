//! What the template makes of a record: its event, and the queues it goes to.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use local::bus::{self, Bus};
use local::pipe::{Entry, Pipe};
use local::template::Template;
use serde_json::json;

use crate::failure::Failure;
use crate::record::{Item, image, text};

/// The pipes and the rules.
#[derive(Debug)]
pub struct Routing {
    pipes: Vec<Pipe>,
    bus: Bus,
}

impl Routing {
    /// What the template says.
    ///
    /// # Errors
    ///
    /// [`Failure::Template`].
    pub fn of(template: &Template) -> Result<Self, Failure> {
        let unusable =
            |id: &str, error: &dyn std::fmt::Display| Failure::Template(format!("{id}: {error}"));
        Ok(Self {
            pipes: Pipe::all(template).map_err(|(id, error)| unusable(&id, &error))?,
            bus: Bus::of(template).map_err(|(id, error)| unusable(&id, &error))?,
        })
    }

    /// The logical id of the bus and the event that the pipes made of `item` when it was new, or when it
    /// was accepted; none of a conflict that nobody has accepted.
    #[must_use]
    pub fn entry(&self, item: &Item) -> Option<(&str, Entry)> {
        let mut new = item.clone();
        // What settlement and people did to it since is not in the event.
        if !matches!(text(item, "state"), Some("held" | "conflict")) {
            new.insert("state".to_owned(), AttributeValue::S("recorded".to_owned()));
        }
        let record = json!({"eventName": "INSERT", "dynamodb": {"NewImage": image(&new)}});
        self.pipes.iter().find_map(|pipe| {
            let entry = pipe.entry(&record).ok().flatten()?;
            Some((pipe.bus.as_str(), entry))
        })
    }

    /// The logical ids of the queues that the event of `item` goes to, for which what an index holds is
    /// enough. None for what is nobody's to settle: a login, a click, a test.
    #[must_use]
    pub fn queues(&self, item: &Item) -> Vec<&str> {
        let mut whole = item.clone();
        for name in ["payload", "key_id"] {
            let nothing = || AttributeValue::S(String::new());
            whole.entry(name.to_owned()).or_insert_with(nothing);
        }
        let Some((bus, entry)) = self.entry(&whole) else { return Vec::new() };
        let event = bus::event(&entry, "", Timestamp::UNIX_EPOCH);
        self.bus.queues(bus, &event)
    }
}
