//! The provider's side: putting the secure key into a body.

use verify::{Request, Secret, Sender, UnprovedObject, Unsignable};

use crate::{AppVirality, Hook, KEY};

impl Sender for AppVirality {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, _: Hook, payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let payload = UnprovedObject::parse(payload.as_bytes())?;
        Ok(Request::json(payload.with(KEY, secret.expose_text())))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use verify::{Field, Object, ParsedCallback, Provider as _, Refusal};

    use super::*;
    use crate::published::facts;

    /// What is read in every sample, by its name.
    fn samples() -> Vec<(String, Result<ParsedCallback, Refusal>)> {
        let json = format!(r#"{{"samples":{}}}"#, AppVirality::SAMPLES);
        let samples = Object::parse(json.as_bytes()).expect("JSON");
        let samples = samples.required("samples").and_then(Field::objects).expect("objects");
        let read = |sample: Object<'_>| {
            let text = |name| sample.required(name).and_then(|text| text.text(99)).expect(name);
            let route = text("route");
            let (_, hook) = AppVirality
                .routes()
                .iter()
                .find(|(known, _)| known.to_string() == route)
                .expect("a route");
            let payload = sample.required("payload").and_then(Field::object).expect("an object");
            (text("name"), facts(*hook, &payload.without(&[])))
        };
        samples.into_iter().map(read).collect()
    }

    #[test]
    fn samples_mean_what_their_names_say() {
        let expected = [
            ("appvirality-referral-conversion", "referral_conversion", None),
            ("appvirality-referral-friend-reward", "referral_friend_reward", Some("20 Rs")),
            ("appvirality-referral-friend-reward-other", "referral_friend_reward", None),
            ("appvirality-referral-referrer-reward", "referral_referrer_reward", Some("10 Rs")),
            ("appvirality-loyalty-conversion", "loyalty_conversion", None),
            ("appvirality-loyalty-user-reward", "loyalty_user_reward", Some("10 Coins")),
            ("appvirality-loyalty-user-reward-credits", "loyalty_user_reward", Some("12.50 Coins")),
            ("appvirality-forged", "loyalty_user_reward", Some("1000 Coins")),
        ];
        let mut samples = samples();
        let (name, malformed) = samples.pop().expect("samples");
        assert_eq!(name, "appvirality-malformed");
        let expectation = "an array of at least one JSON object";
        assert_eq!(malformed, Err(Refusal::malformed("rewarddetails", expectation)));

        assert_eq!(samples.len(), expected.len());
        let mut keys = HashSet::new();
        for ((name, facts), (expected, kind, reward)) in samples.into_iter().zip(expected) {
            let facts = facts.expect(&name);
            let given =
                facts.effect.reward().map(|reward| format!("{} {}", reward.amount, reward.unit));
            assert_eq!((name.as_str(), facts.kind), (expected, kind));
            assert_eq!((given.as_deref(), facts.held), (reward, None), "{name}");
            assert!(keys.insert(facts.key), "{name}");
        }
    }
}
