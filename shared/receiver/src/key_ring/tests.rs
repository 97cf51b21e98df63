//! Against a stand-in for Secrets Manager. Time is set forward, never waited for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use test_support::secrets_manager::Reply;
use test_support::{Answer, SecretsManager, ThirdParty};
use verify::Credential;

use super::*;

const OLD: &str = r#"{"keys":[{"id":"old","secret":"one"}]}"#;
const NEW: &str = r#"{"keys":[{"id":"new","secret":"two"}]}"#;
const BOTH: &str = r#"{"keys":[{"id":"old","secret":"one"},{"id":"new","secret":"two"}]}"#;
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys";

/// A Secrets Manager that replies so.
fn serve(reply: Reply) -> SecretsManager {
    SecretsManager::up(SECRET, reply)
}

/// A key ring that reads from `server`.
fn key_ring(server: &SecretsManager) -> KeyRing {
    configure(&[("KEYS_SECRET", SECRET), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &server.url())])
}

fn configure(settings: &[(&str, &str)]) -> KeyRing {
    let fixed = [("AWS_REGION", "r"), ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let all: Settings = fixed.iter().chain(settings).copied().collect();
    KeyRing::configure(&all, None).expect("configured")
}

/// What becomes of a request with the credential `secret`: the id of the key that proves it.
async fn proved(key_ring: &KeyRing, secret: &'static str) -> Result<String, &'static str> {
    let claim = SignedContent { credential: Credential::SharedKey(secret.into()), content: () };
    match key_ring.prove(claim).await {
        Ok(Ok(authenticated)) => Ok(authenticated.key_id().to_string()),
        Ok(Err(refusal)) => Err(refusal.reason()),
        Err(outage) => Err(outage.reason()),
    }
}

/// Sets the clock forward by `seconds`.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

const PROVED: Result<&str, &str> = Ok("old");
const FORGED: Result<&str, &str> = Err("unauthenticated");

/// Asserts what becomes of requests, each with a credential.
macro_rules! assert_proved {
    ($key_ring:expr, $($secret:literal => $becomes:expr),+) => {
        $(assert_eq!(proved(&$key_ring, $secret).await.as_deref().map_err(|reason| *reason), $becomes);)+
    };
}

/// What people paste with a secret.
const STRAYS: [&str; 7] = ["\n", "\r\n", " ", "\t", "\u{a0}", "\u{feff}", "\u{200b}"];

const PASTED_WRONGLY: Result<&str, &str> = Err("keys_pasted_wrongly");

#[tokio::test]
async fn what_may_be_made_with_a_key_that_was_pasted_wrongly_is_not_refused() {
    for stray in STRAYS {
        for secret in [format!("one{stray}"), format!("{stray}one"), stray.to_owned()] {
            let alone = serde_json::json!({"keys": [{"id": "old", "secret": secret}]});
            let given = configure(&[("KEYS", &alone.to_string())]);
            assert_proved!(given, "one" => PASTED_WRONGLY, "forged" => PASTED_WRONGLY);
            let as_it_stands = secret.leak();
            assert_eq!(proved(&given, as_it_stands).await, Err("keys_pasted_wrongly"));

            let other = serde_json::json!({"id": "new", "secret": "two"});
            let both = serde_json::json!({"keys": [alone["keys"][0], other]});
            let given = configure(&[("KEYS", &both.to_string())]);
            assert_proved!(given, "two" => Ok("new"), "one" => PASTED_WRONGLY);
            assert_eq!(proved(&given, as_it_stands).await, Err("keys_pasted_wrongly"));
        }
    }
}

#[tokio::test]
async fn a_key_that_is_pasted_again_is_taken_within_half_a_minute() {
    let server = serve(Reply::secret(r#"{"keys":[{"id":"old","secret":"one\n"}]}"#));
    let key_ring = key_ring(&server);
    assert_proved!(key_ring, "one" => PASTED_WRONGLY, "forged" => PASTED_WRONGLY);
    server.serve(OLD);
    later(31).await;
    assert_proved!(key_ring, "one" => PROVED, "forged" => FORGED);
}

#[tokio::test]
async fn what_may_be_made_with_a_key_of_another_form_is_not_refused() {
    let no_digits = |secret: &Secret| {
        let digits = secret.expose_text().bytes().all(|b| b.is_ascii_digit());
        (!digits).then_some(PasteFlaw::NoSuchForm("a number"))
    };
    let server =
        serve(Reply::secret(r#"{"keys":[{"id":"old","secret":"1"},{"id":"new","secret":"2"}]}"#));
    let digits = key_ring(&server).held_to(no_digits);
    assert_proved!(digits, "1" => Ok("old"), "2" => Ok("new"), "3" => FORGED);
    server.serve(r#"{"keys":[{"id":"old","secret":"1"},{"id":"new","secret":"two"}]}"#);
    later(31).await;
    assert_proved!(digits, "3" => PASTED_WRONGLY, "1" => Ok("old"), "2" => PASTED_WRONGLY);
    server.serve(r#"{"keys":[{"id":"old","secret":"1"},{"id":"new","secret":"2"}]}"#);
    later(31).await;
    assert_proved!(digits, "2" => Ok("new"), "3" => FORGED);
}

#[tokio::test]
async fn keys_are_read_once() {
    let server = serve(Reply::secret(OLD));
    let key_ring = key_ring(&server);
    key_ring.warm().await.expect("keys");
    for _ in 0..5 {
        assert_proved!(key_ring, "one" => PROVED);
    }
    assert_eq!(server.reads(), 1);
}

#[tokio::test]
async fn simultaneous_first_callbacks_read_once() {
    let server = serve(Reply::secret(OLD));
    let key_ring = Arc::new(key_ring(&server));
    let mut callbacks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let key_ring = Arc::clone(&key_ring);
        callbacks.spawn(async move { proved(&key_ring, "one").await });
    }
    for proved in callbacks.join_all().await {
        assert_eq!(proved.as_deref().map_err(|reason| *reason), PROVED);
    }
    assert_eq!(server.reads(), 1);
}

#[tokio::test]
async fn a_flood_of_forgeries_costs_one_read_in_30_seconds() {
    let server = serve(Reply::secret(OLD));
    let key_ring = key_ring(&server);
    for reads in 1..=3 {
        for _ in 0..20 {
            assert_proved!(key_ring, "forged" => FORGED, "one" => PROVED);
        }
        assert_eq!(server.reads(), reads);
        later(28).await;
        assert_proved!(key_ring, "forged" => FORGED);
        assert_eq!(server.reads(), reads);
        later(2).await;
    }
}

#[tokio::test]
async fn a_rotation_needs_no_deploy() {
    let server = serve(Reply::secret(OLD));
    let key_ring = key_ring(&server);
    assert_proved!(key_ring, "one" => PROVED);
    server.serve(NEW);
    assert_proved!(key_ring, "two" => FORGED, "one" => PROVED);
    later(30).await;
    assert_proved!(key_ring, "two" => Ok("new"), "one" => FORGED);
    assert_eq!(server.reads(), 2);
}

/// Callbacks and forgeries flow all the while, to execution environments that last read the keys any
/// number of seconds before the new one was added.
#[tokio::test]
async fn a_rotation_refuses_no_genuine_callback() {
    for phase in 0..30 {
        let server = serve(Reply::secret(OLD));
        let key_ring = key_ring(&server);
        key_ring.warm().await.expect("keys");
        for second in 0..420 {
            let since_added = second - phase;
            match since_added {
                0 => server.serve(BOTH),
                40 => server.serve(NEW),
                _ => {}
            }
            if since_added < 30 {
                assert_proved!(key_ring, "one" => Ok("old"));
            } else {
                assert_proved!(key_ring, "two" => Ok("new"));
            }
            assert_proved!(key_ring, "forged" => FORGED);
            later(1).await;
        }
        assert_proved!(key_ring, "one" => FORGED);
        assert!(server.reads() <= 1 + 420 / 30, "{} reads", server.reads());
    }
}

/// A read gives the keys as they were when it was begun, not when it ended.
#[tokio::test]
async fn a_new_key_counts_after_30_seconds_however_slow_the_read_before_it_was() {
    let server = serve(Reply::Late(OLD.to_owned()));
    let key_ring = key_ring(&server);
    let rotation = async {
        while server.reads() == 0 {
            tokio::task::yield_now().await;
        }
        server.serve(NEW);
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(500)).await;
        tokio::time::resume();
        server.release();
    };
    let (warmed, ()) = tokio::join!(key_ring.warm(), rotation);
    warmed.expect("keys");
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(29_500)).await;
    tokio::time::resume();
    assert_proved!(key_ring, "two" => Ok("new"));
}

#[tokio::test]
async fn a_key_that_was_taken_away_is_of_no_use_after_five_minutes() {
    let server = serve(Reply::secret(OLD));
    let key_ring = key_ring(&server);
    assert_proved!(key_ring, "one" => PROVED);
    server.serve(NEW);
    later(298).await;
    assert_proved!(key_ring, "one" => PROVED);
    assert_eq!(server.reads(), 1);
    later(2).await;
    assert_proved!(key_ring, "one" => FORGED);
    assert_eq!(server.reads(), 2);
}

#[tokio::test]
async fn an_outage_leaves_the_keys_as_they_are() {
    for outage in [
        Reply::HangUp,
        Reply::Body("<html>"),
        Reply::Error(400, "InternalServiceError"),
        Reply::Error(400, "ThrottlingException"),
        Reply::Error(400, "AccessDeniedException"),
        Reply::Error(400, "ResourceNotFoundException"),
    ] {
        let server = serve(Reply::secret(OLD));
        let key_ring = key_ring(&server);
        assert_proved!(key_ring, "one" => PROVED);
        server.reply(outage.clone());
        // What the keys do not match may be made with one that they do not have yet.
        let unknown = Err("keys_unreachable");
        later(30).await;
        assert_proved!(key_ring, "two" => unknown, "one" => PROVED);
        let asked = server.reads();
        // It is not asked again and again meanwhile.
        assert_proved!(key_ring, "two" => unknown, "one" => PROVED);
        assert_eq!(server.reads(), asked, "{outage:?}");
        later(300).await;
        assert_proved!(key_ring, "one" => PROVED, "two" => unknown);
        server.serve(NEW);
        later(30).await;
        assert_proved!(key_ring, "two" => Ok("new"), "one" => FORGED);
    }
}

#[tokio::test]
async fn without_keys_nothing_is_accepted_until_there_are_some() {
    for (reply, reason) in [
        (Reply::HangUp, "keys_unreachable"),
        (Reply::Body("<html>"), "keys_unreachable"),
        (Reply::Error(400, "AccessDeniedException"), "keys_unreachable"),
        (Reply::Error(400, "ResourceNotFoundException"), "keys_missing"),
        (Reply::Error(400, "DecryptionFailure"), "keys_unreachable"),
        (Reply::Binary("e30="), "keys_unusable"),
        (Reply::secret(""), "keys_unusable"),
        (Reply::secret("one"), "keys_unusable"),
        (Reply::secret("{}"), "keys_unusable"),
        (Reply::secret(r#"{"keys":[]}"#), "keys_unusable"),
        (Reply::secret(r#"{"keys":[{"id":"old","secret":""}]}"#), "keys_unusable"),
    ] {
        let server = serve(reply.clone());
        let key_ring = key_ring(&server);
        assert_eq!(key_ring.warm().await.map_err(KeysUnavailable::reason), Err(reason));
        assert_proved!(key_ring, "one" => Err(reason), "" => Err(reason));
        // The first reads are made as they are needed: what failed ahead of the first callback may go
        // well with it.
        server.serve(OLD);
        assert_proved!(key_ring, "one" => PROVED, "" => FORGED);
    }
}

#[tokio::test]
async fn a_flood_finds_reads_further_and_further_apart_while_there_are_no_keys() {
    for reply in [
        Reply::HangUp,
        Reply::Error(400, "AccessDeniedException"),
        Reply::Error(400, "ResourceNotFoundException"),
        Reply::Binary("e30="),
        Reply::secret(r#"{"keys":[]}"#),
    ] {
        let server = serve(reply.clone());
        let key_ring = key_ring(&server);
        let mut before = 0;
        let mut all_reads = Vec::new();
        for _ in 0..120 {
            for _ in 0..8 {
                assert!(
                    proved(&key_ring, "forged").await.is_err_and(|why| why.starts_with("keys_"))
                );
            }
            all_reads.push(server.reads() - before);
            before = server.reads();
            later(1).await;
        }
        // A read of what hangs up is two requests.
        let whole = all_reads[0] / 4;
        let seconds: Vec<_> = (0..120).filter(|second| all_reads[*second] > 0).collect();
        assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 61, 91], "{reply:?}");
        assert!(all_reads[1..].iter().all(|reads| [0, whole].contains(reads)), "{all_reads:?}");
        server.serve(OLD);
        later(30).await;
        assert_proved!(key_ring, "one" => PROVED, "forged" => FORGED);
    }
}

#[tokio::test]
async fn a_list_that_became_unusable_is_no_list() {
    for unusable in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"id":"old","secret":""}]}"#] {
        let server = serve(Reply::secret(OLD));
        let key_ring = key_ring(&server);
        assert_proved!(key_ring, "one" => PROVED);
        server.serve(unusable);
        later(300).await;
        let gone = Err("keys_unusable");
        assert_proved!(key_ring, "one" => gone, "two" => gone);
        server.serve(NEW);
        assert_proved!(key_ring, "two" => Ok("new"), "one" => FORGED);
    }
}

#[tokio::test]
async fn keys_that_were_given_are_never_read() {
    let server = serve(Reply::secret(NEW));
    let endpoint = server.url();
    let there = [("KEYS_SECRET", SECRET), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &*endpoint)];
    let key_ring = configure(&[&[("KEYS", OLD)][..], &there].concat());
    assert_proved!(key_ring, "one" => PROVED, "two" => FORGED);
    let key_ring = configure(&[&[("KEYS", "{}")][..], &there].concat());
    assert_proved!(key_ring, "two" => Err("keys_unusable"));
    assert_eq!(server.reads(), 0);
    // An empty setting is none.
    let key_ring = configure(&[&[("KEYS", "")][..], &there].concat());
    assert_proved!(key_ring, "two" => Ok("new"));
}

#[tokio::test]
async fn without_a_word_about_keys_there_are_none() {
    for settings in [&[][..], &[("KEYS", "")], &[("KEYS", ""), ("KEYS_SECRET", "")]] {
        let key_ring = configure(settings);
        assert_proved!(key_ring, "" => Err("keys_missing"), "one" => Err("keys_missing"));
    }
}

#[tokio::test]
async fn keys_are_not_printed() {
    let server = serve(Reply::secret(OLD));
    let key_ring = key_ring(&server);
    assert_proved!(key_ring, "one" => PROVED);
    for key_ring in [key_ring, configure(&[("KEYS", OLD)])] {
        let printed = format!("{key_ring:?}");
        assert!(!printed.contains("\"one\""), "{printed}");
    }
}

/// A list such as Google publishes for AdMob; what is read of a key here is its text.
const LIST: &str = r#"{"keys":[{"keyId":1,"pem":"","base64":"one"}]}"#;
const NEXT: &str = r#"{"keys":[{"keyId":2,"pem":"","base64":"two"},{"keyId":"1","base64":"one"}]}"#;

/// A key ring that reads a list from whoever publishes it, once a day.
fn published(publisher: &ThirdParty) -> KeyRing {
    let settings = Settings::from([("PUBLIC_KEYS_URL", format!("{}/keys.json", publisher.url))]);
    let oldest = Duration::from_hours(24);
    let keys = PublicKeys::Published { url: "https://keys.example.com/keys.json", oldest };
    KeyRing::configure(&settings, Some(keys)).expect("configured")
}

#[tokio::test]
async fn published_keys_are_read_once_a_day_and_where_they_may_have_changed() {
    let list = Arc::new(Mutex::new(LIST));
    let served = Arc::clone(&list);
    let publisher =
        ThirdParty::start(move |_| Answer::new(200, *served.lock().expect("no panic"))).await;
    let key_ring = published(&publisher);
    for _ in 0..3 {
        assert_proved!(key_ring, "one" => Ok("1"), "two" => FORGED);
    }
    *list.lock().expect("no panic") = NEXT;
    later(30).await;
    assert_proved!(key_ring, "two" => Ok("2"), "one" => Ok("1"));
    assert_eq!(publisher.calls().len(), 2);
    later(24 * 60 * 60 - 1).await;
    assert_proved!(key_ring, "one" => Ok("1"));
    assert_eq!(publisher.calls().len(), 2);
    later(1).await;
    assert_proved!(key_ring, "one" => Ok("1"));
    assert_eq!(publisher.calls().len(), 3);
    assert_eq!(publisher.calls()[0].target, "/keys.json");
}

#[tokio::test]
async fn what_is_no_list_of_keys_is_our_outage_and_leaves_the_list_before_it() {
    for answer in [
        || Answer::new(500, LIST),
        || Answer::new(302, LIST).with_header("location", "/elsewhere"),
        || Answer::new(200, "{}"),
        || Answer::new(200, r#"{"keys":[]}"#),
        || Answer::new(200, r#"{"keys":[{"keyId":null,"base64":"one"}]}"#),
        || Answer::new(200, "<html>"),
        || Answer::new(200, " ".repeat(256 * 1024) + LIST),
        || Answer::HangUp,
    ] {
        let none = ThirdParty::start(move |_| answer()).await;
        let key_ring = published(&none);
        assert_proved!(key_ring, "one" => Err("keys_unreachable"));

        let first = std::sync::atomic::AtomicBool::new(true);
        let then = ThirdParty::start(move |_| {
            let is_first = first.swap(false, std::sync::atomic::Ordering::Relaxed);
            if is_first { Answer::new(200, LIST) } else { answer() }
        });
        let key_ring = published(&then.await);
        assert_proved!(key_ring, "one" => Ok("1"));
        later(30).await;
        // It may be signed with a key that was published meanwhile.
        assert_proved!(key_ring, "two" => Err("keys_unreachable"), "one" => Ok("1"));
    }
}

#[tokio::test]
async fn fixed_keys_are_taken_whatever_the_settings_say() {
    let server = serve(Reply::secret(NEW));
    let settings = Settings::from([
        ("KEYS_SECRET", SECRET),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &server.url()),
    ]);
    let fixed = PublicKeys::Fixed(OLD.to_owned());
    let key_ring = KeyRing::configure(&settings, Some(fixed)).expect("configured");
    assert_proved!(key_ring, "one" => PROVED, "two" => FORGED);
    assert_eq!(server.reads(), 0);
}
