//! What is logged, with everything logged that ever is: ids, and nothing that was sent. No secret, no
//! signature, no body, no query string, no e-mail address; nor in an answer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bundle::provider::PROVIDERS;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::event::{self, Event};
use crate::support::lambda::{Output, Settings};
use crate::support::metrics;
use crate::support::proxy::Fate;
use crate::support::{Deployed, deploy, deploy_with};

/// The names of what proves a request, wherever they stand: what is another under another key.
static CREDENTIALS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    // As inBrain once called its own.
    let mut names = BTreeSet::from(["Signature".to_owned()]);
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let [one, other] = ["one secret", "another"].map(|secret| {
            Event::numbered(provider, 1, secret).members().into_iter().collect::<BTreeSet<_>>()
        });
        let before = names.len();
        names.extend(one.difference(&other).map(|(name, _)| name.clone()));
        assert!(names.len() > before, "{provider} has no credential of its own");
    }
    names
});

/// Texts that must not be seen.
#[derive(Default)]
struct Confidential(BTreeSet<String>);

impl Confidential {
    fn add(&mut self, text: &str) {
        // What is shorter may stand anywhere by chance.
        if text.len() >= 8 {
            self.0.insert(text.to_lowercase());
        }
    }

    /// Everything in `event` that is nobody's business.
    fn add_event(&mut self, event: &Event) {
        let query = event.0["rawQueryString"].as_str().unwrap_or_default();
        self.add(event.body());
        self.add(query);
        for (name, value) in event.members() {
            self.add_member(&name, &value);
        }
    }

    fn add_member(&mut self, name: &str, value: &str) {
        if CREDENTIALS.contains(name) || value.contains('@') || value.contains("%40") {
            self.add(value);
            self.add(&value.replace("%40", "@"));
            self.add(&value.replace('@', "%40"));
        }
    }

    fn add_keys(&mut self, settings: &Settings) {
        let keys = settings.get("KEYS").expect("keys");
        self.add(keys);
        let keys: Value = serde_json::from_str(keys).expect("keys");
        for key in keys["keys"].as_array().expect("keys") {
            self.add(key["secret"].as_str().expect("text"));
        }
    }

    #[track_caller]
    fn assert_not_in(&self, text: &str) {
        let text = text.to_lowercase();
        for confidential in &self.0 {
            assert!(!text.contains(confidential), "{confidential} is in {text}");
        }
        assert!(!text.contains('@') && !text.contains("%40"), "an address is in {text}");
    }

    #[track_caller]
    fn assert_not_told(&self, answer: &Answer) {
        self.assert_not_in(&format!("{:?}{}", answer.headers, answer.body));
    }
}

/// The lines of the log, as many as there were `callbacks`, each a JSON object of known members. Those
/// that are metrics name nothing but the provider and a reason of the code's own.
#[track_caller]
fn lines(output: &Output, callbacks: usize) -> Vec<Value> {
    const KNOWN: [&str; 15] = [
        "timestamp",
        "level",
        "message",
        "request_id",
        "provider",
        "kind",
        "id",
        "key_id",
        "outcome",
        "reason",
        "field",
        "signature_headers",
        "status",
        "total_ms",
        "store_ms",
    ];
    let lines = output.stdout.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        if metrics::is_document(&line) {
            assert_dimensions_are_our_own(&line);
            return line;
        }
        for name in line.as_object().expect("an object").keys() {
            assert!(KNOWN.contains(&&**name), "{name} in {line}");
        }
        line
    });
    let lines: Vec<_> = lines.filter(|line| line["message"] == "callback").collect();
    assert_eq!(lines.len(), callbacks, "{}", output.stdout);
    lines
}

