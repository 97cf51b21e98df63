//! What is sent of a record, and the queues it goes to: as the function that reads the stream does it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use bundle::template::Template;
use dispatch::bus::Bus;
use dispatch::queues::{self, Queues};
use dispatch::{News, Sender};
use settlement::Detail;
use tables::callbacks::{State, Stored};

use crate::error::Error;
use crate::record::{Item, image, state};
use crate::stack::Stack;

/// The function that reads the stream.
const DISPATCH: &str = "DispatchFunction";

/// The queues of the settlers.
#[derive(Debug)]
pub struct Routing {
    /// Logical ids, by the names of the settlers.
    queues: HashMap<String, String>,
}

impl Routing {
    /// What the template says.
    pub fn of(template: &Template) -> Result<Self, Error> {
        let mut settings = template.environment(DISPATCH);
        let queues = settings
            .find_map(|(name, value)| (name == "QUEUES").then_some(value["Fn::Sub"].as_str())?);
        let queues = queues.and_then(|queues| serde_json::from_str(queues).ok());
        let queues: HashMap<String, String> =
            queues.ok_or_else(|| Error::Template(format!("{DISPATCH} has no QUEUES")))?;
        let id = |(settler, queue): (String, String)| {
            (settler, queue.trim_start_matches("${").trim_end_matches('}').to_owned())
        };
        Ok(Self { queues: queues.into_iter().map(id).collect() })
    }

    /// What was sent of `item`, a whole record, when it was new, or when it was accepted; none of a conflict that nobody
    /// has accepted, and of what is no record.
    #[must_use]
    pub fn news(&self, item: &Item) -> Option<News> {
        let mut new = item.clone();
        // What settlement and people did to it since is not told.
        match state(item) {
            Stored::Known(State::Conflict) => return None,
            Stored::Known(State::Held) => {}
            _ => {
                new.insert("state".to_owned(), AttributeValue::S(State::Recorded.to_string()));
            }
        }
        News::of_item(&image(&new).to_string()).ok()
    }

    /// The settlers that have a queue.
    pub fn settlers(&self) -> impl Iterator<Item = &str> {
        self.queues.keys().map(String::as_str)
    }

    /// The logical id of the queue that `item` goes to, for which what an index holds is enough. None for what is
    /// nobody's to settle: a login, a click, a test.
    #[must_use]
    pub fn queues(&self, item: &Item) -> Vec<&str> {
        let mut whole = item.clone();
        for (name, value) in [("payload", ""), ("key_id", ""), ("settler", "none")] {
            whole.entry(name.to_owned()).or_insert_with(|| AttributeValue::S(value.to_owned()));
        }
        let message = self.news(&whole).and_then(|news| news.message());
        let settler = message.as_ref().and_then(Detail::settler);
        let queue = settler.and_then(|settler| queues::of_settler(&self.queues, settler));
        queue.into_iter().collect()
    }

    /// What sends to the queues of `stack`, and to its bus where that is used.
    pub fn sender(&self, stack: &Stack) -> Result<Sender, Error> {
        let url = |(settler, id): (&String, &String)| {
            Ok((settler.clone(), stack.name_of(id)?.to_owned()))
        };
        let urls = self.queues.iter().map(url).collect::<Result<HashMap<_, _>, Error>>()?;
        let queues = Queues::new(stack.clients.sqs.clone(), urls);
        let queues = queues.ok_or_else(|| Error::Template("the ledger has no queue".to_owned()))?;
        let is_used = stack.parameter("EventBusEnabled").as_deref() != Some("false");
        let bus = is_used.then(|| stack.name_of("CallbacksBus")).transpose()?;
        let bus = bus.map(|name| Bus::new(stack.clients.events.clone(), name.to_owned()));
        Ok(Sender::new(queues, bus))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A record in `state`.
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
        Routing::of(&template).expect("queues")
    }

    #[test]
    fn the_message_is_the_one_that_the_record_was_first() {
        let routing = routing();
        for (state, told) in [
            ("recorded", "recorded"),
            ("dead", "recorded"),
            ("credited", "recorded"),
            ("held", "held"),
        ] {
            let news = routing.news(&item(state)).expect(state);
            assert_eq!(news.happening().as_str(), told, "{state}");
            let sent = news.message().expect("a message");
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
            assert_eq!(serde_json::to_value(sent).expect("JSON"), detail, "{state}");
        }
        assert!(routing.news(&item("conflict")).is_none());
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
        let detail = routing.news(&old).and_then(|news| news.message()).expect("told of");
        let said = [detail.effect, detail.effect_of, detail.settler];
        assert_eq!(said, ["unknown", "", "ledger"]);
    }
}
