//! One AWS service: what its client is configured with.

use ::http::Uri;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use settings::{ConfigError, Settings};

use crate::aws::connector::Connector;
use crate::aws::http::Http;
use crate::aws::timeouts::{FIRST_BACKOFF, LONGEST_BACKOFF, Timeouts};
use crate::aws::trust::Trust;

/// One AWS service.
#[derive(Debug, Clone)]
pub struct Service {
    config: SdkConfig,
    connector: Connector,
    endpoint: Option<Uri>,
}

impl Service {
    /// The service whose settings end in `suffix` (`DYNAMODB`, `SECRETS_MANAGER`, …).
    ///
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and where the
    /// service is: `AWS_ENDPOINT_URL_<suffix>`, or else `AWS_ENDPOINT_URL`, neither of them where
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`.
    pub fn configure(
        settings: &Settings,
        suffix: &str,
        timeouts: Timeouts,
    ) -> Result<Self, ConfigError> {
        const EXPECTED: &str = "set; Lambda sets it";
        let credentials = Credentials::from_keys(
            settings.required("AWS_ACCESS_KEY_ID", EXPECTED)?,
            settings.required("AWS_SECRET_ACCESS_KEY", EXPECTED)?,
            settings.optional("AWS_SESSION_TOKEN").map(str::to_owned),
        );
        let region = settings.required("AWS_REGION", EXPECTED)?.to_owned();
        let url = configured_endpoint(settings, suffix);
        let trust = Trust::at(url.as_deref(), &region);
        let connector = Connector::new(trust, timeouts.connect);
        let host = suffix.to_lowercase().replace('_', "");
        let endpoint = match &url {
            Some(url) => url.parse(),
            None => format!("https://{host}.{region}.amazonaws.com").parse(),
        };
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Http::new(connector.clone()))
            .sleep_impl(TokioSleep::new())
            // Bodies are small, and every attempt has its time.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(timeouts.attempt)
                    .operation_timeout(timeouts.operation)
                    .build(),
            )
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(timeouts.attempts)
                    .with_initial_backoff(FIRST_BACKOFF)
                    .with_max_backoff(LONGEST_BACKOFF),
            );
        config.set_endpoint_url(url);
        Ok(Self { config: config.build(), connector, endpoint: endpoint.ok() })
    }

    /// What the SDK's client of the service is made from.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Opens the connection that the first request will take, so that this one need not wait for it. No
    /// request is made: none that costs anything, needs a permission or could fail.
    pub async fn preconnect(&self) {
        if let Some(endpoint) = &self.endpoint {
            self.connector.preconnect(endpoint).await;
        }
    }
}

/// The endpoint that the environment names, as the SDKs take it: the service's own first, then the one for
/// all services. See "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
fn configured_endpoint(settings: &Settings, suffix: &str) -> Option<String> {
    let ignored = settings
        .optional("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if ignored {
        return None;
    }
    let own = settings.optional(&format!("AWS_ENDPOINT_URL_{suffix}"));
    own.or_else(|| settings.optional("AWS_ENDPOINT_URL")).map(str::to_owned)
}

/// [`Service::config`] of a service whose connections are opened by its requests.
///
/// # Errors
///
/// Those of [`Service::configure`].
pub fn config(
    settings: &Settings,
    suffix: &str,
    timeouts: Timeouts,
) -> Result<SdkConfig, ConfigError> {
    Ok(Service::configure(settings, suffix, timeouts)?.config)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(1),
        operation: Duration::from_secs(1),
        attempts: 1,
    };

    /// Where a client of the service `SECRETS_MANAGER` is sent, and where its connection is opened ahead.
    fn endpoints(settings: &[(&str, &str)]) -> (Option<String>, String) {
        let mut all = Settings::from([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]);
        all.extend(settings.iter().copied());
        let service = Service::configure(&all, "SECRETS_MANAGER", TIMEOUTS).expect("configured");
        let ahead = service.endpoint.expect("a URI").to_string();
        (service.config.endpoint_url().map(str::to_owned), ahead)
    }

    const OWN: &str = "https://secretsmanager.eu-west-1.amazonaws.com/";
    const ALL: (&str, &str) = ("AWS_ENDPOINT_URL", "http://all.test:1/");
    const ONE: (&str, &str) = ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://one.test:2/");

    /// "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
    #[test]
    fn the_services_endpoint_counts_before_the_one_for_all() {
        for settings in [vec![ONE], vec![ALL, ONE], vec![("AWS_ENDPOINT_URL", ""), ONE]] {
            assert_eq!(endpoints(&settings), (Some(ONE.1.to_owned()), ONE.1.to_owned()));
        }
        for settings in [
            vec![ALL],
            vec![ALL, ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "")],
            vec![ALL, ("AWS_ENDPOINT_URL_DYNAMODB", "http://other.test:3/")],
        ] {
            assert_eq!(endpoints(&settings), (Some(ALL.1.to_owned()), ALL.1.to_owned()));
        }
    }

    #[test]
    fn without_a_word_about_endpoints_it_is_the_services_own() {
        for settings in [
            vec![],
            vec![("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "")],
            vec![("AWS_ENDPOINT_URL_DYNAMODB", "http://other.test:3/")],
        ] {
            assert_eq!(endpoints(&settings), (None, OWN.to_owned()));
        }
    }

    #[test]
    fn configured_endpoints_can_be_ignored() {
        const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
        for yes in ["true", "TRUE"] {
            assert_eq!(endpoints(&[ALL, ONE, (IGNORE, yes)]), (None, OWN.to_owned()));
        }
        for no in ["false", "", "1"] {
            assert_eq!(endpoints(&[ALL, (IGNORE, no)]).0.as_deref(), Some(ALL.1), "{no}");
        }
    }
}
