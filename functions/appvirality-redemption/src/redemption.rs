//! The steps of a redemption, in an order in which none is lost and none is done twice.
//!
//! 1. AppVirality is asked about every detail that is not settled.
//! 2. What may be paid is credited: claimed first, then booked, both of which count once.
//! 3. That it is credited is noted on the record.
//! 4. AppVirality is told that it is redeemed, by ids.
//! 5. What came of it is noted.
//!
//! Right before the second and the fourth it is looked at whether a person has closed the record, which is
//! final.
//!
//! Whatever fails or ends in between, the next attempt begins with the first step. A redemption whose
//! reply was lost is then answered `Rewarded`, and the note says that it was this function's.

use std::time::Duration;

use appvirality::RewardHook;
use jiff::Timestamp;
use settlement::{Attempt, Verdict, later};
use tables::callbacks::{Booked, Reason, State, TableError};
use tables::ledger::{BookingError, Entry};
use tokio::time::Instant;
use verify::Amount;

use crate::Redemption;
use crate::api::{Answer, ApiError};
use crate::claims::{self, Claim};
use crate::conclusion::{Count, Outcome, conclude};
use crate::decision::{Decision, decide, needs_all, worths};
use crate::reply::RewardStatus;
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
    /// Which attempt it is.
    pub(crate) count: Count,
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

/// Why an attempt ends before its end.
enum Stop {
    /// DynamoDB is not to be had.
    Unavailable(TableError),
    /// The record has ended: a person closed it, or another attempt was faster.
    Ended,
}

impl From<TableError> for Stop {
    fn from(unavailable: TableError) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl Redeeming<'_> {
    /// Makes the attempt; ends it where DynamoDB is not to be had.
    pub(crate) async fn run(mut self) -> Result<Verdict, TableError> {
        let noted = self.steps.clone();
        let outcomes = match self.credit_and_redeem(&noted).await {
            Ok(outcomes) => outcomes,
            Err(Stop::Unavailable(unavailable)) => return Err(unavailable),
            Err(Stop::Ended) => {
                self.note(&noted).await?;
                return Ok(Verdict::Done);
            }
        };

        let time_is_up = self.redemption.recheck.is_over(self.received_at, self.attempt.now);
        let (mut progress, verdict) =
            conclude(&outcomes, self.answer.take(), self.count, time_is_up);
        let store = &self.redemption.store;
        if let Verdict::Again { after, reason } = verdict {
            return Ok(later(store, self.attempt, progress, after, reason).await);
        }
        if matches!(progress.state, State::Redeemed | State::Credited) {
            progress.booked = self.booked().await?;
        }
        store.finish(&self.attempt.record.id, self.attempt.now, &progress).await?;
        Ok(verdict)
    }

    /// What all that the ledger has for this record comes to; none where it was booked for another hook of the same
    /// reward.
    async fn booked(&self) -> Result<Option<Booked>, TableError> {
        let (ledger, record) = (&self.redemption.ledger, &self.attempt.record);
        let account = self.hook.recipient.account();
        let lines = ledger.entries_of(&record.id, &account, &record.received_at).await?;
        let amounts = lines.iter().map(|line| Amount::parse(&line.amount));
        let sum = amounts.reduce(|sum, amount| sum?.plus(amount?)).flatten();
        let (Some(sum), Some(line)) = (sum, lines.first()) else { return Ok(None) };
        ledger.booked(&self.entry(account, line.at.clone(), "", &line.unit, sum)).await.map(Some)
    }

    fn entry(&self, user: String, at: String, identity: &str, unit: &str, amount: Amount) -> Entry {
        let record = &self.attempt.record;
        Entry {
            user,
            identity: identity.to_owned(),
            provider: record.provider.clone(),
            kind: record.kind.clone(),
            unit: unit.to_owned(),
            amount,
            callback: record.id.clone(),
            at,
        }
    }

    async fn credit_and_redeem(&mut self, noted: &[Step]) -> Result<Vec<Outcome>, Stop> {
        let credits = self.credit().await?;
        // Before AppVirality is told: a reward that it calls redeemed afterwards is then known to be
        // credited.
        self.note(noted).await?;
        let credited = self.steps.clone();
        let outcomes = self.redeem(credits).await?;
        self.note(&credited).await?;
        Ok(outcomes)
    }

    /// Ends the attempt where the record has ended meanwhile.
    async fn go_on(&self) -> Result<(), Stop> {
        let ended = self.redemption.store.has_ended(&self.attempt.record.id).await?;
        if ended { Err(Stop::Ended) } else { Ok(()) }
    }

