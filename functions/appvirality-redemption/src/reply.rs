//! What AppVirality's API answers.
//!
//! Source: the provider's pages "Check Reward Status" and "Redeem Rewards".

use appvirality::formats;
use verify::{Amount, Object, Refusal, UnprovedObject};

/// What the API says of one reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewardStatus {
    /// How far the reward is.
    pub status: Status,
    /// `amount`.
    pub amount: Option<Amount>,
    /// `rewardunit`.
    pub unit: Option<String>,
}

/// The members of every reply.
const COMMON: [&str; 2] = ["statuscode", "success"];

/// How far a reward is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `Approved`: it may be paid.
    Approved,
    /// `Rewarded`: it was handed out or redeemed.
    Rewarded,
    /// `UnderReview` or `Suspicious`: it will be decided.
    UnderReview,
    /// `Rejected`: it will not be paid.
    Rejected,
    /// A word that the provider's page does not have.
    Unknown,
    /// No word at all: there is no data yet (status code 0).
    NoData,
    /// No word at all: there is no such id (status code 11).
    NoSuchReward,
}

/// A reply that does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It is none of the documented form, or about another reward.
    Unreadable,
    /// The API says that it did not succeed.
    Unsuccessful,
}

impl Status {
    /// Reads `reward_status`; one of the provider's pages has a space in `Under Review`.
    fn read(word: &str) -> Self {
        let letters = word.chars().filter(|c| !c.is_whitespace());
        match letters.collect::<String>().to_ascii_lowercase().as_str() {
            "approved" => Self::Approved,
            "rewarded" => Self::Rewarded,
            "underreview" | "suspicious" => Self::UnderReview,
            "rejected" => Self::Rejected,
            _ => Self::Unknown,
        }
    }
}

impl RewardStatus {
    /// Reads the reply to a check of `rewarddtlid`.
    pub fn read(rewarddtlid: &str, body: &[u8]) -> Result<Self, Unclear> {
        // A comment may be in another encoding; what is compared then is not what the hook says.
        let body = String::from_utf8_lossy(body);
        let names =
            [&COMMON[..], &["rewarddtlid", "reward_status", "amount", "rewardunit"]].concat();
        let (object, code, success) = read(&body, &names)?;
        let nothing = |status| Ok(Self { status, amount: None, unit: None });
        match code.as_deref() {
            Some("0") => return nothing(Status::NoData),
            Some("11") => return nothing(Status::NoSuchReward),
            Some("1") | None if success => {}
            _ => return Err(Unclear::Unsuccessful),
        }
        let word = |name| formats::word(&object, name).map_err(unreadable);
        if word("rewarddtlid")?.is_some_and(|about| about != rewarddtlid) {
            return Err(Unclear::Unreadable);
        }
        Ok(Self {
            status: Status::read(&word("reward_status")?.ok_or(Unclear::Unreadable)?),
            amount: formats::amount(&object, "amount").map_err(unreadable)?,
            unit: word("rewardunit")?,
        })
    }
}

/// Reads the reply to a redemption.
pub fn read_redeemed(body: &[u8]) -> Result<(), Unclear> {
    let (_, _, success) = read(&String::from_utf8_lossy(body), &COMMON)?;
    if success { Ok(()) } else { Err(Unclear::Unsuccessful) }
}

/// The reply with what every reply has: `statuscode`, where it is there, and `success`.
/// Of its members only those called `names` are looked at.
fn read<'a>(body: &'a str, names: &[&str]) -> Result<(Object<'a>, Option<String>, bool), Unclear> {
    let object = UnprovedObject::parse(body.as_bytes()).and_then(|reply| reply.only(names));
    let object = object.map_err(unreadable)?;
    let code = formats::word(&object, "statuscode").map_err(unreadable)?;
    let success = formats::flag(&object, "success").map_err(unreadable)?;
    let success = success.ok_or(Unclear::Unreadable)?;
    Ok((object, code, success))
}

