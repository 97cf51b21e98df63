//! What is signed is genuine, and nothing of it can be changed.

use appvirality::{AppVirality, Role};
use claimr::Claimr;
use devtodev::Devtodev;
use giveaway::Giveaway;
use http::HeaderValue;
use inbrain::Inbrain;
use proptest::prelude::*;
use serde_json::Value;
use verify::Request;

use crate::pipeline::{SECRET, is_let_in, signed};
use crate::strategies::{action, friend_reward, install, message, survey};
use crate::tried;

/// `bytes` with another byte than the one there at some place.
fn changed(bytes: &[u8], place: prop::sample::Index, flip: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = place.index(bytes.len());
    bytes[at] ^= flip;
    bytes
}

/// The members `names` of a body, when it is an object.
fn members(body: &[u8], names: &[&str]) -> Option<Vec<Option<Value>>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(names.iter().map(|name| body.get(name).cloned()).collect())
}

/// The text that inBrain signs.
fn panelist_and_reward(body: &[u8]) -> Option<String> {
    let parts = members(body, &["PanelistId", "RewardId"])?;
    let parts = parts.into_iter().map(|part| Some(part?.as_str()?.to_owned()));
    parts.collect()
}

proptest! {
    #![proptest_config(tried(48))]

    #[test]
    fn a_giveaway_action(
        action in action(), place in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        let request = signed::<Giveaway>((), &action.to_string());
        prop_assert!(is_let_in::<Giveaway>((), &request));
        let forged = Request { body: changed(&request.body, place, flip), ..request.clone() };
        if is_let_in::<Giveaway>((), &forged) {
            // White space, a spelling, the case of the signature: not what is signed.
            let names = ["track_id", "event", "value", "remark"];
            prop_assert_eq!(members(&forged.body, &names), members(&request.body, &names));
        }
    }

    #[test]
    fn each_field_of_a_giveaway_action(action in action(), extra in "[a-z0-9]") {
        let request = signed::<Giveaway>((), &action.to_string());
        let genuine: Value = serde_json::from_slice(&request.body).expect("JSON");
        for name in ["track_id", "event", "value", "remark"] {
            let mut forged = genuine.clone();
            let text = forged[name].as_str().unwrap_or_default().to_owned() + &extra;
            forged[name] = text.into();
            let forged = Request::json(forged.to_string());
            prop_assert!(!is_let_in::<Giveaway>((), &forged), "{}", name);
            let mut forged = genuine.clone();
            if forged.as_object_mut().and_then(|members| members.remove(name)).is_some() {
                let forged = Request::json(forged.to_string());
                prop_assert!(!is_let_in::<Giveaway>((), &forged), "no {}", name);
            }
        }
    }

    #[test]
    fn a_claimr_message(
        message in message(), place in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        let request = signed::<Claimr>(0, &message.to_string());
        prop_assert!(is_let_in::<Claimr>(0, &request));
        let forged = Request { body: changed(&request.body, place, flip), ..request.clone() };
        prop_assert!(!is_let_in::<Claimr>(0, &forged));

        let genuine = request.headers["x-claimr-signature"].clone();
        let signature = changed(genuine.as_bytes(), place, flip);
        if let Ok(signature) = HeaderValue::from_bytes(&signature) {
            let mut forged = request;
            forged.headers.insert("x-claimr-signature", signature.clone());
            let alike = signature.as_bytes().eq_ignore_ascii_case(genuine.as_bytes());
            prop_assert_eq!(is_let_in::<Claimr>(0, &forged), alike);
        }
    }

    #[test]
    fn an_inbrain_callback(
        survey in survey(), place in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        let hook = 0;
        let request = signed::<Inbrain>(hook, &survey.to_string());
        prop_assert!(is_let_in::<Inbrain>(hook, &request));
        let forged = Request { body: changed(&request.body, place, flip), ..request.clone() };
        if is_let_in::<Inbrain>(hook, &forged) {
            let signed = panelist_and_reward(&request.body);
            prop_assert_eq!(panelist_and_reward(&forged.body), signed);
        }
    }

    #[test]
    fn a_devtodev_key(
        install in install(), place in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        for hook in [devtodev::Hook::Get, devtodev::Hook::Post] {
            let request = signed::<Devtodev>(hook, &install.to_string());
            prop_assert!(is_let_in::<Devtodev>(hook, &request));
            let key = changed(SECRET.as_bytes(), place, flip);
            let Ok(key) = String::from_utf8(key) else { continue };
            let query = request.query.replace(SECRET, &key);
            let forged = Request { query, ..request };
            prop_assert!(!is_let_in::<Devtodev>(hook, &forged));
        }
    }

    #[test]
    fn an_appvirality_key(
        reward in friend_reward(), place in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        let hook = appvirality::Hook::Reward(Role::Friend);
        let request = signed::<AppVirality>(hook, &reward.to_string());
        prop_assert!(is_let_in::<AppVirality>(hook, &request));
        let body = String::from_utf8(request.body).expect("text");
        let (start, end) = body.rsplit_once(SECRET).expect("the key");
        let key = changed(SECRET.as_bytes(), place, flip);
        let body = [start.as_bytes(), &key, end.as_bytes()].concat();
        let forged = Request { body, ..Request::default() };
        prop_assert!(!is_let_in::<AppVirality>(hook, &forged));
    }
}
