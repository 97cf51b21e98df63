//! By what name AWS is called.

use aws_runtime::user_agent::UserAgentInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{
    Intercept, SharedInterceptor, disable_interceptor, dyn_dispatch_hint,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// This software, as `CloudTrail` shows it (`userAgent`).
const NAME: &str = concat!("callbacks/", env!("CARGO_PKG_VERSION"));

/// Names this software in `user-agent`. The SDK puts a name together for each request, of its own version and its
/// features in use, sends it in two headers and signs one: that is a twentieth of what a callback takes.
#[derive(Debug)]
pub struct UserAgent;

impl From<UserAgent> for SharedInterceptor {
    fn from(user_agent: UserAgent) -> Self {
        Self::permanent(user_agent)
    }
}

#[dyn_dispatch_hint]
impl Intercept for UserAgent {
    fn name(&self) -> &'static str {
        "UserAgent"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let sdks = disable_interceptor::<UserAgentInterceptor>("the name is a fixed one");
        config.interceptor_state().store_put(sdks);
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert("user-agent", NAME);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::mpsc;

    use aws_sdk_secretsmanager::Client;
    use aws_sdk_secretsmanager::config::Builder;
    use test_support::{Answer, Server, settings};

    use super::*;
    use crate::aws::{config, timeouts};

    #[tokio::test]
    async fn a_request_has_this_name_and_not_the_sdks() {
        let (sender, requests) = mpsc::channel();
        let server = Server::start(move |request| {
            sender.send(request).expect("the test runs");
            ready(Answer::new(400, "{}"))
        });
        let settings = settings("SECRETS_MANAGER", &server.await.url());
        let config = config(&settings, "SECRETS_MANAGER", timeouts::KEYS).expect("configured");
        let mut config = Builder::from(&config);
        config.push_interceptor(UserAgent.into());
        let client = Client::from_conf(config.build());
        client.get_secret_value().secret_id("any").send().await.expect_err("400");
        let request = requests.try_recv().expect("a request");
        assert_eq!(request.headers()["user-agent"], NAME);
        assert_eq!(request.headers().get("x-amz-user-agent"), None);
    }
}
