//! The steps of a redemption, in an order in which none is lost and none is done twice.
//!
//! 1. AppVirality is asked about every detail that is not settled.
//! 2. What may be paid is credited: claimed first, then booked, both of which count once.
//! 3. That it is credited is noted on the record.
//! 4. AppVirality is told that it is redeemed, by ids.
//! 5. What came of it is noted.
//!
//! Whatever fails or ends in between, the next attempt begins with the first step. A redemption whose
//! reply was lost is then answered `Rewarded`, and the note says that it was this function's.

use std::time::Duration;

use appvirality::RewardHook;
use jiff::Timestamp;
use ledger::{Entry, Unbooked};
use settlement::{Attempt, Verdict};
use store::Unavailable;
use tokio::time::Instant;
use verify::{Amount, IdempotencyKey};

use crate::Redemption;
use crate::api::{Answer, Trouble};
use crate::claims::{Claim, first_of_same_person};
use crate::conclusion::{Outcome, conclude};
use crate::decision::{Decision, decide, needs_all, worths};
use crate::reply::Said;
use crate::steps::{self, NOTE, Step};

/// How long AppVirality is asked, and how long rewards are credited. An attempt may take 25 s; what is not
/// done in this time is left to the next one, so that a reward of many details makes headway.
const ASKING: Duration = Duration::from_secs(10);
const CREDITING: Duration = Duration::from_secs(15);

/// One attempt at a reward.
pub(crate) struct Redeeming<'a> {
    pub(crate) redemption: &'a Redemption,
    pub(crate) attempt: &'a Attempt,
    pub(crate) hook: &'a RewardHook,
    pub(crate) received_at: Timestamp,
    /// What came of each detail so far.
    pub(crate) steps: Vec<Step>,
    /// What the API answered last.
    pub(crate) answer: Option<Answer>,
    /// When the attempt began.
    pub(crate) started: Instant,
}

/// What came of a detail before AppVirality is told.
enum Credit {
    /// It is credited, and AppVirality is to be told.
    ToRedeem,
    /// AppVirality is not to be told, or not yet.
    Settled(Outcome),
}

