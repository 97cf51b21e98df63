//! Who claims a reward: what keeps one reward from being paid to two people.
//!
//! AppVirality's API says how far a reward is and what it is worth, but not whose it is; that is the hook's
//! word, and whoever has the `securekey` can name anybody in a hook, in any campaign, as any type. So what
//! is paid once is what AppVirality knows a reward by: its `rewarddtlid`, in each role (one id may stand
//! under a friend and a referrer). Whoever is settled first writes down for whom, before anything is
//! credited or redeemed, in one write that only one can make. Everybody else under that id is the same
//! person, who has been paid, or waits for a human being.
//!
//! A person may be named differently in two hooks, because `storeuserid` or `userkey` is filled in later.
//! Hence the names of all hooks of the one person are kept, e-mail addresses hidden, since they are only
//! compared; the account is the first hook's, and the user of its entries in the ledger.
//!
//! [`tables::ledger::claims`] keeps them: the role is the kind of its hooks, and each claim a JSON text. All
//! claims in a role are of one person, and the first one counts.

use std::collections::HashMap;

use appvirality::{Recipient, RewardHook, RewardType, Role};
use serde::{Deserialize, Serialize};
use tables::callbacks::{Reason, TableError};
use tables::ledger::{Claiming, Claims, Ledger};
use verify::{IdempotencyKey, address};

/// How many ways to name one person are kept; who is named in yet another one is still compared with
/// these.
const MOST: usize = 8;

/// Somebody to whom a reward belongs, under all known names, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The ledger's user: the name that identifies the recipient.
    pub account: String,
    /// When its hook was received, in the form of a record's `received_at`. All that is booked for the claim is
    /// booked as of then, because an entry has one time, whichever hook it is settled by.
    pub at: String,
    /// Whether it is a coupon, which AppVirality hands out; otherwise it is credited here.
    coupon: bool,
    storeuserid: Option<String>,
    userkey: Option<String>,
    participantid: Option<String>,
    emailid: Option<String>,
}

/// Why a reward is not paid to whoever claims it: somebody has to find out whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was claimed for another person in the same role.
    ByAnother,
    /// It was claimed for the same person, but as a coupon, and now as a credit; or the other way round.
    Otherwise,
}

impl Taken {
    /// Why, as its record says it.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::ByAnother => Reason::ClaimedByAnother,
            Self::Otherwise => Reason::ClaimedOtherwise,
        }
    }
}

impl Claim {
    /// The claim of `hook`, received at `at`.
    #[must_use]
    pub fn new(hook: &RewardHook, at: &str) -> Self {
        let Recipient { store_user_id, user_key, participant_id, email, .. } = &hook.recipient;
        let id = |name: &Option<String>| name.as_deref().map(one_spelling);
        Self {
            account: hook.recipient.account(),
            at: at.to_owned(),
            coupon: hook.reward_type == RewardType::Coupon,
            storeuserid: id(store_user_id),
            userkey: id(user_key),
            participantid: id(participant_id),
            emailid: email.as_deref().map(one_hidden),
        }
    }

    /// Whether both say the same, whenever.
    fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { at: self.at.clone(), ..other.clone() }
    }
}

/// An id for comparing: as it is, but where an app has its users' addresses for ids.
fn one_spelling(id: &str) -> String {
    if address::may_be_in(id) { one_hidden(id) } else { id.to_owned() }
}

/// An e-mail address for comparing, which nobody can read in it.
fn one_hidden(address: &str) -> String {
    address::hidden(&address::normalized(address))
}

impl Claim {
    /// Whether both are one person's. Of the ids that both have, none may differ, and one has to be
    /// there; the e-mail address counts only where there is none.
    fn is_of_same_person(&self, other: &Self) -> bool {
        let ids = [
            (&self.storeuserid, &other.storeuserid),
            (&self.userkey, &other.userkey),
            (&self.participantid, &other.participantid),
        ];
        let mut common = ids.into_iter().filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)));
        match common.next() {
            Some((a, b)) => a == b && common.all(|(a, b)| a == b),
            None => self.emailid.is_some() && self.emailid == other.emailid,
        }
    }
}

/// The claims to one reward, by role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(HashMap<String, Vec<Claim>>);

impl Known {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claim in `role` that counts, if `mine` is the same person's and for the same thing; `None`
    /// where there is no claim in this role.
    pub fn counting(&self, role: Role, mine: &Claim) -> Result<Option<&Claim>, Taken> {
        let claims = self.of(role);
        let Some(first) = claims.first() else { return Ok(None) };
        if !claims.iter().any(|claim| claim.is_of_same_person(mine)) {
            Err(Taken::ByAnother)
        } else if first.coupon != mine.coupon {
            Err(Taken::Otherwise)
        } else {
            Ok(Some(first))
        }
    }

    /// Claims that cannot be read are not passed over: one of them may be the one that counts.
    fn read(claims: &Claims) -> Result<Self, TableError> {
        let claim = |text: &String| serde_json::from_str(text).map_err(|_| TableError::Failed);
        let role = |(role, claims): (&str, &[String])| {
            Ok((role.to_owned(), claims.iter().map(claim).collect::<Result<_, _>>()?))
        };
        Ok(Self(claims.iter().map(role).collect::<Result<_, _>>()?))
    }

