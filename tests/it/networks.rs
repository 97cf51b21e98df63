//! Source networks: whoever calls from elsewhere than a provider's list is refused, before anything else
//! is looked at.

use bundle::provider::PROVIDERS;
use serde_json::json;

use crate::support::event::Event;
use crate::support::lambda::Settings;
use crate::support::{Deployed, deploy_with};

/// The networks of the list, and the address that the sample events come from is not in one.
const LIST: &str = "198.51.100.0/24,2001:db8::/32";

const FROM: &str = "requestContext/http/sourceIp";

#[tokio::test]
async fn only_a_providers_networks_may_call() {
    for provider in PROVIDERS.iter().map(|it| it.name) {
        let with = |settings: Settings| settings.with("ALLOWED_NETWORKS", LIST);
        let Deployed { mut function, dynamodb } = deploy_with(provider, with).await;
        let genuine = Event::genuine(provider);
        let forged = Event::sample(&format!("{provider}-forged"));
        for address in [json!("192.0.2.1"), json!("2001:db9::1"), json!(""), json!(null)] {
            let mut told = Vec::new();
            for event in [&genuine, &forged] {
                let answer = function.invoke(event.clone().with(FROM, address.clone())).await;
                answer.assert_problem(403);
                told.push((answer.headers, answer.body));
            }
            assert_eq!(told[0], told[1], "{provider}: genuine or not, the same");
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");

        let from = |event: &Event, address: &str| event.clone().with(FROM, address);
        // Whoever calls writes what they like into a header: only API Gateway's word counts.
        for claimed in ["198.51.100.9", "198.51.100.9, 192.0.2.1", "2001:db8::9, 192.0.2.1"] {
            for header in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"] {
                let path = format!("headers/{header}");
                let lying = from(&genuine, "192.0.2.1").with(&path, claimed);
                function.invoke(lying).await.assert_problem(403);
            }
        }
        assert_eq!(dynamodb.proxy.asked(), [""; 0], "{provider}");
        let behind_a_proxy =
            from(&forged, "198.51.100.9").with("headers/x-forwarded-for", "192.0.2.1, 192.0.2.2");
        function.invoke(behind_a_proxy).await.assert_problem(401);
        function.invoke(from(&forged, "198.51.100.9")).await.assert_problem(401);
        function.invoke(from(&genuine, "198.51.100.9")).await.assert_kept("recorded");
        function.invoke(from(&genuine, "2001:db8::9")).await.assert_kept("duplicate");
        let output = function.stop().await;
        let refused = r#""outcome":"refused","reason":"foreign_network""#;
        assert_eq!(output.stdout.matches(refused).count(), 8 + 12, "{output:?}");
    }
}

/// Lambda answers for a function that does not start: 5xx, and the provider sends again.
#[tokio::test]
async fn with_a_list_that_cannot_be_read_nobody_may_call() {
    for list in ["192.0.2.0/33", "192.0.2.1", "everyone", ","] {
        let with = |settings: Settings| settings.with("ALLOWED_NETWORKS", list);
        let Deployed { function, .. } = deploy_with("inbrain", with).await;
        let output = function.failed().await;
        assert!(output.stderr.contains("ALLOWED_NETWORKS"), "{output:?}");
    }
}
