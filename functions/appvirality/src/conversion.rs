//! The conversion webhooks: somebody did what a campaign rewards.
//!
//! They come before the provider's fraud check and never pay; the reward webhooks do.

use verify::{Effect, Fingerprint, HeldReason, IdempotencyKey, Object, ParsedCallback, Refusal};

use crate::formats;
use crate::hook::{Hook, Program};
use crate::recipient::Recipient;
use crate::terms::{self, Terms};

/// Everybody who may have a part in a conversion.
const PARTIES: [&str; 3] = ["friend", "referrer", "user"];

/// Somebody who has a part in a conversion, and what they may expect.
struct Party {
    name: &'static str,
    recipient: Recipient,
    /// `rewarddtlid`: absent where the conversion earns this party nothing.
    rewarddtlid: Option<String>,
    terms: Terms,
}

impl Party {
    fn read(name: &'static str, object: &Object<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            name,
            recipient: Recipient::read(object)?,
            rewarddtlid: formats::word(object, "rewarddtlid")?,
            terms: Terms::read(object)?,
        })
    }
}

/// Reads an authenticated conversion.
pub(crate) fn read(
    program: Program,
    body: &Object<'_>,
    payload: String,
) -> Result<ParsedCallback, Refusal> {
    let campaign = formats::required_word(body, "campaignid")?;
    let event = formats::required_word(body, "eventname")?;
    let extra_info = formats::extra_info(body)?;
    let successful = formats::successful(body);
    let mut parties = Vec::new();
    for name in PARTIES {
        if let Some(party) = formats::present(body, name)? {
            parties.push(Party::read(name, &party.object()?)?);
        }
    }
    let converted = match program {
        Program::Referral => "friend",
        Program::Loyalty => "user",
    };
    let user = parties.iter().find(|party| party.name == converted);
    let user = user.ok_or_else(|| Refusal::missing(converted))?.recipient.account();

    let kind = Hook::Conversion(program).kind();
    Ok(ParsedCallback {
        kind,
        key: IdempotencyKey::new("appvirality", kind)
            .part(&campaign)
            .part(&event)
            .part(identity(&parties, extra_info.as_deref()).as_str()),
        fingerprint: fingerprint(&campaign, &event, successful, &parties),
        user,
        effect: Effect::Nothing,
        test: false,
        held: (!successful).then_some(HeldReason::NotSuccessful),
        payload,
    })
}

/// What tells one conversion from the next of the same event: the rewards that it earned, each with
/// its recipient, because two people may have rewards of one id.
///
/// A conversion that earned none has only what the app said of it and its day; were that left out,
/// somebody's second order would pass for a repeat of the first.
fn identity(parties: &[Party], extra_info: Option<&str>) -> Fingerprint {
    let mut sorted: Vec<_> = parties.iter().collect();
    sorted.sort_by_key(|party| {
        (&party.rewarddtlid, party.recipient.kind.as_str(), &party.recipient.value)
    });
    let mut identity = Fingerprint::builder();
    for party in &sorted {
        identity = identity.optional_field("rewarddtlid", party.rewarddtlid.as_deref());
        identity = party.recipient.agree(identity);
    }
    if sorted.iter().all(|party| party.rewarddtlid.is_none()) {
        identity = identity.optional_field("extraInfo", extra_info);
        for party in &sorted {
            identity =
                identity.optional_field("rewarded_date", party.terms.rewarded_date.as_deref());
        }
    }
    identity.finish()
}

