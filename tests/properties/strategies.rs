//! Random values. Small alphabets, so that what is easily mistaken for one another is often together.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A track id, an event, a value and a remark, and the payload that they are.
pub(crate) fn action() -> impl Strategy<Value = Value> + Clone {
    let value = option::of("[^&=\\p{Cc}]{1,8}");
    let remark = option::of("[^\\p{Cc}]{0,12}");
    ("[a-zA-Z0-9_$-]{1,12}", "[a-zA-Z0-9_-]{1,8}", value, remark).prop_map(
        |(track_id, event, value, remark)| {
            let mut action = json!({"track_id": track_id, "event": event});
            put(&mut action, "value", value);
            put(&mut action, "remark", remark);
            action
        },
    )
}

/// A message of claimr's.
pub(crate) fn message() -> impl Strategy<Value = Value> + Clone {
    let scope = prop::sample::select(vec!["user_login", "user_reward", "referral"]);
    (identifier(), scope, identifier(), 0..1000_u32).prop_map(|(id, scope, user, xp)| {
        json!({"id": id, "scope": scope, "user_id": user, "event": {"data": {"xp": xp}}})
    })
}

/// A survey callback, to the success URL.
pub(crate) fn survey() -> impl Strategy<Value = Value> + Clone {
    (identifier(), guid(), 0..1000_u32, any::<bool>()).prop_map(
        |(panelist, reward, amount, test)| {
            json!({
                "PanelistId": panelist,
                "RewardId": reward,
                "RewardType": "survey_completed",
                "Reward": amount,
                "RevenueAmount": 0,
                "IsTest": test,
            })
        },
    )
}

/// An install, without a time.
pub(crate) fn install() -> impl Strategy<Value = Value> + Clone {
    (identifier(), identifier(), option::of(identifier())).prop_map(|(publisher, user, id)| {
        let mut install = json!({"publisher_name": publisher, "user_id": user});
        put(&mut install, "id", id);
        install
    })
}

/// A friend's reward.
pub(crate) fn friend_reward() -> impl Strategy<Value = Value> + Clone {
    (identifier(), identifier(), identifier()).prop_map(|(campaign, user, detail)| {
        json!({
            "campaignid": campaign,
            "friend": {
                "storeuserid": user,
                "rewarddtlid": detail,
                "reward_type": "InstoreCredits",
                "reward_unit": "Coins",
                "amount": "10",
            },
        })
    })
}

/// An identifier that every provider takes.
pub(crate) fn identifier() -> impl Strategy<Value = String> + Clone {
    prop_oneof!["[ab]{1,3}", "[ab#%~2378E]{1,6}", "[^\\p{Cc}]{1,12}", "[a-z]{1,6}@[a-z]{1,6}"]
}

/// A GUID.
pub(crate) fn guid() -> impl Strategy<Value = String> + Clone {
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-fA-F]{12}"
}

/// A decimal of at most 28 digits above zero, written in the one way without leading zeros.
pub(crate) fn decimal() -> impl Strategy<Value = String> {
    let whole = "(0|[1-9][0-9]{0,13})";
    let fraction = "[0-9]{0,12}[1-9]0{0,1}";
    prop_oneof![
        "[1-9][0-9]{0,27}".prop_map(|digits| digits),
        (whole, fraction).prop_map(|(whole, fraction)| format!("{whole}.{fraction}")),
        "[1-9][0-9]{0,26}".prop_map(|digits| format!("0.{digits:0>28}")),
    ]
}

/// JSON text of any kind: members may be repeated, numbers of any size, text no Unicode.
pub(crate) fn json_text(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,12})?",
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        "\"(\\\\u[0-9a-fA-F]{4}|[ -!#-\\[\\]-~é]){0,8}\"",
        identifier().prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            object_text(names, inner),
        ]
    })
}

/// A JSON object of any kind, with `names` among its members' names.
pub(crate) fn object_text(
    names: &'static [&'static str],
    member: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        8 => prop::sample::select(names).prop_map(|name| Value::from(name).to_string()),
        1 => any::<String>().prop_map(|name| Value::from(name).to_string()),
    ];
    vec((name, member), 0..10).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, json)| format!("{name}:{json}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

fn put(object: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        let members: &mut Map<_, _> = object.as_object_mut().expect("an object");
        members.insert(name.to_owned(), value.into());
    }
}
