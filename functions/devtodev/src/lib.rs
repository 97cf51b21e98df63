//! devtodev custom postbacks: a tracker reports an install and where it came from.
//!
//! Source: the provider's page "Custom postback API", whose field list is the one read here. A tracker
//! sends `?apikey=…` with the fields beside it (`GET`), or with a JSON object or a form as the body
//! (`POST`). Nothing but the key proves an install, so that nobody is ever paid from one.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | `source` | where the fields come from: the query string and the body, made one JSON object |
//! | `install` | what the fields say, and what makes an install this one |
//! | `fields`, `identifiers`, `times` | the forms of the fields |
//! | `postback` | a recorded install, as it is passed on to the provider |
//! | `sender` | the tracker's side |

mod fields;
mod identifiers;
mod install;
mod postback;
mod sender;
mod source;
mod times;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, Credential, ParsedCallback, Provider, Refusal, Request, Route, SignedContent,
    UnprovedForm,
};

pub use postback::postback;
pub use source::Source;

/// devtodev; its callbacks come from a tracker of the team's own.
#[derive(Debug, Clone, Copy)]
pub struct Devtodev;

/// How the tracker sends an install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// All of it in the query string.
    Get,
    /// The key in the query string, the fields in the body; see [`Source`].
    Post,
}

impl Provider for Devtodev {
    const NAME: &'static str = "devtodev";
    const CALLER: Caller = Caller::OwnCode;
    type Hook = Hook;
    type Content<'a> = Source<'a>;

    fn routes(&self) -> &'static [(Route, Hook)] {
        const {
            &[
                (Route::get("/devtodev/installs"), Hook::Get),
                (Route::post("/devtodev/installs"), Hook::Post),
            ]
        }
    }

    fn configure(_: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn signed_content<'a>(
        &self,
        hook: Hook,
        request: &'a Request,
    ) -> Result<SignedContent<'a, Source<'a>>, Refusal> {
        let query = UnprovedForm::parse(&request.query, "the query string");
        let key = query.get("apikey")?.ok_or(Refusal::Unauthenticated)?.to_owned();
        Ok(SignedContent {
            credential: Credential::SharedKey(key.into()),
            content: Source::new(hook, query, request),
        })
    }

    fn read(
        &self,
        _: Hook,
        content: Source<'_>,
        received_at: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        install::read(content.into_json()?, received_at)
    }
}

#[cfg(test)]
mod tests {
    use verify::{Keys, Object, Secret, Sender};

    use super::*;

    const KEYS: &str = r#"{"keys":[{"id":"tracker","secret":"test-key-0000"}]}"#;

    fn received_at() -> Timestamp {
        "2020-01-01T00:00:00Z".parse().expect("a time")
    }

    /// What becomes of a request, as in the function.
    fn take(hook: Hook, request: &Request) -> Result<ParsedCallback, Refusal> {
        let keys = Keys::from_json(KEYS).expect("usable");
        let claim = Devtodev.signed_content(hook, request)?;
        let proved = keys.prove(claim).map_err(|_| Refusal::Unauthenticated)?;
        let read = |content| Devtodev.read(hook, content, received_at());
        Ok(proved.into_callback("devtodev", received_at(), read)?.parsed().clone())
    }

    fn get(query: &str) -> Result<ParsedCallback, Refusal> {
        take(Hook::Get, &Request { query: query.to_owned(), ..Request::default() })
    }

    fn post(query: &str, kind: &str, body: &str) -> Result<ParsedCallback, Refusal> {
        let mut request = Request::json(body.to_owned());
        query.clone_into(&mut request.query);
        request.headers.insert("content-type", kind.parse().expect("a header value"));
        take(Hook::Post, &request)
    }