/// Who may expect what, and for what. Snapshots are left out, as in a reward's fingerprint.
fn fingerprint(campaign: &str, event: &str, successful: bool, parties: &[Party]) -> Fingerprint {
    let agreed = Fingerprint::builder()
        .with("campaignid", campaign)
        .with("eventname", event)
        .with("success", if successful { "true" } else { "false" });
    parties
        .iter()
        .fold(agreed, |agreed, Party { name, recipient, rewarddtlid, terms }| {
            let agreed = recipient.agree(agreed.with("party", name));
            terms::agree(
                agreed.optional_field("rewarddtlid", rewarddtlid.as_deref()),
                terms.reward_type.as_ref(),
                terms.amount,
                terms.unit.as_deref(),
            )
        })
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::{LOYALTY_CONVERSION, REFERRAL_CONVERSION, edited};

    fn facts(program: Program, body: &str) -> Result<ParsedCallback, Refusal> {
        crate::published::facts(Hook::Conversion(program), body)
    }

    fn referral(body: &str) -> ParsedCallback {
        facts(Program::Referral, body).expect(body)
    }

    /// A conversion that earned nobody anything.
    fn unrewarded(more: &str) -> String {
        format!(
            r#"{{"campaignid":"1","eventname":"Transaction","friend":{{"storeuserid":"s"}}{more}}}"#
        )
    }

    #[test]
    fn whoever_converted_has_to_be_named() {
        let (friend, user) = (Program::Referral, Program::Loyalty);
        for (program, body, from, to, field) in [
            (friend, REFERRAL_CONVERSION, r#""friend""#, r#""friend":null,"x""#, "friend"),
            (friend, REFERRAL_CONVERSION, r#""friend""#, r#""friend":"","x""#, "friend"),
            (friend, REFERRAL_CONVERSION, r#""friend""#, r#""user""#, "friend"),
            (user, LOYALTY_CONVERSION, r#""user""#, r#""user":null,"x""#, "user"),
            (
                friend,
                REFERRAL_CONVERSION,
                r#""friend""#,
                r#""friend":{},"x""#,
                "friend.storeuserid",
            ),
            (user, LOYALTY_CONVERSION, r#""user""#, r#""user":{},"x""#, "user.storeuserid"),
            (friend, REFERRAL_CONVERSION, r#""campaignid":"283""#, r#""x":1"#, "campaignid"),
            (
                friend,
                REFERRAL_CONVERSION,
                r#""eventname":"Signup""#,
                r#""eventname":"""#,
                "eventname",
            ),
        ] {
            let body = edited(body, from, to);
            assert_eq!(facts(program, &body), Err(Refusal::missing(field)), "{body}");
        }
        let wrong_route = facts(Program::Loyalty, REFERRAL_CONVERSION);
        assert_eq!(wrong_route, Err(Refusal::missing("user")));
    }

    #[test]
    fn fields_have_their_forms() {
        for (from, to, field) in [
            (r#""friend""#, r#""friend":[],"x""#, "friend"),
            (r#""referrer""#, r#""referrer":7,"x""#, "referrer"),
            (r#""rewarddtlid":"22249""#, r#""rewarddtlid":{}"#, "referrer.rewarddtlid"),
            (r#""amount":"10""#, r#""amount":"ten""#, "friend.amount"),
        ] {
            let body = edited(REFERRAL_CONVERSION, from, to);
            let refusal = facts(Program::Referral, &body).expect_err(&body);
            assert_eq!(refusal.field(), Some(field), "{body}");
        }
    }

    #[test]
    fn a_friend_may_come_alone() {
        let alone = edited(REFERRAL_CONVERSION, r#""referrer""#, r#""referrer":null,"was""#);
        assert_eq!(referral(&alone).user, "7312d0eac7794939b98bb836f092313d");
        assert_ne!(referral(&alone).key, referral(REFERRAL_CONVERSION).key);
    }

    #[test]
    fn rewards_tell_conversions_apart() {
        let first = referral(REFERRAL_CONVERSION);
        for (from, to) in [
            (r#""campaignid":"283""#, r#""campaignid":"284""#),
            (r#""eventname":"Signup""#, r#""eventname":"Install""#),
            ("22250", "22251"),
            ("22249", "22251"),
            (r#""storeuserid":"""#, r#""storeuserid":"7312d0eac7794939b98bb836f092313d""#),
            ("a2c540b5b1d2478083fba81ee53148cc", "7312d0eac7794939b98bb836f092313d"),
        ] {
            let other = referral(&edited(REFERRAL_CONVERSION, from, to));
            assert_ne!(first.key, other.key, "{to}");
        }
        let loyalty = REFERRAL_CONVERSION.replacen(r#""friend""#, r#""user""#, 1);
        assert_ne!(first.key, facts(Program::Loyalty, &loyalty).expect("read").key);
    }

    #[test]
    fn what_is_expected_may_not_change() {
        let first = referral(REFERRAL_CONVERSION);
        for (from, to) in [
            (r#""amount":"10""#, r#""amount":"11""#),
            (r#""reward_unit":"Coins""#, r#""reward_unit":"Rs""#),
            ("InstoreCredits", "Other"),
            (r#""success":true"#, r#""success":false"#),
        ] {
            let second = referral(&edited(REFERRAL_CONVERSION, from, to));
            assert_eq!(first.key, second.key, "{to}");
            assert_ne!(first.fingerprint, second.fingerprint, "{to}");
        }
        let swapped = REFERRAL_CONVERSION
            .replace(r#""friend""#, r#""x""#)
            .replace(r#""referrer""#, r#""friend""#)
            .replace(r#""x""#, r#""referrer""#);
        let second = referral(&swapped);
        assert_eq!(first.key, second.key);
        assert_ne!(first.fingerprint, second.fingerprint);
    }

    #[test]
    fn a_conversion_that_earns_nothing_is_not_lost() {
        let first = referral(&unrewarded(""));
        assert_eq!((first.user.as_str(), first.effect, first.held), ("s", Effect::Nothing, None));
        let order = referral(&unrewarded(r#","extraInfo":"order%3D7""#));
        let again = referral(&unrewarded(r#","extrainfo":"order%3D7","message":"again""#));
        let next = referral(&unrewarded(r#","extraInfo":"order%3D8""#));
        assert_ne!(first.key, order.key);
        assert_eq!((&order.key, &order.fingerprint), (&again.key, &again.fingerprint));
        assert_ne!(order.key, next.key);
        let body = unrewarded("");
        let body = edited(&body, r#""s""#, r#""s","rewarded_date":"12-Oct-2016""#);
        assert_ne!(first.key, referral(&body).key);
    }

    #[test]
    fn what_the_app_said_of_a_rewarded_conversion_does_not_count() {
        let first = referral(REFERRAL_CONVERSION);
        let body = edited(REFERRAL_CONVERSION, r#""extraInfo":"""#, r#""extraInfo":"order%3D7""#);
        assert_eq!(first.key, referral(&body).key);
    }

    #[test]
    fn it_never_pays() {
        for (program, body) in
            [(Program::Referral, REFERRAL_CONVERSION), (Program::Loyalty, LOYALTY_CONVERSION)]
        {
            assert_eq!(facts(program, body).expect(body).effect, Effect::Nothing);
        }
    }
}
