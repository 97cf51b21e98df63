//! What the tests stand on: the built binaries, and what is around them on AWS.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`binaries`] | the functions' binaries, built once per run |
//! | [`lambda`] | Lambda's part: a running function |
//! | [`scheduling_delay`] | how late a busy machine is |
//! | [`dynamodb`] | DynamoDB's part: the `callbacks` table behind a [`proxy`] |
//! | [`metrics`] | CloudWatch's part: metrics in a log |
//! | [`dev_server`] | the bundle as `cargo run` serves it |
//! | [`operator`] | the operator's command, run against it |
//! | [`fake_aws`] | what there is on AWS alone: CloudFormation, Lambda, STS |
//! | [`permissions`] | IAM's part: what each function's role allows |
//! | [`proxy`] | counts the requests to DynamoDB and breaks them, or denies them |
//! | [`settling`] | the settling half: stream, queues, SQS, the providers' stand-ins |
//! | [`tables`] | the tables in this process or elsewhere |
//! | [`event`] | API Gateway events: samples, signed ones, and what can be done to them |
//! | [`answer`] | what a function says |
//! | [`digest`] | fingerprints, worked out here once more |

pub(crate) mod answer;
pub(crate) mod binaries;
pub(crate) mod browser;
pub(crate) mod dev_server;
pub(crate) mod digest;
pub(crate) mod dynamodb;
pub(crate) mod event;
pub(crate) mod fake_aws;
pub(crate) mod lambda;
pub(crate) mod metrics;
pub(crate) mod operator;
pub(crate) mod permissions;
pub(crate) mod proxy;
pub(crate) mod scheduling_delay;
pub(crate) mod settling;
pub(crate) mod tables;

use std::env;
use std::fs;
use std::ops::Range;

use bundle::provider::ProviderEntry;
use dynamodb::DynamoDb;
use lambda::{Function, Settings};
use serde::de::DeserializeOwned;

/// How long anything may take before a test gives up.
pub(crate) use test_support::TIMEOUTS;

/// The seeds that the environment variable `name` asks for, in the form `FROM..TO`, or else `usual`.
pub(crate) fn seeds(name: &str, usual: Range<u64>) -> Range<u64> {
    let Ok(asked) = env::var(name) else { return usual };
    let ends = asked.split_once("..").map(|(from, to)| (from.parse(), to.parse()));
    let Some((Ok(from), Ok(to))) = ends else { panic!("{name}=FROM..TO, not {asked}") };
    from..to
}

/// What `file` in a provider's folder expects.
#[track_caller]
pub(crate) fn read_expected<T: DeserializeOwned>(provider: &ProviderEntry, file: &str) -> T {
    let path = provider.file(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}: write it as the other providers have it", path.display())
    });
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A function with a table of its own.
pub(crate) struct Deployed {
    /// The function.
    pub(crate) function: Function,
    /// The table.
    pub(crate) dynamodb: DynamoDb,
}

/// Starts `provider`'s function with the sample keys and an empty table.
pub(crate) async fn deploy(provider: &'static str) -> Deployed {
    deploy_with(provider, |settings| settings).await
}

/// The same with other settings.
pub(crate) async fn deploy_with(
    provider: &'static str,
    change: impl FnOnce(Settings) -> Settings,
) -> Deployed {
    let dynamodb = DynamoDb::start().await;
    let settings = change(Settings::sample(provider, &dynamodb));
    Deployed { function: Function::start(provider, &settings).await, dynamodb }
}