    fn of(&self, role: Role) -> &[Claim] {
        self.0.get(role.kind()).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Claims the reward `rewarddtlid` in `role`, if nobody has: the claim that counts, or why it is not `mine`. Whose it is, is not known where this ends in an error.
pub async fn make(
    ledger: &Ledger,
    rewarddtlid: &str,
    role: Role,
    mine: &Claim,
) -> Result<Result<Claim, Taken>, TableError> {
    let text = serde_json::to_string(mine).map_err(|_| TableError::Failed)?;
    let decide = |claims: &Claims| {
        let known = Known::read(claims)?;
        let counting = match known.counting(role, mine) {
            Err(taken) => return Ok(Claiming::Leave(Err(taken))),
            Ok(first) => Ok(first.unwrap_or(mine).clone()),
        };
        let claims = known.of(role);
        if claims.iter().any(|claim| claim.says_the_same(mine)) || claims.len() >= MOST {
            return Ok(Claiming::Leave(counting));
        }
        Ok(Claiming::Add(text.clone(), counting))
    };
    ledger.claim(&reward(rewarddtlid), role.kind(), decide).await
}

/// The claims to the reward `rewarddtlid`.
pub async fn of(ledger: &Ledger, rewarddtlid: &str) -> Result<Known, TableError> {
    Known::read(&ledger.claims(&reward(rewarddtlid)).await?)
}

/// What a reward is, in whichever campaign, and however its id is spelled.
#[must_use]
pub fn reward(rewarddtlid: &str) -> IdempotencyKey {
    IdempotencyKey::new("appvirality", "reward").part(&one_number(rewarddtlid))
}

/// An id of a reward for comparing. `AppVirality`'s are numbers, and whatever reads a number takes ` 797`,
/// `+797` and `0797` for 797: each of them, asked about at the same moment, would be approved.
fn one_number(rewarddtlid: &str) -> String {
    let spelling = address::normalized(rewarddtlid);
    let digits = spelling.strip_prefix('+').unwrap_or(&spelling);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return spelling;
    }
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        number => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim by names such as `s1 p5 e@x`: `storeuserid`, `userkey`, `participantid` or an address; with
    /// `coupon` for one.
    fn claim(names: &str) -> Claim {
        let name = |initial: char| {
            names.split(' ').find(|name| name.starts_with(initial)).map(str::to_owned)
        };
        Claim {
            account: names.split(' ').next().unwrap_or_default().to_owned(),
            at: String::new(),
            coupon: name('c').is_some(),
            storeuserid: name('s'),
            userkey: name('u'),
            participantid: name('p'),
            emailid: name('e'),
        }
    }

    #[test]
    fn a_person_is_known_by_what_both_claims_name() {
        for (a, b, same) in [
            ("p5", "p5", true),
            ("p5 e1", "s1 p5 e1", true),
            ("u1 p5", "s1 u1", true),
            ("p5 e1", "p5 e2", true),
            ("e1", "p5 e1", true),
            ("s1 e1", "p5 e1", true),
            ("p5", "p6", false),
            ("p5 e1", "p6 e1", false),
            ("s1 p5", "s2 p5", false),
            ("u1 p5", "u2 p5", false),
            ("s1", "p5", false),
            ("s1 e1", "p5", false),
        ] {
            assert_eq!(claim(a).is_of_same_person(&claim(b)), same, "{a} {b}");
            assert_eq!(claim(b).is_of_same_person(&claim(a)), same, "{b} {a}");
        }
    }

    #[test]
    fn the_first_claim_of_a_role_counts() {
        use Taken::{ByAnother, Otherwise};
        for (claims, mine, counting) in [
            (&[][..], "p5", Ok(None)),
            (&["p6"], "p5", Err(ByAnother)),
            (&["p6"], "p5 coupon", Err(ByAnother)),
            (&["p5", "s1 p5"], "p5", Ok(Some("p5"))),
            // By way of the second claim to the first.
            (&["p5", "s1 p5"], "s1", Ok(Some("p5"))),
            (&["p5 e1", "s1 p5"], "s2 e1", Ok(Some("p5"))),
            (&["p5"], "s2", Err(ByAnother)),
            (&["p5"], "p5 coupon", Err(Otherwise)),
            (&["p5 coupon"], "s1 p5", Err(Otherwise)),
            (&["p5 coupon"], "s1 p5 coupon", Ok(Some("p5"))),
        ] {
            let claims: Vec<_> = claims.iter().map(|names| claim(names)).collect();
            let others = vec![claim("p5")];
            let roles = [(Role::Friend.kind(), claims), (Role::User.kind(), others)];
            let known = Known(roles.map(|(role, claims)| (role.to_owned(), claims)).into());
            let found = known.counting(Role::Friend, &claim(mine));
            let found = found.map(|first| first.map(|claim| claim.account.as_str()));
            assert_eq!(found, counting, "{mine}");
        }
    }

    #[test]
    fn a_reward_is_one_in_every_spelling_of_its_number() {
        for id in ["797", " 797", "797\u{a0}", "+797", "0797", "000797", "\u{ff17}\u{ff19}\u{ff17}"]
        {
            assert_eq!(reward(id).as_str(), "appvirality#reward#797", "{id}");
        }
        for (id, other) in [("797", "7970"), ("797", "-797"), ("0", "00a"), ("", "0"), ("+", "0")] {
            assert_ne!(reward(id), reward(other), "{id} {other}");
        }
        assert_eq!(reward("000"), reward("0"));
    }

    #[test]
    fn an_address_is_one_in_every_spelling_and_an_id_is_opaque() {
        // `printf ann@example.com | sha256sum`
        let one = "~71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476";
        for address in
            ["ann@example.com", "Ann@Example.com", "ann%40example.com", " ann@example.com\t"]
        {
            assert_eq!(one_spelling(address), one);
            assert_eq!(one_hidden(address), one);
        }
        for id in ["001234", "1234", "Shop-7", " 7", "a%20b"] {
            assert_eq!(one_spelling(id), id);
        }
    }
}
