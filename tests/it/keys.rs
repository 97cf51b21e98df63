//! The keys of a provider: several, none, unusable ones, and Secrets Manager out of reach.

use bundle::provider::PROVIDERS;
use serde_json::json;
use test_support::SecretsManager;
use test_support::secrets_manager::Reply;

use crate::support::event::{self, Event};
use crate::support::lambda::Settings;
use crate::support::{Deployed, deploy_with};

#[tokio::test]
async fn any_of_several_keys_counts_and_is_recorded_by_its_id() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let keys = [("one", "first secret"), ("two", "zweites Geheimnis ✓"), ("three", "3")];
        let with_keys = |settings: Settings| settings.with_keys(&keys);
        let Deployed { mut function, dynamodb } = deploy_with(provider, with_keys).await;
        for (number, (id, secret)) in keys.into_iter().enumerate() {
            let event = Event::numbered(provider, number, secret);
            let answer = function.invoke(&event).await;
            answer.assert_kept("recorded");
            let items = dynamodb.items();
            let item = items.iter().find(|item| item["id"] == json!(answer.id())).expect("stored");
            assert_eq!(item["key_id"], json!(id), "{provider}");
        }
        let forged = Event::numbered(provider, 9, "fourth");
        function.invoke(&forged).await.assert_problem(401);
        // The sample key is none of them.
        function.invoke(&Event::genuine(provider)).await.assert_problem(401);
    }
}

