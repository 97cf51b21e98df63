//! An amount is stored digit for digit, from the wire to the table.

use std::cell::Cell;

use bundle::provider::ProviderEntry;
use dev_server::samples::as_http;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;
use settings::Settings;
use verify::Secret;

use crate::deployment::{Deployment, text};
use crate::pipeline::SECRET;
use crate::strategies::decimal;
use crate::tried;

/// Sends decimals, as numbers and as text, in payloads that `payload` makes of an id and a decimal.
fn survives(provider: &str, to: &str, payload: impl Fn(usize, &str) -> String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let keys = json!({"keys": [{"id": "main", "secret": SECRET}]}).to_string();
    let settings = Settings::default();
    let deployment = runtime.block_on(Deployment::start(provider, &keys, settings.clone()));
    let entry = ProviderEntry::named(provider).expect("a provider");
    let to = entry.route(to).expect("a route");
    let secret = Secret::new(SECRET.to_owned()).expect("not empty");
    let count = Cell::new(0);

    let mut runner = TestRunner::new(tried(32));
    let outcome = runner.run(&(decimal(), any::<bool>()), |(amount, quoted)| {
        count.set(count.get() + 1);
        let written = if quoted { format!("\"{amount}\"") } else { amount.clone() };
        let payload = payload(count.get(), &written);
        let request = entry.sign(&settings, &to, &payload, &secret).expect("signable");
        let answer = runtime.block_on(deployment.answer(&as_http(&to, request, "localhost")));
        prop_assert_eq!(answer.status().as_u16(), 200, "{:?}", answer.body());
        let answer: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
        prop_assert_eq!(&answer["status"], "recorded");
        let items = deployment.items();
        let item = items.get(answer["id"].as_str().expect("an id")).expect("an item");
        prop_assert_eq!(text(item, "amount"), Some(amount.as_str()));
        prop_assert!(text(item, "payload").is_some_and(|payload| payload.contains(&written)));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{provider}: {error}"));
}

#[test]
fn from_claimr() {
    survives("claimr", "POST /claimr/webhooks", |id, amount| {
        format!(
            r#"{{"id":{id},"scope":"user_activity","user":"u","event":{{"data":{{"xp":{amount}}}}}}}"#
        )
    });
}

#[test]
fn from_inbrain() {
    survives("inbrain", "POST /inbrain/failure", |id, amount| {
        format!(
            r#"{{"PanelistId":"p","RewardId":"00000000-0000-0000-0000-{id:012}","Reward":{amount},
                "RewardType":"survey_disqualified","RevenueAmount":0,"IsTest":false}}"#
        )
    });
}

#[test]
fn from_appvirality() {
    survives("appvirality", "POST /appvirality/loyalty/user-reward", |id, amount| {
        format!(
            r#"{{"campaignid":1,"storeuserid":"s","rewardid":{id},"reward_type":"InstoreCredits",
                "reward_unit":"Coins","amount":{amount},"rewarddetails":[{{"rewarddtlid":{id}}}]}}"#
        )
    });
}