impl Redeeming<'_> {
    /// Makes the attempt; ends it where DynamoDB is not to be had.
    pub(crate) async fn run(mut self) -> Result<Verdict, Unavailable> {
        let noted = self.steps.clone();
        let credits = self.credit().await?;
        // Before AppVirality is told: a reward that it calls redeemed afterwards is then known to be
        // credited.
        self.note(&noted).await?;
        let credited = self.steps.clone();
        let outcomes = self.redeem(credits).await;
        self.note(&credited).await?;

        let time_is_up = self.redemption.recheck.is_over(self.received_at, self.attempt.now);
        let (progress, verdict) = conclude(&outcomes, self.answer.take(), self.attempt, time_is_up);
        let (store, record) = (&self.redemption.store, &self.attempt.record);
        store.finish(&record.id, self.attempt.now, &progress).await?;
        Ok(verdict)
    }

    /// Asks about the details and credits those that may be paid.
    async fn credit(&mut self) -> Result<Vec<Credit>, Unavailable> {
        let asked = self.ask().await;
        let said: Vec<_> = asked.iter().map(|asked| asked.as_ref().ok()).collect();
        let worths = worths(self.hook, &said);
        let mut credits = Vec::with_capacity(asked.len());
        for (index, asked) in asked.into_iter().enumerate() {
            let step = self.steps[index];
            let credit = match (step.outcome(), asked) {
                (Some(outcome), _) | (None, Err(outcome)) => Credit::Settled(outcome),
                (None, Ok(_)) if self.started.elapsed() >= CREDITING => {
                    Credit::Settled(Trouble::OUT_OF_TIME.into())
                }
                (None, Ok(said)) => {
                    let decision = decide(self.hook, worths[index], &said, step == Step::Credited);
                    self.carry_out(index, decision).await?
                }
            };
            self.steps[index] = match &credit {
                Credit::ToRedeem => Step::Credited,
                Credit::Settled(outcome) => step.after(outcome),
            };
            credits.push(credit);
        }
        Ok(credits)
    }

    /// Asks about every detail that is not settled, one after the other; about all of them where their
    /// worth depends on it. What came of a detail, where it is not asked about or there is no answer.
    async fn ask(&mut self) -> Vec<Result<Said, Outcome>> {
        let needs_all = needs_all(self.hook);
        let mut asked = Vec::with_capacity(self.steps.len());
        // Once the API does not answer at all, it is not asked for the rest.
        let mut gone = None;
        for (detail, step) in self.hook.details.iter().zip(&self.steps) {
            let settled = step.outcome().filter(|_| !needs_all);
            if gone.is_none() && self.started.elapsed() >= ASKING {
                gone = Some(Trouble::OUT_OF_TIME.into());
            }
            if let Some(outcome) = settled.or_else(|| gone.clone()) {
                asked.push(Err(outcome));
                continue;
            }
            match self.redemption.api.check(&detail.rewarddtlid, self.attempt.now).await {
                Ok((said, answer)) => {
                    self.answer = Some(answer);
                    asked.push(Ok(said));
                }
                Err(trouble) => {
                    let is_general = trouble.is_general();
                    self.answer.clone_from(&trouble.answer);
                    let outcome = Outcome::from(trouble);
                    gone = is_general.then(|| outcome.clone());
                    asked.push(Err(outcome));
                }
            }
        }
        asked
    }

    async fn carry_out(&self, index: usize, decision: Decision) -> Result<Credit, Unavailable> {
        let settled = |outcome| Ok(Credit::Settled(outcome));
        let paid = |credit| match credit {
            Ok(()) => Outcome::Paid,
            Err(reason) => Outcome::Refused(reason),
        };
        match decision {
            Decision::PayAndRedeem(_) if self.steps[index] == Step::Credited => {
                Ok(Credit::ToRedeem)
            }
            Decision::PayAndRedeem(amount) => Ok(match self.pay(index, amount).await? {
                Ok(()) => Credit::ToRedeem,
                Err(reason) => Credit::Settled(Outcome::Refused(reason)),
            }),
            Decision::Pay(amount) => settled(paid(self.pay(index, amount).await?)),
            Decision::PayIfExplained(amount) => {
                let claims = self.redemption.claims.of(&self.reward(index)).await?;
                let mine = Claim::from(&self.hook.recipient);
                if claims.is_empty() {
                    return settled(Outcome::Refused("redeemed_elsewhere"));
                }
                let ours = first_of_same_person(&claims, &mine).is_some();
                settled(match paid(self.pay(index, Some(amount)).await?) {
                    Outcome::Paid if ours => Outcome::Redeemed,
                    outcome => outcome,
                })
            }
            Decision::Redeemed => settled(Outcome::Redeemed),
            Decision::Rejected => settled(Outcome::Rejected),
            Decision::Wait(wait) => settled(Outcome::Waiting(wait)),
            Decision::Refuse(reason) => settled(Outcome::Refused(reason)),
        }
    }

    /// Credits `amount` for a detail, once, however often and under whatever name it is asked for;
    /// or says why the ledger never will.
    async fn pay(
        &self,
        index: usize,
        amount: Option<Amount>,
    ) -> Result<Result<(), &'static str>, Unavailable> {
        let (Some(amount), Some(unit)) = (amount, &self.hook.unit) else { return Ok(Ok(())) };
        let (redemption, record) = (self.redemption, &self.attempt.record);
        let reward = self.reward(index);
        let mine = Claim::from(&self.hook.recipient);
        let claims = redemption.claims.add(&reward, &mine).await?;
        let Claim { account, kind, .. } = first_of_same_person(&claims, &mine).unwrap_or(&mine);
        let entry = Entry {
            user: account.clone(),
            identity: reward.part(kind).part(account).to_string(),
            provider: "appvirality".to_owned(),
            kind: record.kind.clone(),
            unit: unit.clone(),
            amount,
            callback: record.id.clone(),
            at: record.received_at.clone(),
        };
        match redemption.ledger.book(&entry).await {
            Ok(_) => Ok(Ok(())),
            Err(Unbooked::Unavailable(unavailable)) => Err(unavailable),
            Err(impossible) => Ok(Err(impossible.reason())),
        }
    }

    /// The reward that a detail is, in whichever record: of its recipients, each is credited once.
    fn reward(&self, index: usize) -> IdempotencyKey {
        IdempotencyKey::new("appvirality", "reward")
            .part(&self.hook.campaign_id)
            .part(&self.hook.details[index].rewarddtlid)
    }

    /// Tells AppVirality what is credited, all of it at once.
    async fn redeem(&mut self, credits: Vec<Credit>) -> Vec<Outcome> {
        let details = self.hook.details.iter().zip(&credits);
        let ids: Vec<_> = details
            .filter(|(_, credit)| matches!(credit, Credit::ToRedeem))
            .map(|(detail, _)| detail.rewarddtlid.as_str())
            .collect();
        let told = if ids.is_empty() {
            Outcome::Redeemed
        } else {
            match self.redemption.api.redeem(self.hook, &ids, self.attempt.now).await {
                Ok(answer) => {
                    self.answer = Some(answer);
                    Outcome::Redeemed
                }
                Err(trouble) => {
                    self.answer.clone_from(&trouble.answer);
                    trouble.into()
                }
            }
        };
        let credits = credits.into_iter().zip(&mut self.steps);
        credits
            .map(|(credit, step)| match credit {
                Credit::ToRedeem => {
                    *step = step.after(&told);
                    told.clone()
                }
                Credit::Settled(outcome) => outcome,
            })
            .collect()
    }

    /// Notes what came of each detail, where that is not `noted` yet.
    async fn note(&self, noted: &[Step]) -> Result<(), Unavailable> {
        if self.steps == noted {
            return Ok(());
        }
        let id = &self.attempt.record.id;
        self.redemption.store.note(id, NOTE, &steps::write(&self.steps)).await
    }
}
