//! Two callbacks have one key only if they have one identity.

use std::ops::Range;

use appvirality::{AppVirality, Role};
use claimr::Claimr;
use devtodev::Devtodev;
use giveaway::Giveaway;
use inbrain::Inbrain;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use verify::{IdempotencyKey, Sender};

use crate::pipeline::facts;
use crate::strategies::{action, friend_reward, guid, identifier, install, message, survey};
use crate::tried;

fn key(parts: &[String]) -> String {
    let key = IdempotencyKey::new("p", "c");
    parts.iter().fold(key, |key, part| key.part(part)).to_string()
}

/// Parts that are easily mistaken for others: separators, escapes, hashes, and the empty one.
fn parts(count: Range<usize>) -> impl Strategy<Value = Vec<String>> {
    let part = prop_oneof![
        "[ab#]{0,3}",
        "[#%~237E@]{0,4}",
        any::<String>(),
        identifier(),
        "a{180,200}",
        "é{25,40}",
    ];
    vec(part, count)
}

/// The key of `payload`, and its members `names`.
fn identity<P: Sender>(
    hook: P::Hook,
    payload: &Value,
    names: &[&str],
) -> (String, Vec<Option<Value>>) {
    let facts = facts::<P>(hook, &payload.to_string()).expect("a callback");
    let member = |name: &&str| payload.pointer(name).cloned();
    (facts.key.to_string(), names.iter().map(member).collect())
}

/// Two of `given`, the second with some of the members `names` of the first.
fn two<const N: usize>(
    given: impl Strategy<Value = Value> + Clone,
    names: [&'static str; N],
) -> impl Strategy<Value = (Value, Value)> {
    (given.clone(), given, vec(any::<bool>(), N)).prop_map(move |(one, mut other, alike)| {
        for (name, _) in names.into_iter().zip(alike).filter(|(_, alike)| *alike) {
            if let (Some(from), Some(to)) = (one.pointer(name), other.pointer_mut(name)) {
                to.clone_from(from);
            }
        }
        (one, other)
    })
}

macro_rules! one_key_one_identity {
    ($($name:ident: $provider:ty, $hook:expr, $given:expr, $identity:expr;)*) => {
        proptest! {
            #![proptest_config(tried(64))]
            $(
                #[test]
                fn $name((one, other) in two($given, $identity)) {
                    let one = identity::<$provider>($hook, &one, &$identity);
                    let other = identity::<$provider>($hook, &other, &$identity);
                    prop_assert_eq!(one.0 == other.0, one.1 == other.1, "{:?} {:?}", one, other);
                }
            )*
        }
    };
}

one_key_one_identity! {
    giveaway_actions: Giveaway, (), action(), ["/track_id", "/event", "/value"];
    claimr_messages: Claimr, 0, message(), ["/scope", "/id"];
    inbrain_callbacks: Inbrain, 0, survey(), ["/RewardId"];
    appvirality_rewards: AppVirality, appvirality::Hook::Reward(Role::Friend), friend_reward(),
        ["/campaignid", "/friend/storeuserid", "/friend/rewarddtlid"];
}

proptest! {
    #![proptest_config(tried(256))]

    #[test]
    fn lists_of_parts(one in parts(0..5), other in parts(0..5)) {
        prop_assert_eq!(key(&one) == key(&other), one == other);
    }

    #[test]
    fn a_boundary_that_is_shifted(parts in parts(2..5), at in any::<prop::sample::Index>()) {
        let at = at.index(parts.len() - 1);
        let mut joined = parts.clone();
        let next = joined.remove(at + 1);
        joined[at].push_str(&next);
        prop_assert_ne!(key(&joined), key(&parts));
        let mut separated = parts.clone();
        let next = separated.remove(at + 1);
        separated[at].push('#');
        separated[at].push_str(&next);
        prop_assert_ne!(key(&separated), key(&parts));
        let mut shifted = parts.clone();
        if let Some(last) = shifted[at].pop() {
            shifted[at + 1].insert(0, last);
            prop_assert_ne!(key(&shifted), key(&parts));
        }
    }
}

proptest! {
    #![proptest_config(tried(64))]

    #[test]
    fn devtodev_installs(
        (one, other) in two(install(), ["/id", "/publisher_name", "/user_id"]),
    ) {
        let of = |install: &Value| {
            let facts = facts::<Devtodev>(devtodev::Hook::Post, &install.to_string());
            // The tracker's own id counts alone.
            let rest = match install.get("id") {
                Some(id) => vec![id.clone()],
                None => vec![install["publisher_name"].clone(), install["user_id"].clone()],
            };
            (facts.expect("an install").key, rest)
        };
        let (one, other) = (of(&one), of(&other));
        prop_assert_eq!(one.0 == other.0, one.1 == other.1, "{:?} {:?}", one, other);
    }

    #[test]
    fn whatever_pays_for_one_inbrain_reward_is_one_callback(
        survey in survey(), panelist in identifier(), amount in 0..1000_u32, test in any::<bool>(),
        other in guid(),
    ) {
        let facts = |survey: &Value| {
            let hook = 0;
            facts::<Inbrain>(hook, &survey.to_string()).expect("a callback")
        };
        let mut again = survey.clone();
        again["PanelistId"] = panelist.into();
        again["Reward"] = amount.into();
        again["IsTest"] = test.into();
        again["RewardType"] = "offer_completed".into();
        prop_assert_eq!(facts(&again).key, facts(&survey).key);
        prop_assert_ne!(facts(&again).fingerprint, facts(&survey).fingerprint);
        again["RewardId"] = other.into();
        prop_assert_ne!(facts(&again).key, facts(&survey).key);
    }
}