#[tokio::test]
async fn without_usable_keys_nothing_is_accepted() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let good = Event::genuine(provider);
        let forged = Event::sample(&format!("{provider}-forged"));
        for keys in [
            None,
            Some(""),
            Some(" "),
            Some("sample"),
            Some("[]"),
            Some("{}"),
            Some(r#"{"keys":[]}"#),
            Some(r#"{"keys":null}"#),
            Some(r#"{"keys":[{"id":"sample","secret":""}]}"#),
            Some(r#"{"keys":[{"id":"sample","secret":null}]}"#),
            Some(r#"{"keys":[{"id":"sample"}]}"#),
        ] {
            let with_keys = |settings: Settings| match keys {
                Some(keys) => settings.with("KEYS", keys),
                None => settings.without("KEYS"),
            };
            let Deployed { mut function, dynamodb } = deploy_with(provider, with_keys).await;
            function.invoke(&good).await.assert_unavailable();
            function.invoke(&forged).await.assert_unavailable();
            assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}: {keys:?}");
            let output = function.stop().await;
            assert!(output.stdout.contains("keys_"), "{provider}: {keys:?}: {output:?}");
            assert_eq!(output.stderr, "", "{provider}: {keys:?}");
        }
    }
}

/// A genuine callback whose key was pasted with a line end behind it is not a forgery; a forgery cannot
/// be told from it.
#[tokio::test]
async fn a_key_that_was_pasted_wrongly_loses_no_callback() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let issued = event::sample_secret(provider);
        for secret in [format!("{issued}\n"), format!("\u{feff}{issued}"), " ".to_owned()] {
            let keys = [("hand-made", secret.as_str()), ("other", "another secret")];
            let with_keys = |settings: Settings| settings.with_keys(&keys);
            let Deployed { mut function, dynamodb } = deploy_with(provider, with_keys).await;
            function.invoke(&Event::genuine(provider)).await.assert_unavailable();
            let forged = Event::sample(&format!("{provider}-forged"));
            function.invoke(&forged).await.assert_unavailable();
            assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");
            let output = function.stop().await;
            assert!(output.stdout.contains(r#""reason":"keys_pasted_wrongly""#), "{output:?}");
            assert!(output.stdout.contains(r#""key_id":"hand-made","flaw":"it "#), "{output:?}");
        }
    }
}

/// The signature that an empty secret makes is one that anybody can make.
#[tokio::test]
async fn what_is_signed_with_nothing_is_never_accepted() {
    // Python: hmac.new(b'', b'track_id=1&event=e', 'sha256').hexdigest()
    let sign = "da20a2ce1c6e93af2447de1e8521ec160d7f6ca673d51d7bce79f46ab3104950";
    let body = format!(r#"{{"track_id":"1","event":"e","sign":"{sign}"}}"#);
    let event = Event::sample("giveaway-action").with("body", body);
    for keys in [r#"{"keys":[{"id":"a","secret":""}]}"#, r#"{"keys":[]}"#, ""] {
        let with_keys = |settings: Settings| settings.with("KEYS", keys);
        let Deployed { mut function, .. } = deploy_with("giveaway", with_keys).await;
        function.invoke(&event).await.assert_unavailable();
    }
    let Deployed { mut function, .. } = deploy_with("giveaway", |settings| settings).await;
    function.invoke(&event).await.assert_problem(401);
}

/// The function's keys are a secret that `secrets_manager` has.
fn from_afar(secrets_manager: &SecretsManager) -> impl FnOnce(Settings) -> Settings {
    let url = secrets_manager.url();
    move |settings| {
        settings
            .without("KEYS")
            .with("KEYS_SECRET", "keys")
            .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url)
    }
}

/// A secret with the key that `provider`'s samples are signed with.
fn sample_keys(provider: &str) -> String {
    let secret = event::sample_secret(provider);
    json!({"keys": [{"id": "from-afar", "secret": secret}], "api_key": "x"}).to_string()
}

#[tokio::test]
async fn a_callback_goes_through_once_secrets_manager_is_back() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let secrets_manager = SecretsManager::down("keys");
        let with_secret = from_afar(&secrets_manager);
        let Deployed { mut function, dynamodb } = deploy_with(provider, with_secret).await;
        let event = Event::genuine(provider);
        function.invoke(&event).await.assert_unavailable();
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");

        secrets_manager.serve(&sample_keys(provider));
        function.invoke(&event).await.assert_kept("recorded");
        assert_eq!(dynamodb.only_item()["key_id"], "from-afar");
        let forged = Event::sample(&format!("{provider}-forged"));
        function.invoke(&forged).await.assert_problem(401);
    }
}

/// 503 asks the provider to send again; 4xx would tell it that it never need.
#[tokio::test]
async fn whatever_is_wrong_with_the_secret_no_callback_is_refused_or_accepted() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let replies = [
            (None, "keys_unreachable"),
            (Some(Reply::HangUp), "keys_unreachable"),
            (Some(Reply::Silence), "keys_unreachable"),
            (Some(Reply::Body("<html>")), "keys_unreachable"),
            (Some(Reply::Error(400, "AccessDeniedException")), "keys_unreachable"),
            (Some(Reply::Error(400, "ResourceNotFoundException")), "keys_missing"),
            (Some(Reply::Error(400, "ThrottlingException")), "keys_unreachable"),
            (Some(Reply::Error(500, "InternalServiceError")), "keys_unreachable"),
            (Some(Reply::Body("{}")), "keys_unusable"),
            (Some(Reply::Binary("eyJrZXlzIjpbXX0=")), "keys_unusable"),
            (Some(Reply::secret("")), "keys_unusable"),
            (Some(Reply::secret(r#"{"keys":["#)), "keys_unusable"),
            (Some(Reply::secret(r#"["sample"]"#)), "keys_unusable"),
            (Some(Reply::secret(r#"{"keys":[]}"#)), "keys_unusable"),
            (Some(Reply::secret(r#"{"keys":[{"id":"a","secret":""}]}"#)), "keys_unusable"),
            (Some(Reply::secret(r#"{"keys":[{"id":"a","secret":"\n"}]}"#)), "keys_pasted_wrongly"),
        ];
        // The keys are read by the same code for all providers: one has them all, the others a few.
        let every = if provider == "inbrain" { 1 } else { 7 };
        for (reply, reason) in replies.into_iter().step_by(every) {
            let secrets_manager = SecretsManager::down("keys");
            if let Some(reply) = &reply {
                secrets_manager.reply(reply.clone());
            }
            let with_secret = from_afar(&secrets_manager);
            let Deployed { mut function, dynamodb } = deploy_with(provider, with_secret).await;
            for event in [Event::genuine(provider), Event::sample(&format!("{provider}-forged"))] {
                function.invoke(&event).await.assert_unavailable();
            }
            assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}: {reply:?}");
            let output = function.stop().await;
            assert!(output.stdout.contains(reason), "{provider}: {reply:?}: {output:?}");
        }
    }
}

#[tokio::test]
async fn a_flood_of_forgeries_is_one_read() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let secrets_manager = SecretsManager::up("keys", Reply::Secret(sample_keys(provider)));
        let with_secret = from_afar(&secrets_manager);
        let Deployed { mut function, dynamodb } = deploy_with(provider, with_secret).await;
        let forged = Event::sample(&format!("{provider}-forged"));
        for _ in 0..40 {
            function.invoke(&forged).await.assert_problem(401);
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");
        function.invoke(&Event::genuine(provider)).await.assert_kept("recorded");
        assert_eq!(secrets_manager.reads(), 1, "{provider}");
    }
}