    /// Asks about the details and credits those that may be paid.
    async fn credit(&mut self) -> Result<Vec<Credit>, Stop> {
        let asked = self.ask().await;
        let said: Vec<_> = asked.iter().map(|asked| asked.as_ref().ok()).collect();
        let worths = worths(self.hook, &said);
        let mut credits = Vec::with_capacity(asked.len());
        for (index, asked) in asked.into_iter().enumerate() {
            let step = self.steps[index];
            let credit = match (step.outcome(), asked) {
                (Some(outcome), _) | (None, Err(outcome)) => Credit::Settled(outcome),
                (None, Ok(_)) if self.started.elapsed() >= CREDITING => {
                    Credit::Settled(ApiError::OUT_OF_TIME.into())
                }
                (None, Ok(said)) => {
                    let (credited, coupons) = (step == Step::Credited, self.redemption.coupons);
                    let decision = decide(self.hook, worths[index], &said, credited, coupons);
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
    async fn ask(&mut self) -> Vec<Result<RewardStatus, Outcome>> {
        let needs_all = needs_all(self.hook);
        let mut asked = Vec::with_capacity(self.steps.len());
        // Once the API does not answer at all, it is not asked for the rest.
        let mut gone = None;
        for (detail, step) in self.hook.details.iter().zip(&self.steps) {
            let settled = step.outcome().filter(|_| !needs_all);
            if gone.is_none() && self.started.elapsed() >= ASKING {
                gone = Some(ApiError::OUT_OF_TIME.into());
            }
            if let Some(outcome) = settled.or_else(|| gone.clone()) {
                asked.push(Err(outcome));
                continue;
            }
            match self.redemption.api.check(&detail.rewarddtlid, self.attempt.now).await {
                Ok((said, answer)) => {
                    self.redemption.breaker.succeeded();
                    self.answer = Some(answer);
                    asked.push(Ok(said));
                }
                Err(trouble) => {
                    let is_general = trouble.is_general();
                    if trouble.is_down() {
                        self.redemption.breaker.failed(self.attempt.now, trouble.wait);
                    } else {
                        self.redemption.breaker.succeeded();
                    }
                    self.answer.clone_from(&trouble.answer);
                    let outcome = Outcome::from(trouble);
                    gone = is_general.then(|| outcome.clone());
                    asked.push(Err(outcome));
                }
            }
        }
        asked
    }

    async fn carry_out(&self, index: usize, decision: Decision) -> Result<Credit, Stop> {
        let outcome = match decision {
            Decision::PayAndRedeem(_) if self.steps[index] == Step::Credited => {
                return Ok(Credit::ToRedeem);
            }
            Decision::PayAndRedeem(amount) => match self.pay(index, amount).await? {
                Ok(()) => return Ok(Credit::ToRedeem),
                Err(reason) => Outcome::Refused(reason),
            },
            Decision::PayIfExplained(amount) => self.pay_if_explained(index, amount).await?,
            Decision::HandOut => match self.pay(index, None).await? {
                Ok(()) => Outcome::Delivered,
                Err(reason) => Outcome::Refused(reason),
            },
            Decision::Redeemed => Outcome::Redeemed,
            Decision::Rejected => Outcome::Rejected,
            Decision::Wait(wait) => Outcome::Waiting(wait),
            Decision::Refuse(reason) => Outcome::Refused(reason),
        };
        Ok(Credit::Settled(outcome))
    }

    /// Credits what AppVirality calls redeemed, where somebody has a claim to it: the same person, for
    /// whom an earlier attempt or another record redeemed it, or another one of the same id.
    async fn pay_if_explained(
        &self,
        index: usize,
        amount: Option<Amount>,
    ) -> Result<Outcome, Stop> {
        let known =
            claims::of(&self.redemption.ledger, &self.hook.details[index].rewarddtlid).await?;
        if amount.is_some() && known.is_empty() {
            return Ok(Outcome::Refused(Reason::RedeemedElsewhere));
        }
        let ours = match known.counting(self.hook.role, &self.claim()) {
            Ok(first) => first.is_some(),
            Err(taken) => return Ok(Outcome::Refused(taken.reason())),
        };
        Ok(match self.pay(index, amount).await? {
            Ok(()) if ours || amount.is_none() => Outcome::Redeemed,
            Ok(()) => Outcome::Paid,
            Err(reason) => Outcome::Refused(reason),
        })
    }

    /// The claim that the hook makes to each of its details.
    fn claim(&self) -> Claim {
        Claim::new(self.hook, &self.attempt.record.received_at)
    }

    /// Claims a detail and credits `amount` for it, where there is one: once, however often, in whatever
    /// campaign and under whatever name it is asked for; or says why it never will be.
    async fn pay(&self, index: usize, amount: Option<Amount>) -> Result<Result<(), Reason>, Stop> {
        self.go_on().await?;
        let redemption = self.redemption;
        let (role, id) = (self.hook.role, &self.hook.details[index].rewarddtlid);
        let claimed = claims::make(&redemption.ledger, id, role, &self.claim()).await?;
        let Claim { account, at, .. } = match claimed {
            Ok(counting) => counting,
            Err(taken) => return Ok(Err(taken.reason())),
        };
        let (Some(amount), Some(unit)) = (amount, &self.hook.unit) else { return Ok(Ok(())) };
        let identity = claims::reward(id).part(role.kind()).to_string();
        let entry = self.entry(account, at, &identity, unit, amount);
        match redemption.ledger.book(&entry).await {
            Ok(_) => Ok(Ok(())),
            Err(BookingError::Unavailable(unavailable)) => Err(unavailable.into()),
            Err(impossible) => Ok(Err(impossible.reason())),
        }
    }

    /// Tells AppVirality what is credited, all of it at once.
    async fn redeem(&mut self, credits: Vec<Credit>) -> Result<Vec<Outcome>, Stop> {
        let details = self.hook.details.iter().zip(&credits);
        let ids: Vec<_> = details
            .filter(|(_, credit)| matches!(credit, Credit::ToRedeem))
            .map(|(detail, _)| detail.rewarddtlid.as_str())
            .collect();
        let told = if ids.is_empty() {
            Outcome::Redeemed
        } else {
            self.go_on().await?;
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
        let outcomes = credits.map(|(credit, step)| match credit {
            Credit::ToRedeem => {
                *step = step.after(&told);
                told.clone()
            }
            Credit::Settled(outcome) => outcome,
        });
        Ok(outcomes.collect())
    }

    /// Notes what came of each detail, where that is not `noted` yet.
    async fn note(&self, noted: &[Step]) -> Result<(), TableError> {
        if self.steps == noted {
            return Ok(());
        }
        let id = &self.attempt.record.id;
        self.redemption.store.note(id, NOTE, &steps::write(&self.steps)).await
    }
}
