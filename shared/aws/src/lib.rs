//! How the functions reach AWS.
//!
//! Region, credentials and endpoints come straight from the environment variables that Lambda sets:
//! the chain of `aws-config` would look in the same place first and costs a megabyte.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
pub use aws_types::SdkConfig;
use aws_types::region::Region;
use verify::{Misconfigured, Settings};

/// How long a call may take: each attempt, and all of them together.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long opening a connection may take.
    pub connect: Duration,
    /// How long one attempt may take.
    pub attempt: Duration,
    /// How long all attempts together may take.
    pub operation: Duration,
    /// How many attempts there are, the first one counted.
    pub attempts: u32,
}

/// The configuration of a client of `service` (`DYNAMODB`, `SECRETS_MANAGER`, …).
///
/// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and
/// `AWS_ENDPOINT_URL_<service>`; an endpoint that is set and empty is none.
///
/// # Errors
///
/// [`Misconfigured`] when the region or the credentials are not there.
pub fn config(
    setting: Settings<'_>,
    service: &str,
    patience: Patience,
) -> Result<SdkConfig, Misconfigured> {
    let setting = |name: &str| setting(name).filter(|value| !value.is_empty());
    let required = |variable: &'static str| {
        setting(variable).ok_or(Misconfigured { variable, expected: "set; Lambda sets it" })
    };
    let credentials = Credentials::from_keys(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        setting("AWS_SESSION_TOKEN"),
    );
    let endpoint = setting(&format!("AWS_ENDPOINT_URL_{service}"));
    let http = aws_smithy_http_client::Builder::new();
    let http = if endpoint.as_ref().is_some_and(|url| url.starts_with("http://")) {
        http.build_http()
    } else {
        http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    };
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .sleep_impl(TokioSleep::new())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(patience.connect)
                .operation_attempt_timeout(patience.attempt)
                .operation_timeout(patience.operation)
                .build(),
        )
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(patience.attempts)
                .with_initial_backoff(Duration::from_millis(50))
                .with_max_backoff(Duration::from_millis(200)),
        );
    config.set_endpoint_url(endpoint);
    Ok(config.build())
}
