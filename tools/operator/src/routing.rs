//! What the template makes of a record: its event, and the queues it goes to.

use aws_sdk_dynamodb::types::AttributeValue;
use bundle::bus::{self, Bus};
use bundle::pipe::{Entry, Pipe};
use bundle::template::Template;
use jiff::Timestamp;
use serde_json::json;
use tables::callbacks::{State, Stored};

use crate::error::Error;
use crate::record::{Item, image, state};

/// The pipes and the rules.
#[derive(Debug)]
pub struct Routing {
    pipes: Vec<Pipe>,
    bus: Bus,
}

impl Routing {
    /// What the template says.
    pub fn of(template: &Template) -> Result<Self, Error> {
        let unusable =
            |id: &str, error: &dyn std::fmt::Display| Error::Template(format!("{id}: {error}"));
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
        // A record from before there were effects: the ledger makes a dead letter of it, so that it is seen.
        for (name, value) in [("effect", "unknown"), ("effect_of", ""), ("settler", "ledger")] {
            new.entry(name.to_owned()).or_insert_with(|| AttributeValue::S(value.to_owned()));
        }
        // What settlement and people did to it since is not in the event.
        if !matches!(state(item), Stored::Known(State::Held | State::Conflict)) {
            new.insert("state".to_owned(), AttributeValue::S(State::Recorded.to_string()));
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
        for (name, value) in [("payload", ""), ("key_id", ""), ("settler", "none")] {
            whole.entry(name.to_owned()).or_insert_with(|| AttributeValue::S(value.to_owned()));
        }
        let Some((bus, entry)) = self.entry(&whole) else { return Vec::new() };
        let event = bus::event(&entry, "", Timestamp::UNIX_EPOCH);
        self.bus.queues(bus, &event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of the event in README.md, in `state`.
    fn item(state: &str) -> Item {
        let texts = [
            ("id", "inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001"),
            ("provider", "inbrain"),
            ("kind", "survey_completed"),
            ("user", "2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001"),
            ("effect", "credit"),
            ("effect_of", ""),
            ("settler", "ledger"),
            ("amount", "100"),
            ("unit", "IAC"),
            ("state", state),
            ("received_at", "2026-11-21T20:54:06.147Z"),
            ("key_id", "2026-11"),
            ("payload", r#"{"PanelistId":"é\n"}"#),
            ("reason", "why"),
            ("fingerprint", "f"),
        ];
        let texts = texts.map(|(name, text)| (name, AttributeValue::S(text.to_owned())));
        let others = [
            ("test", AttributeValue::Bool(false)),
            ("attempts", AttributeValue::N("3".to_owned())),
            ("decisions", AttributeValue::L(vec![AttributeValue::M(Item::new())])),
        ];
        texts.into_iter().chain(others).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn routing() -> Routing {
        let template = Template::parse(include_str!("../../../template.yaml")).expect("YAML");
        Routing::of(&template).expect("pipes and rules")
    }

    #[test]
    fn the_event_is_the_one_that_the_record_was_first() {
        let routing = routing();
        for (state, told) in [
            ("recorded", "recorded"),
            ("dead", "recorded"),
            ("credited", "recorded"),
            ("held", "held"),
        ] {
            let (bus, entry) = routing.entry(&item(state)).expect(state);
            assert_eq!(
                (bus, entry.source.as_str(), entry.detail_type.as_str()),
                ("CallbacksBus", "callbacks", "survey_completed")
            );
            let detail = json!({
                "id": "inbrain#reward#7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001",
                "provider": "inbrain",
                "kind": "survey_completed",
                "user": "2b6f0c1e-94a7-4d0b-8a35-7e1c5d900001",
                "effect": "credit",
                "effect_of": "",
                "settler": "ledger",
                "amount": "100",
                "unit": "IAC",
                "test": false,
                "state": told,
                "received_at": "2026-11-21T20:54:06.147Z",
                "key_id": "2026-11",
                "payload": "{\"PanelistId\":\"é\\n\"}",
            });
            assert_eq!(entry.detail, detail, "{state}");
        }
        assert!(routing.entry(&item("conflict")).is_none());
    }

    #[test]
    fn what_an_index_holds_is_enough_for_the_queues() {
        let routing = routing();
        let listed = |kind: &str, state: &str| {
            let mut item = item(state);
            let whole = ["payload", "key_id", "fingerprint", "effect", "effect_of"];
            item.retain(|name, _| !whole.contains(&name.as_str()));
            item.insert("kind".to_owned(), AttributeValue::S(kind.to_owned()));
            item
        };
        for (kind, state, queues) in [
            ("survey_completed", "recorded", &["LedgerQueue"][..]),
            ("survey_completed", "retrying", &["LedgerQueue"]),
            ("survey_completed", "held", &[]),
            ("survey_completed", "conflict", &[]),
            // Whatever its kind is: the record names its settler.
            ("offer_clicked", "recorded", &["LedgerQueue"]),
        ] {
            assert_eq!(routing.queues(&listed(kind, state)), queues, "{kind} {state}");
        }
        let mut login = listed("user_login", "recorded");
        login.insert("settler".to_owned(), AttributeValue::S("none".to_owned()));
        assert!(routing.queues(&login).is_empty());
    }

    #[test]
    fn a_record_from_before_there_were_effects_is_emitted_to_the_ledger() {
        let mut old = item("recorded");
        for name in ["effect", "effect_of", "settler"] {
            old.remove(name);
        }
        let routing = routing();
        assert!(routing.queues(&old).is_empty());
        let (_, entry) = routing.entry(&old).expect("an event");
        let said = ["effect", "effect_of", "settler"].map(|name| entry.detail[name].as_str());
        assert_eq!(said, [Some("unknown"), Some(""), Some("ledger")]);
    }
}
