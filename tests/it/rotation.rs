//! Keys that change in Secrets Manager while callbacks flow. The functions run in this process, so that
//! the clock that says how old their keys are can be set forward; it is never waited for.

use std::time::Duration;

use bundle::provider::PROVIDERS;
use dev_server::functions::{Invoke, ReceivingFunction};
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::Context;
use serde_json::json;
use test_support::SecretsManager;
use test_support::secrets_manager::Reply;

use crate::support::dynamodb::DynamoDb;
use crate::support::event::Event;
use crate::support::lambda::Settings;

/// Execution environments of one provider's function.
struct Environments {
    provider: &'static str,
    settings: settings::Settings,
    running: Vec<Invoke>,
}

impl Environments {
    fn new(provider: &'static str, dynamodb: &DynamoDb, secrets_manager: &SecretsManager) -> Self {
        let settings = Settings::sample(provider, dynamodb)
            .without("KEYS")
            .with("KEYS_SECRET", "keys")
            .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", &secrets_manager.url())
            .with("AWS_REGION", "us-east-1")
            .with("AWS_ACCESS_KEY_ID", "a")
            .with("AWS_SECRET_ACCESS_KEY", "s");
        let settings = settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { provider, settings, running: Vec::new() }
    }

    fn start_one(&mut self) {
        let function = ReceivingFunction::of(self.provider).expect("a provider");
        let invoke = function.start(&self.settings, Timestamp::now);
        self.running.push(invoke.expect("settings"));
    }

    /// Hands `event` to the environment `number`: status and body of the answer.
    async fn invoke(&self, number: usize, event: &Event) -> (i64, String) {
        let event = serde_json::value::to_raw_value(&event.0).expect("JSON");
        let answer: ApiGatewayV2httpResponse =
            (self.running[number])(Context::default(), event).await;
        let body = answer.body.map(|body| String::from_utf8_lossy(&body).into_owned());
        (answer.status_code, body.unwrap_or_default())
    }
}

/// Sets the clock forward.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

fn keys(keys: &[(&str, &str)]) -> String {
    let keys = keys.iter().map(|(id, secret)| json!({"id": id, "secret": secret}));
    json!({"keys": keys.collect::<Vec<_>>()}).to_string()
}

const OLD: (&str, &str) = ("2026-10", "the old secret");
const NEW: (&str, &str) = ("2026-11", "the new secret");

/// As README.md says it: add the new key, wait 30 seconds, switch the provider over, take the old key
/// away. Meanwhile somebody tries forgeries, and environments come up.
#[tokio::test]
async fn a_rotation_needs_no_deploy_and_loses_nothing() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let dynamodb = DynamoDb::start().await;
        let secrets_manager = SecretsManager::up("keys", Reply::Secret(keys(&[OLD])));
        let mut environments = Environments::new(provider, &dynamodb, &secrets_manager);
        let mut sent = Vec::new();
        let mut seconds = 0;
        for round in 0..36 {
            if round % 6 == 0 && environments.running.len() < 4 {
                environments.start_one();
            }
            let current = match seconds {
                0..60 => OLD,
                _ => NEW,
            };
            match round {
                // 30 seconds before the provider is switched over.
                6 => secrets_manager.serve(&keys(&[OLD, NEW])),
                14 => secrets_manager.serve(&keys(&[NEW])),
                _ => {}
            }
            for environment in 0..environments.running.len() {
                let event = Event::numbered(provider, sent.len(), current.1);
                let (status, body) = environments.invoke(environment, &event).await;
                assert_eq!(status, 200, "{provider}, {seconds} s: {body}");
                sent.push(current.0);
                let forged = Event::numbered(provider, 9_999, "a guess");
                let (status, body) = environments.invoke(environment, &forged).await;
                assert_eq!(status, 401, "{provider}, {seconds} s: {body}");
            }
            later(5).await;
            seconds += 5;
        }
        // Every one of them is on record with the key that it was signed with.
        let items = dynamodb.items();
        let mut recorded: Vec<_> = items.iter().map(|item| item["key_id"].as_str()).collect();
        recorded.sort_unstable();
        let mut expected: Vec<_> = sent.into_iter().map(Some).collect();
        expected.sort_unstable();
        assert_eq!(recorded, expected, "{provider}");
        // At most one per 30 seconds of each environment, the first one counted.
        let most = environments.running.len() * (1 + 180 / 30);
        assert!(secrets_manager.reads() <= most, "{} reads", secrets_manager.reads());
    }
}

/// A callback under a key that the function could not have read yet is not a forgery.
#[tokio::test]
async fn an_outage_during_a_rotation_refuses_nothing() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let dynamodb = DynamoDb::start().await;
        let secrets_manager = SecretsManager::up("keys", Reply::Secret(keys(&[OLD])));
        let mut environments = Environments::new(provider, &dynamodb, &secrets_manager);
        environments.start_one();
        let (old, new) = (Event::numbered(provider, 1, OLD.1), Event::numbered(provider, 2, NEW.1));
        assert_eq!(environments.invoke(0, &old).await.0, 200, "{provider}");
        for reply in [
            Reply::HangUp,
            Reply::Body("<html>"),
            Reply::Error(400, "AccessDeniedException"),
            Reply::Error(500, "InternalServiceError"),
        ] {
            secrets_manager.reply(reply.clone());
            later(30).await;
            assert_eq!(environments.invoke(0, &new).await.0, 503, "{provider}: {reply:?}");
            let before = secrets_manager.reads();
            for _ in 0..20 {
                assert_eq!(environments.invoke(0, &new).await.0, 503, "{provider}: {reply:?}");
                assert_eq!(environments.invoke(0, &old).await.0, 200, "{provider}: {reply:?}");
            }
            assert_eq!(secrets_manager.reads(), before, "{provider}: {reply:?}");
        }
        secrets_manager.serve(&keys(&[OLD, NEW]));
        later(30).await;
        assert_eq!(environments.invoke(0, &new).await.0, 200, "{provider}");
        assert_eq!(environments.invoke(0, &old).await.0, 200, "{provider}");
    }
}