#[track_caller]
fn assert_dimensions_are_our_own(document: &Value) {
    for measured in metrics::measured(&document.to_string()) {
        for (name, value) in measured.dimensions {
            match name.as_str() {
                "Provider" => assert_eq!(event::entry(&value).name, value),
                "Reason" => assert!(value.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')),
                _ => panic!("{name} in {document}"),
            }
        }
    }
}

#[tokio::test]
async fn sample_events_leave_no_confidence_in_the_log() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        let mut confidential = Confidential::default();
        confidential.add_keys(&Settings::sample(provider, &dynamodb));
        confidential.add("wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY");
        confidential.add("IQoJb3JpZ2luX2VjEXAMPLETOKEN");
        let mut callbacks = 0;
        for fate in [Fate::Answered, Fate::Instead(400, r#"{"__type":"x#AccessDeniedException"}"#)]
        {
            dynamodb.proxy.befall(&[fate]);
            for name in event::sample_names(provider) {
                let event = Event::sample(&name);
                confidential.add_event(&event);
                for event in [event.clone(), event.into_binary()] {
                    confidential.assert_not_told(&function.invoke(&event).await);
                    callbacks += 1;
                }
            }
        }
        assert!(confidential.0.len() > callbacks / 4, "{:?}", confidential.0);
        let output = function.stop().await;
        confidential.assert_not_in(&output.stdout);
        assert_eq!(output.stderr, "", "{provider}");
        let lines = lines(&output, callbacks);
        for (name, value) in [
            ("outcome", "recorded"),
            ("outcome", "duplicate"),
            ("outcome", "refused"),
            ("outcome", "unavailable"),
            ("reason", "unauthenticated"),
            ("reason", "store_refused"),
            ("provider", provider),
        ] {
            assert!(lines.iter().any(|line| line[name] == value), "{provider}: no {name} {value}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_an_id_is_not_told() {
    for (provider, route, payload) in [
        (
            "claimr",
            "POST /claimr/webhooks",
            r#"{"id":"eve@example.com","scope":"user_login","user_id":"eve@example.com"}"#,
        ),
        (
            "devtodev",
            "GET /devtodev/installs",
            r#"{"id":"eve@example.com","publisher_name":"p@example.com","user_id":"eve@example.com"}"#,
        ),
        (
            "inbrain",
            "POST /inbrain/success",
            r#"{"PanelistId":"eve@example.com","RewardType":"ad_hoc","RewardId":"c55b3483-5755-42f8-9bc5-5c185862e35a","Reward":1,"RevenueAmount":1,"IsTest":false}"#,
        ),
        (
            "appvirality",
            "POST /appvirality/loyalty/user-reward",
            r#"{"campaignid":"1@example.com","emailid":"eve@example.com","rewardid":"9@example.com","reward_type":"Other","rewarddetails":[{"rewarddtlid":"7@example.com"}]}"#,
        ),
        (
            "appvirality",
            "POST /appvirality/loyalty/conversion",
            r#"{"campaignid":"1@example.com","eventname":"eve@example.com","user":{"emailid":"eve@example.com"}}"#,
        ),
    ] {
        let Deployed { mut function, .. } = deploy(provider).await;
        let event = Event::signed(provider, route, payload);
        let mut confidential = Confidential::default();
        confidential.add_event(&event);
        for outcome in ["recorded", "duplicate"] {
            let answer = function.invoke(&event).await;
            answer.assert_kept(outcome);
            confidential.assert_not_told(&answer);
        }
        confidential.assert_not_in(&function.stop().await.stdout);
    }
}

/// Names are the caller's too.
#[tokio::test]
async fn what_is_refused_is_not_repeated() {
    let secret = event::sample_secret("claimr");
    let message = |body: &str| Event::signed_with(&secret, "claimr", "POST /claimr/webhooks", body);
    let query = |query: &str| {
        let key = event::sample_secret("devtodev");
        let query = format!("apikey={key}&publisher_name=p&user_id=u&{query}");
        Event::sample("devtodev-install-get").with("rawQueryString", query)
    };
    let address = "mallory@example.com";
    for (provider, events) in [
        (
            "claimr",
            vec![
                message(&format!(
                    r#"{{"{address}":1,"{address}":2,"id":"1","scope":"user_login"}}"#
                )),
                message(&format!(r#"{{"id":"1","scope":"{address}","user_id":"u"}}"#)),
                message(&format!(r#"{{"id":{{"{address}":1}},"scope":"user_login"}}"#)),
                message(&format!(r#"{{"id":"{address}""#)),
                Event::sample("claimr-user-login").with("rawPath", address),
                Event::sample("claimr-user-login").with("routeKey", format!("POST /{address}")),
                Event::sample("claimr-user-login").with("headers/host", format!("{address}/")),
                Event::sample("claimr-user-login").with("requestContext/http/method", "M@LLORY"),
            ],
        ),
        (
            "devtodev",
            vec![
                query(&format!("{address}=1&{address}=2")),
                query("mallory%40example.com=1&mallory%40example.com=2"),
                query(&format!("cost={address}")),
                query(&format!("country_code={address}")),
                query(&format!("install_timestamp={address}")),
                query(&format!("s_ad={address} ")),
            ],
        ),
    ] {
        let Deployed { mut function, dynamodb } = deploy(provider).await;
        let mut confidential = Confidential::default();
        let callbacks = events.len();
        for event in events {
            confidential.add_event(&event);
            let answer = function.invoke(&event).await;
            assert!((400..500).contains(&answer.status), "{event}: {answer:?}");
            confidential.assert_not_told(&answer);
        }
        assert_eq!(dynamodb.items(), []);
        let output = function.stop().await;
        confidential.assert_not_in(&output.stdout);
        assert_eq!(output.stderr, "", "{provider}");
        lines(&output, callbacks);
    }
}

#[tokio::test]
async fn faults_leave_no_confidence_in_the_log() {
    let Deployed { mut function, dynamodb } = deploy("appvirality").await;
    let event = Event::sample("appvirality-referral-referrer-reward");
    let mut confidential = Confidential::default();
    confidential.add_event(&event);
    let said = r#"{"__type":"x#ValidationException","message":"sam@example.com is not valid"}"#;
    let fates = [
        Fate::Instead(400, said),
        Fate::Instead(500, said),
        Fate::Instead(200, "sam@example.com"),
        Fate::LostRequest,
        Fate::HalfReply,
        Fate::HeldRequest,
    ];
    for fate in fates {
        dynamodb.proxy.befall(&[fate]);
        let answer = function.invoke(&event).await;
        answer.assert_unavailable();
        confidential.assert_not_told(&answer);
    }
    dynamodb.proxy.stop().await;
    confidential.assert_not_told(&function.invoke(&event).await);
    let output = function.stop().await;
    confidential.assert_not_in(&output.stdout);
    assert_eq!(output.stderr, "");
    let lines = lines(&output, fates.len() + 1);
    assert!(lines.iter().all(|line| line["outcome"] == "unavailable"), "{lines:?}");
    assert!(lines.iter().all(|line| line["key_id"] == json!("sample")), "{lines:?}");
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_not_told() {
    for keys in [
        r#"{"keys":[{"id":"a","secret":"the key to the kingdom"},{"id":"a","secret":"another one"}]}"#,
        r#"{"keys":[{"id":"","secret":"the key to the kingdom"}]}"#,
        r#"{"keys":"the key to the kingdom"}"#,
        "the key to the kingdom",
    ] {
        let with_keys = |settings: Settings| settings.with("KEYS", keys);
        let Deployed { mut function, .. } = deploy_with("giveaway", with_keys).await;
        let answer = function.invoke(Event::sample("giveaway-action")).await;
        answer.assert_unavailable();
        let output = function.stop().await;
        let said = format!("{answer:?}{output:?}");
        assert!(!said.contains("kingdom") && !said.contains("another"), "{said}");
    }
}