fn unreadable(_: Refusal) -> Unclear {
    Unclear::Unreadable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<RewardStatus, Unclear> {
        RewardStatus::read("797", body.as_bytes())
    }

    fn nothing(status: Status) -> RewardStatus {
        RewardStatus { status, amount: None, unit: None }
    }

    #[test]
    fn the_published_reply_is_read() {
        let body = r#"{"success":true,"rewarddtlid":"797","reward_status":"Suspicious",
            "comment":"Friend has No Email / Invalid Hardware ID","amount":"50",
            "rewardunit":"Coins","statuscode": 1,"message": "Success"}"#;
        let said = RewardStatus {
            status: Status::UnderReview,
            amount: Amount::parse("50"),
            unit: Some("Coins".to_owned()),
        };
        assert_eq!(read(body), Ok(said));
    }

    #[test]
    fn words_are_told_apart() {
        for (word, status) in [
            ("Approved", Status::Approved),
            ("Rewarded", Status::Rewarded),
            ("UnderReview", Status::UnderReview),
            ("Under Review", Status::UnderReview),
            ("suspicious", Status::UnderReview),
            ("Rejected", Status::Rejected),
            ("EligibleForReward", Status::Unknown),
            ("Approved!", Status::Unknown),
        ] {
            assert_eq!(
                read(&format!(r#"{{"success":true,"reward_status":"{word}"}}"#)),
                Ok(nothing(status)),
                "{word}"
            );
        }
    }

    #[test]
    fn a_comment_may_be_in_any_encoding() {
        // Latin-1.
        let body = b"{\"success\":true,\"reward_status\":\"Approved\",\"comment\":\"Ren\xe9\",\"amount\":\"5\",\"rewardunit\":\"Rs\"}";
        let status = RewardStatus {
            status: Status::Approved,
            amount: Amount::parse("5"),
            unit: Some("Rs".to_owned()),
        };
        assert_eq!(RewardStatus::read("797", body), Ok(status));
        // A unit in it is not the one of any hook.
        let body = b"{\"success\":true,\"reward_status\":\"Approved\",\"rewardunit\":\"\xa3\"}";
        let unit = RewardStatus::read("797", body).expect("read").unit;
        assert_eq!(unit.as_deref(), Some("\u{fffd}"));
        assert_eq!(read_redeemed(b"{\"success\":true,\"message\":\"\xe9\"}"), Ok(()));
    }

    #[test]
    fn numbers_are_written_in_either_way() {
        let body = r#"{"success":"True","rewarddtlid":797,"reward_status":"Approved","amount":7.50,
            "rewardunit":"","statuscode":"1"}"#;
        let said =
            RewardStatus { status: Status::Approved, amount: Amount::parse("7.5"), unit: None };
        assert_eq!(read(body), Ok(said));
    }

    #[test]
    fn a_reward_that_is_not_known_yet_has_a_code() {
        for success in [true, false] {
            for (code, status) in [("0", Status::NoData), ("11", Status::NoSuchReward)] {
                for code in [code.to_owned(), format!("{code:?}")] {
                    let body = format!(
                        r#"{{"success":{success},"rewarddtlid":null,"reward_status":null,
                            "statuscode":{code},"message":"x"}}"#
                    );
                    assert_eq!(read(&body), Ok(nothing(status)), "{body}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_say_it_is_no_approval() {
        for (body, unclear) in [
            ("", Unclear::Unreadable),
            ("<html>busy</html>", Unclear::Unreadable),
            ("[]", Unclear::Unreadable),
            ("{}", Unclear::Unreadable),
            (r#"{"reward_status":"Approved"}"#, Unclear::Unreadable),
            (r#"{"success":true}"#, Unclear::Unreadable),
            (r#"{"success":true,"reward_status":""}"#, Unclear::Unreadable),
            (r#"{"success":true,"reward_status":{}}"#, Unclear::Unreadable),
            (r#"{"success":1,"reward_status":"Approved"}"#, Unclear::Unreadable),
            (r#"{"success":true,"reward_status":"Approved","amount":"ten"}"#, Unclear::Unreadable),
            (r#"{"success":true,"reward_status":"Approved","amount":"-1"}"#, Unclear::Unreadable),
            (
                r#"{"success":true,"rewarddtlid":"798","reward_status":"Approved"}"#,
                Unclear::Unreadable,
            ),
            (
                r#"{"success":true,"reward_status":"Approved","reward_status":"Rejected"}"#,
                Unclear::Unreadable,
            ),
            (r#"{"success":false,"reward_status":"Approved"}"#, Unclear::Unsuccessful),
            (
                r#"{"success":false,"reward_status":"Approved","statuscode":1}"#,
                Unclear::Unsuccessful,
            ),
            (
                r#"{"success":true,"reward_status":"Approved","statuscode":2}"#,
                Unclear::Unsuccessful,
            ),
        ] {
            assert_eq!(read(body), Err(unclear), "{body}");
        }
    }

    #[test]
    fn a_redemption_succeeds_where_it_says_so() {
        for (body, result) in [
            (r#"{"success":true,"message":null}"#, Ok(())),
            (r#"{"success":"true","statuscode":1}"#, Ok(())),
            (r#"{"success":false,"message":"no such reward"}"#, Err(Unclear::Unsuccessful)),
            (r#"{"message":"Success"}"#, Err(Unclear::Unreadable)),
            ("", Err(Unclear::Unreadable)),
        ] {
            assert_eq!(read_redeemed(body.as_bytes()), result, "{body}");
        }
    }
}
