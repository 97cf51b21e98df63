//! The contracts of providers that are written by hand as well: what the two make of every request of the conformance
//! corpus, of the samples, and of the samples with each of their members in every other form.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;

use bundle::provider::ProviderEntry;
use claimr::Claimr;
use fuzz::both::{Both, Fingerprints};
use fuzz::corpus;
use fuzz::variants;
use inbrain::Inbrain;
use serde_json::{Value, json};
use settings::Settings;
use verify::{Keys, Provider, Request, Sender};

/// Every case of a provider's corpus; how many there are, and how many are callbacks.
fn conformance<P: Provider>() -> (usize, usize) {
    let (mut cases, mut callbacks) = (0, 0);
    let entry = ProviderEntry::named(P::NAME).expect("a provider");
    let text = fs::read_to_string(entry.file("conformance/cases.json")).expect("a corpus");
    let corpus: Value = serde_json::from_str(&text).expect("JSON");
    for group in corpus["groups"].as_array().expect("groups") {
        let settings = group["settings"].as_object().expect("settings").iter();
        let settings = settings.map(|(name, value)| (name.clone(), value.as_str().expect("text")));
        let both = Both::<P>::configure(&settings.collect()).expect("settings");
        let list = group["keys"].as_str().map_or_else(|| group["keys"].to_string(), str::to_owned);
        // A list that cannot be used is not the provider's to read; of what comes then, the claim is compared.
        let keys = Keys::from_json(&list)
            .or_else(|_| Keys::from_json(r#"{"keys":[{"id":"other","secret":"another"}]}"#));
        let keys = keys.expect("usable");
        let mut fingerprints = Fingerprints::default();
        for case in group["cases"].as_array().expect("cases") {
            let called = corpus::called(&case["request"]);
            let agreed = both.receive(&keys, (&called.method, &called.path), &called.request);
            let agreed = agreed.unwrap_or_else(|difference| {
                panic!("{}: {} / {}: {difference}", P::NAME, group["name"], case["name"])
            });
            cases += 1;
            if let Some(agreed) = agreed {
                callbacks += 1;
                assert_eq!(
                    fingerprints.add(&agreed),
                    Ok(()),
                    "{} / {}",
                    group["name"],
                    case["name"]
                );
            }
        }
    }
    (cases, callbacks)
}

#[test]
fn the_whole_corpus_is_the_same_by_the_contract() {
    for (name, (cases, callbacks)) in
        [("inbrain", conformance::<Inbrain>()), ("claimr", conformance::<Claimr>())]
    {
        println!("{name}: {cases} requests, {callbacks} of them callbacks");
        assert!(
            cases > 200 && callbacks > 100 && callbacks < cases,
            "{name}: {cases}, {callbacks}"
        );
    }
}

/// The samples of a provider, and every variant of them, signed; how many there are, and how many are callbacks.
fn samples<P: Sender>(settings: &[(&str, &str)]) -> (usize, usize) {
    let both = Both::<P>::configure(&settings.iter().copied().collect()).expect("settings");
    let keys =
        Keys::from_json(r#"{"keys":[{"id":"a","secret":"a-test-secret"}]}"#).expect("usable");
    let samples: Value = serde_json::from_str(P::SAMPLES).expect("JSON");
    let payloads = samples.as_array().expect("samples").iter().map(|sample| &sample["payload"]);
    let mut paths: Vec<_> = payloads.flat_map(variants::paths).collect();
    paths.extend([vec!["OfferGoalId".to_owned()], vec!["Signature".to_owned()]]);
    paths.sort();
    paths.dedup();
    let (mut requests, mut callbacks) = (0, 0);
    for sample in samples.as_array().expect("samples") {
        let payload = &sample["payload"];
        for (route, hook) in P::ROUTES.iter().filter(|(it, _)| sample["route"] == it.to_string()) {
            let mut fingerprints = Fingerprints::default();
            for variant in paths.iter().flat_map(|path| variants::at(payload, path)) {
                let Ok(request) = both.hand().sign(*hook, &variant, keys.first()) else { continue };
                let agreed = both.receive(&keys, (route.method, route.path), &request);
                let agreed = agreed.unwrap_or_else(|difference| panic!("{variant}: {difference}"));
                requests += 1;
                if let Some(agreed) = agreed {
                    callbacks += 1;
                    assert_eq!(fingerprints.add(&agreed), Ok(()), "{variant}");
                }
            }
        }
    }
    (requests, callbacks)
}

#[test]
fn every_variant_of_a_sample_is_the_same_by_the_contract() {
    for (name, (requests, callbacks)) in [
        ("inbrain, a cap", samples::<Inbrain>(&[("MAX_REWARD", "50")])),
        ("claimr, other scopes", samples::<Claimr>(&[("PAYING_SCOPES", "user_activity,referral")])),
    ] {
        println!("{name}: {requests} requests, {callbacks} of them callbacks");
        assert!(callbacks > 1000 && callbacks < requests, "{name}: {requests}, {callbacks}");
    }
}

/// Whether both take the setting `name` with `value`; they agree, or the test fails.
fn is_taken<P: Provider>(name: &str, value: &str) -> bool {
    Both::<P>::configure(&Settings::from([(name, value)])).is_ok()
}

#[test]
fn settings_are_taken_and_refused_by_both() {
    for (value, taken) in [
        ("", true),
        ("0", true),
        ("250.50", true),
        ("-1", false),
        ("1,000", false),
        ("many", false),
        (" 5", false),
        ("1e99", false),
    ] {
        assert_eq!(is_taken::<Inbrain>("MAX_REWARD", value), taken, "{value}");
    }
    for (name, value, taken) in [
        ("SIGNATURE_HEADER", "", true),
        ("SIGNATURE_HEADER", "X-Signature-256", true),
        ("SIGNATURE_HEADER", "x claimr", false),
        ("SIGNATURE_HEADER", "sígnature", false),
        ("SIGNATURE_HEADER", "\n", false),
        ("PAYING_SCOPES", "", true),
        ("PAYING_SCOPES", "user_reward,referral", true),
        ("PAYING_SCOPES", "referral, user_activity", true),
        ("PAYING_SCOPES", "user_activity,user_activity", true),
        ("PAYING_SCOPES", "user_activity,", false),
        ("PAYING_SCOPES", "user_logout", false),
        ("PAYING_SCOPES", "User_Activity", false),
        ("PAYING_SCOPES", "user_activity;referral", false),
        ("PAYING_SCOPES", " ", false),
        ("PAYING_SCOPES", "*", false),
    ] {
        assert_eq!(is_taken::<Claimr>(name, value), taken, "{name}={value}");
    }
}

#[test]
fn what_the_provider_would_send_is_the_same() {
    fn sent<P: Sender>() {
        let both = Both::<P>::configure(&Settings::default()).expect("settings");
        let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"a-test-secret"}]}"#);
        let keys = keys.expect("usable");
        let samples: Value = serde_json::from_str(P::SAMPLES).expect("JSON");
        for sample in samples.as_array().expect("samples") {
            let payload = sample["payload"].to_string();
            for (at, (route, hook)) in P::ROUTES.iter().enumerate() {
                let hand = both.hand().sign(*hook, &payload, keys.first()).expect("signed");
                let contract = both.contract().contract();
                let contract = contract.sign(at, route.path, &payload, keys.first());
                let contract = contract.expect("signed");
                let shown = |request: &Request| {
                    json!([
                        String::from_utf8_lossy(&request.body),
                        request.query,
                        format!("{:?}", request.headers),
                    ])
                };
                assert_eq!(shown(&hand), shown(&contract), "{payload}");
            }
        }
    }
    sent::<Inbrain>();
    sent::<Claimr>();
}
