//! The clients of a stack's services.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

use super::Target;

/// The clients of the services that are asked.
#[derive(Debug)]
pub struct Clients {
    /// For the tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For queues and dead letters.
    pub sqs: aws_sdk_sqs::Client,
    /// `EventBridge`.
    pub events: aws_sdk_eventbridge::Client,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// What there is on AWS alone.
    pub aws: Option<Deployed>,
}

/// The clients of services that are on AWS alone.
#[derive(Debug)]
pub struct Deployed {
    /// Lambda, which reads the stream.
    pub lambda: aws_sdk_lambda::Client,
    /// CloudWatch Logs, which has what the functions log.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// STS, which says who the credentials belong to.
    pub sts: aws_sdk_sts::Client,
}

impl Clients {
    /// The clients on AWS.
    pub(super) fn deployed(config: &SdkConfig) -> Self {
        let aws = Deployed {
            lambda: aws_sdk_lambda::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
        };
        Self { aws: Some(aws), ..Self::at(config, config) }
    }

    /// The clients on this machine.
    pub(super) fn local(place: &Target) -> Self {
        let at = |port: u16| {
            SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(bundle::names::REGION))
                .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(
                    aws_sdk_sqs::config::Credentials::from_keys("local", "local", None),
                ))
                .http_client(Builder::new().build_http())
                .sleep_impl(aws_sdk_sqs::config::SharedAsyncSleep::new(
                    aws_smithy_async::rt::sleep::TokioSleep::new(),
                ))
                // What is not there now is not there in a second either.
                .retry_config(RetryConfig::disabled())
                .timeout_config(patience())
                .endpoint_url(format!("http://127.0.0.1:{port}"))
                .build()
        };
        Self::at(&at(place.dynamodb_port), &at(place.sqs_port))
    }

    fn at(dynamodb: &SdkConfig, others: &SdkConfig) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(dynamodb),
            sqs: aws_sdk_sqs::Client::new(others),
            events: aws_sdk_eventbridge::Client::new(others),
            secrets: aws_sdk_secretsmanager::Client::new(others),
            aws: None,
        }
    }
}

/// The configuration that the usual places say: environment, profile, SSO, the machine's role.
pub(super) async fn config(place: &Target) -> SdkConfig {
    let tls = Provider::Rustls(CryptoMode::Ring);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(tls).build_https())
        .timeout_config(patience());
    if let Some(profile) = &place.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &place.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

/// A person waits, so that it need not be quick, but has to end.
fn patience() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(30))
        .build()
}
