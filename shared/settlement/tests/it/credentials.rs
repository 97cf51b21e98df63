//! Read once, and again after a refusal.

use std::time::Duration;

use serde_json::json;
use settings::Settings;
use settlement::{Credentials, CredentialsUnavailable};
use test_support::{Intercept, settings};

/// Credentials that are in Secrets Manager, behind `url`.
fn behind(url: &str) -> Credentials {
    let settings = settings("SECRETS_MANAGER", url).with("API_SECRET", "arn:secret");
    Credentials::configure(&settings.with("API_KEYS", "")).expect("configured")
}

/// Credentials that are given.
fn given(json: &str) -> Credentials {
    Credentials::configure(&Settings::from([("API_KEYS", json)])).expect("configured")
}

/// What `credentials` has as `api_key`, while Secrets Manager answers one request with `answer`; `None`
/// where it is not to be asked.
async fn get(
    credentials: &Credentials,
    wire: &mut Intercept,
    answer: Option<(u16, String)>,
) -> Result<String, CredentialsUnavailable> {
    let asked = async {
        let held = wire.held().await;
        let (status, json) = answer.clone().expect("an answer to what is asked");
        assert_eq!(held.operation(), "GetSecretValue");
        assert_eq!(held.json(), json!({"SecretId": "arn:secret"}));
        held.answer(status, &json);
        std::future::pending::<()>().await;
    };
    let got = tokio::select! {
        got = credentials.get("api_key") => got,
        () = asked => unreachable!("it is pending for ever"),
    };
    got.map(|secret| secret.expose_text().to_owned())
}

fn secret(json: &str) -> (u16, String) {
    (200, json!({"ARN": "arn:secret", "Name": "secret", "SecretString": json}).to_string())
}

/// Lets time pass.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn the_setting_comes_first() {
    let credentials = given(r#"{"apikey":"one","privatekey":"two","n":1,"empty":"","null":null}"#);
    for (member, value) in [("apikey", "one"), ("privatekey", "two")] {
        assert_eq!(credentials.get(member).await.expect(member).expose_text(), value);
    }
    for member in ["n", "empty", "null", "api_key"] {
        let unusable = credentials.get(member).await.expect_err(member);
        assert_eq!(unusable, CredentialsUnavailable::Unusable, "{member}");
    }
    for json in ["no JSON", "[]", r#""one""#, r#"{"apikey":"one","apikey":"two"}"#] {
        let unusable = given(json).get("apikey").await.expect_err(json);
        assert_eq!(unusable, CredentialsUnavailable::Unusable, "{json}");
    }
    for (stray, flaw) in [
        ("\\n", "it ends with a line end"),
        (" ", "it ends with white space"),
        ("\\t", "it ends with white space"),
        ("\\u00a0", "it ends with white space"),
        ("\\ufeff", "it ends with an invisible character"),
        ("\\u200b", "it ends with an invisible character"),
    ] {
        let json = format!(r#"{{"apikey":"one{stray}","blank":"{stray}"}}"#);
        for (member, flaw) in [
            ("apikey", flaw),
            ("blank", "it consists of white space or invisible characters alone"),
        ] {
            let unusable = given(&json).get(member).await.expect_err(&json);
            let told = format!("the API's credential {member} was pasted wrongly: {flaw}");
            assert_eq!(unusable.to_string(), told);
        }
    }
    let none = Credentials::configure(&Settings::default()).expect_err("nothing is set");
    assert_eq!(none.variable, "API_SECRET");
}

#[tokio::test]
async fn a_credential_that_was_pasted_with_something_around_it_is_not_used() {
    for unseen in ["\n", "\r\n", " ", "\t", "\u{a0}", "\u{feff}", "\u{200b}", "\u{2028}", "\0"] {
        for value in [format!("one{unseen}"), format!("{unseen}one"), unseen.to_owned()] {
            let secret = json!({"api_key": value, "other": "two"}).to_string();
            let credentials = given(&secret);
            let got = credentials.get("api_key").await;
            let told = matches!(got, Err(CredentialsUnavailable::PastedWrongly("api_key", _)));
            assert!(told, "{value:?}");
            assert_eq!(credentials.get("other").await.expect("usable").expose_text(), "two");
        }
    }
    let inside = json!({"api_key": "one two"}).to_string();
    let credentials = given(&inside);
    assert_eq!(credentials.get("api_key").await.expect("usable").expose_text(), "one two");
}

#[tokio::test]
async fn the_secret_is_read_once() {
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    let first = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
    assert_eq!(first.as_deref(), Ok("one"));
    assert_eq!(get(&credentials, &mut wire, None).await.as_deref(), Ok("one"));
    pass(Duration::from_secs(299)).await;
    assert_eq!(get(&credentials, &mut wire, None).await.as_deref(), Ok("one"));
    pass(Duration::from_secs(2)).await;
    let second = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"two"}"#))).await;
    assert_eq!(second.as_deref(), Ok("two"));
}

