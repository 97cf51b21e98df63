//! What brings a state about, step by step. Ids are new each time.

use bundle::names;
use clap::ValueEnum;
use serde_json::{Value, json};

/// In the place of a state: it was tried to settle it, in vain, and will be again.
pub(super) const TRIED: &str = "tried, and due again";

/// A state to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// A survey that pays: recorded, then credited
    Survey,
    /// A survey that inBrain calls a test: recorded, never credited
    Test,
    /// The same callback twice: counted once
    Duplicate,
    /// Another amount under an identity that is taken: a person decides
    Conflict,
    /// A reward above the cap: a person decides
    Held,
    /// A callback that is not signed with a known key: 401
    Forged,
    /// A signed callback with a field that nobody can read: 400
    Malformed,
    /// A path that no route matches: 404
    NoRoute,
    /// An offer that is completed and then reversed: credited, and taken back
    Reversal,
    /// A reversal that comes before its completion: it waits
    ReversalFirst,
    /// An action that Giveaway.com is told
    Delivered,
    /// Giveaway.com answers 503 twice: the attempt comes again
    UpstreamDown,
    /// Giveaway.com refuses an action for good: a person looks at it
    Refused,
    /// A reward that AppVirality reviews: looked at again later
    Waiting,
    /// A reward that AppVirality rejected
    Rejected,
    /// Giveaway.com is down until the last attempt: a dead letter, which a person puts back
    DeadLetter,
}

/// What is done one after the other, and what comes of it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// The state that the record of the last step comes to.
    pub(super) becomes: Option<&'static str>,
    /// Whether the stand-ins are to fail no more then.
    pub(super) recovers: bool,
}

/// One thing that is done.
#[derive(Debug)]
pub(super) enum Step {
    /// A stand-in is told to fail.
    Fault(Value),
    /// The stand-in of AppVirality is told the status of a reward.
    Reward(String, &'static str),
    /// A callback is sent.
    Send(Sent),
    /// The last record is left one attempt: as many as there may be take hours.
    Exhaust,
}

/// A callback that is sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// The sample that it is made of.
    pub(super) sample: &'static str,
    /// What it is beside that.
    pub(super) says: &'static str,
    /// Members that it has in the place of the sample's, by JSON pointers (RFC 6901).
    pub(super) set: Vec<(&'static str, Value)>,
    pub(super) key: Key,
    /// The path that it is sent to, where that is none of the route's.
    pub(super) path: Option<&'static str>,
    /// The status that it is answered with.
    pub(super) answered: u16,
}

/// What a callback is signed with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Own,
    Another,
}

impl State {
    /// All of them, each with what it is.
    #[must_use]
    pub fn all() -> Vec<(Self, String)> {
        let values = Self::value_variants().iter();
        values
            .map(|state| {
                let help = state.to_possible_value().and_then(|value| value.get_help().cloned());
                (*state, help.unwrap_or_default().to_string())
            })
            .collect()
    }

    /// Its name, as the command takes it.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The one called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// What brings it about.
    pub(super) fn script(self) -> Script {
        let id = names::uuid();
        let survey = |says, set| inbrain("inbrain-survey-completed", says, &id, set);
        let offer = |says| inbrain("inbrain-offer-completed", says, &id, Vec::new());
        let reversal = |says| inbrain("inbrain-offer-completion-reversed", says, &id, Vec::new());
        let action = |says| giveaway(says, &id);
        let down = |status: u16, times: u32| {
            Step::Fault(json!({"provider": "giveaway", "status": status, "times": times}))
        };
        match self {
            Self::Survey => Script::new([survey("new", vec![])], Some("credited")),
            Self::Test => {
                let test = survey("a test", vec![("/IsTest", true.into())]);
                Script::new([test], Some("recorded"))
            }
            Self::Duplicate => {
                Script::new([survey("new", vec![]), survey("once more", vec![])], Some("credited"))
            }
            Self::Conflict => {
                let other = survey("with another amount", vec![("/Reward", 500.into())]);
                Script::new([survey("new", vec![]), other], None)
            }
            Self::Held => Script::new(
                [survey("above the cap", vec![("/Reward", 10_001.into())])],
                Some("held"),
            ),
            Self::Forged => {
                let forged = survey("signed by somebody else", vec![]);
                Script::new([Sent { key: Key::Another, answered: 401, ..forged }], None)
            }
            Self::Malformed => {
                let malformed = survey("a hundred in words", vec![("/Reward", "a hundred".into())]);
                Script::new([Sent { answered: 400, ..malformed }], None)
            }
            Self::NoRoute => {
                let lost = survey("to /inbrain/sucess", vec![]);
                let path = Some("/inbrain/sucess");
                Script::new([Sent { path, answered: 404, ..lost }], None)
            }
            Self::Reversal => {
                Script::new([offer("completed"), reversal("reversed")], Some("reversed"))
            }
            Self::ReversalFirst => {
                Script::new([reversal("before its completion")], Some("waiting"))
            }
            Self::Delivered => Script::new([action("new")], Some("delivered")),
            Self::UpstreamDown => Script::new([action("new")], Some(TRIED)).after(down(503, 2)),
            Self::Refused => Script::new([action("new")], Some("refused")).after(down(400, 1)),
            Self::DeadLetter => {
                let mut script = Script::new([action("new")], Some("dead")).after(down(503, 1_000));
                script.steps.push(Step::Exhaust);
                Script { recovers: true, ..script }
            }
            Self::Waiting => reward("UnderReview", "waiting"),
            Self::Rejected => reward("Rejected", "rejected"),
        }
    }
}

impl Script {
    fn new<const N: usize>(sent: [Sent; N], becomes: Option<&'static str>) -> Self {
        Self { steps: sent.into_iter().map(Step::Send).collect(), becomes, recovers: false }
    }

    fn after(mut self, step: Step) -> Self {
        self.steps.insert(0, step);
        self
    }
}

fn inbrain(
    sample: &'static str,
    says: &'static str,
    id: &str,
    mut set: Vec<(&'static str, Value)>,
) -> Sent {
    set.push(("/RewardId", id.into()));
    Sent { sample, says, set, key: Key::Own, path: None, answered: 200 }
}

fn giveaway(says: &'static str, id: &str) -> Sent {
    let set = vec![("/track_id", id.into())];
    Sent { sample: "giveaway-action", says, set, key: Key::Own, path: None, answered: 200 }
}

/// A friend's reward, whose status the stand-in of AppVirality is told before.
fn reward(status: &'static str, becomes: &'static str) -> Script {
    let (id, user) = (names::uuid(), names::uuid());
    let set =
        vec![("/friend/rewarddtlid", id.as_str().into()), ("/friend/storeuserid", user.into())];
    let sample = "appvirality-referral-friend-reward";
    let hook = Sent { sample, says: "new", set, key: Key::Own, path: None, answered: 200 };
    Script::new([hook], Some(becomes)).after(Step::Reward(id, status))
}
