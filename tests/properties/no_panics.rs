//! Whatever is sent, nothing panics.

use appvirality::AppVirality;
use claimr::Claimr;
use devtodev::Devtodev;
use giveaway::Giveaway;
use inbrain::Inbrain;
use proptest::prelude::*;
use serde_json::value::RawValue;
use verify::{ParsedCallback, Refusal, Sender};

use crate::pipeline::facts;
use crate::strategies::{json_text, object_text};
use crate::tried;

/// The names that some provider looks for.
const FIELDS: &[&str] = &[
    "track_id",
    "event",
    "value",
    "remark",
    "sign",
    "id",
    "scope",
    "user",
    "user_id",
    "campaign",
    "type",
    "data",
    "action",
    "xp",
    "publisher_name",
    "campaign_id",
    "country_code",
    "cost",
    "install_timestamp",
    "click_timestamp",
    "google_aid",
    "os_id",
    "apikey",
    "Sig",
    "PanelistId",
    "RewardType",
    "RewardId",
    "Reward",
    "SessionId",
    "RevenueAmount",
    "IsTest",
    "securekey",
    "campaignid",
    "eventname",
    "friend",
    "referrer",
    "storeuserid",
    "emailid",
    "rewardid",
    "rewarddtlid",
    "reward_type",
    "reward_unit",
    "amount",
    "rewarddetails",
    "rewarded_date",
    "expires",
    "success",
    "reachedmaxlimit",
    "extraInfo",
];

/// The names of an event.
const EVENT: &[&str] = &[
    "version",
    "routeKey",
    "rawPath",
    "rawQueryString",
    "cookies",
    "headers",
    "queryStringParameters",
    "pathParameters",
    "stageVariables",
    "requestContext",
    "http",
    "method",
    "path",
    "protocol",
    "sourceIp",
    "domainName",
    "stage",
    "timeEpoch",
    "authorizer",
    "body",
    "isBase64Encoded",
    "host",
    "content-type",
    "x-forwarded-proto",
];

/// What is read in `payload` by every route of a provider, where it can be signed at all.
fn read<P: Sender>(payload: &str) -> Vec<Result<ParsedCallback, Refusal>> {
    let secret = verify::Secret::new("s".to_owned()).expect("not empty");
    let provider = crate::pipeline::provider::<P>();
    P::ROUTES
        .iter()
        .filter(|(_, hook)| provider.sign(*hook, payload, &secret).is_ok())
        .map(|(_, hook)| facts::<P>(*hook, payload))
        .collect()
}

/// An event in which most is as it should be and something is not.
fn event() -> impl Strategy<Value = String> {
    let anything = || json_text(EVENT);
    let or_anything = |json: &'static str| prop_oneof![4 => Just(json.to_owned()), 1 => anything()];
    let headers = prop_oneof![
        Just(r#"{"host":"a.example","content-type":"application/json"}"#.to_owned()),
        (any::<String>(), any::<String>())
            .prop_map(|(host, other)| serde_json::json!({"host": host, "x": other}).to_string()),
        anything(),
    ];
    let text = || any::<String>().prop_map(|text| serde_json::Value::from(text).to_string());
    let query = prop_oneof!["\"[a-z=&%+ \\[\\]<>{}|^`#?/0-9]{0,12}\"", text(), anything(),];
    let path = prop_oneof![
        Just("\"/claimr/webhooks\"".to_owned()),
        "\"[/a-z%. ?#\\[]{0,12}\"",
        text(),
        anything(),
    ];
    let body = prop_oneof!["\"[A-Za-z0-9+/=]{0,12}\"", text(), anything()];
    let http = or_anything(r#"{"method":"POST","path":"/claimr/webhooks"}"#);
    let base64 = prop_oneof![any::<bool>().prop_map(|value| value.to_string()), anything()];
    let key = prop_oneof![Just("\"POST /claimr/webhooks\"".to_owned()), text(), anything()];
    (path, query, headers, http, body, base64, key).prop_map(
        |(path, query, headers, http, body, base64, key)| {
            format!(
                r#"{{"version":"2.0","routeKey":{key},"rawPath":{path},"rawQueryString":{query},
                    "headers":{headers},"requestContext":{{"http":{http},"timeEpoch":1}},
                    "body":{body},"isBase64Encoded":{base64}}}"#
            )
        },
    )
}

fn read_event(event: &str) {
    let event: &RawValue = serde_json::from_str(event).expect("JSON");
    if let Ok(arrived) = receiver::event::read(event) {
        assert!(arrived.request.body.len() <= receiver::event::LARGEST_BODY);
    }
}

proptest! {
    #![proptest_config(tried(256))]

    #[test]
    fn any_object(payload in object_text(FIELDS, json_text(FIELDS))) {
        read::<Giveaway>(&payload);
        read::<Claimr>(&payload);
        read::<Devtodev>(&payload);
        read::<Inbrain>(&payload);
        read::<AppVirality>(&payload);
    }

    #[test]
    fn any_event(event in event()) {
        read_event(&event);
    }

    #[test]
    fn any_json_for_an_event(event in prop_oneof![json_text(EVENT), object_text(EVENT, json_text(EVENT))]) {
        read_event(&event);
    }
}