#[tokio::test]
async fn after_a_refusal_it_is_read_again_but_not_at_once() {
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    // Before anything was read there is nothing to refuse.
    credentials.refused();
    let first = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
    assert_eq!(first.as_deref(), Ok("one"));
    credentials.refused();
    assert_eq!(get(&credentials, &mut wire, None).await.as_deref(), Ok("one"));
    pass(Duration::from_secs(31)).await;
    let second = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"two"}"#))).await;
    assert_eq!(second.as_deref(), Ok("two"));
    // The refusal was of the first one.
    pass(Duration::from_secs(31)).await;
    assert_eq!(get(&credentials, &mut wire, None).await.as_deref(), Ok("two"));
}

/// A read gives the credentials as they were when it was begun, not when it ended.
#[tokio::test]
async fn rotated_credentials_are_read_after_30_seconds_however_slow_the_read_before_was() {
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    let slow = async {
        let held = wire.held().await;
        pass(Duration::from_millis(500)).await;
        let (status, json) = secret(r#"{"api_key":"one"}"#);
        held.answer(status, &json);
    };
    let (first, ()) = tokio::join!(credentials.get("api_key"), slow);
    assert_eq!(first.expect("read").expose_text(), "one");
    credentials.refused();
    pass(Duration::from_millis(29_500)).await;
    let second = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"two"}"#))).await;
    assert_eq!(second.as_deref(), Ok("two"));
}

#[tokio::test]
async fn an_outage_does_not_take_known_credentials_away() {
    let denied = || Some((400, json!({"__type": "x#AccessDeniedException"}).to_string()));
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    let unreachable = Err(CredentialsUnavailable::Unreachable);
    assert_eq!(get(&credentials, &mut wire, denied()).await, unreachable);
    let read = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
    assert_eq!(read.as_deref(), Ok("one"));
    credentials.refused();
    pass(Duration::from_secs(31)).await;
    assert_eq!(get(&credentials, &mut wire, denied()).await.as_deref(), Ok("one"));
}

#[tokio::test]
async fn a_secret_that_nobody_has_filled_in_is_unavailable_until_somebody_does() {
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    // What Secrets Manager says of a secret without a value, as the template makes it.
    let without_value = (400, json!({"__type": "ResourceNotFoundException"}).to_string());
    let unusable = Err(CredentialsUnavailable::Unusable);
    assert_eq!(get(&credentials, &mut wire, Some(without_value)).await, unusable);
    let unfilled = Some(secret(r#"{"api_key":""}"#));
    assert_eq!(get(&credentials, &mut wire, unfilled).await, unusable);
    pass(Duration::from_secs(31)).await;
    let filled = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
    assert_eq!(filled.as_deref(), Ok("one"));
}

#[tokio::test]
async fn a_secret_that_became_unusable_has_no_credentials_any_more() {
    let bytes = (200, json!({"ARN": "arn:secret", "SecretBinary": "e30="}).to_string());
    for unusable in [secret("no JSON"), secret(r#"{"other":"two"}"#), bytes] {
        let mut wire = Intercept::listen().await;
        let credentials = behind(wire.url());
        let first = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
        assert_eq!(first.as_deref(), Ok("one"));
        credentials.refused();
        pass(Duration::from_secs(31)).await;
        let gone = Err(CredentialsUnavailable::Unusable);
        assert_eq!(get(&credentials, &mut wire, Some(unusable)).await, gone);
        pass(Duration::from_secs(31)).await;
        let second = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"two"}"#))).await;
        assert_eq!(second.as_deref(), Ok("two"));
    }
}

/// A queue that is full does not find a read in every attempt.
#[tokio::test]
async fn while_there_are_none_they_are_read_further_and_further_apart() {
    let mut wire = Intercept::listen().await;
    let credentials = behind(wire.url());
    let denied = || Some((400, json!({"__type": "x#AccessDeniedException"}).to_string()));
    let unreachable = Err(CredentialsUnavailable::Unreachable);
    // The first ones at once, so that a moment's trouble delays nothing.
    for _ in 0..4 {
        assert_eq!(get(&credentials, &mut wire, denied()).await, unreachable);
    }
    for pause in [1, 2, 4, 8, 16, 30, 30] {
        assert_eq!(get(&credentials, &mut wire, None).await, unreachable, "{pause}");
        pass(Duration::from_secs(pause)).await;
        assert_eq!(get(&credentials, &mut wire, denied()).await, unreachable, "{pause}");
    }
    pass(Duration::from_secs(30)).await;
    let read = get(&credentials, &mut wire, Some(secret(r#"{"api_key":"one"}"#))).await;
    assert_eq!(read.as_deref(), Ok("one"));
}

#[tokio::test]
async fn credentials_are_not_printed() {
    let credentials = given(r#"{"a":"hunter2"}"#);
    assert!(!format!("{credentials:?}").contains("hunter2"));
    assert!(!format!("{:?}", credentials.get("a").await).contains("hunter2"));
    let mut wire = Intercept::listen().await;
    let read = behind(wire.url());
    let json = secret(r#"{"api_key":"hunter2"}"#);
    assert_eq!(get(&read, &mut wire, Some(json)).await.as_deref(), Ok("hunter2"));
    assert!(!format!("{read:?}").contains("hunter2"));
}
