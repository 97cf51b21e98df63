//! What a `RewardType` means.

use verify::{Field, Refusal};

use crate::Hook;

/// A `RewardType` that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The type as it is written.
    pub(crate) name: &'static str,
    /// The URL that it is sent to.
    pub(crate) hook: Hook,
    /// What it tells of.
    pub(crate) class: Class,
    /// Whether it is about a survey rather than an offer.
    pub(crate) survey: bool,
}

/// What a callback tells of. An offer's life is told under one `RewardId`: its click, its completion and
/// its reversal are three callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A reward, given once per `RewardId`, whatever the type.
    Reward,
    /// A click, for which nothing is given.
    Click,
    /// The reversal of an offer's completion.
    Reversal,
}

impl Class {
    /// The class as the idempotency keys have it. Neither the type nor the flag that makes a callback a
    /// test is signed: a test has the same key as what pays, so that whoever has seen one cannot turn it
    /// into the other without a person looking at both.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reward => "reward",
            Self::Click => "click",
            Self::Reversal => "reversal",
        }
    }
}

/// All types of the survey and the offer callbacks.
const KINDS: [Kind; 7] = [
    survey("survey_completed", Hook::Success),
    survey("profiler_completed", Hook::Success),
    survey("ad_hoc", Hook::Success),
    survey("survey_disqualified", Hook::Failure),
    offer("offer_completed", Class::Reward),
    offer("offer_clicked", Class::Click),
    offer("offer_completion_reversed", Class::Reversal),
];

const fn survey(name: &'static str, hook: Hook) -> Kind {
    Kind { name, hook, class: Class::Reward, survey: true }
}

const fn offer(name: &'static str, class: Class) -> Kind {
    Kind { name, hook: Hook::Success, class, survey: false }
}

impl Kind {
    /// Reads the `RewardType` of a callback to the URL `hook`.
    pub(crate) fn read(field: &Field<'_>, hook: Hook) -> Result<Self, Refusal> {
        let name = field.as_text();
        KINDS
            .into_iter()
            .find(|kind| Some(kind.name) == name && kind.hook == hook)
            .ok_or_else(|| field.refuse(expected(hook)))
    }
}

const fn expected(hook: Hook) -> &'static str {
    match hook {
        Hook::Success => {
            "one of survey_completed, profiler_completed, ad_hoc, offer_completed, offer_clicked \
             and offer_completion_reversed, on this route"
        }
        Hook::Failure => "survey_disqualified, on this route",
    }
}

#[cfg(test)]
mod tests {
    use verify::Object;

    use super::*;

    fn kind(json: &str, hook: Hook) -> Result<Kind, Refusal> {
        let body = format!(r#"{{"RewardType":{json}}}"#);
        let object = Object::parse(body.as_bytes()).expect("an object");
        Kind::read(&object.required("RewardType").expect("there"), hook)
    }

    #[test]
    fn every_type_has_one_route() {
        for (name, hook, other) in [
            ("survey_completed", Hook::Success, Hook::Failure),
            ("profiler_completed", Hook::Success, Hook::Failure),
            ("ad_hoc", Hook::Success, Hook::Failure),
            ("offer_completed", Hook::Success, Hook::Failure),
            ("offer_clicked", Hook::Success, Hook::Failure),
            ("offer_completion_reversed", Hook::Success, Hook::Failure),
            ("survey_disqualified", Hook::Failure, Hook::Success),
        ] {
            let json = format!("\"{name}\"");
            assert_eq!(kind(&json, hook).expect(name).name, name);
            assert_eq!(kind(&json, other).expect_err(name).field(), Some("RewardType"));
            assert!(kind("0", hook).expect_err("no type").to_string().contains(name), "{name}");
        }
    }

    #[test]
    fn unknown_types_are_refused() {
        for json in
            [r#""survey_started""#, r#""Survey_Completed""#, r#"" ad_hoc""#, r#""""#, "1", "{}"]
        {
            for hook in [Hook::Success, Hook::Failure] {
                assert_eq!(kind(json, hook).expect_err(json).field(), Some("RewardType"));
            }
        }
    }
}