    #[test]
    fn the_key_comes_first() {
        for query in [
            "",
            "apikey",
            "apikey=",
            "apikey=wrong",
            "APIKEY=test-key-0000",
            "apikey=test-key-0000%20",
            "publisher_name=&cost=-1&cost=-1",
        ] {
            assert_eq!(get(query), Err(Refusal::Unauthenticated), "{query}");
            for body in ["not JSON", r#"{"apikey":"test-key-0000"}"#, r#"{"a":1,"a":1}"#] {
                let refused = post(query, "application/json", body);
                assert_eq!(refused, Err(Refusal::Unauthenticated), "{query} {body}");
            }
        }
        let twice = "apikey=test-key-0000&apikey=test-key-0000";
        assert_eq!(get(twice), Err(Refusal::Unauthenticated));
        assert_eq!(get("apikey=wrong&%61pikey="), Err(Refusal::Unauthenticated));
        for query in ["a=%", "%=a", "apikey=%", "apikey=wrong&a=%ff"] {
            assert_eq!(get(query), Err(Refusal::Unauthenticated), "{query}");
        }
        let undecodable = Refusal::Undecodable { what: "the query string" };
        for query in ["apikey=test-key-0000&a=%", "apikey=%&apikey=test-key-0000"] {
            assert_eq!(get(query), Err(undecodable.clone()), "{query}");
        }
    }

    #[test]
    fn an_install_is_the_same_however_it_was_sent() {
        let key = "apikey=test-key-0000";
        let pairs = "publisher_name=P+%26+Q&campaign_id=12&country_code=us&cost=0.50&os_id=\
            &google_aid=0123456789ab-cdef-0123-456789abcdef&install_timestamp=2019-01-02%2018:01:23";
        let json = r#"{"publisher_name":"P & Q","campaign_id":12,"country_code":"US","cost":0.5,
            "google_aid":"0123456789abcdef0123456789abcdef","os_id":null,
            "install_timestamp":"2019-01-02 18:01:23"}"#;
        let one = get(&format!("{key}&{pairs}")).expect("a GET");
        for other in [
            post(key, "application/json", json).expect("JSON"),
            post(key, "application/x-www-form-urlencoded", pairs).expect("a form"),
            post(&format!("{key}&{pairs}"), "application/json", "").expect("a POST of nothing"),
            post(&format!("{key}&more=1"), "application/json", json).expect("JSON and more"),
        ] {
            assert_eq!((&one.key, &one.fingerprint), (&other.key, &other.fingerprint));
            assert_eq!(one.user, other.user);
            assert!(!other.payload.contains("test-key-0000"), "{}", other.payload);
        }
        assert!(one.payload.starts_with(r#"{"publisher_name":"P & Q","#), "{}", one.payload);
        assert!(!one.payload.contains("apikey"), "{}", one.payload);
    }

    #[test]
    fn a_repeated_field_is_refused_before_its_form() {
        let query = "apikey=test-key-0000&cost=-1&user_id=u&cost=-1";
        assert_eq!(get(query), Err(Refusal::repeated("cost")));
        let body = r#"{"cost":-1,"user_id":"u"}"#;
        let refused = post("apikey=test-key-0000&cost=-1", "application/json", body);
        assert_eq!(refused, Err(Refusal::repeated("cost")));
    }

    #[test]
    fn the_samples_do_what_their_names_say() {
        let secret = |text: &str| Secret::new(text.to_owned()).expect("not empty");
        let samples: Vec<serde_json::Value> =
            serde_json::from_str(Devtodev::SAMPLES).expect("an array");
        let mut keys = std::collections::HashSet::new();
        for sample in &samples {
            let name = sample["name"].as_str().expect("a name");
            let route =
                Devtodev.routes().iter().find(|(route, _)| route.to_string() == sample["route"]);
            let (_, hook) = *route.expect("a route");
            let forged = sample["forged"] == true;
            let secret = secret(if forged { "another key" } else { "test-key-0000" });
            let payload = sample["payload"].to_string();
            let request = Devtodev.sign(hook, &payload, &secret).expect("signable");
            match (name, take(hook, &request)) {
                ("devtodev-forged", taken) => assert_eq!(taken, Err(Refusal::Unauthenticated)),
                ("devtodev-malformed", taken) => {
                    assert_eq!(taken.expect_err("31 digits").field(), Some("google_aid"));
                }
                (_, taken) => {
                    let facts = taken.expect(name);
                    assert!(Object::parse(facts.payload.as_bytes()).is_ok());
                    assert!(keys.insert(facts.key), "{name}");
                }
            }
        }
        assert_eq!((samples.len(), keys.len()), (4, 2));
    }
}
